//! The server's side of the protocol with nodes.

pub(crate) mod change;
pub(crate) mod commands;
pub(crate) mod credential;
pub(crate) mod enrol;
pub(crate) mod hello;
pub(crate) mod list;
pub(crate) mod lost;
pub(crate) mod observed;
pub(crate) mod order_secret;
pub(crate) mod outcome;
pub(crate) mod remove;
pub(crate) mod server_identity;
pub(crate) mod transfer;
