//! What the node has, and has left: disk, memory, sessions of PostgreSQL.

use crate::error::NodeError;
use crate::room::Room;
use domain::Capacity;
use sqlx::Row;
use std::path::Path;

const MEMORY: &str = "/proc/meminfo";

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
}
