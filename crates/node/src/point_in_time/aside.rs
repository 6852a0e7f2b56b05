//! The node's cluster restored aside, as it was at a moment: in a private folder, reached by a socket in it alone, with settings that are
//! its own. It keeps no archive, runs nothing by the clock, and is gone with its folder when its database was taken out.

use crate::dump;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::point_in_time::tool::{self, Base};
use crate::postgres;
use crate::room::Room;
use crate::settings::PointInTime;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::PgConnection;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// The port is part of the socket's name alone.
const PORT: u16 = 5432;
/// How long the log of a day and more may take to be replayed.
const PATIENCE: Duration = Duration::from_secs(6 * 3600);
/// How often it is asked whether it is as far.
const ASK: Duration = Duration::from_millis(100);
/// How long a server may take to end itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How much of the log's end is looked at for the cause of a failure.
const LAST: usize = 16 << 10;

/// Everything that the server is told. What the restored cluster had set for itself is not read: no library of others, nobody
/// who waits for a standby, no port. `hot_standby` is off because a standby wants as many connections as the original.
const CONFIGURATION: &str = "listen_addresses = ''
unix_socket_permissions = 0700
port = 5432
ssl = off
max_connections = 20
max_wal_senders = 0
max_logical_replication_workers = 0
shared_buffers = '64MB'
dynamic_shared_memory_type = 'mmap'
huge_pages = off
shared_preload_libraries = ''
session_preload_libraries = ''
local_preload_libraries = ''
synchronous_standby_names = ''
archive_mode = off
hot_standby = off
autovacuum = off
fsync = off
full_page_writes = off
max_wal_size = '1GB'
logging_collector = off
log_destination = 'stderr'
log_statement = 'none'
log_min_duration_statement = -1
";

/// A running cluster aside.
pub(crate) struct Aside {
    folder: PathBuf,
    server: Child,
}

/// The folder of a command's cluster.
pub(crate) fn folder(settings: &PointInTime, command: Uuid) -> PathBuf {
    settings.aside_dir.join(command.simple().to_string())
}

/// Restores the base backup, with these databases alone if any are named. Others are there by name and size, and empty.
pub(crate) async fn restore(
    room: &Room,
    settings: &PointInTime,
    folder: &Path,
    (base, at): (&Base, jiff::Timestamp),
    only: &[i64],
) -> Result<(), StepFailure> {
    make(folder)?;
    let mut words = vec![
        "restore".to_owned(),
        format!("--set={}", base.label),
        format!("--pg1-path={}", folder.join("data").display()),
        "--type=time".to_owned(),
        format!("--target={}", at.strftime("%Y-%m-%d %H:%M:%S%.6f+00")),
        "--target-action=promote".to_owned(),
        "--archive-mode=off".to_owned(),
        format!("--cmd={}", settings.program.display()),
    ];
    words.extend(only.iter().map(|oid| format!("--db-include={oid}")));
    tool::run(room, settings, &words).await.map(drop)
}

/// Makes a private folder of the cluster's account.
fn make(folder: &Path) -> Result<(), NodeError> {
    let above = folder.parent().unwrap_or(folder);
    let owner = above.metadata().map_err(NodeError::file("look at", above))?;
    for part in [folder.to_owned(), folder.join("data"), folder.join("s")] {
        let made = DirBuilder::new().mode(0o700).create(&part);
        made.map_err(NodeError::file("make", &part))?;
        if rustix::process::geteuid().is_root() {
            chown(&part, Some(owner.uid()), Some(owner.gid()))
                .map_err(NodeError::file("give away", &part))?;
        }
    }
    Ok(())
}

impl Aside {
    /// Starts the server of a restored cluster and waits until it is as far as the moment.
    ///
    /// # Errors
    /// [`Code::ArchiveFailed`] with PostgreSQL's last words.
    pub(crate) async fn start(
        room: &Room,
        settings: &PointInTime,
        folder: &Path,
    ) -> Result<Self, StepFailure> {
        let (config, hba) = (folder.join("postgresql.conf"), folder.join("pg_hba.conf"));
        write(&config, CONFIGURATION)?;
        // The folder is the account's own, so that whoever gets here may be whoever they say.
        write(&hba, "local all all trust\n")?;
        let log = folder.join("log");
        let out = File::create(&log).map_err(NodeError::file("make", &log))?;
        let out_too = out.try_clone().map_err(NodeError::file("make", &log))?;
        let postgres = room.settings.pg_bin_dir.join("postgres");
        let mut command = tool::program(room, settings, &postgres, "QUIT")?;
        command.arg("-D").arg(folder.join("data"));
        for (name, path) in [
            ("config_file", config),
            ("hba_file", hba),
            ("data_directory", folder.join("data")),
            ("unix_socket_directories", folder.join("s")),
        ] {
            command.arg("-c").arg(format!("{name}={}", path.display()));
        }
        command
            .env_remove("PGPASSWORD")
            .stdout(out)
            .stderr(out_too)
            .kill_on_drop(false);
        let server = command.spawn().map_err(NodeError::file("run", &postgres))?;
        let mut aside = Self {
            folder: folder.to_owned(),
            server,
        };
        aside.arrived(room).await?;
        Ok(aside)
    }

    /// Waits until it lets anybody in, which is when it has come to its target.
    async fn arrived(&mut self, room: &Room) -> Result<(), StepFailure> {
        let begun = Instant::now();
        let postgres: Identifier = "postgres".parse().map_err(|_| self.failed())?;
        loop {
            let ended = self.server.try_wait();
            if ended
                .map_err(NodeError::file("run", Path::new("postgres")))?
                .is_some()
            {
                return Err(self.failed());
            }
            if self.connect(room, &postgres).await.is_ok() {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(self.failed());
            }
            sleep(ASK).await;
        }
    }

    fn failed(&self) -> StepFailure {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let end = log.get(log.len().saturating_sub(LAST)..).unwrap_or_default();
        let end = String::from_utf8_lossy(end);
        let grave = |line: &&str| line.contains("FATAL:") || line.contains("PANIC:");
        // While it is not as far, it refuses us in these words.
        let own =
            |line: &&str| !line.contains("not accepting connections") && !line.contains("is starting up");
        let cause = end.lines().filter(grave).rfind(own);
        let cause = cause
            .or_else(|| end.lines().next_back())
            .unwrap_or("without a word");
        StepFailure::new(
            Code::ArchiveFailed,
            format!("The cluster did not come to this moment: {cause}"),
        )
    }

    /// A connection to one of its databases, as the node's role.
    pub(crate) async fn connect(
        &self,
        room: &Room,
        database: &Identifier,
    ) -> Result<PgConnection, NodeError> {
        let access = &room.settings.cluster;
        let socket = self.folder.join("s");
        let options = postgres::options("localhost", PORT, access.role.as_str(), &access.password)
            .socket(socket)
            .database(database.as_str());
        postgres::connect(&options).await
    }

    /// `pg_dump` of one of its databases, to be spawned.
    pub(crate) fn dump(&self, room: &Room, database: &Identifier) -> Command {
        let mut command = dump::program(room, "pg_dump");
        command.args(["--no-password", "--no-owner", "--no-acl"]);
        // Extensions are made anew where it is restored, and links that let people in are nobody's to restore.
        command.args([
            "-Fc",
            "-Z0",
            "--blobs",
            "--extension=plpgsql",
            "--exclude-schema=tenantry",
        ]);
        command.arg("-h").arg(self.folder.join("s"));
        command.args(["-p", &PORT.to_string()]);
        command.args(["-U", room.settings.cluster.role.as_str(), "-d", database.as_str()]);
        command
    }
}

fn write(path: &Path, text: &str) -> Result<(), NodeError> {
    fs::write(path, text).map_err(NodeError::file("write", path))?;
    let above = path.parent().unwrap_or(path);
    let owner = above.metadata().map_err(NodeError::file("look at", above))?;
    match rustix::process::geteuid().is_root() {
        true => chown(path, Some(owner.uid()), Some(owner.gid())).map_err(NodeError::file("give away", path)),
        false => Ok(()),
    }
}

/// Ends whatever works in a folder, and removes it. A folder that is not there is as it should be.
pub(crate) async fn clear(folder: &Path) -> Result<(), NodeError> {
    let begun = Instant::now();
    let mut signal = Signal::QUIT;
    loop {
        let at_work = at_work(folder);
        if at_work.is_empty() {
            break;
        }
        for process in at_work {
            // Gone meanwhile, which is what was wanted.
            let _ = kill_process(process, signal);
        }
        if begun.elapsed() > GRACE {
            signal = Signal::KILL;
        }
        sleep(ASK).await;
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(NodeError::file("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// The processes that stand in this folder, as every process of a server does, or restore into it.
fn at_work(folder: &Path) -> Vec<Pid> {
    let data = folder.join("data");
    let word = format!("--pg1-path={}", data.display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let stands = fs::read_link(entry.path().join("cwd")).is_ok_and(|at| at.starts_with(folder));
        let restores = || {
            let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            words.split(|byte| *byte == 0).any(|one| one == word.as_bytes())
        };
        if stands || restores() {
            found.extend(Pid::from_raw(number));
        }
    }
    found
}

/// Removes what a node left that ended while it worked with a cluster aside.
pub(crate) async fn sweep(room: &Room) -> Result<(), NodeError> {
    let Some(settings) = &room.settings.point_in_time else {
        return Ok(());
    };
    let folder = &settings.aside_dir;
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(NodeError::file("read", folder))?,
    };
    for entry in entries {
        let path = entry.map_err(NodeError::file("read", folder))?.path();
        // Nothing else is ours.
        let is_ours = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| Uuid::try_parse(name).is_ok());
        if is_ours {
            clear(&path).await?;
        }
    }
    Ok(())
}
