//! Passes a stream from one node to another, who never speak to each other: whoever comes first waits for the other, then each
//! piece goes through as soon as the other takes it. Nothing is stored, and no more than a few pieces are held.

use axum::body::{Body, Bytes, HttpBody as _};
use domain::TransferId;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a source waits before it is sent away to come again.
const MEETING: Duration = Duration::from_secs(10);
/// How long a destination does. It comes again on another connection, and so, with several servers behind a balancer, soon to the one
/// where the source waits; and to come again costs it nothing, while a source begins its dump anew.
const COMING: Duration = Duration::from_secs(1);
/// How long a stream may stand still: the destination restores a table meanwhile, or one of them is gone.
const STILL: Duration = Duration::from_secs(180);
/// Pieces on their way; each is what one read of a connection gave.
const HELD: usize = 4;

/// What comes through: a piece, or nothing at the end.
type Piece = Option<Bytes>;

/// Who waits at a transfer.
enum Waiting {
    Source(u64, oneshot::Sender<mpsc::Sender<Piece>>),
    Destination(u64, oneshot::Sender<mpsc::Receiver<Piece>>),
}

impl Waiting {
    const fn ticket(&self) -> u64 {
        match self {
            Self::Source(ticket, _) | Self::Destination(ticket, _) => *ticket,
        }
    }
}

/// Where nodes meet, on one server.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    places: Arc<Mutex<Places>>,
    meeting: Duration,
    coming: Duration,
    still: Duration,
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            places: Arc::default(),
            meeting: MEETING,
            coming: COMING,
            still: STILL,
        }
    }
}

#[derive(Default)]
struct Places {
    waiting: HashMap<TransferId, Waiting>,
    tickets: u64,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Places({})", self.waiting.len())
    }
}

/// Why nothing, or not everything, was passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpassed {
    /// The other node did not come.
    Alone,
    /// The stream broke off.
    Cut,
}

impl Relay {
    fn with<T>(&self, work: impl FnOnce(&mut Places) -> T) -> T {
        work(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the destination and passes the body on to it; ends when the destination has taken all of it.
    pub(crate) async fn send(&self, id: TransferId, body: Body) -> Result<(), Unpassed> {
        let met = self.with(|places| match places.waiting.remove(&id) {
            Some(Waiting::Destination(_, other)) => {
                let (pieces, taken) = mpsc::channel(HELD);
                other.send(taken).ok().map(|()| pieces)
            }
            // Whoever was there before has gone, or comes a second time.
            _ => None,
        });
        let pieces = match met {
            Some(pieces) => pieces,
            None => self.wait(id, self.meeting, Waiting::Source).await?,
        };
        pass(body, &pieces, self.still).await
    }

    /// Waits for the source; gives what it sends as a body, which breaks off if the source does.
    pub(crate) async fn receive(&self, id: TransferId) -> Result<Body, Unpassed> {
        self.receive_within(id, self.coming).await
    }

    /// The same for somebody who cannot come again, and so waits for the source to come here.
    pub(crate) async fn receive_within(&self, id: TransferId, most: Duration) -> Result<Body, Unpassed> {
        let met = self.with(|places| match places.waiting.remove(&id) {
            Some(Waiting::Source(_, other)) => {
                let (pieces, taken) = mpsc::channel(HELD);
                other.send(pieces).ok().map(|()| taken)
            }
            _ => None,
        });
        let pieces = match met {
            Some(taken) => taken,
            None => self.wait(id, most, Waiting::Destination).await?,
        };
        Ok(Body::new(Passed {
            pieces,
            is_over: false,
        }))
    }

    /// Waits to be met; one that is not, or that gives up, leaves no trace.
    async fn wait<T>(
        &self,
        id: TransferId,
        most: Duration,
        place: impl FnOnce(u64, oneshot::Sender<T>) -> Waiting,
    ) -> Result<T, Unpassed> {
        let (meet, met) = oneshot::channel();
        let ticket = self.with(|places| {
            places.tickets += 1;
            places.waiting.insert(id, place(places.tickets, meet));
            places.tickets
        });
        let _leave = Leave {
            relay: self,
            id,
            ticket,
        };
        match timeout(most, met).await {
            Ok(Ok(end)) => Ok(end),
            _ => Err(Unpassed::Alone),
        }
    }
}

/// Takes the one who waited off the list, if nobody else stands there by now.
struct Leave<'a> {
    relay: &'a Relay,
    id: TransferId,
    ticket: u64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.relay.with(|places| {
            let is_own = places
                .waiting
                .get(&self.id)
                .is_some_and(|waiting| waiting.ticket() == self.ticket);
            if is_own {
                places.waiting.remove(&self.id);
            }
        });
    }
}

async fn pass(mut body: Body, to: &mpsc::Sender<Piece>, still: Duration) -> Result<(), Unpassed> {
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let piece = match timeout(still, next).await {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(piece) => Some(piece),
                Err(_) => continue,
            },
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => return Err(Unpassed::Cut),
        };
        let is_last = piece.is_none();
        match timeout(still, to.send(piece)).await {
            Ok(Ok(())) if is_last => break,
            Ok(Ok(())) => {}
            _ => return Err(Unpassed::Cut),
        }
    }
    // The destination ends when it has written the last piece to its connection.
    match timeout(still, to.closed()).await {
        Ok(()) => Ok(()),
        Err(_) => Err(Unpassed::Cut),
    }
}

/// What comes through, as the body of an answer.
struct Passed {
    pieces: mpsc::Receiver<Piece>,
    is_over: bool,
}

/// The source broke off; the answer does, too, so that it does not look like an end.
#[derive(Debug, thiserror::Error)]
#[error("the stream was cut")]
struct Cut;

impl hyper::body::Body for Passed {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Cut>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(context).map(|piece| match piece {
            Some(Some(piece)) => Some(Ok(hyper::body::Frame::data(piece))),
            Some(None) => {
                self.is_over = true;
                self.pieces.close();
                None
            }
            None => {
                self.is_over = true;
                Some(Err(Cut))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    fn impatient() -> Relay {
        Relay {
            meeting: Duration::from_millis(50),
            coming: Duration::from_millis(50),
            still: Duration::from_millis(400),
            ..Relay::default()
        }
    }

    fn id(number: u128) -> TransferId {
        TransferId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn what_one_sends_the_other_gets_whoever_comes_first() {
        for first in ["source", "destination"] {
            let relay = Relay::default();
            let (sending, receiving) = (relay.clone(), relay.clone());
            let send = async move { sending.send(id(1), Body::from("all of it")).await };
            let receive = async move {
                receiving
                    .receive(id(1))
                    .await
                    .map_err(|_| ())?
                    .collect()
                    .await
                    .map_err(|_| ())
            };
            let (sent, received) = match first {
                "source" => tokio::join!(send, receive),
                _ => {
                    let (received, sent) = tokio::join!(receive, send);
                    (sent, received)
                }
            };
            assert_eq!(sent, Ok(()));
            assert_eq!(received.unwrap().to_bytes(), "all of it", "{first}");
            relay.with(|places| assert!(places.waiting.is_empty()));
        }
    }

    #[tokio::test]
    async fn a_source_waits_where_it_is_while_a_destination_comes_again() {
        let relay = Relay {
            coming: Duration::from_millis(20),
            ..Relay::default()
        };
        assert!(matches!(relay.receive(id(5)).await, Err(Unpassed::Alone)));
        let sending = {
            let relay = relay.clone();
            tokio::spawn(async move { relay.send(id(5), Body::from("all of it")).await })
        };
        let body = loop {
            if let Ok(body) = relay.receive(id(5)).await {
                break body;
            }
        };
        assert_eq!(body.collect().await.unwrap().to_bytes(), "all of it");
        assert_eq!(sending.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn a_source_that_breaks_off_is_no_end() {
        let relay = Relay::default();
        let (pieces, body) = mpsc::channel::<Piece>(1);
        let broken = Body::new(Passed {
            pieces: body,
            is_over: false,
        });
        pieces.send(Some(Bytes::from("half"))).await.unwrap();
        drop(pieces);
        let (sent, received) = tokio::join!(relay.send(id(2), broken), async {
            relay.receive(id(2)).await.unwrap().collect().await
        });
        assert_eq!(sent, Err(Unpassed::Cut));
        assert!(received.is_err());
    }

    #[tokio::test]
    async fn whoever_is_alone_is_sent_away_and_leaves_no_trace() {
        let relay = impatient();
        assert_eq!(relay.send(id(3), Body::empty()).await, Err(Unpassed::Alone));
        assert!(matches!(relay.receive(id(3)).await, Err(Unpassed::Alone)));
        relay.with(|places| assert!(places.waiting.is_empty()));
    }

    #[tokio::test]
    async fn a_destination_that_does_not_read_holds_the_source_back() {
        let relay = impatient();
        let (pieces, body) = mpsc::channel::<Piece>(1);
        let endless = Body::new(Passed {
            pieces: body,
            is_over: false,
        });
        let sending = {
            let relay = relay.clone();
            tokio::spawn(async move { relay.send(id(4), endless).await })
        };
        let _unread = relay.receive(id(4)).await.unwrap();
        let mut taken = 0;
        while timeout(
            Duration::from_millis(100),
            pieces.send(Some(Bytes::from_static(&[0; 1024]))),
        )
        .await
        .is_ok()
        {
            taken += 1;
        }
        // What is held, what is in hand, and what waits before it.
        assert!(taken <= HELD + 2, "{taken}");
        assert_eq!(sending.await.unwrap(), Err(Unpassed::Cut));
    }
}
