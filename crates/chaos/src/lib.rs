//! Servers, nodes and clusters as real processes on one machine, broken by chance while clients use them.
//!
//! A run is bounded in time and decided by its seed: which faults come, where, for how long, and what the clients ask
//! for. What the processes make of it is theirs, so a seed repeats the attack and not every interleaving. When
//! everything is whole again, nothing may be lost, twice or half made, and whoever was told "done" finds it so.

mod audit;
mod client;
mod drainer;
mod fault;
mod member;
mod process;
mod proxy;
mod report;
mod run;
mod site;

pub use report::Report;
pub use run::{Plan, run};
