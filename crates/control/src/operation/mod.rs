//! Operations: finding the repetition of a request, waiting for the end, showing how far it is.

pub(crate) mod cancel;
pub(crate) mod decide;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod next;
pub(crate) mod replay;
pub(crate) mod view;
pub(crate) mod wait;
