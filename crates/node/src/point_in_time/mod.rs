//! The node's cluster at any moment: its log goes into an archive of pgBackRest's, with base backups to begin from. A tenant is brought
//! back to a moment by restoring the cluster aside as far as that, and taking one database out.

pub(crate) mod alarm;
pub(crate) mod aside;
mod configuration;
mod health;
mod keep;
pub(crate) mod moment;
mod reach;
pub(crate) mod tool;

pub use configuration::Archive;
pub(crate) use health::observed;
pub(crate) use keep::{keep, tend};
pub(crate) use reach::Reach;

use crate::error::{Code, StepFailure};
use crate::room::Room;
use crate::settings::PointInTime;
use jiff::Timestamp;
use std::sync::Mutex;
use tokio::sync::RwLock;

/// What is known of the archive between two looks.
#[derive(Debug, Default)]
pub(crate) struct Known {
    seen: Mutex<Seen>,
    /// Read while a base backup is restored from, written while one is made, which may forget older ones.
    pub(crate) backups: RwLock<()>,
}

/// What was last seen of it.
#[derive(Clone, Debug, Default)]
struct Seen {
    is_prepared: bool,
    reach: Option<Reach>,
    failing_since: Option<Timestamp>,
    /// What the tool refused, and since when it does.
    trouble: Option<(String, Timestamp)>,
    /// The last piece that got into the archive, and since when others wait behind it.
    waiting: Option<(Option<String>, Timestamp)>,
    /// Since when there is no base backup to begin from.
    baseless_since: Option<Timestamp>,
}

/// How the archive is kept.
///
/// # Errors
/// [`Code::MomentOutOfReach`] for a node that keeps none.
pub(crate) fn settings(room: &Room) -> Result<&PointInTime, StepFailure> {
    room.settings.point_in_time.as_ref().ok_or_else(|| {
        StepFailure::new(
            Code::MomentOutOfReach,
            "This node keeps no archive of its cluster's log. Install pgbackrest and give it one.",
        )
    })
}
