//! Making a tenant of an upload.

use crate::backup::{BackupObstacle, refuse};
use crate::intent::Intent;
use crate::sealing::token_hash;
use crate::tenant::create::Wanted;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::placement::Wish;
use domain::{
    Action, CompanyName, EmailAddress, FieldErrors, OperationId, OperationKind, PlanName, ProductName, Rule,
    Subdomain, TenantId, TenantState, TransferId, UploadId,
};
use jiff::SignedDuration;
use store::{LinkPurpose, NewLink, NewOperation};
use wire::import::{ImportRequest, ImportTenant};
use wire::node::Order;

/// How long the link to set a password works.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
const ORDER: &str = "import-tenant";

impl Control {
    /// Begins to make a tenant of an upload.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::UploadOffset`] for one that is not whole; what a new
    /// tenant can be refused for.
    pub async fn import_tenant(
        &self,
        caller: &Caller,
        request: &ImportRequest,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ImportTenant)?;
        let name = request.subdomain.as_deref().unwrap_or_default();
        let fingerprint = self.fingerprint(ORDER, name, request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = self.import_afresh(caller, request, &fingerprint).await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn import_afresh(
        &self,
        caller: &Caller,
        request: &ImportRequest,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let (upload, wanted) = self.imported(request)?;
        let (record, sha256) = self.whole_upload(caller, upload).await?;
        let templates = self.store.on_behalf_of(caller.actor()).templates().await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        Self::check_offered(&mut unit, &wanted).await?;
        let place = self.place(&mut unit, &wanted).await?;
        if !self.known_orders(place.id).await?.contains(ORDER) {
            return Err(refuse(BackupObstacle::OldAgent(place.candidate.name.clone())));
        }
        let here = |template: &&store::TemplateRecord| {
            template.name == wanted.template && template.node == place.candidate.name
        };
        let (operation, tenant, transfer, now) = (
            OperationId::from_uuid(self.world.uuid()),
            TenantId::from_uuid(self.world.uuid()),
            TransferId::from_uuid(self.world.uuid()),
            self.world.now(),
        );
        self.insert_wanted(&mut unit, tenant, operation, (&place, &wanted))
            .await?;
        let link = wanted.admin_email.is_some();
        if link {
            let hash = token_hash(&self.set_password_token(operation));
            unit.insert_link(NewLink {
                hash: &hash,
                purpose: LinkPurpose::SetPassword,
                tenant: Some(tenant),
                created_at: now,
                expires_at: now + LINK_LIFE,
            })
            .await?;
        }
        let state = TenantState::Active;
        let new = NewOperation {
            id: operation,
            kind: OperationKind::CreateTenant,
            tenant: Some(tenant),
            subject: wanted.subdomain.as_str(),
            intent: serde_json::to_value(Intent::Serve { state, link }).map_err(ControlError::internal)?,
            node: Some(place.id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now,
        };
        let label = wanted.subdomain.host_label();
        let order = Order::ImportTenant(ImportTenant {
            tenant,
            database: wanted.subdomain.database(),
            transfer,
            bytes: u64::try_from(record.bytes).unwrap_or_default(),
            sha256,
            odoo_version: templates
                .iter()
                .find(here)
                .and_then(|template| template.odoo_version.clone()),
            base_url: place.address_pattern.replacen('*', label.as_str(), 1),
            quiet: request.keep_mail != Some(true),
        });
        self.dispatch(&mut unit, caller, new, 1, order).await?;
        let taken = unit
            .import_upload(upload, (transfer, operation, place.id), now)
            .await?;
        if !taken {
            return Err(ControlError::Conflict(ConflictReason::Busy(None)));
        }
        unit.commit().await?;
        Ok(operation)
    }

    fn imported(&self, request: &ImportRequest) -> Result<(UploadId, Wanted), ControlError> {
        let mut errors = FieldErrors::default();
        let upload = errors.required::<UploadId>("upload", request.upload.as_deref());
        let subdomain = errors.required::<Subdomain>("subdomain", request.subdomain.as_deref());
        let company = request.company_name.as_deref().or(request.subdomain.as_deref());
        let company_name = errors.required::<CompanyName>("company_name", company);
        let admin_email = errors.optional::<EmailAddress>("admin_email", request.admin_email.as_deref());
        let node = errors.optional("node", request.node.as_deref());
        let plan = request
            .plan
            .clone()
            .unwrap_or_else(|| self.settings.default_plan.to_string());
        let plan = errors.required::<PlanName>("plan", Some(&plan));
        match (upload, subdomain, company_name, plan) {
            (Some(upload), Some(subdomain), Some(company_name), Some(plan)) if errors.is_empty() => Ok((
                upload,
                Wanted {
                    company_name,
                    admin_email,
                    subdomain,
                    plan,
                    product: ProductName::odoo(),
                    wish: Wish {
                        node,
                        ..Wish::default()
                    },
                    template: self.settings.default_template.clone(),
                    password: None,
                    language: self.settings.default_language.clone(),
                    country: None,
                    timezone: None,
                },
            )),
            _ if errors.is_empty() => Err(ControlError::field("upload", Rule::Required)),
            _ => Err(ControlError::fields(errors)),
        }
    }
}
