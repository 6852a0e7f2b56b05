//! `GET /admin/workspace/{id}`: one tenant, with all that is known of it.

use super::choices::Choices;
use super::dashboard::recent;
use super::guard::Guard;
use super::moment::Reachable;
use super::tenants::{host, values};
use crate::App;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use crate::words::on_a_page;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use control::{Caller, HistoryQuery};
use domain::{Action, Subdomain};
use wire::audit::AuditEntryView;
use wire::database::SizeView;
use wire::node::Evidence;
use wire::operation::Operation;
use wire::person::{Member, Organization};
use wire::support::SupportAccess;
use wire::tenant::Tenant;

#[derive(Template)]
#[template(path = "admin/tenant.html")]
struct TenantDetail {
    v: View,
    t: Tenant,
    host: String,
    values: String,
    is_open: bool,
    is_there: bool,
    has_password: bool,
    may_resume: bool,
    choices: Choices,
    /// The most that its plan lets it hold, in bytes.
    storage: Option<i64>,
    /// The most users that its plan lets it have.
    users: Option<i64>,
    size: SizeView,
    operations: Vec<Operation>,
    /// What the last closing found when it looked from outside.
    evidence: Option<Evidence>,
    entries: Vec<AuditEntryView>,
    support: Vec<SupportAccess>,
    /// Whose it is, among all of them.
    organization: Option<usize>,
    organizations: Vec<Organization>,
    members: Vec<Member>,
    guard: Option<Guard>,
    /// The moments to which it can be brought back.
    moments: Option<Reachable>,
}

impl TenantDetail {
    fn own_organization(&self) -> Option<&Organization> {
        self.organizations.get(self.organization?)
    }

    /// What visitors meet at its domain: the strictest of what closes it.
    fn answers(&self) -> &'static str {
        let closed = |form: &str| self.t.suspensions.iter().any(|one| one.form == form);
        match self.t.state.as_str() {
            "provisioning" => "not-yet",
            "deleted" | "failed" => "nobody",
            _ if closed("full") => "closed",
            _ if self.t.paused_at.is_some() => "paused",
            _ if closed("back-office") => "restricted",
            _ => "served",
        }
    }
}

/// The newest operations on a tenant.
pub(crate) async fn operations_of(
    app: &App,
    caller: &Caller,
    name: &str,
    limit: i64,
) -> Answer<Vec<Operation>> {
    let query = HistoryQuery {
        subject: Some(name.to_owned()),
        limit: Some(limit),
        ..HistoryQuery::default()
    };
    let (records, _) = app.control.history(caller, &query).await?;
    Ok(on_a_page(app.control.operations_view(caller, records).await?))
}

/// What the newest operation that closed it saw.
fn evidence(tenant: &Tenant, operations: &[Operation]) -> Option<Evidence> {
    let closing = tenant.suspensions.iter().find_map(|one| one.operation.as_ref());
    let of = |one: &&Operation| closing.is_some_and(|id| one.id == *id) || one.kind == "tenant.suspend";
    let facts = operations.iter().find(of)?.facts.as_ref()?;
    serde_json::from_value(facts.get("evidence")?.clone()).ok()
}

/// What is known of a tenant from elsewhere.
struct Around {
    members: Vec<Member>,
    organization: Option<usize>,
    organizations: Vec<Organization>,
    support: Vec<SupportAccess>,
}

async fn around(app: &App, caller: &Caller, tenant: &Tenant, name: &Subdomain) -> Answer<Around> {
    let (organizations, support) = tokio::try_join!(
        app.control.organizations(caller),
        app.control.support_of(caller, name)
    )?;
    let own = tenant.organization.as_ref();
    let organization = organizations.iter().position(|one| Some(&one.id) == own);
    let members = match own.and_then(|id| id.parse().ok()) {
        Some(id) => app.control.members(caller, id).await?.items,
        None => Vec::new(),
    };
    Ok(Around {
        organization,
        organizations,
        members,
        support,
    })
}

/// The page.
pub(crate) async fn tenant(State(app): State<App>, visit: Visit, Path(id): Path<String>) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let t = app.control.tenant_named(&caller, &id).await?;
    let name: Subdomain = t
        .subdomain
        .parse()
        .map_err(|_| control::ControlError::NotFound("tenant"))?;
    let plans = async { Ok(app.control.plans(&caller).await?) };
    let size = async { Ok(app.control.tenant_size(&caller, &name).await?) };
    let (choices, plans, size, operations, entries, around, guard, moments) = tokio::try_join!(
        Choices::of(&app, &caller),
        plans,
        size,
        operations_of(&app, &caller, &t.subdomain, 12),
        recent(&app, &caller, Some(&t.id), 8),
        around(&app, &caller, &t, &name),
        Guard::of(&app, &caller, &t, 5),
        Reachable::of(&app, &caller, &v, &t),
    )?;
    let plan = plans.iter().find(|plan| plan.name == t.plan);
    let state = t.state.as_str();
    Ok(page(
        TenantDetail {
            host: host(&t.url),
            values: values(&t),
            is_open: state == "active",
            is_there: matches!(state, "active" | "paused" | "suspended"),
            has_password: matches!(state, "active" | "paused" | "suspended" | "cancelled"),
            may_resume: matches!(state, "paused" | "suspended"),
            storage: plan.and_then(|plan| plan.max_storage_bytes),
            users: plan.and_then(|plan| plan.max_users),
            evidence: evidence(&t, &operations),
            choices,
            size,
            operations,
            entries,
            support: around.support,
            organization: around.organization,
            organizations: around.organizations,
            members: around.members,
            guard,
            moments,
            t,
            v,
        }
        .render(),
    ))
}
