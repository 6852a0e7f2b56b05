//! Templates: built by a node, listed.

pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod list;
