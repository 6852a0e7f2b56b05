//! Customers' organizations: made, shown, their members, their tenants.

pub(crate) mod assign;
pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod member;
