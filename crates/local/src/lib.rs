//! The node's local API: the addresses and fields of the agent that Tenantry replaces.
//!
//! Every change goes through the control plane, with the caller's own key, because names are taken in one
//! place only; the node then gets it as any other command. Without the control plane the answer is 503.

mod forward;
mod routes;
mod saying;

pub use forward::{ClientError, Facade};
pub use routes::{Finding, Look, serve};
