//! What the node has, and has left: disk, memory, sessions of PostgreSQL.

use crate::error::{Code, NodeError, StepFailure};
use crate::room::Room;
use domain::Capacity;
use sqlx::Row;
use std::path::Path;

const MEMORY: &str = "/proc/meminfo";
/// The most of a disk that stays free where a tenth of it does.
const MOST_SPARE: u64 = 1 << 30;

/// What stays free of a disk beside what is written to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spare {
    /// So many bytes.
    Bytes(u64),
    /// A tenth of the disk, at most 1 GiB.
    Tenth,
}

impl Spare {
    fn of(self, disk_bytes: u64) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Tenth => (disk_bytes / 10).min(MOST_SPARE),
        }
    }
}

/// Looks at it.
///
/// # Errors
/// [`NodeError::Unavailable`] when PostgreSQL does not answer, and what files refuse.
pub(crate) async fn look(room: &Room) -> Result<Capacity, NodeError> {
    let row = sqlx::query(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int, \
         (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int",
    )
    .fetch_one(&room.journal.pool)
    .await?;
    let (connections, used): (i32, i32) = (row.try_get(0)?, row.try_get(1)?);
    let (disk_bytes, disk_free_bytes) = disk(&room.settings.filestore_dir)?;
    let text = std::fs::read_to_string(MEMORY).map_err(NodeError::file("read", Path::new(MEMORY)))?;
    Ok(Capacity {
        disk_bytes,
        disk_free_bytes,
        memory_bytes: memory(&text, "MemTotal:"),
        memory_available_bytes: memory(&text, "MemAvailable:"),
        connections: connections.unsigned_abs(),
        connections_used: used.unsigned_abs(),
    })
}

/// Makes sure that the disk that holds this folder has room for so many bytes more. `purpose` says what for: `to do this`.
///
/// # Errors
/// [`Code::DiskFull`] with what is needed and what is left, and what the folder refuses.
pub(crate) fn check_room(folder: &Path, bytes: u64, spare: Spare, purpose: &str) -> Result<(), StepFailure> {
    let (whole, free) = disk(folder)?;
    let needed = bytes.saturating_add(spare.of(whole));
    if free >= needed {
        return Ok(());
    }
    let mega = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(StepFailure::new(
        Code::DiskFull,
        format!(
            "{} MB are needed {purpose}, and {} has {} MB left. Free some space and try again.",
            mega(needed),
            folder.display(),
            mega(free)
        ),
    ))
}

/// Size of the disk that holds this folder, and what is left to programs that are not the superuser's.
fn disk(folder: &Path) -> Result<(u64, u64), NodeError> {
    let found =
        rustix::fs::statvfs(folder).map_err(|error| NodeError::file("look at", folder)(error.into()))?;
    Ok((
        found.f_blocks.saturating_mul(found.f_frsize),
        found.f_bavail.saturating_mul(found.f_frsize),
    ))
}

/// A line of `/proc/meminfo` in bytes; nothing where the kernel does not tell.
fn memory(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default().saturating_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_kilobytes() {
        let text = "MemTotal:       24683520 kB\nMemFree:        1 kB\nMemAvailable:   20 kB\n";
        assert_eq!(memory(text, "MemTotal:"), 24_683_520 * 1024);
        assert_eq!(memory(text, "MemAvailable:"), 20_480);
        assert_eq!(memory(text, "SwapTotal:"), 0);
    }

    #[test]
    fn a_disk_has_no_more_left_than_it_has() {
        let (whole, left) = disk(Path::new("/")).unwrap();
        assert!(whole > 0 && left <= whole);
        assert!(disk(Path::new("/no such folder")).is_err());
    }

    #[test]
    fn what_is_spared_counts_as_needed() {
        let check = |bytes, spare| check_room(Path::new("/"), bytes, spare, "to see it");
        check(0, Spare::Bytes(0)).unwrap();
        for (bytes, spare) in [(u64::MAX, Spare::Tenth), (0, Spare::Bytes(u64::MAX))] {
            let failure = check(bytes, spare).unwrap_err();
            assert_eq!(failure.code, Code::DiskFull);
            assert!(
                failure.detail.contains("needed to see it, and / has"),
                "{}",
                failure.detail
            );
        }
        assert_eq!(Spare::Tenth.of(160 << 20), 16 << 20);
        assert_eq!(Spare::Tenth.of(1 << 40), 1 << 30);
    }
}
