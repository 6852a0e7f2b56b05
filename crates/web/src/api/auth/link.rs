//! `POST /api/auth/link`

use crate::App;
use crate::client::Asking;
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use wire::person::{LinkUsed, UseLink};

/// Uses up a person's one-time link: joins, sets another password, or signs in with another address from then on.
/// Somebody who has an account already joins with its session.
#[utoipa::path(post, path = "/api/auth/link", tag = "auth", request_body = UseLink, security(()),
    responses((status = 200, body = LinkUsed), (status = 410, body = wire::problem::Problem,
        content_type = "application/problem+json", description = "The link is over."), Problems))]
pub(crate) async fn follow(
    State(app): State<App>,
    caller: Option<Known>,
    Asking(client): Asking,
    Body(request): Body<UseLink>,
) -> Answer<Json<LinkUsed>> {
    let caller = caller.map(|Known(caller)| caller);
    let used = app
        .control
        .use_person_link(caller.as_ref(), &client, &request)
        .await?;
    let message = Language::current()
        .pick("Done. You can sign in.", "Hecho. Ya puede entrar.")
        .to_owned();
    Ok(Json(LinkUsed { message, ..used }))
}
