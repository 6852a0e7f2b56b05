//! How long a request may take until its answer begins.

use crate::node_transfer;
use crate::prefer::Prefer;
use axum::http::HeaderMap;
use std::time::Duration;

/// What a request may take beside the wait that it asked for; longer than a node's long poll.
const WORK: Duration = Duration::from_secs(45);

/// What a stream between nodes may take: it ends itself when nothing passes any more.
const STREAM: Duration = Duration::from_secs(24 * 3600);

/// What a download may take until its first bytes come: its node is told, and reads the backup's manifest.
const COMING: Duration = Duration::from_secs(90);

/// The limit of a request to this path with these headers.
pub(super) fn of(path: &str, headers: &HeaderMap) -> Duration {
    if path.starts_with(node_transfer::PREFIX) {
        return STREAM;
    }
    if path.starts_with(crate::api::uploads::PREFIX) {
        return STREAM;
    }
    if path == crate::pages::CONTENT {
        return COMING;
    }
    Prefer::of(headers).0 + WORK
}
