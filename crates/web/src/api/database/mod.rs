//! Tenants' databases: how much they hold, what is seen in them now, looking after them.

pub(crate) mod change;
pub(crate) mod look;
