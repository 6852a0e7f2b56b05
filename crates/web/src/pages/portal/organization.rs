//! `GET /organization/{organization}`: who belongs to a customer's organization, and what it wants.

use crate::App;
use crate::input::Segment;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{Action, OrganizationId};
use wire::person::{MemberList, Organization};

#[derive(Template)]
#[template(path = "portal/organization.html")]
pub(crate) struct OrganizationPage {
    /// What it is made with.
    pub(crate) v: View,
    /// The organization.
    pub(crate) o: Organization,
    /// Who belongs to it.
    pub(crate) list: MemberList,
    /// Where one came from.
    pub(crate) back: &'static str,
}

/// The page.
pub(crate) async fn organization(
    State(app): State<App>,
    visit: Visit,
    Segment(id): Segment<OrganizationId>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let o = app.control.organization(&caller, id).await?;
    let list = app.control.members(&caller, id).await?;
    let back = if v.is_staff() { "/admin/organizations" } else { "/" };
    Ok(page(OrganizationPage { v, o, list, back }.render()))
}

impl OrganizationPage {
    /// What dialogs need to know of a member.
    fn member(&self, member: &wire::person::Member) -> String {
        serde_json::json!({ "id": member.id, "email": member.email, "role": member.role }).to_string()
    }
}
