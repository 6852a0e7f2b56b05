//! How the node tells the edge about a tenant: one empty file per tenant and state.

use std::{fmt, str::FromStr};

use crate::{error::SettingError, settings::EdgeSettings, text::checked_text};

checked_text!(
    /// The database that a tenant's host leads to: 3 to 40 of `a-z 0-9 _`, letters or digits at both
    /// ends. It is the marker's file name, so nothing else may pass.
    TenantDatabase, is_tenant_database
);

/// What the edge answers for a tenant. The variants stand in the order in which nginx looks: where a
/// tenant has several markers, the first wins, and without any the host is unknown (404).
///
/// So closing a tenant, or its back office, is making one file, opening it again is removing that file,
/// and neither has a moment in which the tenant is unknown: the marker `Active` may stay all the while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostState {
    /// Closed by the operator: 402.
    Suspended,
    /// Closed by the customer: 503.
    Paused,
    /// Closed for a moment: 503 with `Retry-After`.
    Maintenance,
    /// The back office is closed by the operator: 402 there. The public website is served.
    Restricted,
    /// Served.
    Active,
}

impl HostState {
    /// All states, in the order in which nginx looks.
    pub const ALL: [Self; 5] = [
        Self::Suspended,
        Self::Paused,
        Self::Maintenance,
        Self::Restricted,
        Self::Active,
    ];

    /// The folder of this state's markers in `hosts_dir`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
            Self::Restricted => "restricted",
            Self::Active => "active",
        }
    }

    /// The file whose presence puts this tenant into this state.
    pub fn marker(self, settings: &EdgeSettings, database: &TenantDatabase) -> String {
        format!("{}/{}/{database}", settings.hosts_dir, self.folder())
    }
}

fn is_tenant_database(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_valid = text.bytes().next().is_some_and(inner) && text.bytes().last().is_some_and(inner);
    (3..=40).contains(&text.len()) && ends_valid && text.bytes().all(|byte| inner(byte) || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_cannot_leave_its_folder() {
        for text in ["abc", "demo_cliente", "a_1", &"a".repeat(40)] {
            assert!(text.parse::<TenantDatabase>().is_ok(), "{text}");
        }
        for text in [
            "",
            "ab",
            "../etc",
            "a/b",
            "demo-cliente",
            "Demo",
            "_ab",
            "ab_",
            "a.b",
            "abc\n",
            &"a".repeat(41),
        ] {
            assert_eq!(
                text.parse::<TenantDatabase>(),
                Err(SettingError::TenantDatabase(text.to_owned()))
            );
        }
    }
}
