//! Downloads: links with which what a backup holds leaves the house, and who came for it.
//!
//! The link is the credential, as with every other one-time link (ADR 0008); what it opens is sent by the node that reaches the backup,
//! through the server, which keeps nothing of it (ADR 0030).

mod fetch;
mod list;
mod make;
mod seal;

pub use fetch::{Fetch, Fetched};
pub use seal::{Seal, Unsealed};
