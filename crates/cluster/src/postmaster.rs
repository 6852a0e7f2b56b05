//! The server process: how it is started, when it is ready, and how those of a former run are ended.

use crate::account::Account;
use crate::binaries::Binaries;
use crate::child::{ChildSpec, Hook, StopStep};
use crate::error::ClusterError;
use crate::files;
use crate::keeper::reasons;
use crate::launch;
use crate::process::{self, Process, Stat};
use crate::ready::{Check, Ready};
use crate::settings::ClusterSettings;
use crate::signal::Signal;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The server's name in its supervisor.
pub(crate) const NAME: &str = "postgresql";
/// The server's program, and the name that the kernel shows for it and its backends.
const PROGRAM: &str = "postgres";
const PID_FILE: &str = "postmaster.pid";
/// The line of `postmaster.pid`, from 0, that holds the server's status since version 10; `pg_ctl -w` reads it too.
const STATUS_LINE: usize = 7;

/// Fast shutdown: sessions are ended, a checkpoint is written. Then immediate: the next start replays the log.
const STOP: [StopStep; 2] = [
    StopStep {
        signal: Signal::INT,
        patience: Duration::from_secs(60),
    },
    StopStep {
        signal: Signal::QUIT,
        patience: Duration::from_secs(10),
    },
];
/// A backend whose server is gone and that has not noticed, because it is busy with a statement.
const ORPHAN: [StopStep; 1] = [StopStep {
    signal: Signal::TERM,
    patience: Duration::from_secs(2),
}];

/// The supervised child that the server is.
pub(crate) fn spec(settings: &ClusterSettings, binaries: &Binaries, account: &Account) -> ChildSpec {
    let data_dir = settings.data_dir.clone();
    let mut spec = ChildSpec::new(NAME, binaries.program(PROGRAM), &settings.log_file)
        .args(["-D".as_ref(), data_dir.as_os_str()])
        // On the command line, so that ALTER SYSTEM cannot move the server to where nobody finds it.
        .args([
            "-p",
            &settings.port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
        ])
        .args([socket_setting(&settings.socket_dir)])
        .run_as(account.clone());
    spec.env = launch::plain_environment();
    spec.env.extend(binaries.environment());
    spec.stop = STOP.to_vec();
    let checked = data_dir.clone();
    spec.ready = Ready::Check(Check::new(move |pid| is_ready(&checked, pid)));
    spec.ready_deadline = settings.start_deadline;
    spec.before_start = Some(Hook::new(move || {
        let data_dir = data_dir.clone();
        async move {
            if let Err(error) = end_leftovers(&data_dir).await {
                tracing::warn!(error = reasons(&error), "PostgreSQL may not start");
            }
        }
    }));
    spec
}

/// The setting is a list, in which quotes keep a comma or a space of a path from dividing it.
fn socket_setting(folder: &Path) -> OsString {
    let mut setting = OsString::from("unix_socket_directories=\"");
    setting.push(folder);
    setting.push("\"");
    setting
}

/// Whether the server with this process id accepts connections. A port would not do: another server may answer it.
fn is_ready(data_dir: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(data_dir.join(PID_FILE)).unwrap_or_default();
    let status = text.lines().nth(STATUS_LINE).map(str::trim);
    noted_pid(&text) == Some(pid) && matches!(status, Some("ready" | "standby"))
}

fn noted_pid(text: &str) -> Option<u32> {
    text.lines().next()?.trim().parse().ok()
}

/// Ends the server and the backends that still use this data folder, and clears a pid file that would mislead
/// PostgreSQL. Nothing is adopted: a server of a former run has its settings and nobody who watches it.
///
/// # Errors
/// When a process cannot be ended or the pid file cannot be removed.
pub(crate) async fn end_leftovers(data_dir: &Path) -> Result<(), ClusterError> {
    let pid_file = data_dir.join(PID_FILE);
    let noted = noted_pid(&fs::read_to_string(&pid_file).unwrap_or_default());
    let leftover = |pid| ClusterError::Leftover {
        pid,
        folder: data_dir.to_owned(),
    };
    if let Some(server) = noted
        .and_then(Process::open)
        .filter(|server| uses(server, data_dir))
    {
        tracing::info!(pid = server.pid, "stopping a PostgreSQL server of a former run");
        if !server.end(&STOP).await {
            return Err(leftover(server.pid));
        }
    }
    // Without their server, backends hold the shared memory that PostgreSQL will not start beside.
    for backend in process::all().filter(|process| uses(process, data_dir)) {
        if !backend.end(&ORPHAN).await {
            return Err(leftover(backend.pid));
        }
    }
    if noted.is_some_and(misleads) {
        files::remove_if_there(&pid_file).map_err(|source| ClusterError::File {
            action: "remove",
            path: pid_file,
            source,
        })?;
    }
    Ok(())
}

/// Whether the file's process id is in use by something that is not our server: by now a zombie or a stranger with
/// a reused id. PostgreSQL would take it for a live server and refuse to start. When nothing has the id, the
/// file is left, because PostgreSQL also checks the shared memory that it names.
fn misleads(noted: u32) -> bool {
    match Stat::read(noted) {
        None => false,
        Some(stat) if !stat.alive || stat.name != PROGRAM => true,
        // A foreign server's process, unless its folder is hidden from us: then PostgreSQL shall decide.
        Some(_) => Process::open(noted).is_none_or(|process| process.working_dir().is_some()),
    }
}

/// Whether a process is a PostgreSQL that works on this data folder, which it makes its working folder.
fn uses(process: &Process, data_dir: &Path) -> bool {
    process.stat.name == PROGRAM
        && match process.working_dir() {
            Some(folder) => folder == data_dir,
            None => process
                .command_line()
                .iter()
                .any(|argument| argument == data_dir.as_os_str()),
        }
}
