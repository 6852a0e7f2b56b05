//! The audit trail: looked at, taken along, sealed into a chain, checked, and dropped when its time is over.

mod chain;
mod content;
mod export;
mod key;
mod list;
mod retain;
mod seal;
mod view;

pub use chain::ChainReader;
pub use export::Export;
pub(crate) use key::sealed_for;
pub(crate) use seal::ChainMemory;
pub use view::audit_title_of;
