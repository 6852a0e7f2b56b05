//! Customers' way in: a file comes in piece by piece, and becomes a tenant. Nothing in it is believed (ADR 0030).

mod begin;
mod upload;

pub use upload::Place;
