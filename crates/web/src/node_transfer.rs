//! `/node/v1/transfers/{id}`: one node sends, another receives, and nobody else. Answers bear no proof: a stream cannot be signed
//! before its end, so that both nodes tell its digest with their outcomes, which are.

use crate::App;
use crate::api::uploads;
use crate::identity::Node;
use crate::input::Segment;
use crate::problem::{Answer, Failure, Kind};
use crate::relay::Unpassed;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::put;
use domain::TransferId;
use store::TransferEnd;

/// Where these routes stand, for the limits that do not hold for streams.
pub(crate) const PREFIX: &str = "/node/v1/transfers/";

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/node/v1/transfers/{id}", put(send).get(receive))
}

async fn send(
    State(app): State<App>,
    Node(session): Node,
    Segment(id): Segment<TransferId>,
    request: Request,
) -> Answer<StatusCode> {
    let end = app.control.transfer_end(session, id).await?;
    admit(end, TransferEnd::Source)?;
    let sent = app.door.relay().send(id, request.into_body()).await;
    sent.map(|()| StatusCode::NO_CONTENT).map_err(unpassed)
}

async fn receive(
    State(app): State<App>,
    Node(session): Node,
    Segment(id): Segment<TransferId>,
) -> Answer<Response> {
    let end = app.control.transfer_end(session, id).await?;
    admit(end, TransferEnd::Destination)?;
    let kind = HeaderValue::from_static("application/x-tar");
    if let Some(body) = uploads::for_node(&app.control, id).await? {
        return Ok(([(header::CONTENT_TYPE, kind)], body).into_response());
    }
    let body: Body = match app.door.relay().receive(id).await {
        Ok(body) => body,
        Err(why) => {
            // On the same connection it would come to the same server again, wherever the source is.
            let close = HeaderValue::from_static("close");
            return Ok(([(header::CONNECTION, close)], unpassed(why)).into_response());
        }
    };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// The source cannot receive, nor the destination send.
fn admit(end: TransferEnd, wanted: TransferEnd) -> Answer<()> {
    match end == wanted {
        true => Ok(()),
        false => Err(Failure::of(Kind::NotFound)),
    }
}

/// To come again, whatever it was: whether that makes sense is said by the transfer's row.
fn unpassed(why: Unpassed) -> Failure {
    tracing::debug!(?why, "a stream between nodes was not passed on");
    Failure::of(Kind::TransferAlone).after(1)
}
