//! API keys: made, listed, rotated, revoked, recognized.

pub(crate) mod authenticate;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
