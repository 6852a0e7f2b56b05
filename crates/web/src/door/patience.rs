//! How long a request may take until its answer begins.

use crate::prefer::Prefer;
use axum::http::HeaderMap;
use std::time::Duration;

/// What a request may take beside the wait that it asked for; longer than a node's long poll.
const WORK: Duration = Duration::from_secs(45);

/// The limit of a request with these headers.
pub(super) fn of(headers: &HeaderMap) -> Duration {
    Prefer::of(headers).0 + WORK
}
