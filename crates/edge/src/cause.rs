//! For what an operator closes a tenant, as far as the page tells it: one empty file per tenant, beside its state.

use crate::{settings::EdgeSettings, state::TenantDatabase};

/// What the page of a closed tenant, or of a closed back office, tells of the reason. Without it the page tells none. It
/// closes nothing by itself: only a state does ([`HostState`](crate::HostState)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostCause {
    /// Something has to be paid.
    Unpaid,
    /// More is used than was agreed.
    Quota,
    /// Its time has ended.
    Expired,
}

impl HostCause {
    /// All of them; the last one wins where a tenant has several, which the node does not let happen.
    pub const ALL: [Self; 3] = [Self::Unpaid, Self::Quota, Self::Expired];

    /// The folder of its markers in `hosts_dir`, and the part of its pages' names.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Quota => "quota",
            Self::Expired => "expired",
        }
    }

    /// The file whose presence makes the page tell it.
    pub fn marker(self, settings: &EdgeSettings, database: &TenantDatabase) -> String {
        format!("{}/{}/{database}", settings.hosts_dir, self.folder())
    }
}
