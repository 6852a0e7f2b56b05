//! What goes over the wire: the API's requests and answers, and the protocol between server and node.
//!
//! Requests hold plain texts, because a request may be wrong; the use cases turn them into checked
//! types. Secrets are wrapped, so that `Debug` of a request shows none.

pub mod apikey;
pub mod audit;
pub mod backup;
pub mod backups;
pub mod catalogue;
pub mod database;
pub mod drain;
pub mod entry;
mod evidence;
pub mod export;
pub mod factor;
pub mod handshake;
pub mod import;
pub mod language;
pub mod node;
pub mod operation;
pub mod person;
mod plaintext;
pub mod point_in_time;
pub mod problem;
pub mod provisioning;
pub mod registration;
pub mod security;
pub mod setting;
pub mod sso;
pub mod support;
pub mod tenant;
pub mod transfer;
pub mod work;

pub use plaintext::Plaintext;
