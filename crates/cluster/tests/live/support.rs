//! What the tests share: folders, waiting with a deadline, `psql`, looking at processes.

use cluster::{Access, ChildSpec, Cluster, ClusterSettings, Durability, Password, State, Supervisor};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;

/// Nothing here takes so long on a machine that works.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that PostgreSQL's account can enter.
pub fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("tenantry-cluster-")
        .tempdir_in("/tmp")
        .unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

pub fn settings(base: &Path) -> ClusterSettings {
    let password = Password::new("a 'quoted' pässword".to_owned());
    let mut settings = ClusterSettings::under(base, 0, password);
    settings.durability = Durability::Disposable;
    settings.max_connections = 20;
    settings.start_deadline = PATIENCE;
    settings
}

pub async fn start(settings: ClusterSettings) -> Cluster {
    Cluster::start(settings, |_| {})
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Runs one statement and gives what `psql` printed; its complaint when it failed.
pub fn query(cluster: &Cluster, statement: &str) -> Result<String, String> {
    let access = cluster.superuser("postgres");
    let output = psql(cluster, &access, &access.host, statement).output().unwrap();
    text(output)
}

pub fn psql(cluster: &Cluster, access: &Access, host: &str, statement: &str) -> Command {
    let mut command = Command::new(cluster.binaries().program("psql"));
    command
        .args(["-X", "-t", "-A", "-h", host, "-p", &access.port.to_string()])
        .args(["-U", &access.user, "-d", &access.database, "-c", statement])
        .env("PGPASSWORD", access.password.expose());
    command
}

pub fn text(output: Output) -> Result<String, String> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Waits until something is there.
pub async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process lives; a zombie does not.
pub fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

pub async fn gone(pid: u32) {
    eventually("a process to end", || (!lives(pid)).then_some(())).await;
}

pub fn kill(pid: u32, signal: &str) {
    assert!(
        Command::new("kill")
            .args(["-s", signal, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// A number in a file, once it is there in whole.
pub async fn number_in(path: &Path) -> u32 {
    let look = || {
        fs::read_to_string(path)
            .ok()?
            .strip_suffix('\n')?
            .trim()
            .parse()
            .ok()
    };
    eventually("a number in a file", look).await
}

/// The process id of a running child.
pub fn pid(state: &watch::Receiver<State>) -> u32 {
    match *state.borrow() {
        State::Running { pid, .. } => pid,
        ref other => panic!("not running: {other:?}"),
    }
}

/// Waits until the child runs as another process than this one.
pub async fn another_life(state: &mut watch::Receiver<State>, former: u32) -> u32 {
    let other = |state: &State| matches!(state, State::Running { pid, .. } if *pid != former);
    let waiting = tokio::time::timeout(PATIENCE, state.wait_for(other));
    waiting.await.unwrap().unwrap();
    pid(state)
}

pub fn shell(name: &str, base: &Path, script: &str) -> ChildSpec {
    ChildSpec::new(name, "/bin/sh", log(base, name)).args(["-c", script])
}

pub fn log(base: &Path, name: &str) -> PathBuf {
    base.join(format!("{name}.log"))
}

pub async fn supervisor(base: &Path) -> Supervisor {
    Supervisor::open(&base.join("run")).await.unwrap()
}
