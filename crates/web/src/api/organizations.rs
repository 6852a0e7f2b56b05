//! `/api/organizations`: customers' accounts and their members.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment, Segments};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{OrganizationId, PersonId};
use wire::factor::RequireFactor;
use wire::person::{
    Invite, MemberList, NameOrganization, OneTimeLink, Organization, OrganizationList, UpdateMember,
};

/// Lists the organizations that the caller may see.
#[utoipa::path(get, path = "/api/organizations", tag = "organizations",
    responses((status = 200, body = OrganizationList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<OrganizationList>> {
    let items = app.control.organizations(&caller).await?;
    Ok(Json(OrganizationList { items }))
}

/// Makes an organization. It has no members until somebody is invited.
#[utoipa::path(post, path = "/api/organizations", tag = "organizations", request_body = NameOrganization,
    responses((status = 201, body = Organization), Problems))]
pub(crate) async fn create(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<NameOrganization>,
) -> Answer<(StatusCode, Json<Organization>)> {
    let made = app.control.create_organization(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Shows an organization.
#[utoipa::path(get, path = "/api/organizations/{organization}", tag = "organizations",
    params(("organization" = String, Path)), responses((status = 200, body = Organization), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
) -> Answer<Json<Organization>> {
    Ok(Json(app.control.organization(&caller, id).await?))
}

/// Gives an organization another name.
#[utoipa::path(patch, path = "/api/organizations/{organization}", tag = "organizations", request_body = NameOrganization,
    params(("organization" = String, Path)), responses((status = 200, body = Organization), Problems))]
pub(crate) async fn rename(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
    Body(request): Body<NameOrganization>,
) -> Answer<Json<Organization>> {
    Ok(Json(
        app.control.rename_organization(&caller, id, &request).await?,
    ))
}

/// Lists an organization's members and who is invited.
#[utoipa::path(get, path = "/api/organizations/{organization}/members", tag = "organizations",
    params(("organization" = String, Path)), responses((status = 200, body = MemberList), Problems))]
pub(crate) async fn members(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
) -> Answer<Json<MemberList>> {
    Ok(Json(app.control.members(&caller, id).await?))
}

/// Says whether the members of an organization must have a second factor. Whoever has none can then do nothing but set one
/// up, at once, in every session.
#[utoipa::path(put, path = "/api/organizations/{organization}/second-factor", tag = "organizations",
    request_body = RequireFactor, params(("organization" = String, Path)),
    responses((status = 200, body = Organization), Problems))]
pub(crate) async fn second_factor(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
    Body(request): Body<RequireFactor>,
) -> Answer<Json<Organization>> {
    Ok(Json(app.control.require_factor(&caller, id, &request).await?))
}

/// Invites somebody into an organization. The answer holds the link, this once, to be handed to them.
#[utoipa::path(post, path = "/api/organizations/{organization}/invitations", tag = "organizations",
    request_body = Invite, params(("organization" = String, Path)),
    responses((status = 201, body = OneTimeLink), Problems))]
pub(crate) async fn invite(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
    Body(request): Body<Invite>,
) -> Answer<(StatusCode, Json<OneTimeLink>)> {
    let link = app.control.invite_member(&caller, id, &request).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Gives a member another role, at once.
#[utoipa::path(patch, path = "/api/organizations/{organization}/members/{person}", tag = "organizations",
    request_body = UpdateMember, params(("organization" = String, Path), ("person" = String, Path)),
    responses((status = 204, description = "Changed."), Problems))]
pub(crate) async fn update_member(
    State(app): State<App>,
    Known(caller): Known,
    Segments(id, person): Segments<OrganizationId, PersonId>,
    Body(request): Body<UpdateMember>,
) -> Answer<StatusCode> {
    app.control.update_member(&caller, id, person, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody out of an organization, at once. Members may leave by themselves.
#[utoipa::path(delete, path = "/api/organizations/{organization}/members/{person}", tag = "organizations",
    params(("organization" = String, Path), ("person" = String, Path)),
    responses((status = 204, description = "Out."), Problems))]
pub(crate) async fn remove_member(
    State(app): State<App>,
    Known(caller): Known,
    Segments(id, person): Segments<OrganizationId, PersonId>,
) -> Answer<StatusCode> {
    app.control.remove_member(&caller, id, person).await?;
    Ok(StatusCode::NO_CONTENT)
}
