//! Entering with a support access: a link that works once, and a session that ends with the access.

use super::LINK_SECONDS;
use crate::intent::Intent;
use crate::sealing::token_hash;
use crate::tenant::order::{Asked, Planned, within};
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, OperationKind, Subdomain, SupportId, SupportMove, TenantState};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{OperationRecord, TenantRecord};
use uuid::Uuid;
use wire::Plaintext;
use wire::entry::{EnterTenant, Entrance, Visitor};
use wire::node::Order;

/// What a link's token is derived for.
const PURPOSE: &str = "entry";
/// Longest name of the operator's that goes into the support user's, in characters.
const LONGEST_NAME: usize = 60;

impl Control {
    /// Begins to let the caller in with their own support access.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Forbidden`] for another's; [`ConflictReason::SupportState`] when it is
    /// not approved or is over; a conflict when the tenant is shut or busy.
    pub async fn enter_support(
        &self,
        caller: &Caller,
        name: &Subdomain,
        id: SupportId,
    ) -> Result<domain::OperationId, ControlError> {
        let reach = caller.reach(Action::EnterSupport)?;
        let fingerprint = self.fingerprint(Action::EnterSupport.as_str(), name.as_str(), &id)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = self.enter_afresh(caller, &reach, name, id, &fingerprint).await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn enter_afresh(
        &self,
        caller: &Caller,
        reach: &domain::Reach,
        name: &Subdomain,
        id: SupportId,
        fingerprint: &[u8],
    ) -> Result<domain::OperationId, ControlError> {
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(reach, &name.database()).await?;
        let tenant = within(reach, tenant)?;
        let access = unit.lock_support(tenant.id, id).await?;
        let access = access.ok_or(ControlError::NotFound("support access"))?;
        if access.requested_by != caller.actor().to_string() {
            return Err(ControlError::Forbidden);
        }
        let now = self.world.now();
        let until = access.ends_at.unwrap_or(access.lapses_at);
        if access.state.after(SupportMove::Enter).is_err() || until <= now {
            return Err(ControlError::Conflict(ConflictReason::SupportState(access.state)));
        }
        let lasts = SignedDuration::from_mins(i64::from(access.minutes));
        let ends_at = access.ends_at.unwrap_or(now + lasts);
        let asked = Asked {
            caller,
            kind: OperationKind::EnterTenant,
            fingerprint: Some(fingerprint),
            parent: None,
        };
        let visitor = Visitor::Support {
            access: id,
            display_name: self.support_name(),
            ends_at,
        };
        let operation = self
            .order_within(&mut unit, asked, &tenant, |tenant, state| {
                Ok(self.entering(tenant, state, visitor))
            })
            .await?;
        unit.open_support(id, now, ends_at).await?;
        let detail = json!({ "access": id, "ends_at": ends_at, "reason": access.reason });
        let action = Action::EnterSupport.as_str();
        self.note(&mut unit, caller, action, tenant.subdomain.as_str(), detail)
            .await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// What the support user is called in Odoo.
    fn support_name(&self) -> String {
        let brand: String = self.live().brand.chars().take(LONGEST_NAME).collect();
        match brand.trim() {
            "" => "Support".to_owned(),
            brand => format!("Support ({brand})"),
        }
    }

    /// What letting somebody in means for the node and for the control database.
    pub(crate) fn entering(&self, tenant: &TenantRecord, state: TenantState, visitor: Visitor) -> Planned {
        let entry = self.world.uuid();
        let access = match &visitor {
            Visitor::Administrator => None,
            Visitor::Support { access, .. } => Some(*access),
        };
        let order = EnterTenant {
            tenant: tenant.id,
            database: tenant.subdomain.database(),
            entry,
            token_hash: hex::encode(token_hash(&self.entry_token(entry))),
            seconds: LINK_SECONDS,
            visitor,
        };
        Planned {
            order: Order::EnterTenant(order),
            intent: Intent::Enter { state, entry, access },
        }
    }

    /// A token that follows from the server's key and the entry, so that it is stored nowhere.
    fn entry_token(&self, entry: Uuid) -> String {
        self.server_key.derive(PURPOSE, &entry.to_string())
    }

    /// The link of an operation that let somebody in; for whoever began it, and nobody else.
    ///
    /// # Errors
    /// [`ConflictReason::SupportState`] when the access ended in the meantime; [`ControlError::NotFound`] for another
    /// kind of operation, another's, or a tenant that is gone.
    pub async fn entrance(
        &self,
        caller: &Caller,
        operation: &OperationRecord,
    ) -> Result<Entrance, ControlError> {
        let intent: Intent =
            serde_json::from_value(operation.intent.clone()).map_err(ControlError::internal)?;
        let (Intent::Enter { entry, access, .. }, Some(tenant), Some(finished)) =
            (intent, operation.tenant, operation.finished_at)
        else {
            return Err(ControlError::NotFound("entrance"));
        };
        if operation.requested_by != caller.actor().to_string() {
            return Err(ControlError::NotFound("entrance"));
        }
        let reach = caller.reach(Action::ReadTenants)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let tenant = scoped.tenant_by_id(&reach, tenant).await?;
        let tenant = tenant.ok_or(ControlError::NotFound("tenant"))?;
        if let Some(id) = access {
            let mut unit = scoped.begin().await?;
            let access = unit.lock_support(tenant.id, id).await?;
            let access = access.ok_or(ControlError::NotFound("support access"))?;
            if access.state.after(SupportMove::Enter).is_err() {
                return Err(ControlError::Conflict(ConflictReason::SupportState(access.state)));
            }
        }
        Ok(Entrance {
            url: Plaintext::new(format!(
                "{}/tenantry/enter#{}",
                tenant.url(),
                self.entry_token(entry)
            )),
            expires_at: expiry(finished),
            operation_id: operation.id.to_string(),
        })
    }
}

/// The node counts from when it wrote the entry down, a moment before it told of it.
fn expiry(finished: Timestamp) -> Timestamp {
    finished + SignedDuration::from_secs(i64::from(LINK_SECONDS))
}
