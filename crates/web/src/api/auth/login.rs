//! `POST /api/auth/login`

use super::{Transport, given};
use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use control::{Credentials, Side};
use domain::{FieldError, Rule};
use wire::person::{SignIn, SignedIn};

/// Signs in. Whether the address or the password was wrong is not said, and takes as long.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = SignIn, security(()),
    responses((status = 200, body = SignedIn), Problems))]
pub(crate) async fn login(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<SignIn>,
) -> Answer<Response> {
    let transport = transport(request.transport.as_deref())?;
    let done = app.control.sign_in(&client, Credentials::of(&request)?).await?;
    let role = match done.side {
        Side::Staff => "admin",
        Side::Customer => "tenant",
    };
    let body = SignedIn {
        message: Language::current()
            .pick("You are signed in.", "Ha entrado.")
            .to_owned(),
        role: role.to_owned(),
        requires_totp: false,
        redirect_url: "/".to_owned(),
        user_id: done.person.to_string(),
        tokens: given(&done.tokens, transport),
    };
    let mut response = Json(body).into_response();
    if transport == Transport::Cookie {
        Cookies::of(&app.control.settings().panel).set(response.headers_mut(), &done.tokens);
    }
    Ok(response)
}

fn transport(word: Option<&str>) -> Answer<Transport> {
    match word {
        None | Some("cookie") => Ok(Transport::Cookie),
        Some("bearer") => Ok(Transport::Bearer),
        Some(_) => {
            let allowed = "cookie, bearer".to_owned();
            Err(Failure::fields(vec![FieldError::new(
                "transport",
                Rule::OneOf { allowed },
            )]))
        }
    }
}
