//! The keys in the control database that secrets are sealed with: opened at the start, exchanged on demand.

mod open;
mod rotate;

pub use rotate::{Reencrypt, Rotation};
