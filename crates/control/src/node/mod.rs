//! The server's side of the protocol with nodes.

pub(crate) mod change;
pub(crate) mod commands;
pub(crate) mod enrol;
pub(crate) mod list;
pub(crate) mod observed;
pub(crate) mod order_secret;
pub(crate) mod outcome;
pub(crate) mod remove;
