//! A tenant at one moment, while its users write: the database as one snapshot sees it, and every file that this snapshot names.
//!
//! Odoo writes a file before the row that names it is committed, and never changes one. All that could break the moment is its
//! collector of garbage, which takes a lock of `ir_attachment` that no writer takes. So the node holds a lock that this one waits
//! for, and that no writer does, while it takes the snapshot and makes a second link of every file.

use crate::clock;
use crate::copy;
use crate::error::{NodeError, StepFailure};
use crate::filestore::{self, Listed};
use crate::identifier::Identifier;
use crate::odoo::{attachment, module};
use crate::room::Room;
use crate::statement;
use crate::transfer::content::Head;
use jiff::Timestamp;
use sqlx::{Connection, PgConnection, Row};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Child;

/// A tenant at one moment. The snapshot is there as long as this is.
pub(crate) struct Snapshot {
    session: Option<PgConnection>,
    id: String,
    database: Identifier,
    /// What the database holds at that moment.
    pub(crate) head: Head,
    pub(crate) odoo_version: Option<String>,
    pub(crate) modules: BTreeMap<String, Option<String>>,
    pub(crate) server_version: String,
    /// The moment.
    pub(crate) taken_at: Timestamp,
    /// Every file, by its second link.
    pub(crate) files: Vec<Listed>,
    /// Files that the database names at that moment, and that were not there.
    pub(crate) files_missing: u64,
    /// What the database takes of the disk, indexes and all.
    pub(crate) database_bytes: u64,
}

impl Snapshot {
    /// Takes it; `links` is the folder of the second links, which carries `note`.
    pub(crate) async fn take(
        room: &Room,
        database: &Identifier,
        links: &Identifier,
        note: &str,
    ) -> Result<Self, StepFailure> {
        let filestores = room.filestores.clone();
        let folder = links.clone();
        room.blocking(move || filestores.remove(&folder).map_err(StepFailure::from))
            .await?;
        let mut guard = room.connect(database).await?;
        let mut session = room.connect(database).await?;
        let mut held = guard.begin().await?;
        let has_files = module::has_table(&mut held, "ir_attachment").await?;
        if has_files {
            statement::hold_off_collectors(&mut held).await?;
        }
        sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .execute(&mut session)
            .await?;
        let row = sqlx::query(
            "SELECT pg_export_snapshot() AS id, current_setting('server_version') AS version, \
             pg_database_size(current_database()) AS bytes",
        )
        .fetch_one(&mut session)
        .await?;
        let taken_at = clock::now();
        let (filestores, from, to) = (room.filestores.clone(), database.clone(), links.clone());
        let note = note.to_owned();
        let files = room
            .blocking(move || {
                filestores.copy(&from, &to, &note)?;
                Ok::<_, StepFailure>(filestores.list(&to)?)
            })
            .await?;
        held.rollback().await?;
        guard.close().await?;
        let files_missing = match has_files {
            true => filestore::count_missing(&attachment::stored_files(&mut session).await?, &files),
            false => 0,
        };
        if files_missing > 0 {
            tracing::warn!(%database, files_missing, "a backup lacks files that the database names");
        }
        let head = Head::read(&mut session).await?;
        let (odoo_version, modules) = match module::has_table(&mut session, "ir_module_module").await? {
            true => (
                module::odoo_version(&mut session).await?,
                module::installed(&mut session).await?,
            ),
            false => (None, BTreeMap::new()),
        };
        Ok(Self {
            id: row.try_get("id")?,
            server_version: row.try_get("version")?,
            taken_at,
            database: database.clone(),
            session: Some(session),
            head,
            odoo_version,
            modules,
            files,
            files_missing,
            database_bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
        })
    }

    /// Begins to dump the database as it was at that moment.
    pub(crate) fn dump(&self, room: &Room) -> Result<(Child, Option<File>), StepFailure> {
        let path = Path::new("pg_dump");
        let mut dump = copy::program(room, "pg_dump", &self.database);
        // Extensions are made anew where it is restored, and links that let people in are nobody's to restore.
        dump.args([
            "-Fc",
            "-Z0",
            "--blobs",
            "--extension=plpgsql",
            "--exclude-schema=tenantry",
            copy::LOCK_PATIENCE,
        ])
        .arg(format!("--snapshot={}", self.id))
        .stdout(Stdio::piped());
        let mut child = dump.spawn().map_err(NodeError::file("run", path))?;
        let pipe = child.stdout.take().map(|pipe| pipe.into_owned_fd());
        let pipe = pipe.transpose().map_err(NodeError::file("read", path))?;
        Ok((child, pipe.map(File::from)))
    }

    /// Lets the snapshot go; what was learned of it stays.
    pub(crate) async fn end(&mut self) -> Result<(), NodeError> {
        match self.session.take() {
            Some(session) => Ok(session.close().await?),
            None => Ok(()),
        }
    }
}
