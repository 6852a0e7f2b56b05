//! Tenants as the API shows them, and the answer to a change.

use crate::{Caller, Control, ControlError};
use domain::{Action, OperationId, OperationKind, OperationState};
use store::{OperationRecord, TenantRecord};
use wire::tenant::{Suspension, Tenant, TenantChange};

/// A tenant as the API shows it.
pub(crate) fn tenant_view(record: TenantRecord) -> Tenant {
    Tenant {
        url: record.url(),
        database: record.subdomain.database().to_string(),
        id: record.id.to_string(),
        subdomain: record.subdomain.to_string(),
        company_name: record.company_name,
        admin_email: record.admin_email,
        plan: record.plan.to_string(),
        product: record.product.to_string(),
        state: record.state.to_string(),
        suspension_reasons: record
            .suspensions
            .iter()
            .map(|suspension| suspension.reason.to_string())
            .collect(),
        suspensions: record.suspensions.into_iter().map(suspension_view).collect(),
        paused_at: record.paused_at,
        node: record.node.to_string(),
        organization: record.organization.map(|id| id.to_string()),
        template: record.template.to_string(),
        language: record.language.to_string(),
        country: record.country.map(String::from),
        timezone: record.timezone.map(String::from),
        created_at: record.created_at,
        updated_at: record.updated_at,
        expires_at: record.expires_at,
        deleted_at: record.deleted_at,
        purge_after: record.purge_after,
        switch: record.switch.position.to_string(),
        operation: record.operation.map(|id| id.to_string()),
    }
}

fn suspension_view(suspension: store::Suspension) -> Suspension {
    Suspension {
        reason: suspension.reason.to_string(),
        form: suspension.form.to_string(),
        note: suspension.note,
        since: suspension.since,
        by: suspension.by,
        operation: suspension
            .operation
            .map(|id| OperationId::from_uuid(id).to_string()),
    }
}

impl Control {
    /// A tenant as the API shows it.
    pub fn view(record: TenantRecord) -> Tenant {
        tenant_view(record)
    }

    /// The answer to a change that has ended well or is under way: the tenant as it is now.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the tenant is gone, as after a purge.
    pub async fn tenant_change(
        &self,
        caller: &Caller,
        operation: &OperationRecord,
    ) -> Result<TenantChange, ControlError> {
        let id = operation.tenant.ok_or(ControlError::NotFound("tenant"))?;
        let reach = caller.reach(Action::ReadTenants)?;
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .tenant_by_id(&reach, id)
            .await?;
        let tenant = tenant_view(found.ok_or(ControlError::NotFound("tenant"))?);
        let done =
            operation.kind == OperationKind::CreateTenant && operation.state == OperationState::Succeeded;
        let without_password = operation
            .intent
            .get("link")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default();
        let set_password_link = (done && without_password).then(|| {
            format!(
                "{}/set-password#{}",
                self.settings.panel,
                self.set_password_token(operation.id)
            )
        });
        Ok(TenantChange {
            tenant,
            operation_id: Some(operation.id.to_string()),
            set_password_link,
        })
    }
}
