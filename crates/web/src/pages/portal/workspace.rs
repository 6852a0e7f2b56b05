//! `GET /workspace/{subdomain}`: a customer's own workspace.

use crate::App;
use crate::input::Segment;
use crate::pages::admin::{Guard, Reachable, operations_of, recent, values};
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::Control;
use domain::{Action, Subdomain};
use jiff::{SignedDuration, Timestamp};
use wire::audit::AuditEntryView;
use wire::database::SizeView;
use wire::operation::Operation;
use wire::person::Member;
use wire::support::SupportAccess;
use wire::tenant::Tenant;

/// How long before its time ends that is said at the head of the page.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Template)]
#[template(path = "portal/workspace.html")]
struct Workspace {
    v: View,
    t: Tenant,
    /// When its time ends, if that is soon or was.
    ending: Option<Timestamp>,
    values: String,
    size: SizeView,
    operations: Vec<Operation>,
    entries: Vec<AuditEntryView>,
    support: Vec<SupportAccess>,
    members: Vec<Member>,
    guard: Option<Guard>,
    moments: Option<Reachable>,
}

/// The page.
pub(crate) async fn workspace(
    State(app): State<App>,
    visit: Visit,
    Segment(name): Segment<Subdomain>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let t = Control::view(app.control.tenant(&caller, &name).await?);
    let support = app.control.support_of(&caller, &name).await?;
    let size = app.control.tenant_size(&caller, &name).await?;
    // What a role may not look at is not shown.
    let operations = match caller.reach(Action::ReadOperations) {
        Ok(_) => operations_of(&app, &caller, &t.subdomain, 10).await?,
        Err(_) => Vec::new(),
    };
    let entries = match caller.reach(Action::ReadAudit) {
        Ok(_) => recent(&app, &caller, Some(&t.id), 10).await?,
        Err(_) => Vec::new(),
    };
    let members = match t.organization.as_ref().and_then(|id| id.parse().ok()) {
        Some(id) => app.control.members(&caller, id).await?.items,
        None => Vec::new(),
    };
    let guard = Guard::of(&app, &caller, &t, 10).await?;
    let moments = Reachable::of(&app, &caller, &v, &t).await?;
    Ok(page(
        Workspace {
            ending: t.expires_at.filter(|at| *at <= v.now + SOON),
            values: values(&t),
            t,
            size,
            operations,
            entries,
            support,
            members,
            guard,
            moments,
            v,
        }
        .render(),
    ))
}
