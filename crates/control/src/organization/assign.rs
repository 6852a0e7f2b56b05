//! Which organization a tenant belongs to.

use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, OrganizationId, Rule, Subdomain};
use serde_json::json;
use store::TenantRecord;
use wire::person::AssignTenant;

impl Control {
    /// Gives a tenant to an organization, or takes it back.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `organization`; [`ControlError::NotFound`] for the tenant.
    pub async fn assign_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &AssignTenant,
    ) -> Result<TenantRecord, ControlError> {
        let reach = caller.reach(Action::AssignTenant)?;
        let mut errors = FieldErrors::default();
        let organization: Option<OrganizationId> =
            errors.optional("organization", request.organization.as_deref());
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        if let Some(id) = organization
            && scoped.organizations_known(&[id]).await? == 0
        {
            return Err(ControlError::field("organization", Rule::Unknown));
        }
        let mut unit = scoped.begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        unit.set_organization(tenant.id, organization, self.world.now())
            .await?;
        if tenant.organization != organization {
            self.revoke_support(&mut unit, tenant.id, "the tenant belongs to somebody else")
                .await?;
        }
        let detail = json!({ "before": tenant.organization, "after": organization });
        let action = Action::AssignTenant.as_str();
        self.note(&mut unit, caller, action, tenant.subdomain.as_str(), detail)
            .await?;
        unit.commit().await?;
        self.close_support(Some(tenant.id)).await;
        self.tenant(caller, name).await
    }
}
