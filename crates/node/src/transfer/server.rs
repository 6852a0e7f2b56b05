//! The server as the one who carries: it passes a stream on and keeps nothing of it.

use crate::client::ServerClient;
use crate::error::NodeError;
use crate::transfer::{BUFFER, Carried, Carrier, CarryError, Incoming};
use domain::TransferId;
use reqwest::{Body, Response};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::time::timeout;
use tokio_util::io::ReaderStream;

/// How long nothing may come of a stream that has begun; restoring a large table does not read for a while.
const SILENCE: Duration = Duration::from_secs(180);

fn path(transfer: TransferId) -> String {
    format!("node/v1/transfers/{transfer}")
}

/// What an answer means. It bears no proof, since a stream cannot be signed before its end: the worst that a liar reaches
/// is that nothing is moved, for the server compares what both ends say of the stream over signed answers.
fn verdict(answer: Response) -> Result<Response, CarryError> {
    match answer.status().as_u16() {
        200..=299 => Ok(answer),
        401 | 403 | 404 | 409 | 410 => Err(CarryError::Over),
        _ => Err(CarryError::Alone),
    }
}

impl Carrier for ServerClient {
    fn send(&self, transfer: TransferId, body: DuplexStream) -> Carried<'_, ()> {
        Box::pin(async move {
            let stream = Body::wrap_stream(ReaderStream::with_capacity(body, 64 << 10));
            let answer = self
                .open(&path(transfer), |http, url| http.put(url).body(stream))
                .await
                .map_err(CarryError::Cut)?;
            verdict(answer).map(drop)
        })
    }

    fn receive(&self, transfer: TransferId) -> Carried<'_, Incoming> {
        Box::pin(async move {
            let answer = self
                .open(&path(transfer), |http, url| http.get(url))
                .await
                .map_err(CarryError::Cut)?;
            let answer = verdict(answer)?;
            let (near, far) = tokio::io::duplex(BUFFER);
            tokio::spawn(pass(answer, far));
            Ok(Box::new(near) as Incoming)
        })
    }
}

/// Passes an answer on. A line that is cut ends the stream without its mark.
async fn pass(mut answer: Response, mut to: DuplexStream) {
    loop {
        match timeout(SILENCE, answer.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                if to.write_all(&chunk).await.is_err() {
                    return;
                }
            }
            Ok(Ok(None)) => return,
            Ok(Err(source)) => {
                let error = NodeError::ServerAway {
                    source: source.without_url(),
                };
                tracing::info!(error = crate::error::chain(&error), "a stream was cut");
                return;
            }
            Err(_) => {
                tracing::info!("a stream has stood still for too long");
                return;
            }
        }
    }
}
