//! How archiving goes, as PostgreSQL and the last look at the archive tell it.

use crate::error::{NodeError, chain};
use crate::point_in_time::{Seen, alarm, keep};
use crate::room::Room;
use jiff::Timestamp;
use sqlx::Row;
use std::sync::PoisonError;
use wire::point_in_time::PointInTimeView;

/// What PostgreSQL says of it.
pub(super) struct Archiver {
    pub(super) now: Timestamp,
    pub(super) archived_at: Option<Timestamp>,
    /// The last piece of the log that got there.
    pub(super) archived: Option<String>,
    pub(super) is_on: bool,
    pub(super) is_failing: bool,
    /// Whether a piece that is full waits to get there.
    pub(super) is_waiting: bool,
}

/// Asks PostgreSQL.
async fn archiver(room: &Room) -> Result<Archiver, NodeError> {
    let row = sqlx::query(
        "SELECT now() AS now, last_archived_time, current_setting('archive_mode') <> 'off' AS is_on, \
         coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) AS is_failing, \
         left(last_archived_wal, 24) AS archived, coalesce(pg_walfile_name(pg_current_wal_lsn() \
           - pg_size_bytes(current_setting('wal_segment_size'))) > left(last_archived_wal, 24), false) AS is_waiting \
         FROM pg_stat_archiver",
    )
    .fetch_one(&room.journal.pool)
    .await?;
    let now: jiff_sqlx::Timestamp = row.try_get("now")?;
    let archived_at: Option<jiff_sqlx::Timestamp> = row.try_get("last_archived_time")?;
    Ok(Archiver {
        now: now.to_jiff(),
        archived_at: archived_at.map(jiff_sqlx::Timestamp::to_jiff),
        is_on: row.try_get("is_on")?,
        is_failing: row.try_get("is_failing")?,
        archived: row.try_get("archived")?,
        is_waiting: row.try_get("is_waiting")?,
    })
}

/// How far back the cluster can be brought; nothing where no archive is kept.
pub(crate) async fn observed(room: &Room) -> Result<Option<PointInTimeView>, NodeError> {
    let Some(settings) = &room.settings.point_in_time else {
        return Ok(None);
    };
    if !has_looked(room) {
        // A node that has just started would say that nothing can be reached.
        if let Err(failure) = keep::look(room, settings).await {
            tracing::debug!(failure = chain(&failure), "the archive was not looked at");
        }
    }
    let archiver = archiver(room).await?;
    let mut seen = room
        .point_in_time
        .seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    seen.failing_since = match archiver.is_failing {
        true => seen.failing_since.or(Some(archiver.now)),
        false => None,
    };
    seen.waiting = match (archiver.is_waiting, seen.waiting.take()) {
        (true, Some((archived, since))) if archived == archiver.archived => Some((archived, since)),
        (true, _) => Some((archiver.archived.clone(), archiver.now)),
        (false, _) => None,
    };
    seen.baseless_since = match seen.reach.as_ref().is_none_or(|reach| reach.bases.is_empty()) {
        true => seen.baseless_since.or(Some(archiver.now)),
        false => None,
    };
    let alarm = alarm::of(&seen, &archiver, settings);
    Ok(Some(PointInTimeView {
        alarm: alarm.map(ToOwned::to_owned),
        ..told(&seen, &archiver)
    }))
}

fn has_looked(room: &Room) -> bool {
    let seen = room.point_in_time.seen.lock();
    seen.unwrap_or_else(PoisonError::into_inner).reach.is_some()
}

fn told(seen: &Seen, archiver: &Archiver) -> PointInTimeView {
    let reach = seen.reach.clone().unwrap_or_default();
    let earliest = reach.earliest();
    let latest = match archiver.is_failing {
        true => archiver.archived_at,
        false => Some(archiver.now),
    };
    let trouble = match (archiver.is_on, archiver.is_failing) {
        (false, _) => Some("PostgreSQL's archive_mode is off".to_owned()),
        (true, true) => {
            Some("pieces of the log do not get into the archive; PostgreSQL's log tells why".to_owned())
        }
        (true, false) => None,
    };
    PointInTimeView {
        latest: latest.filter(|_| earliest.is_some()),
        earliest,
        archived_at: archiver.archived_at,
        backed_up_at: reach.bases.iter().map(|base| base.stopped_at).max(),
        backups: u32::try_from(reach.bases.len()).unwrap_or(u32::MAX),
        bytes: reach.bytes,
        failing_since: seen.failing_since,
        broken_at: reach.broken_at,
        trouble: trouble.or_else(|| seen.trouble.clone().map(|(trouble, _)| trouble)),
        alarm: None,
    }
}
