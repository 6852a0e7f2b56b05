//! One-time links: the first owner, and an administrator's first password.

pub(crate) mod owner;
pub(crate) mod set_password;
