//! What tests need: disposable clusters, databases of their own, deadlines instead of sleeps. Never in production.

mod authenticator;
mod cluster_for_tests;
mod deadline;
mod issuer;
mod volume;

pub use authenticator::{Authenticator, Holder};
pub use cluster_for_tests::{CONTROL, TENANTS, TestCluster, TestClusterError, fresh_name};
pub use deadline::{TimedOut, eventually};
pub use issuer::{Issuer, Manner};
pub use volume::Volume;

pub use cluster::free_port;
