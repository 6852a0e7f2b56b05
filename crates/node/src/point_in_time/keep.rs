//! Keeping the archive: it is made ready for the cluster, base backups are made by their rhythm, and it is looked for gaps.

use crate::clock;
use crate::error::{StepFailure, chain};
use crate::point_in_time::tool::{self, Base};
use crate::point_in_time::{Reach, Seen};
use crate::room::Room;
use crate::settings::PointInTime;
use jiff::Timestamp;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(60);

/// Keeps it for ever; where there is none, nothing is done.
pub(crate) async fn keep(room: Arc<Room>) {
    if room.settings.point_in_time.is_none() {
        return std::future::pending().await;
    }
    loop {
        if let Err(failure) = tend(&room).await {
            tracing::warn!(
                failure = chain(&failure),
                "the archive of the log is not kept, trying again"
            );
        }
        sleep(EVERY).await;
    }
}

/// Makes what is missing: the archive, a base backup that is due. Then looks at it.
///
/// # Errors
/// What pgBackRest refuses.
pub(crate) async fn tend(room: &Room) -> Result<(), StepFailure> {
    let Some(settings) = &room.settings.point_in_time else {
        return Ok(());
    };
    let tended = tend_with(room, settings).await;
    let trouble = tended.as_ref().err().map(|failure| failure.detail.clone());
    see(room, |seen| {
        let since = seen.trouble.take().map_or_else(clock::now, |(_, since)| since);
        seen.trouble = trouble.map(|trouble| (trouble, since));
    });
    tended
}

async fn tend_with(room: &Room, settings: &PointInTime) -> Result<(), StepFailure> {
    if !see(room, |seen| seen.is_prepared) {
        tool::prepare(room, settings).await?;
        see(room, |seen| seen.is_prepared = true);
    }
    let reach = look(room, settings).await?;
    if let Some(kind) = due(settings, &reach.bases, clock::now()) {
        let _alone = room.point_in_time.backups.write().await;
        tracing::info!(kind, "a base backup of the cluster begins");
        tool::back_up(room, settings, kind).await?;
        look(room, settings).await?;
    }
    Ok(())
}

/// Looks at the archive, and remembers what was seen.
pub(crate) async fn look(room: &Room, settings: &PointInTime) -> Result<Reach, StepFailure> {
    let (bases, segments) = tool::list(room, settings).await?;
    let reach = Reach::of(&bases, segments);
    see(room, |seen| seen.reach = Some(reach.clone()));
    Ok(reach)
}

fn see<T>(room: &Room, change: impl FnOnce(&mut Seen) -> T) -> T {
    change(
        &mut room
            .point_in_time
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    )
}

/// Which base backup is due. Those that lie before a gap count for nothing, so that after one a full one is due at once.
fn due(settings: &PointInTime, bases: &[Base], now: Timestamp) -> Option<&'static str> {
    let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    let full = bases.iter().filter(|base| base.is_full);
    let newest_full = full.map(|base| base.stopped_at).max();
    let newest = bases.iter().map(|base| base.stopped_at).max();
    match (newest_full, newest) {
        (None, _) | (_, None) => Some("full"),
        (Some(full), _) if age(full) >= settings.full_every => Some("full"),
        (_, Some(any)) if age(any) >= settings.backup_every => Some("incr"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn base(is_full: bool, at: i64) -> Base {
        Base {
            label: at.to_string(),
            is_full,
            is_whole: true,
            first: 1,
            last: 1,
            stopped_at: Timestamp::from_second(at).unwrap(),
            cluster_bytes: 0,
            added_bytes: 0,
        }
    }

    #[test]
    fn a_backup_is_due_when_the_newest_is_too_old_and_a_full_one_when_there_is_none() {
        let settings = PointInTime {
            program: PathBuf::new(),
            config: PathBuf::new(),
            stanza: "node".to_owned(),
            aside_dir: PathBuf::new(),
            backup_every: Duration::from_secs(100),
            full_every: Duration::from_secs(1000),
            patience: Duration::from_secs(10),
        };
        let now = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(due(&settings, &[], now(0)), Some("full"));
        assert_eq!(due(&settings, &[base(false, 5)], now(10)), Some("full"));
        let both = [base(true, 0), base(false, 500)];
        assert_eq!(due(&settings, &both, now(599)), None);
        assert_eq!(due(&settings, &both, now(600)), Some("incr"));
        assert_eq!(due(&settings, &both, now(1000)), Some("full"));
    }
}
