//! Having a tenant go to another node, and dropping the copy that it leaves.

use crate::intent::Intent;
use crate::node::list::AWAY_AFTER;
use crate::tenant::closure::Closure;
use crate::tenant::order::{Asked, within};
use crate::work::About;
use crate::{Caller, ConflictReason, Control, ControlError, MoveObstacle};
use domain::placement::{self, Wish};
use domain::{Action, FieldErrors, NodeId, NodeMode, OperationId, OperationKind, Rule, Subdomain};
use operations::Work;
use store::{Actor, NewOperation, NewRelocation, Place, TenantRecord, Unit};
use wire::node::{Order, Service};
use wire::transfer::{DiscardCopy, MoveTenant, Shelf};

/// The orders by which tenants move.
const ORDERS: [&str; 4] = ["send-tenant", "receive-tenant", "shelve-tenant", "discard-copy"];
/// How many copies to begin to drop in one round.
const AT_ONCE: i64 = 4;

fn refuse(obstacle: MoveObstacle) -> ControlError {
    ControlError::Conflict(ConflictReason::MoveRefused(obstacle))
}

impl Control {
    /// Begins to move a tenant to another node.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::NoRoom`]; [`ConflictReason::MoveRefused`].
    pub async fn move_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &MoveTenant,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::MoveTenant)?;
        let kind = OperationKind::MoveTenant;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let wish = wish(request)?;
        let asked = Asked {
            caller,
            kind,
            fingerprint: Some(&fingerprint),
            parent: None,
        };
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = unit.lock_tenant(&reach, &name.database()).await?;
            let tenant = within(&reach, tenant)?;
            let operation = self.move_within(&mut unit, asked, &tenant, &wish).await?;
            unit.commit().await?;
            Ok(operation)
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }

    /// Begins to move a tenant that the unit holds; the unit is the caller's to commit.
    pub(crate) async fn move_within(
        &self,
        unit: &mut Unit,
        asked: Asked<'_>,
        tenant: &TenantRecord,
        wish: &Wish,
    ) -> Result<OperationId, ControlError> {
        let Asked {
            caller,
            kind,
            fingerprint,
            parent,
        } = asked;
        if let Some(busy) = tenant.operation {
            return Err(ControlError::Conflict(ConflictReason::Busy(Some(busy))));
        }
        tenant.state.after(kind).map_err(|refused| {
            ControlError::Conflict(ConflictReason::State {
                from: refused.from,
                wanted: refused.operation,
            })
        })?;
        if unit.kept_copy(tenant.id).await?.is_some() {
            return Err(refuse(MoveObstacle::Unconfirmed));
        }
        let to = self.place_to_move(unit, tenant, wish).await?;
        let (operation, now) = (OperationId::from_uuid(self.world.uuid()), self.world.now());
        unit.occupy_tenant(tenant.id, operation, now).await?;
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent,
            idempotency_key: fingerprint
                .and(caller.idempotency_key.as_ref())
                .map(|key| key.as_str()),
            request_hash: fingerprint,
            now,
        };
        let database = tenant.subdomain.database();
        let label = tenant.subdomain.host_label();
        let about = About {
            tenant: tenant.id,
            database: database.clone(),
            from: tenant.node_id,
            to: to.id,
            url_before: tenant.url(),
            base_url: to.address_pattern.replacen('*', label.as_str(), 1),
        };
        let about = serde_json::to_value(about).map_err(ControlError::internal)?;
        let work = Work::new(kind.as_str(), 1, about).one_at_a_time(tenant.id.to_string());
        self.begin_saga(unit, caller, new, work).await?;
        let service = Closure::of(tenant).service();
        unit.insert_relocation(NewRelocation {
            id: operation,
            tenant: tenant.id,
            subdomain: tenant.subdomain.as_str(),
            database: &database,
            from: tenant.node_id,
            to: to.id,
            was_served: matches!(service, Service::Open | Service::Restricted),
            now,
        })
        .await?;
        Ok(operation)
    }

    /// The node that the tenant goes to: chosen as for a new tenant, among those that are heard of and know how.
    async fn place_to_move(
        &self,
        unit: &mut Unit,
        tenant: &TenantRecord,
        wish: &Wish,
    ) -> Result<Place, ControlError> {
        if wish.node.as_ref() == Some(&tenant.node) {
            return Err(refuse(MoveObstacle::SameNode(tenant.node.clone())));
        }
        if let Some(name) = &wish.node
            && !unit.node_exists(name).await?
        {
            return Err(ControlError::field("node", Rule::Unknown));
        }
        let horizon = self.world.now() - AWAY_AFTER;
        let mut places = unit.places_to_move(Some(&tenant.template), horizon).await?;
        let own_wish = unit.node_wish(tenant.id).await?;
        let mut wish = wish.clone();
        if wish.node.is_none() {
            // Whoever names a node has decided; nobody else goes where it did not want to be.
            wish.labels.extend(own_wish.labels);
        }
        let bytes = own_wish.bytes.unwrap_or_default();
        places.iter_mut().for_each(|place| {
            place.candidate.tenant_bytes = place.candidate.tenant_bytes.max(bytes);
        });
        let own = places.iter().position(|place| place.id == tenant.node_id);
        let own = own.map(|index| places.swap_remove(index));
        match own.filter(|own| own.candidate.is_online && own.candidate.mode != NodeMode::Stopped) {
            Some(_) => self.check_knows(tenant.node_id, &tenant.node).await?,
            None => return Err(refuse(MoveObstacle::Away(tenant.node.clone()))),
        }
        let asked = |place: &Place| {
            wish.node
                .as_ref()
                .is_none_or(|name| *name == place.candidate.name)
        };
        let mut obstacle = None;
        let mut fitting = Vec::new();
        for place in places.into_iter().filter(asked) {
            let name = place.candidate.name.clone();
            match place.candidate.is_online {
                false => obstacle = Some(MoveObstacle::Away(name)),
                true => match self.check_knows(place.id, &name).await {
                    Ok(()) => fitting.push(place),
                    Err(ControlError::Conflict(ConflictReason::MoveRefused(known))) => obstacle = Some(known),
                    Err(error) => return Err(error),
                },
            }
        }
        if let (true, Some(obstacle)) = (fitting.is_empty(), obstacle) {
            return Err(refuse(obstacle));
        }
        let candidates: Vec<_> = fitting.iter().map(|place| place.candidate.clone()).collect();
        let chosen = placement::choose(&candidates, &wish)
            .map_err(|obstacles| ControlError::Conflict(ConflictReason::NoRoom(obstacles)))?;
        let index = candidates
            .iter()
            .position(|candidate| candidate.name == chosen.name);
        let place = index.map(|index| fitting.swap_remove(index));
        place.ok_or(ControlError::Conflict(ConflictReason::NoRoom(Vec::new())))
    }

    /// Refuses a node whose agent does not know the orders by which tenants move.
    pub(crate) async fn check_knows(
        &self,
        node: NodeId,
        name: &domain::NodeName,
    ) -> Result<(), ControlError> {
        let known = self.known_orders(node).await?;
        match ORDERS.iter().all(|order| known.contains(*order)) {
            true => Ok(()),
            false => Err(refuse(MoveObstacle::OldAgent(name.clone()))),
        }
    }

    /// Begins to drop the copy that the tenant's last move left; it cannot go back after that.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ConflictReason::MoveRefused`] when there is none.
    pub async fn confirm_move(&self, caller: &Caller, name: &Subdomain) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::MoveTenant)?;
        let kind = OperationKind::ConfirmMove;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), &())?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = unit.lock_tenant(&reach, &name.database()).await?;
            let tenant = within(&reach, tenant)?;
            let copy = unit.kept_copy(tenant.id).await?;
            let copy = copy.ok_or_else(|| refuse(MoveObstacle::NothingKept))?;
            let begun = self
                .drop_copy(&mut unit, caller, copy, Some(&fingerprint))
                .await?;
            unit.commit().await?;
            begun.ok_or_else(|| refuse(MoveObstacle::NothingKept))
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }

    /// Begins to drop copies whose time is over; gives how many.
    pub(crate) async fn drop_copies_due(&self) -> Result<usize, ControlError> {
        let caller = Caller::system();
        let scoped = self.store.on_behalf_of(Actor::System);
        let mut begun = 0;
        for copy in scoped.copies_due(self.world.now(), AT_ONCE).await? {
            let mut unit = scoped.begin().await?;
            if self.drop_copy(&mut unit, &caller, copy, None).await?.is_some() {
                begun += 1;
            }
            unit.commit().await?;
        }
        Ok(begun)
    }

    /// Begins to drop a kept copy; nothing where that is done already.
    pub(crate) async fn drop_copy(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        relocation: OperationId,
        fingerprint: Option<&[u8]>,
    ) -> Result<Option<OperationId>, ControlError> {
        let Some(copy) = unit.take_kept_copy(relocation).await? else {
            return Ok(None);
        };
        let operation = OperationId::from_uuid(self.world.uuid());
        let new = NewOperation {
            id: operation,
            kind: OperationKind::ConfirmMove,
            // The copy is no tenant; the tenant is elsewhere, and free.
            tenant: None,
            subject: &copy.subdomain,
            intent: serde_json::to_value(Intent::CopyDropped { relocation })
                .map_err(ControlError::internal)?,
            node: Some(copy.node),
            parent: None,
            idempotency_key: fingerprint
                .and(caller.idempotency_key.as_ref())
                .map(|key| key.as_str()),
            request_hash: fingerprint,
            now: self.world.now(),
        };
        let order = Order::DiscardCopy(DiscardCopy {
            tenant: copy.tenant,
            database: copy.database,
            shelf: Shelf::Kept,
        });
        self.dispatch(unit, caller, new, copy.generation, order).await?;
        Ok(Some(operation))
    }
}

fn wish(request: &MoveTenant) -> Result<Wish, ControlError> {
    let mut errors = FieldErrors::default();
    let node = errors.optional("node", request.node.as_deref());
    let labels = crate::node::change::labels(request.node_labels.as_deref(), "node_labels", &mut errors);
    match errors.is_empty() {
        true => Ok(Wish {
            node,
            domain: None,
            labels: labels.unwrap_or_default(),
        }),
        false => Err(ControlError::fields(errors)),
    }
}
