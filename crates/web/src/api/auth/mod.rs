//! Signing in, sessions, one's own account: `/api/auth`.

pub(crate) mod account;
pub(crate) mod factor;
pub(crate) mod limit;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod passkey;
pub(crate) mod refresh;
pub(crate) mod second_step;
pub(crate) mod session;
pub(crate) mod sso;
pub(crate) mod step_up;

use crate::App;
use crate::cookies::Cookies;
use crate::language::Language;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use control::{Side, SignInDone, Tokens};
use domain::{Duty, FieldError, Rule};
use wire::person::{SignedIn, TokensGiven};

/// The page on which a second factor is set up.
const SET_UP: &str = "/account/second-factor";

/// Where a client wants its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// In cookies, out of reach of scripts.
    Cookie,
    /// In the answer, for programs.
    Bearer,
}

/// What the answer shows of new tokens.
pub(super) fn given(tokens: &Tokens, transport: Transport) -> TokensGiven {
    let bearer = transport == Transport::Bearer;
    TokensGiven {
        csrf_token: tokens.csrf.clone(),
        expires_in: tokens.access.expires_in,
        access_token: bearer.then(|| tokens.access.token.clone()),
        refresh_token: bearer.then(|| tokens.refresh.clone()),
    }
}

/// Where a client wants its tokens, by the word that it sent.
pub(super) fn transport(word: Option<&str>) -> Answer<Transport> {
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

/// As what somebody signs in, as a word.
const fn role(side: Side) -> &'static str {
    match side {
        Side::Staff => "admin",
        Side::Customer => "tenant",
    }
}

/// The answer to whoever signed in, however they did.
fn signed_in(app: &App, done: &SignInDone, transport: Transport) -> Response {
    let to_set_up = done.duty == Duty::Enrol;
    let body = SignedIn {
        message: Language::current()
            .pick("You are signed in.", "Ha entrado.")
            .to_owned(),
        role: role(done.side).to_owned(),
        requires_totp: false,
        requires_setup: to_set_up,
        redirect_url: if to_set_up { SET_UP } else { "/" }.to_owned(),
        user_id: done.person.to_string(),
        tokens: given(&done.tokens, transport),
    };
    let mut response = Json(body).into_response();
    if transport == Transport::Cookie {
        Cookies::of(&app.control.settings().panel).set(response.headers_mut(), &done.tokens);
    }
    response
}
