//! `/api/people`: the operator's staff.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use control::PersonRef;
use wire::person::{ChangeEmail, Invite, OneTimeLink, Person, PersonList, UpdatePerson};

/// Lists the staff and who is invited into it.
#[utoipa::path(get, path = "/api/people", tag = "people", responses((status = 200, body = PersonList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<PersonList>> {
    Ok(Json(app.control.people(&caller).await?))
}

/// Invites somebody into the staff. The answer holds the link, this once, to be handed to them.
#[utoipa::path(post, path = "/api/people/invitations", tag = "people", request_body = Invite,
    responses((status = 201, body = OneTimeLink), Problems))]
pub(crate) async fn invite(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<Invite>,
) -> Answer<(StatusCode, Json<OneTimeLink>)> {
    let link = app.control.invite_person(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Shows a person, by identifier or address.
#[utoipa::path(get, path = "/api/people/{person}", tag = "people", params(("person" = String, Path)),
    responses((status = 200, body = Person), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(who): Segment<PersonRef>,
) -> Answer<Json<Person>> {
    Ok(Json(app.control.show_person(&caller, &who).await?))
}

/// Gives a person another role, shuts them out, or lets them in again; at once, in every session.
#[utoipa::path(patch, path = "/api/people/{person}", tag = "people", request_body = UpdatePerson,
    params(("person" = String, Path)), responses((status = 200, body = Person), Problems))]
pub(crate) async fn update(
    State(app): State<App>,
    Known(caller): Known,
    Segment(who): Segment<PersonRef>,
    Body(request): Body<UpdatePerson>,
) -> Answer<Json<Person>> {
    Ok(Json(app.control.update_person(&caller, &who, &request).await?))
}

/// Makes a link with which a person sets another password. The answer holds it, this once, to be handed to them.
#[utoipa::path(post, path = "/api/people/{person}/reset", tag = "people", params(("person" = String, Path)),
    responses((status = 201, body = OneTimeLink), Problems))]
pub(crate) async fn reset(
    State(app): State<App>,
    Known(caller): Known,
    Segment(who): Segment<PersonRef>,
) -> Answer<(StatusCode, Json<OneTimeLink>)> {
    let link = app.control.reset_person(&caller, &who).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Makes a link with which a person signs in with another address, once they followed it.
#[utoipa::path(post, path = "/api/people/{person}/email", tag = "people", request_body = ChangeEmail,
    params(("person" = String, Path)), responses((status = 201, body = OneTimeLink), Problems))]
pub(crate) async fn email(
    State(app): State<App>,
    Known(caller): Known,
    Segment(who): Segment<PersonRef>,
    Body(request): Body<ChangeEmail>,
) -> Answer<(StatusCode, Json<OneTimeLink>)> {
    let link = app.control.change_person_email(&caller, &who, &request).await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Takes all second factors of a person away who lost them. All their sessions end, and they sign in with their password;
/// make sure that it is them who asks. Only owners may.
#[utoipa::path(delete, path = "/api/people/{person}/second-factors", tag = "people",
    params(("person" = String, Path)), responses((status = 204, description = "Taken away."), Problems))]
pub(crate) async fn reset_factors(
    State(app): State<App>,
    Known(caller): Known,
    Segment(who): Segment<PersonRef>,
) -> Answer<StatusCode> {
    app.control.reset_factors(&caller, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}
