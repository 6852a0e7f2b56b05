//! Whether this machine has room for what a backup holds: its files beside the others, its database in the cluster.

use crate::backup::manifest::Manifest;
use crate::capacity::{self, Spare};
use crate::error::{NodeError, StepFailure};
use crate::room::Room;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How many times the size of a dump a database is at most, whose own size an older backup does not tell: indexes are not in the dump.
const WITH_INDEXES: u64 = 3;
/// What PostgreSQL keeps of its log while a database is written.
const LOG_BYTES: u64 = 256 << 20;

/// Makes sure that all of a backup can be restored beside what is there.
///
/// # Errors
/// [`Code::DiskFull`](crate::error::Code::DiskFull) with what is needed and what is left.
pub(crate) async fn check(room: &Room, manifest: &Manifest, spare: Spare) -> Result<(), StepFailure> {
    let has_room = |folder: &Path, bytes| capacity::check_room(folder, bytes, spare, "to restore the backup");
    let size = manifest.database_bytes;
    let size = size.unwrap_or_else(|| manifest.dump.plain_bytes.saturating_mul(WITH_INDEXES));
    let (files, database) = (manifest.file_bytes(), size.saturating_add(LOG_BYTES));
    let filestore = room.settings.filestore_dir.as_path();
    match data_folder(room).await? {
        Some(data) if disk_of(&data) == disk_of(filestore) => {
            has_room(filestore, files.saturating_add(database))
        }
        Some(data) => {
            has_room(filestore, files)?;
            has_room(&data, database)
        }
        None => has_room(filestore, files),
    }
}

/// Where PostgreSQL has its data; nothing where that is another machine, or the node may not know it. A session within one machine
/// has the same address at both ends, or none.
async fn data_folder(room: &Room) -> Result<Option<PathBuf>, NodeError> {
    let told: Option<String> = sqlx::query_scalar(
        "SELECT setting FROM pg_settings WHERE name = 'data_directory' \
         AND inet_server_addr() IS NOT DISTINCT FROM inet_client_addr()",
    )
    .fetch_optional(&room.journal.pool)
    .await?;
    Ok(told.map(PathBuf::from).filter(|folder| disk_of(folder).is_some()))
}

/// The number of the disk that holds this folder, if the folder can be looked at.
fn disk_of(folder: &Path) -> Option<u64> {
    folder.metadata().ok().map(|found| found.dev())
}
