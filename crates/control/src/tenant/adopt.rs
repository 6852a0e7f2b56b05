//! A database that was there before becomes a tenant. Never by itself: somebody asks for it, by name.

use crate::intent::Intent;
use crate::{Caller, Control, ControlError};
use domain::{
    Action, CompanyName, EmailAddress, FieldErrors, NodeName, OperationId, OperationKind, PlanName,
    ProductName, Rule, Subdomain, TemplateName, TenantId, TenantState,
};
use store::{NewOperation, NewTenant, NodeRecord};
use wire::apikey::AdoptTenant;
use wire::node::{AdoptTenant as AdoptOrder, Order};

/// What stands where a tenant names its template.
const NO_TEMPLATE: &str = "adopted";

impl Control {
    /// Begins to take a database over; nothing in it changes.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for the node; [`ControlError::Invalid`]; a conflict when the name is taken.
    pub async fn adopt_tenant(
        &self,
        caller: &Caller,
        node: &NodeName,
        request: &AdoptTenant,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::AdoptTenant)?;
        let kind = OperationKind::AdoptTenant;
        let fingerprint = self.fingerprint(kind.as_str(), node.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let mut errors = FieldErrors::default();
        let database: Option<Subdomain> = errors.required("database", request.database.as_deref());
        let company: Option<CompanyName> = errors.required("company_name", request.company_name.as_deref());
        let email: Option<EmailAddress> = errors.required("admin_email", request.admin_email.as_deref());
        let plan: Option<PlanName> = errors.required("plan", request.plan.as_deref());
        check_form(&mut errors, database.as_ref());
        let (Some(name), Some(company), Some(email), Some(plan), true) =
            (database, company, email, plan, errors.is_empty())
        else {
            return Err(ControlError::fields(errors));
        };
        let nodes = self.store.on_behalf_of(caller.actor()).nodes().await?;
        let found = nodes.into_iter().find(|known| known.name == *node);
        let node = found.ok_or(ControlError::NotFound("node"))?;
        let wanted = Wanted {
            name,
            company,
            email,
            plan,
        };
        let attempt = self.adopt_afresh(caller, &node, &wanted, &fingerprint).await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn adopt_afresh(
        &self,
        caller: &Caller,
        node: &NodeRecord,
        wanted: &Wanted,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let scoped = self.store.on_behalf_of(caller.actor());
        if !scoped.plan_exists(&wanted.plan).await? {
            return Err(ControlError::field("plan", Rule::Unknown));
        }
        let mut unit = scoped.begin().await?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let tenant = TenantId::from_uuid(self.world.uuid());
        let template: TemplateName = NO_TEMPLATE
            .parse()
            .map_err(|rule| ControlError::field("template", rule))?;
        let now = self.world.now();
        unit.insert_tenant(NewTenant {
            id: tenant,
            subdomain: &wanted.name,
            company_name: &wanted.company,
            admin_email: Some(&wanted.email),
            plan: &wanted.plan,
            product: &ProductName::odoo(),
            node: node.id,
            template: &template,
            operation,
            language: &self.settings.default_language,
            country: None,
            timezone: None,
            now,
        })
        .await?;
        let intent = Intent::Serve {
            state: TenantState::Active,
            link: false,
        };
        let new = NewOperation {
            id: operation,
            kind: OperationKind::AdoptTenant,
            tenant: Some(tenant),
            subject: wanted.name.as_str(),
            intent: serde_json::to_value(intent).map_err(ControlError::internal)?,
            node: Some(node.id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now,
        };
        let order = AdoptOrder {
            tenant,
            database: wanted.name.database(),
        };
        self.dispatch(&mut unit, caller, new, 1, Order::AdoptTenant(order))
            .await?;
        unit.commit().await?;
        Ok(operation)
    }
}

/// A database that is there already keeps its name, so that it must be the form that a database's name has.
pub(crate) fn check_form(errors: &mut FieldErrors, name: Option<&Subdomain>) {
    if name.is_some_and(|name| name.database().as_str() != name.as_str()) {
        let allowed = "a-z 0-9 _";
        errors.push("database", Rule::Characters { allowed });
    }
}

/// A request whose every field passed its check.
struct Wanted {
    name: Subdomain,
    company: CompanyName,
    email: EmailAddress,
    plan: PlanName,
}
