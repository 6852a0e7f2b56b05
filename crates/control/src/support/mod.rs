//! Support access and one-time log-ins: staff and customers inside a tenant, without anybody's password.

pub(crate) mod decide;
pub(crate) mod end;
pub(crate) mod enter;
pub(crate) mod keep;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod request;
pub(crate) mod who;
pub(crate) mod wish;

/// How long a link to enter works, in seconds.
pub(crate) const LINK_SECONDS: u32 = 60;
