//! Bringing a tenant back from a backup: in the place of what is there, or as a new tenant.

use crate::backup::{BackupObstacle, is_folder, refuse};
use crate::intent::Intent;
use crate::tenant::create::Wanted;
use crate::tenant::order::within;
use crate::work::backup::{BringBack, Keep};
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::placement::Wish;
use domain::{
    Action, BackupId, BackupKind, BackupState, FieldErrors, NodeId, NodeName, OperationId, OperationKind,
    Rule, Subdomain, TenantId, TenantState,
};
use jiff::SignedDuration;
use operations::Work;
use store::{BackupRecord, BackupStoreRecord, NewOperation, Place, TenantRecord, Unit};
use wire::backup::RestoreTenant;
use wire::backups::RestoreRequest;
use wire::node::{Order, Service};

/// For how long a backup stays in any case because something is restored from it.
const IN_USE: SignedDuration = SignedDuration::from_hours(48);

/// How a tenant is to be once it was restored.
#[derive(Clone, Debug)]
pub(crate) struct Becoming<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) subdomain: &'a Subdomain,
    pub(crate) base_url: String,
    pub(crate) service: Service,
    pub(crate) quiet: bool,
}

impl Control {
    /// Begins to bring a tenant back from a backup, or to make a new tenant of it.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::BackupRefused`]; what a new tenant, or a change of
    /// one, can be refused for.
    pub async fn restore_backup(
        &self,
        caller: &Caller,
        id: BackupId,
        request: &RestoreRequest,
    ) -> Result<OperationId, ControlError> {
        let backup = self.backup_record(caller, Action::RestoreBackup, id).await?;
        if backup.state != BackupState::Kept {
            return Err(refuse(BackupObstacle::State(backup.state)));
        }
        let kind = OperationKind::RestoreTenant;
        let fingerprint = self.fingerprint(kind.as_str(), &id.to_string(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = match &request.subdomain {
            Some(_) => self.restore_as_new(caller, &backup, request, &fingerprint).await,
            None => {
                self.restore_in_place(caller, &backup, request, &fingerprint)
                    .await
            }
        };
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn restore_in_place(
        &self,
        caller: &Caller,
        backup: &BackupRecord,
        request: &RestoreRequest,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::RestoreBackup)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant_by_id(&reach, backup.tenant).await?;
        let tenant = within(&reach, tenant)?;
        let others = [
            ("company_name", request.company_name.is_some()),
            ("node", request.node.is_some()),
            ("keep_mail", request.keep_mail.is_some()),
        ];
        if let Some((field, _)) = others.into_iter().find(|(_, is_said)| *is_said) {
            return Err(ControlError::field(field, Rule::UnknownField));
        }
        self.check_replaceable(&mut unit, &tenant, request.confirm.as_deref())
            .await?;
        let store = self.backup_store_by_id(backup.store).await?;
        self.check_reaches(backup, &store, tenant.node_id)?;
        self.check_backs_up(tenant.node_id, &tenant.node).await?;
        let source = BringBack {
            tenant: tenant.id,
            backup: Some(backup.id),
            moment: None,
            safety: None,
        };
        unit.hold_backup(backup.id, None, Some(self.world.now() + IN_USE))
            .await?;
        self.begin_restore(
            unit,
            caller,
            (&tenant, fingerprint),
            source,
            request.without_safety,
        )
        .await
    }

    /// Whether what is there may go: the name was repeated, nothing is under way, and the state allows it.
    pub(super) async fn check_replaceable(
        &self,
        unit: &mut Unit,
        tenant: &TenantRecord,
        confirm: Option<&str>,
    ) -> Result<(), ControlError> {
        let kind = OperationKind::RestoreTenant;
        match confirm {
            None => return Err(ControlError::field("confirm", Rule::Required)),
            Some(again) if again == tenant.subdomain.as_str() => {}
            Some(_) => return Err(ControlError::field("confirm", Rule::Confirmation)),
        }
        if let Some(busy) = tenant.operation {
            return Err(ControlError::Conflict(ConflictReason::Busy(Some(busy))));
        }
        tenant.state.after(kind).map_err(|refused| {
            ControlError::Conflict(ConflictReason::State {
                from: refused.from,
                wanted: refused.operation,
            })
        })?;
        self.check_not_lost(unit, tenant, kind).await
    }

    /// Occupies the tenant and begins to bring it back; a backup of what is there is taken first, unless that is refused.
    pub(super) async fn begin_restore(
        &self,
        mut unit: Unit,
        caller: &Caller,
        (tenant, fingerprint): (&TenantRecord, &[u8]),
        mut about: BringBack,
        without_safety: Option<bool>,
    ) -> Result<OperationId, ControlError> {
        let kind = OperationKind::RestoreTenant;
        let operation = OperationId::from_uuid(self.world.uuid());
        let now = self.world.now();
        unit.occupy_tenant(tenant.id, operation, now).await?;
        about.safety = match without_safety {
            Some(true) => None,
            _ => {
                let safety = self.safety(&mut unit, caller, tenant, (operation, about.backup));
                Some(safety.await?)
            }
        };
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now,
        };
        let about = serde_json::to_value(about).map_err(ControlError::internal)?;
        let work = Work::new(kind.as_str(), 1, about).one_at_a_time(tenant.id.to_string());
        self.begin_saga(&mut unit, caller, new, work).await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// The backup that is taken before: what is there may be wanted back. It goes where the backup is that is restored, if others go
    /// there: of this store it is known that it answers, or nothing can be restored.
    async fn safety(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        (operation, from): (OperationId, Option<BackupId>),
    ) -> Result<Keep, ControlError> {
        let own = match from {
            Some(from) => {
                let from = self
                    .backup_record(&Caller::system(), Action::ReadBackups, from)
                    .await?;
                Some(self.backup_store_by_id(from.store).await?)
            }
            None => None,
        };
        let store = match own.filter(|own| own.is_scheduled) {
            Some(own) => own,
            None => self.store_to_use(None).await?,
        };
        self.begin_backup(unit, caller, tenant, &store, (BackupKind::Before, operation))
            .await
    }

    async fn restore_as_new(
        &self,
        caller: &Caller,
        backup: &BackupRecord,
        request: &RestoreRequest,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::CreateTenant)?;
        let store = self.backup_store_by_id(backup.store).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let reach = Caller::system().reach(Action::ReadTenants)?;
        let source = unit.lock_tenant_by_id(&reach, backup.tenant).await?;
        // A folder is on its node alone, so that the tenant goes there unless somebody asks for another one.
        let home = is_folder(&store).then_some(&backup.node_name);
        let mut wanted = self.wanted_of((&backup.subdomain, home), source.as_ref(), request)?;
        let place = self.place_of_kept(&mut unit, &wanted).await?;
        if request.node.is_none() {
            // Where the folder is was nobody's wish: the tenant may move on.
            wanted.wish.node = None;
        }
        self.check_reaches(backup, &store, place.id)?;
        self.check_backs_up(place.id, &place.candidate.name).await?;
        let (new, becoming) = self.tenant_anew(caller, (&wanted, &place), request.keep_mail, fingerprint)?;
        let (operation, tenant, now) = (new.id, becoming.tenant, new.now);
        self.insert_wanted(&mut unit, tenant, operation, (&place, &wanted))
            .await?;
        unit.hold_backup(backup.id, None, Some(now + IN_USE)).await?;
        let order = self.restoring(&mut unit, backup, &store, &becoming).await?;
        self.dispatch(&mut unit, caller, new, 1, order).await?;
        if let Some(organization) = backup.organization {
            unit.set_organization(tenant, Some(organization), now).await?;
        }
        unit.commit().await?;
        Ok(operation)
    }

    /// The operation that makes a new tenant of what was kept, and how the tenant is to be then.
    pub(super) fn tenant_anew<'a>(
        &self,
        caller: &'a Caller,
        (wanted, place): (&'a Wanted, &Place),
        keep_mail: Option<bool>,
        fingerprint: &'a [u8],
    ) -> Result<(NewOperation<'a>, Becoming<'a>), ControlError> {
        let tenant = TenantId::from_uuid(self.world.uuid());
        let intent = Intent::Serve {
            state: TenantState::Active,
            link: false,
        };
        let new = NewOperation {
            id: OperationId::from_uuid(self.world.uuid()),
            kind: OperationKind::CreateTenant,
            tenant: Some(tenant),
            subject: wanted.subdomain.as_str(),
            intent: serde_json::to_value(intent).map_err(ControlError::internal)?,
            node: Some(place.id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now: self.world.now(),
        };
        let label = wanted.subdomain.host_label();
        let becoming = Becoming {
            tenant,
            subdomain: &wanted.subdomain,
            base_url: place.address_pattern.replacen('*', label.as_str(), 1),
            service: Service::Open,
            quiet: keep_mail != Some(true),
        };
        Ok((new, becoming))
    }

    /// What the new tenant is to be: what the old one was, where nothing else was said.
    pub(super) fn wanted_of(
        &self,
        (old, home): (&Subdomain, Option<&NodeName>),
        source: Option<&TenantRecord>,
        request: &RestoreRequest,
    ) -> Result<Wanted, ControlError> {
        let mut errors = FieldErrors::default();
        let subdomain = errors.required::<Subdomain>("subdomain", request.subdomain.as_deref());
        let own = source.map(|source| source.company_name.as_str());
        let company = request.company_name.as_deref().or(own);
        let company_name = errors.required("company_name", company.or(Some(old.as_str())));
        let node = errors.optional("node", request.node.as_deref());
        if request.confirm.is_some() {
            errors.push("confirm", Rule::UnknownField);
        }
        let node = node.or_else(|| home.cloned());
        let default_plan = || self.settings.default_plan.to_string().parse();
        match (subdomain, company_name) {
            (Some(subdomain), Some(company_name)) if errors.is_empty() => Ok(Wanted {
                company_name,
                admin_email: source.and_then(|source| source.admin_email.parse().ok()),
                subdomain,
                plan: match source {
                    Some(source) => source.plan.clone(),
                    None => default_plan().map_err(|rule| ControlError::field("plan", rule))?,
                },
                product: source.map_or_else(domain::ProductName::odoo, |source| source.product.clone()),
                wish: Wish {
                    node,
                    ..Wish::default()
                },
                template: source.map_or_else(
                    || self.settings.default_template.clone(),
                    |source| source.template.clone(),
                ),
                password: None,
                language: source.map_or_else(
                    || self.settings.default_language.clone(),
                    |source| source.language.clone(),
                ),
                country: source.and_then(|source| source.country.clone()),
                timezone: source.and_then(|source| source.timezone.clone()),
            }),
            _ => Err(ControlError::fields(errors)),
        }
    }

    fn check_reaches(
        &self,
        backup: &BackupRecord,
        store: &BackupStoreRecord,
        node: NodeId,
    ) -> Result<(), ControlError> {
        match is_folder(store) && backup.node != node {
            true => Err(refuse(BackupObstacle::Elsewhere(backup.node_name.clone()))),
            false => Ok(()),
        }
    }

    /// The order by which a node restores a backup.
    pub(crate) async fn restoring(
        &self,
        unit: &mut Unit,
        backup: &BackupRecord,
        store: &BackupStoreRecord,
        becoming: &Becoming<'_>,
    ) -> Result<Order, ControlError> {
        let key = self.backup_key_of(unit, backup.tenant).await?;
        let kept = backup
            .kept
            .as_ref()
            .ok_or_else(|| refuse(BackupObstacle::State(backup.state)))?;
        Ok(Order::RestoreTenant(RestoreTenant {
            tenant: becoming.tenant,
            database: becoming.subdomain.database(),
            from: backup.tenant,
            backup: backup.id,
            manifest_sha256: kept.manifest_sha256.clone(),
            store: store.access.clone(),
            keys: self.backup_keys(backup.tenant, &key, store)?,
            base_url: becoming.base_url.clone(),
            service: becoming.service,
            quiet: becoming.quiet,
        }))
    }
}
