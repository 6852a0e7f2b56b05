//! The time of day. Nothing is decided by it: it is only written down.

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate where the time is read"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
