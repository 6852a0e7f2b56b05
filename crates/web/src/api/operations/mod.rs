//! Operations: `/api/operations`.

pub(crate) mod cancel;
pub(crate) mod decide;
pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod show;
