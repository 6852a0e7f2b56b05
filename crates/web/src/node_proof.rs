//! Signs what a node is answered, whenever it brings a challenge: a node obeys nobody else.

use crate::App;
use crate::problem::Failure;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use wire::handshake::{CHALLENGE, PROOF, SERVER_KEY};

/// Signs the answer; one without a challenge goes out as it is.
pub(crate) async fn prove(State(app): State<App>, request: Request, next: Next) -> Response {
    let challenge = request.headers().get(CHALLENGE);
    let challenge = challenge
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let Some(challenge) = challenge else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    // Our own answers, all of them made before they are sent: collecting them cannot fail.
    let Ok(body) = body.collect().await else {
        return Failure::of(crate::problem::Kind::Internal).into_response();
    };
    let body = body.to_bytes();
    match app
        .control
        .prove(&challenge, &path, parts.status.as_u16(), &body)
        .await
    {
        Ok(Some(proof)) => {
            for (name, value) in [(PROOF, proof.signature), (SERVER_KEY, proof.key)] {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    parts.headers.insert(name, value);
                }
            }
            Response::from_parts(parts, Body::from(body))
        }
        Ok(None) => Response::from_parts(parts, Body::from(body)),
        // What was done stays done; the node asks again, as after any lost answer.
        Err(error) => Failure::from(error).into_response(),
    }
}
