//! The operator's switch of a tenant: what may happen to it by itself, or at all.

use crate::node::change::check_reason;
use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, Rule, Subdomain, TenantSwitch};
use store::{AuditEntry, Signal, SwitchRecord};
use wire::work::{SetSwitch, Switch};

impl Control {
    /// The switch as it was last set.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn tenant_switch(&self, caller: &Caller, name: &Subdomain) -> Result<Switch, ControlError> {
        // The operator's words are for the staff.
        caller.require(Action::ReadNodes)?;
        let tenant = self.tenant(caller, name).await?;
        Ok(view(&tenant.subdomain, tenant.switch))
    }

    /// Sets the switch. What is under way goes on; what is stopped waits with its node.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn switch_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &SetSwitch,
    ) -> Result<Switch, ControlError> {
        let reach = caller.reach(Action::SwitchTenant)?;
        let (position, reason) = wanted(request)?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        let after = SwitchRecord {
            position,
            reason,
            by: Some(caller.actor().to_string()),
            at: Some(now),
        };
        unit.set_tenant_switch(tenant.id, &after).await?;
        let said =
            |record: &SwitchRecord| serde_json::json!({ "switch": record.position, "reason": record.reason });
        unit.audit(AuditEntry {
            at: now,
            action: "tenant.switch",
            subject: tenant.subdomain.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "before": said(&tenant.switch), "after": said(&after) }),
        })
        .await?;
        // Commands that waited while it was stopped are fetched at once.
        unit.signal(Signal::Node(tenant.node_id)).await?;
        unit.commit().await?;
        Ok(view(&tenant.subdomain, after))
    }
}

fn wanted(request: &SetSwitch) -> Result<(TenantSwitch, Option<String>), ControlError> {
    let mut errors = FieldErrors::default();
    let position: Option<TenantSwitch> = match request.switch.as_deref() {
        Some(word) => errors.keep("switch", word.parse()),
        None => {
            errors.push("switch", Rule::Required);
            None
        }
    };
    let reason = match request.reason.as_deref() {
        Some(reason) => errors.keep("reason", check_reason(reason)),
        None => None,
    };
    if position.is_some_and(|position| position != TenantSwitch::Active) && request.reason.is_none() {
        errors.push("reason", Rule::Required);
    }
    match position {
        Some(position) if errors.is_empty() => Ok((position, reason)),
        _ => Err(ControlError::fields(errors)),
    }
}

fn view(subdomain: &Subdomain, switch: SwitchRecord) -> Switch {
    Switch {
        subdomain: subdomain.to_string(),
        switch: switch.position.to_string(),
        reason: switch.reason,
        by: switch.by,
        at: switch.at,
    }
}
