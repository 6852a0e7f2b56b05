//! Who asks: an API key for people's tools and machines, a credential for nodes.

use crate::App;
use crate::observation::request_id;
use crate::problem::{Failure, Kind};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{Caller, IdempotencyKey, NodeSession};
use domain::FieldError;
use store::Actor;

/// Somebody of the operator's staff, through an API key in force.
#[derive(Debug)]
pub(crate) struct Staff(pub(crate) Caller);

/// Like [`Staff`], for pages that a browser opens: the key may also come as the password of HTTP Basic.
#[derive(Debug)]
pub(crate) struct Reader;

/// A node with its own credential.
#[derive(Debug)]
pub(crate) struct Node(pub(crate) NodeSession);

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn api_key(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("x-api-key")
        .and_then(|value| value.to_str().ok())
        .or_else(|| bearer(headers))
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

impl FromRequestParts<App> for Staff {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let key = api_key(&parts.headers).ok_or_else(|| Failure::of(Kind::Unauthenticated))?;
        let known = app.control.authenticate_key(key).await?;
        let idempotency_key = parts.headers.get("idempotency-key").map(|value| {
            let text = value.to_str().unwrap_or_default();
            text.parse::<IdempotencyKey>()
                .map_err(|rule| Failure::fields(vec![FieldError::new("Idempotency-Key", rule)]))
        });
        Ok(Self(Caller {
            actor: Actor::Key(known.key),
            scope: known.scope,
            request_id: request_id(),
            idempotency_key: idempotency_key.transpose()?,
        }))
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = axum::response::Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        use axum::response::IntoResponse as _;
        let key = api_key(&parts.headers)
            .map(ToOwned::to_owned)
            .or_else(|| basic_password(&parts.headers));
        let known = match key {
            Some(key) => app
                .control
                .authenticate_key(&key)
                .await
                .map(drop)
                .map_err(Failure::from),
            None => Err(Failure::of(Kind::Unauthenticated)),
        };
        known.map(|()| Self).map_err(|failure| {
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
