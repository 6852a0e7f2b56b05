//! Backups: taken, looked at, restored, forgotten; and where they are kept.

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod moment;
pub(crate) mod schedule;
pub(crate) mod stores;
