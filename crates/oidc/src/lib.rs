//! Identity providers that speak OpenID Connect: discovery, their keys, codes for tokens, and what a token proves.
//!
//! Everything that a provider says is taken for what a stranger says: answers are bounded in size and time, addresses
//! are looked at before anything is sent there, and no redirect is followed. The time is a parameter.

mod address;
mod claims;
mod discovery;
mod fault;
mod fetch;
mod issuer;
mod keys;
mod logout;
mod provider;
mod token;

pub use address::Reach;
pub use claims::Identity;
pub use discovery::Metadata;
pub use fault::{Fault, TokenFault};
pub use issuer::Issuer;
pub use keys::Keys;
pub use logout::{Logout, check_logout_token};
pub use provider::{Exchanged, Provider, Providers, Seen, challenge};
pub use token::{Expected, check_id_token};
