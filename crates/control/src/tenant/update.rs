//! What the control plane knows of a customer: company and plan.

use crate::tenant::order::within;
use crate::tenant::rename::Move;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, CompanyName, FieldErrors, PlanName, Reach, Rule, Subdomain, TenantState};
use store::{AuditEntry, Unit};
use wire::tenant::UpdateTenant;

/// What an update came to.
#[derive(Debug)]
pub enum Update {
    /// It is done.
    Done,
    /// The tenant is being renamed, too.
    Renaming(domain::OperationId),
}

impl Control {
    /// Changes a tenant; a new subdomain begins a rename, and the other changes come true together with it.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; a conflict.
    pub async fn update_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        body: UpdateTenant,
    ) -> Result<Update, ControlError> {
        let reach = caller.reach(Action::UpdateTenant)?;
        let mut errors = FieldErrors::default();
        let company = errors.optional::<CompanyName>("company_name", body.company_name.as_deref());
        let plan = errors.optional::<PlanName>("plan", body.plan.as_deref());
        let to = errors.optional::<Subdomain>("subdomain", body.subdomain.as_deref());
        if errors.is_empty() && company.is_none() && plan.is_none() && to.is_none() {
            errors.push("body", Rule::Nothing);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        match to {
            Some(to) if to != *name => {
                if let Some(plan) = &plan {
                    let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
                    check_plan(&mut unit, plan).await?;
                }
                let wanted = Move {
                    to,
                    company_name: company,
                    plan,
                };
                Ok(Update::Renaming(
                    self.rename_tenant(caller, name, wanted, &body).await?,
                ))
            }
            _ if company.is_none() && plan.is_none() => Ok(Update::Done),
            _ => {
                self.change_customer(caller, &reach, name, company.as_ref(), plan.as_ref())
                    .await?;
                Ok(Update::Done)
            }
        }
    }

    async fn change_customer(
        &self,
        caller: &Caller,
        reach: &Reach,
        name: &Subdomain,
        company: Option<&CompanyName>,
        plan: Option<&PlanName>,
    ) -> Result<(), ControlError> {
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(reach, &name.database()).await?;
        let tenant = within(reach, tenant)?;
        if tenant.state == TenantState::Deleted {
            let wanted = domain::OperationKind::RenameTenant;
            return Err(ControlError::Conflict(ConflictReason::State {
                from: tenant.state,
                wanted,
            }));
        }
        if let Some(plan) = plan {
            check_plan(&mut unit, plan).await?;
        }
        let now = self.world.now();
        unit.update_tenant(tenant.id, company, plan, now).await?;
        let detail = serde_json::json!({
            "before": { "company_name": tenant.company_name, "plan": tenant.plan },
            "after": { "company_name": company, "plan": plan },
        });
        let request_id = caller.request_id.as_deref();
        let subject = tenant.subdomain.as_str();
        unit.audit(AuditEntry {
            at: now,
            action: "tenant.update",
            subject,
            operation: None,
            request_id,
            detail,
        })
        .await?;
        Ok(unit.commit().await?)
    }
}

async fn check_plan(unit: &mut Unit, plan: &PlanName) -> Result<(), ControlError> {
    if unit.plan_exists(plan).await? {
        return Ok(());
    }
    Err(ControlError::field(
        "plan",
        Rule::OneOf {
            allowed: unit.plan_names().await?.join(", "),
        },
    ))
}
