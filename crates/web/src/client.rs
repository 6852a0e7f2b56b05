//! From where a request comes, for limits of attempts and for what people are shown of their own sign-ins.

use crate::App;
use crate::door;
use crate::observation::request_id;
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use control::Client;
use std::convert::Infallible;

/// From where the request comes.
pub(crate) struct Asking(pub(crate) Client);

/// The client of these parts of a request, as the front door knows it.
pub(crate) fn of(parts: &Parts) -> Client {
    let known = parts.extensions.get::<door::Client>();
    let agent = parts.headers.get(header::USER_AGENT);
    Client {
        address: known
            .map(|client| client.address)
            .filter(|address| !address.is_unspecified()),
        user_agent: agent.and_then(|value| value.to_str().ok()).map(ToOwned::to_owned),
        request_id: request_id(),
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(of(parts)))
    }
}
