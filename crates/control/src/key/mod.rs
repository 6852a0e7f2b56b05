//! API keys: made, listed, revoked, recognized.

pub(crate) mod authenticate;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
