//! Dumps of purged tenants: a folder with `database.dump`, `filestore` and `manifest.json`, forced to disk.

use crate::clock;
use crate::error::{Code, NodeError, StepFailure};
use crate::filestore::Copied;
use crate::identifier::Identifier;
use crate::managed::{Managed, Subject};
use crate::room::Room;
use aws_lc_rs::digest;
use domain::TenantId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

const DATABASE: &str = "database.dump";
const FILES: &str = "filestore";
const MANIFEST: &str = "manifest.json";

/// What a finished dump holds; its presence says that it is finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Manifest {
    subject: Subject,
    /// The database's number: tells a finished dump of this very tombstone from an older one.
    oid: Option<i64>,
    database: Identifier,
    dumped_at: jiff::Timestamp,
    database_bytes: u64,
    database_sha256: String,
    filestore_files: u64,
    filestore_bytes: u64,
}

/// One dump under way.
pub(crate) struct Dump {
    pub(crate) folder: PathBuf,
    pub(crate) name: Identifier,
    pub(crate) tombstone: Managed,
}

/// Where a dump of this tenant goes.
pub(crate) fn folder(base: &Path, name: &Identifier, tenant: TenantId) -> PathBuf {
    let time = clock::now().strftime("%Y%m%dT%H%M%SZ");
    base.join(format!("{name}-{tenant}-{time}"))
}

/// The finished dump of this very database, or of this subject when the database's number is not known.
pub(crate) fn finished(base: &Path, tombstone: &Managed) -> Result<Option<PathBuf>, NodeError> {
    for entry in fs::read_dir(base).map_err(NodeError::file("read", base))? {
        let folder = entry.map_err(NodeError::file("read", base))?.path();
        let manifest = fs::read(folder.join(MANIFEST)).ok();
        let manifest = manifest.and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
        let fits = |found: Manifest| {
            found.subject == tombstone.subject && (tombstone.oid.is_none() || found.oid == tombstone.oid)
        };
        if manifest.is_some_and(fits) {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Removes a dump that nobody needs.
pub(crate) fn remove(folder: &Path) -> Result<(), NodeError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(NodeError::file("remove", folder)(error)),
        _ => Ok(()),
    }
}

impl Dump {
    /// Dumps the database in PostgreSQL's own format.
    pub(crate) async fn write_database(&self, room: &Room) -> Result<(), StepFailure> {
        // Customers' data: for the node's account only.
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder);
        made.map_err(NodeError::file("make", &self.folder))?;
        let access = &room.settings.cluster;
        let mut command = program(room, "pg_dump");
        command.args([
            "-Fc",
            "--no-password",
            "-h",
            &access.host,
            "-p",
            &access.port.to_string(),
        ]);
        command.args([
            "-U",
            access.role.as_str(),
            "-d",
            self.tombstone.name.as_str(),
            "-f",
        ]);
        command.arg(self.folder.join(DATABASE));
        run(command, "pg_dump").await
    }

    /// Copies the filestore.
    pub(crate) async fn write_files(&self, room: &Room) -> Result<Copied, StepFailure> {
        let (filestores, name) = (room.filestores.clone(), self.tombstone.name.clone());
        let target = self.folder.join(FILES);
        let copied = room.blocking(move || filestores.keep(&name, &target)).await?;
        Ok(copied)
    }

    /// Reads the dump's table of contents, then writes the manifest and forces everything to disk.
    pub(crate) async fn check(&self, room: &Room) -> Result<(), StepFailure> {
        let mut command = program(room, "pg_restore");
        command.arg("--list").arg(self.folder.join(DATABASE));
        run(command, "pg_restore").await?;
        let copied = self.write_files(room).await?;
        let (folder, tombstone, name) = (self.folder.clone(), self.tombstone.clone(), self.name.clone());
        room.blocking(move || write_manifest(&folder, &tombstone, name, copied).map_err(StepFailure::from))
            .await
    }
}

/// A program of PostgreSQL with an empty environment, but for the password, which never stands in arguments.
pub(crate) fn program(room: &Room, name: &str) -> Command {
    let mut command = Command::new(room.settings.pg_bin_dir.join(name));
    command
        .env_clear()
        .env("PGPASSWORD", room.settings.cluster.password.expose())
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(mut command: Command, name: &'static str) -> Result<(), StepFailure> {
    let program = PathBuf::from(name);
    let output = command.output().await.map_err(NodeError::file("run", &program))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words.lines().next_back().unwrap_or("without a word").to_owned();
    let full = last.contains("No space left");
    let code = if full { Code::DiskFull } else { Code::DumpFailed };
    Err(StepFailure::new(
        code,
        format!("{name} failed: {last}. Nothing was dropped."),
    ))
}

fn write_manifest(
    folder: &Path,
    tombstone: &Managed,
    name: Identifier,
    copied: Copied,
) -> Result<(), NodeError> {
    let dump = folder.join(DATABASE);
    let (database_bytes, database_sha256) = hash(&dump)?;
    let manifest = Manifest {
        subject: tombstone.subject.clone(),
        oid: tombstone.oid,
        database: name,
        dumped_at: clock::now(),
        database_bytes,
        database_sha256,
        filestore_files: copied.files,
        filestore_bytes: copied.bytes,
    };
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    let (half, whole) = (folder.join("manifest.half"), folder.join(MANIFEST));
    // Before the manifest says so, everything else must be on disk; one call covers the many small files.
    sync_file_system(folder)?;
    let mut file = File::create(&half).map_err(NodeError::file("write", &half))?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .map_err(NodeError::file("write", &half))?;
    fs::rename(&half, &whole).map_err(NodeError::file("rename", &half))?;
    sync_file_system(folder)
}

/// Forces everything of the folder's file system to disk.
pub(crate) fn sync_file_system(folder: &Path) -> Result<(), NodeError> {
    let handle = File::open(folder).map_err(NodeError::file("open", folder))?;
    rustix::fs::syncfs(&handle).map_err(|error| NodeError::file("sync", folder)(error.into()))
}

fn hash(path: &Path) -> Result<(u64, String), NodeError> {
    let error = |source| NodeError::file("read", path)(source);
    let mut file = File::open(path).map_err(error)?;
    let mut context = digest::Context::new(&digest::SHA256);
    let (mut total, mut buffer) = (0_u64, vec![0_u8; 1 << 16]);
    loop {
        let count = file.read(&mut buffer).map_err(error)?;
        if count == 0 {
            return Ok((total, hex::encode(context.finish())));
        }
        context.update(buffer.get(..count).unwrap_or_default());
        total += count as u64;
    }
}
