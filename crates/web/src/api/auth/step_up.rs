//! `/api/auth/step-up`: proving anew who one is, before something that can do great harm.

use crate::App;
use crate::client::Asking;
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use wire::factor::{PasskeyCeremony, StepUp, SteppedUp};

/// Begins to prove it with a passkey: what the browser is to have signed.
#[utoipa::path(post, path = "/api/auth/step-up/options", tag = "auth",
    responses((status = 200, body = PasskeyCeremony), Problems))]
pub(crate) async fn options(State(app): State<App>, Known(caller): Known) -> Answer<Json<PasskeyCeremony>> {
    Ok(Json(app.control.begin_step_up(&caller).await?))
}

/// Proves anew who one is: with a second factor where there is one, else with the password.
#[utoipa::path(post, path = "/api/auth/step-up", tag = "auth", request_body = StepUp,
    responses((status = 200, body = SteppedUp), (status = 410, body = wire::problem::Problem,
        content_type = "application/problem+json", description = "The challenge is over."), Problems))]
pub(crate) async fn prove(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<StepUp>,
) -> Answer<Json<SteppedUp>> {
    let proved = app.control.step_up(&caller, &client, &request).await?;
    let message = Language::current()
        .pick("It is you. Go on.", "Es usted. Continúe.")
        .to_owned();
    Ok(Json(SteppedUp { message, ..proved }))
}
