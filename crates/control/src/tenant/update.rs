//! What the control plane knows of a customer: company, plan, and when its time ends.

use crate::tenant::expiry::Expiry;
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
    /// The tenant goes on, because its time is not over any more.
    Resuming(domain::OperationId),
}

/// What changes of a customer.
struct Customer {
    company: Option<CompanyName>,
    plan: Option<PlanName>,
    expiry: Option<Expiry>,
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
        let expiry = errors.optional::<Expiry>("expires_at", body.expires_at.as_deref());
        let nothing = company.is_none() && plan.is_none() && expiry.is_none();
        if errors.is_empty() && nothing && to.is_none() {
            errors.push("body", Rule::Nothing);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        match to {
            Some(to) if to != *name => {
                if let Some(plan) = &plan {
                    let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
                    check_plan(&mut unit, plan, None).await?;
                }
                let wanted = Move {
                    to,
                    company_name: company,
                    plan,
                    expiry,
                };
                Ok(Update::Renaming(
                    self.rename_tenant(caller, name, wanted, &body).await?,
                ))
            }
            _ if nothing => Ok(Update::Done),
            _ => {
                let wanted = Customer {
                    company,
                    plan,
                    expiry,
                };
                self.change_customer(caller, &reach, name, wanted).await
            }
        }
    }

    async fn change_customer(
        &self,
        caller: &Caller,
        reach: &Reach,
        name: &Subdomain,
        wanted: Customer,
    ) -> Result<Update, ControlError> {
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
        let Customer {
            company,
            plan,
            expiry,
        } = wanted;
        if let Some(plan) = &plan {
            check_plan(&mut unit, plan, Some(&tenant.plan)).await?;
        }
        let now = self.world.now();
        unit.update_tenant(tenant.id, company.as_ref(), plan.as_ref(), now)
            .await?;
        let detail = serde_json::json!({
            "before": { "company_name": tenant.company_name, "plan": tenant.plan, "expires_at": tenant.expires_at },
            "after": { "company_name": company, "plan": plan, "expires_at": expiry },
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
        let resumed = match expiry {
            Some(expiry) => self.change_expiry(&mut unit, caller, &tenant, expiry).await?,
            None => None,
        };
        unit.commit().await?;
        Ok(resumed.map_or(Update::Done, Update::Resuming))
    }
}

/// Whether a tenant may be put on this plan: one that is offered, or the one that it is on.
async fn check_plan(unit: &mut Unit, plan: &PlanName, own: Option<&PlanName>) -> Result<(), ControlError> {
    if own == Some(plan) || unit.plan_is_offered(plan).await? {
        return Ok(());
    }
    Err(ControlError::field(
        "plan",
        Rule::OneOf {
            allowed: unit.plan_names().await?.join(", "),
        },
    ))
}
