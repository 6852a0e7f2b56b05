//! The operator's switch of a tenant.

use crate::operation::word_enum;
use crate::rule::Rule;
use std::{fmt, str::FromStr};

word_enum!(
    /// What the operator lets happen to a tenant; its customers notice nothing of it.
    TenantSwitch {
        /// Everything.
        Active = "active",
        /// Nothing that nobody asked for, such as purging or mending it.
        Paused = "paused",
        /// Nothing: its commands wait until it is active again.
        Stopped = "stopped",
    }
);
