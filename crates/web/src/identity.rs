//! Who asks: a person by their access token, a machine by its API key, a node by its credential.

use crate::App;
use crate::cookies::Cookies;
use crate::observation::request_id;
use crate::origin;
use crate::problem::{Failure, Kind};
use crate::refusal::Recognized;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{Caller, IdempotencyKey, NodeSession};
use domain::{Action, FieldError, Principal};

/// Somebody who was recognized.
#[derive(Debug)]
pub(crate) struct Known(pub(crate) Caller);

/// Like [`Known`], for pages that a browser opens: the key may also come as the password of HTTP Basic.
#[derive(Debug)]
pub(crate) struct Reader;

/// A node with its own credential.
#[derive(Debug)]
pub(crate) struct Node(pub(crate) NodeSession);

/// What somebody shows.
enum Shown {
    /// An API key, or an access token in a header.
    InHeader(String),
    /// An access token in a cookie, which browsers send along whoever made the page that asks.
    InCookie(String),
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn basic_password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = scheme
        .eq_ignore_ascii_case("basic")
        .then(|| STANDARD.decode(encoded.trim()).ok())??;
    String::from_utf8(decoded)
        .ok()?
        .split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// What was shown. A header goes before a cookie: whoever sets one means it.
fn shown(headers: &HeaderMap, cookies: Cookies) -> Option<Shown> {
    let key = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    if let Some(shown) = key.or_else(|| bearer(headers)) {
        return Some(Shown::InHeader(shown.to_owned()));
    }
    let cookie = cookies.access(headers)?;
    Some(Shown::InCookie(cookie.expose().to_owned()))
}

/// Who shows this. API keys begin with a word of their own and come in headers only; an access token has two dots.
async fn principal(app: &App, shown: &Shown) -> Result<Principal, Failure> {
    match shown {
        Shown::InHeader(key) if key.matches('.').count() != 2 => {
            Ok(app.control.authenticate_key(key).await?)
        }
        Shown::InHeader(token) | Shown::InCookie(token) => {
            let (principal, _) = app.control.authenticate_token(token).await?;
            Ok(principal)
        }
    }
}

/// Who asks, if anybody shows anything.
async fn recognize(parts: &mut Parts, app: &App) -> Result<Option<Caller>, Failure> {
    let cookies = Cookies::of(&app.control.settings().panel);
    let Some(shown) = shown(&parts.headers, cookies) else {
        return Ok(None);
    };
    let principal = principal(app, &shown).await?;
    let caller = Caller {
        principal,
        request_id: request_id(),
        idempotency_key: idempotency_key(&parts.headers)?,
    };
    Recognized::note(parts, caller.actor());
    if let (Shown::InCookie(_), Principal::Person(person), false) =
        (&shown, &caller.principal, parts.method.is_safe())
    {
        let panel = &app.control.settings().panel;
        origin::check_change(&parts.headers, panel, &app.control.csrf_token(person.session))?;
    }
    Ok(Some(caller))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Failure> {
    let key = headers.get("idempotency-key").map(|value| {
        let text = value.to_str().unwrap_or_default();
        text.parse::<IdempotencyKey>()
            .map_err(|rule| Failure::fields(vec![FieldError::new("Idempotency-Key", rule)]))
    });
    key.transpose()
}

impl FromRequestParts<App> for Known {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let caller = recognize(parts, app).await?;
        caller.map(Self).ok_or_else(|| Failure::of(Kind::Unauthenticated))
    }
}

/// Who asks, where nobody has to be anybody. What is shown and does not work counts as nothing shown.
impl OptionalFromRequestParts<App> for Known {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Failure> {
        match recognize(parts, app).await {
            Ok(caller) => Ok(caller.map(Self)),
            Err(failure) if failure.kind() == Kind::Unauthenticated => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = axum::response::Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        use axum::response::IntoResponse as _;
        let reader = async {
            let caller = match basic_password(&parts.headers) {
                Some(key) => Some(Caller {
                    principal: app.control.authenticate_key(&key).await?,
                    ..Caller::system()
                }),
                None => recognize(parts, app).await?,
            };
            let caller = caller.ok_or_else(|| Failure::of(Kind::Unauthenticated))?;
            caller.reach(Action::ReadDocument).map_err(Failure::from)
        };
        reader.await.map(|_| Self).map_err(|failure| {
            let mut response = failure.into_response();
            if response.status() == axum::http::StatusCode::UNAUTHORIZED {
                let challenge =
                    "Basic realm=\"Tenantry: any name, an API key as the password\", charset=\"UTF-8\"";
                response.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    axum::http::HeaderValue::from_static(challenge),
                );
            }
            response
        })
    }
}

impl FromRequestParts<App> for Node {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let credential = bearer(&parts.headers).ok_or_else(|| Failure::of(Kind::Unauthenticated))?;
        Ok(Self(app.control.authenticate_node(credential).await?))
    }
}

/// Whether anything was shown that could have opened a door, right or wrong.
pub(crate) fn shows_something(parts: &Parts, app: &App) -> bool {
    let cookies = Cookies::of(&app.control.settings().panel);
    shown(&parts.headers, cookies).is_some()
}
