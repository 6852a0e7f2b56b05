//! The node's agent: makes, changes and keeps tenants on one server, as the control plane orders.
//!
//! Everything is written into a journal before it is done, so that what a crash cut off is undone at the next
//! start. Databases that the journal does not list are never touched.

pub mod agent;
mod backup;
mod build;
mod capacity;
mod catalogue;
mod cause;
mod client;
mod clock;
mod closing;
mod copy;
mod credential;
mod doctor;
mod dump;
mod enrolment;
mod error;
mod evidence;
mod execution;
mod fault;
mod filestore;
mod greeting;
mod identifier;
mod import;
mod journal;
mod lock;
mod managed;
mod marker;
mod node;
mod observe;
mod odoo;
mod odoo_run;
mod order;
mod plan;
mod point_in_time;
mod pool;
mod postgres;
mod prepare;
mod question;
mod random;
mod report;
mod room;
mod run;
mod scram;
mod server_key;
mod settings;
mod sizes;
mod statement;
mod template_content;
mod tenants_seen;
mod transfer;
mod unmanaged;
mod upkeep;
mod warming;
mod warmth;

pub use doctor::{Check, Verdict};
pub use enrolment::enrol;
pub use error::NodeError;
pub use fault::{FaultRefused, Faults};
pub use identifier::{Identifier, NameRefused};
pub use managed::{Managed, Standing, Subject};
pub use node::Node;
pub use order::ORDERS;
pub use plan::Step;
pub use point_in_time::Archive;
pub use prepare::{SuperuserAccess, prepare};
pub use run::Progress;
pub use settings::{
    Account, ClusterAccess, EdgeAccess, NodeSettings, OdooProgram, PointInTime, PoolPolicy, ServerAccess,
};
pub use transfer::{Carried, Carrier, CarryError, Incoming};
