//! One-time links: the owner's first key, and an administrator's first password.

pub(crate) mod owner;
pub(crate) mod set_password;
