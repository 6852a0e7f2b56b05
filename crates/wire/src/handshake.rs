//! How node and server know each other: what a node says that it can do, how its credential is exchanged, and what the
//! server signs so that no other can speak for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The header with which a node challenges the server: 64 hexadecimal digits, new with each request.
pub const CHALLENGE: &str = "tenantry-challenge";
/// The header with the server's signature over [`signed`], in hexadecimal digits.
pub const PROOF: &str = "tenantry-proof";
/// The header with the server's public key, in hexadecimal digits. Only a node that does not know it yet looks at it.
pub const SERVER_KEY: &str = "tenantry-server-key";

/// The orders that every node knows: those of agents that do not say what they know.
pub const FIRST_ORDERS: [&str; 13] = [
    "create-tenant",
    "set-password",
    "set-email",
    "check-tenant",
    "rename-tenant",
    "suspend-tenant",
    "resume-tenant",
    "delete-tenant",
    "undelete-tenant",
    "purge-tenant",
    "build-template",
    "adopt-tenant",
    "retire-template",
];

/// `POST /node/v1/hello`: what a node is and can do. Fields that a server does not know are passed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// The agent's version.
    pub version: String,
    /// The orders that it knows.
    #[serde(default)]
    pub orders: Vec<KnownOrder>,
    /// What it can provision.
    #[serde(default)]
    pub products: Vec<String>,
    /// PostgreSQL's version.
    #[serde(default)]
    pub postgres: Option<String>,
    /// What time it is there.
    pub time: Timestamp,
}

/// An order that a node knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KnownOrder {
    /// Its kind, as it stands in an order.
    pub kind: String,
    /// The newest form of it that the node understands.
    pub version: u32,
}

/// The answer to [`Hello`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HelloAnswer {
    /// The server's version.
    pub version: String,
    /// By how much the node's clock is ahead of the server's, in milliseconds.
    pub clock_ahead_ms: i64,
}

/// `POST /node/v1/credential`: the credential that is to follow. The node made it and keeps it; the one in force works
/// until this one is used for the first time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextCredential {
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What the server signs: the node's challenge, what was asked, and what was answered.
///
/// `path` is the part from `node/v1` on, so that a proxy may put something before it.
pub fn signed(challenge: &str, path: &str, status: u16, body_sha256: &str) -> Vec<u8> {
    let path = path.find("node/v1").and_then(|at| path.get(at..)).unwrap_or(path);
    format!("tenantry node answer v1\n{challenge}\n{path}\n{status}\n{body_sha256}").into_bytes()
}
