//! The control plane's own durable work: what there is of it, and how sagas reach nodes.

pub(crate) mod backup;
pub(crate) mod download;
mod drain;
mod end;
pub(crate) mod forget;
mod host;
mod mend;
mod node_order;
mod reconcile;
mod registry;
mod relocate;
mod status;

pub use registry::registry;
pub(crate) use relocate::About;
pub use status::Regular;
