//! How many requests are inside at once. Those that wait for something to happen are counted apart, so that many
//! nodes with long polls leave room for everybody else.

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for requests.
#[derive(Debug)]
pub(super) struct Gate {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A request's place.
pub(super) struct Place {
    permit: OwnedSemaphorePermit,
    kind: Occupant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occupant {
    Working,
    Waiting,
}

impl Gate {
    pub(super) fn new(working: usize, waiting: usize) -> Self {
        Self {
            working: Arc::new(Semaphore::new(working)),
            waiting: Arc::new(Semaphore::new(waiting)),
        }
    }

    /// A place for a request to this path, if there is one.
    pub(super) fn enter(&self, path: &str) -> Option<Place> {
        let waits = path == "/node/v1/commands"
            || path.starts_with(crate::node_transfer::PREFIX)
            || path == crate::pages::CONTENT
            || path.starts_with(crate::api::uploads::PREFIX)
            || (path.starts_with("/api/") && path.ends_with("/events"));
        let (room, kind) = match waits {
            true => (&self.waiting, Occupant::Waiting),
            false => (&self.working, Occupant::Working),
        };
        let permit = Arc::clone(room).try_acquire_owned().ok()?;
        Some(Place { permit, kind })
    }
}

impl Place {
    /// Gives the place up when the answer is there, or, for a stream, when its last part was sent.
    pub(super) fn keep(self, response: Response) -> Response {
        match self.kind {
            Occupant::Working => response,
            Occupant::Waiting => response.map(|body| {
                Body::new(Held {
                    body,
                    _permit: self.permit,
                })
            }),
        }
    }
}

/// A body that holds its request's place until it ends.
struct Held {
    body: Body,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_take_no_room_from_those_who_work() {
        let gate = Gate::new(1, 1);
        let poll = gate.enter("/node/v1/commands");
        assert!(poll.is_some() && gate.enter("/api/operations/x/events").is_none());
        let work = gate.enter("/api/tenants");
        assert!(work.is_some() && gate.enter("/").is_none());
        drop(work);
        assert!(gate.enter("/").is_some());
    }

    #[tokio::test]
    async fn a_stream_keeps_its_place_until_it_ends() {
        let gate = Gate::new(1, 1);
        let stream = gate
            .enter("/api/operations/x/events")
            .map(|place| place.keep(Response::new(Body::from("a"))));
        assert!(gate.enter("/node/v1/commands").is_none());
        drop(stream);
        assert!(gate.enter("/node/v1/commands").is_some());
    }
}
