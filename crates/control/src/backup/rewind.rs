//! Bringing a tenant back to a moment, from the archive of its node's PostgreSQL: in the place of what is there, or as a new tenant of
//! the same node.

use crate::backup::restore::Becoming;
use crate::backup::{BackupObstacle, is_folder, refuse};
use crate::tenant::order::within;
use crate::work::backup::{BringBack, Moment};
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupState, NodeId, OperationId, OperationKind, Rule, Subdomain, TenantId};
use jiff::Timestamp;
use store::{Actor, BackupStoreRecord, TenantRecord, Unit};
use wire::backups::{RestoreAt, RestoreRequest};
use wire::node::{Observed, Order};
use wire::point_in_time::{BackupWithFiles, PointInTimeView, RewindTenant};

/// The order by which a node does it.
const ORDER: &str = "rewind-tenant";
/// In so many backups files are looked for, those that were taken nearest to the moment.
const LOOKED_AT: usize = 8;

impl Control {
    /// How far back a tenant can be brought; nothing in it where its node keeps no archive.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn tenant_window(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<PointInTimeView, ControlError> {
        caller.reach(Action::ReadBackups)?;
        let tenant = self.tenant(caller, name).await?;
        let window = self.window(tenant.node_id).await?.unwrap_or_default();
        // How the node's archive stands is the operator's matter.
        Ok(PointInTimeView {
            earliest: window.earliest,
            latest: window.latest,
            ..PointInTimeView::default()
        })
    }

    /// What a node last told of its archive.
    async fn window(&self, node: NodeId) -> Result<Option<PointInTimeView>, ControlError> {
        let said = self.store.on_behalf_of(Actor::System).node_observed(node).await?;
        let Some((said, _)) = said else { return Ok(None) };
        let observed: Observed = serde_json::from_value(said).map_err(ControlError::internal)?;
        Ok(observed.point_in_time)
    }

    /// Begins to bring a tenant back to a moment, or to make a new tenant of what it was then.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`crate::ConflictReason::BackupRefused`] for a moment that cannot be reached;
    /// what a new tenant, or a change of one, can be refused for.
    pub async fn restore_tenant_at(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &RestoreAt,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::RestoreBackup)?;
        let at = request.at.ok_or(ControlError::field("at", Rule::Required))?;
        let kind = OperationKind::RestoreTenant;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = async {
            // In its backups files are looked for that were collected since.
            let store = self.store_to_use(None).await?;
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = unit.lock_tenant(&reach, &name.database()).await?;
            let tenant = within(&reach, tenant)?;
            match request.subdomain {
                Some(_) => {
                    self.rewind_as_new(unit, caller, (&tenant, at, &store), request, &fingerprint)
                        .await
                }
                None => {
                    self.rewind_in_place(unit, caller, (&tenant, at, &store), request, &fingerprint)
                        .await
                }
            }
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn rewind_in_place(
        &self,
        mut unit: Unit,
        caller: &Caller,
        (tenant, at, store): (&TenantRecord, Timestamp, &BackupStoreRecord),
        request: &RestoreAt,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let others = [
            ("company_name", request.company_name.is_some()),
            ("keep_mail", request.keep_mail.is_some()),
        ];
        if let Some((field, _)) = others.into_iter().find(|(_, is_said)| *is_said) {
            return Err(ControlError::field(field, Rule::UnknownField));
        }
        self.check_replaceable(&mut unit, tenant, request.confirm.as_deref())
            .await?;
        self.check_moment(tenant, at).await?;
        let about = BringBack {
            tenant: tenant.id,
            backup: None,
            moment: Some(Moment { at, store: store.id }),
            safety: None,
        };
        self.begin_restore(unit, caller, (tenant, fingerprint), about, request.without_safety)
            .await
    }

    /// Whether the tenant's node can be brought to the moment, by what it last told; the node looks again.
    async fn check_moment(&self, tenant: &TenantRecord, at: Timestamp) -> Result<(), ControlError> {
        self.check_backs_up(tenant.node_id, &tenant.node).await?;
        if !self.known_orders(tenant.node_id).await?.contains(ORDER) {
            return Err(refuse(BackupObstacle::OldAgent(tenant.node.clone())));
        }
        let Some(window) = self.window(tenant.node_id).await? else {
            return Err(refuse(BackupObstacle::NoArchive(tenant.node.clone())));
        };
        let Some(earliest) = window.earliest else {
            return Err(refuse(BackupObstacle::OutOfReach(None)));
        };
        let latest = match window.failing_since {
            Some(_) => window.latest.unwrap_or(earliest),
            // What was committed since it told this goes into the archive before anything is restored.
            None => self.world.now(),
        };
        match at < earliest || at > latest {
            true => Err(refuse(BackupObstacle::OutOfReach(Some((earliest, latest))))),
            false => Ok(()),
        }
    }

    async fn rewind_as_new(
        &self,
        mut unit: Unit,
        caller: &Caller,
        (source, at, store): (&TenantRecord, Timestamp, &BackupStoreRecord),
        request: &RestoreAt,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::CreateTenant)?;
        if request.without_safety.is_some() {
            return Err(ControlError::field("without_safety", Rule::UnknownField));
        }
        let as_asked = RestoreRequest {
            confirm: request.confirm.clone(),
            subdomain: request.subdomain.clone(),
            company_name: request.company_name.clone(),
            ..RestoreRequest::default()
        };
        let old = (&source.subdomain, Some(&source.node));
        let mut wanted = self.wanted_of(old, Some(source), &as_asked)?;
        self.check_moment(source, at).await?;
        let place = self.place_of_kept(&mut unit, &wanted).await?;
        // Where the archive is was nobody's wish: the tenant may move on.
        wanted.wish.node = None;
        let (new, becoming) = self.tenant_anew(caller, (&wanted, &place), request.keep_mail, fingerprint)?;
        let (operation, tenant, now) = (new.id, becoming.tenant, new.now);
        self.insert_wanted(&mut unit, tenant, operation, (&place, &wanted))
            .await?;
        let from = (source.id, source.node_id);
        let order = self.rewinding(&mut unit, (at, store), from, &becoming).await?;
        self.dispatch(&mut unit, caller, new, 1, order).await?;
        if let Some(organization) = source.organization {
            unit.set_organization(tenant, Some(organization), now).await?;
        }
        unit.commit().await?;
        Ok(operation)
    }

    /// The order by which a node brings a tenant back to a moment.
    pub(crate) async fn rewinding(
        &self,
        unit: &mut Unit,
        (at, store): (Timestamp, &BackupStoreRecord),
        (from, node): (TenantId, NodeId),
        becoming: &Becoming<'_>,
    ) -> Result<Order, ControlError> {
        let key = self.backup_key_of(unit, from).await?;
        let mut kept = unit.lock_backups(from).await?;
        kept.retain(|backup| {
            let is_there = backup.store == store.id && (!is_folder(store) || backup.node == node);
            is_there && backup.state == BackupState::Kept
        });
        // What was collected since is likeliest in those that were taken around then.
        kept.sort_by_key(|backup| backup.begun_at.duration_since(at).abs());
        let backups = kept.into_iter().filter_map(|backup| {
            Some(BackupWithFiles {
                backup: backup.id,
                manifest_sha256: backup.kept?.manifest_sha256,
            })
        });
        Ok(Order::RewindTenant(RewindTenant {
            tenant: becoming.tenant,
            database: becoming.subdomain.database(),
            from,
            at,
            base_url: becoming.base_url.clone(),
            service: becoming.service,
            quiet: becoming.quiet,
            backups: backups.take(LOOKED_AT).collect(),
            keys: self.backup_keys(from, &key, store)?,
            store: store.access.clone(),
        }))
    }
}
