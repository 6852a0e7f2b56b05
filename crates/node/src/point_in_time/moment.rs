//! A moment that a tenant is to be brought back to: whether it can be reached, from which base backup, and with how much of the cluster.

use crate::capacity::{self, Spare};
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Subject};
use crate::point_in_time::aside::{self, Aside};
use crate::point_in_time::keep;
use crate::point_in_time::tool::{self, Base};
use crate::room::Room;
use crate::settings::PointInTime;
use jiff::Timestamp;
use sqlx::{Connection, Row};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Numbers below are of databases that every cluster has.
const FIRST_OWN: i64 = 16384;
/// What has to stay free besides what is restored: the log that is replayed.
const SPARE_BYTES: u64 = 1 << 30;
/// How long the newest piece of the log may take into the archive.
const PATIENCE: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_millis(100);

/// A moment that can be reached.
pub(crate) struct Moment {
    at: Timestamp,
    base: Base,
    /// Who is brought back.
    from: Subject,
    /// Numbers of databases that the tenant may be in, and the journal's. All of the cluster, if that was not enough.
    only: Vec<i64>,
    bytes: u64,
}

impl Moment {
    /// Looks whether the moment can be reached, and whether the disk has room for it.
    ///
    /// # Errors
    /// [`Code::MomentOutOfReach`] with the window, [`Code::DiskFull`], and what pgBackRest refuses.
    pub(crate) async fn find(
        room: &Room,
        settings: &PointInTime,
        from: &Managed,
        at: Timestamp,
    ) -> Result<Self, StepFailure> {
        let reach = keep::look(room, settings).await?;
        let row = sqlx::query("SELECT now() AS now, coalesce(pg_database_size($1::bigint::oid), 0) AS bytes")
            .bind(from.oid)
            .fetch_one(&room.journal.pool)
            .await?;
        let now: jiff_sqlx::Timestamp = row.try_get("now")?;
        let bytes: i64 = row.try_get("bytes")?;
        let base = reach.base_for(at).filter(|_| at <= now.to_jiff());
        let Some(base) = base.cloned() else {
            return Err(out_of_reach(at, reach.earliest(), now.to_jiff()));
        };
        let only = only(room, settings, from, &base).await?;
        let moment = Self {
            at,
            base,
            from: from.subject.clone(),
            only,
            bytes: bytes.unsigned_abs(),
        };
        moment.check_room(settings, moment.bytes)?;
        Ok(moment)
    }

    /// The database is restored aside, and then once more beside the others.
    fn check_room(&self, settings: &PointInTime, aside_bytes: u64) -> Result<(), StepFailure> {
        let bytes = aside_bytes.saturating_add(self.bytes);
        let spare = Spare::Bytes(SPARE_BYTES);
        capacity::check_room(&settings.aside_dir, bytes, spare, "to restore the cluster aside")
    }

    /// Restores the cluster aside and finds the tenant's database in it.
    pub(crate) async fn bring(
        &self,
        room: &Room,
        settings: &PointInTime,
        folder: &Path,
    ) -> Result<(Aside, Identifier), StepFailure> {
        let narrow = self.bring_with(room, settings, folder, &self.only).await;
        match narrow {
            Err(failure) if failure.code == Code::ArchiveFailed && !self.only.is_empty() => {
                // It had another number, or came to be as a copy of files that were left out.
                tracing::info!(failure = %failure, "the cluster is restored aside anew, with every database");
                aside::clear(folder).await?;
                self.check_room(settings, self.base.cluster_bytes)?;
                self.bring_with(room, settings, folder, &[]).await
            }
            brought => brought,
        }
    }

    async fn bring_with(
        &self,
        room: &Room,
        settings: &PointInTime,
        folder: &Path,
        only: &[i64],
    ) -> Result<(Aside, Identifier), StepFailure> {
        aside::restore(room, settings, folder, (&self.base, self.at), only).await?;
        let aside = Aside::start(room, settings, folder).await?;
        let left_out = |error: NodeError| match error.sqlstate().as_deref() {
            // Whatever PostgreSQL says of files that are nothing but zeros.
            Some(_) => StepFailure::new(Code::ArchiveFailed, "The database was left out."),
            None => error.into(),
        };
        let mut journal = aside
            .connect(room, &room.settings.cluster.journal)
            .await
            .map_err(left_out)?;
        let then = managed::of_subject(&mut journal, &self.from).await;
        journal.close().await?;
        let then = then.map_err(left_out)?.ok_or_else(|| {
            StepFailure::new(
                Code::MomentOutOfReach,
                format!("{} was not on this node at {}.", self.from, self.at),
            )
        })?;
        let tenant = aside.connect(room, &then.name).await.map_err(left_out)?;
        tenant.close().await?;
        Ok((aside, then.name))
    }

    /// In words, for the step's note.
    pub(crate) fn told(&self) -> String {
        format!("from the base backup {}, as far as {}", self.base.label, self.at)
    }
}

/// The databases that are needed, as far as the base backup has them; what came to be later is made by the log.
async fn only(
    room: &Room,
    settings: &PointInTime,
    from: &Managed,
    base: &Base,
) -> Result<Vec<i64>, StepFailure> {
    let contained = tool::contained(room, settings, base).await?;
    let names = [
        Some(room.settings.cluster.journal.as_str()),
        Some(from.name.as_str()),
        from.former.as_ref().map(Identifier::as_str),
    ];
    let own: Vec<_> = contained.into_iter().filter(|one| one.oid >= FIRST_OWN).collect();
    let wanted = own
        .iter()
        .filter(|one| Some(one.oid) == from.oid || names.contains(&Some(one.name.as_str())));
    let wanted: Vec<i64> = wanted.map(|one| one.oid).collect();
    // None at all would be all of them.
    match wanted.is_empty() {
        true => Ok(own.first().map(|one| one.oid).into_iter().collect()),
        false => Ok(wanted),
    }
}

fn out_of_reach(at: Timestamp, earliest: Option<Timestamp>, now: Timestamp) -> StepFailure {
    let detail = match earliest {
        Some(earliest) => format!(
            "{at} is out of reach: this node's cluster can be brought to any moment from {earliest} until {now}."
        ),
        None => "Nothing can be reached yet: the first base backup of this node's cluster is not whole."
            .to_owned(),
    };
    StepFailure::new(Code::MomentOutOfReach, detail)
}

/// Has everything that was committed until now go into the archive. Without a commit that is later than the moment, PostgreSQL would
/// not know that it came there.
///
/// # Errors
/// [`Code::ArchiveFailed`] when it does not get there in a minute.
pub(crate) async fn flush(room: &Room, command: Uuid) -> Result<(), StepFailure> {
    let database: Identifier = "postgres".parse().map_err(|_| late())?;
    let mut connection = room.connect(&database).await?;
    let flushed = async {
        sqlx::query("SELECT pg_create_restore_point($1)")
            .bind(command.to_string())
            .execute(&mut connection)
            .await?;
        let row = sqlx::query("SELECT pg_walfile_name(pg_switch_wal()) AS piece")
            .fetch_one(&mut connection)
            .await?;
        let piece: String = row.try_get("piece")?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let row = sqlx::query(
                "SELECT coalesce(left(last_archived_wal, 24) >= $1, false) AS there FROM pg_stat_archiver",
            )
            .bind(&piece)
            .fetch_one(&mut connection)
            .await?;
            if row.try_get("there")? {
                return Ok(());
            }
            sleep(ASK).await;
        }
        Err(late())
    };
    let flushed = flushed.await;
    connection.close().await?;
    flushed
}

fn late() -> StepFailure {
    StepFailure::new(
        Code::ArchiveFailed,
        "The newest piece of the log does not get into the archive; PostgreSQL's log tells why.",
    )
}
