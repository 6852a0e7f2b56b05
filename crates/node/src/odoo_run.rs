//! One run of Odoo's program on one database: with a configuration, an account and a process group of its own, ended
//! when the agent ends.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::room::Room;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A build with many modules on a slow disk took 12 minutes at worst.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How much of Odoo's last words are told.
const WORDS: usize = 300;

/// One run of Odoo.
pub(crate) struct OdooRun {
    /// The database, and the name of the run's folder.
    pub(crate) name: Identifier,
    /// What follows the configuration and the database on its command line.
    pub(crate) arguments: Vec<String>,
}

/// Odoo as it serves one database to nobody but the node. It ends when this is dropped.
pub(crate) struct Serving {
    following: JoinHandle<()>,
}

impl Serving {
    /// Whether it ended by itself.
    pub(crate) fn has_ended(&self) -> bool {
        self.following.is_finished()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// Removes what a run that was cut off left: its configuration holds the password of Odoo's role.
pub(crate) fn forget(room: &Room, name: &Identifier) -> Result<(), NodeError> {
    let configuration = configuration(room, name);
    match fs::remove_file(&configuration) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(NodeError::file("remove", &configuration)(error))
        }
        _ => Ok(()),
    }
}

fn configuration(room: &Room, name: &Identifier) -> PathBuf {
    room.settings.work_dir.join(name.as_str()).join("odoo.conf")
}

impl OdooRun {
    /// Runs Odoo to its end and tells on the way how many modules it has loaded.
    ///
    /// # Errors
    /// [`Code::OdooFailed`] with Odoo's last words.
    pub(crate) async fn to_end(&self, room: &Room, tell: impl Fn(String)) -> Result<(), StepFailure> {
        let (folder, configuration) = self.prepare(room)?;
        let ended = self.run_with(room, &folder, &configuration, tell).await;
        forget(room, &self.name)?;
        ended
    }

    /// Starts Odoo, which goes on until what is given is dropped.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn serve(&self, room: &Room) -> Result<Serving, StepFailure> {
        let (folder, configuration) = self.prepare(room)?;
        let child = self
            .command(room, &folder, &configuration)
            .spawn()
            .map_err(NodeError::file("run", &room.settings.odoo.program))?;
        let mut group = Group::of(child);
        let log = folder.join("odoo.log");
        // Dropped with its task, the group is killed.
        let following = tokio::spawn(async move {
            let followed = group.follow(&log, |_| {}).await;
            let ended = group.wait().await;
            tracing::debug!(
                is_followed = followed.is_ok(),
                has_ended = ended.is_ok(),
                "Odoo ended by itself"
            );
        });
        Ok(Serving { following })
    }

    fn prepare(&self, room: &Room) -> Result<(PathBuf, PathBuf), NodeError> {
        let folder = room.settings.work_dir.join(self.name.as_str());
        fs::create_dir_all(&folder).map_err(NodeError::file("make", &folder))?;
        let configuration = configuration(room, &self.name);
        Self::write_configuration(room, &configuration)?;
        Ok((folder, configuration))
    }

    async fn run_with(
        &self,
        room: &Room,
        folder: &Path,
        configuration: &Path,
        tell: impl Fn(String),
    ) -> Result<(), StepFailure> {
        let log = folder.join("odoo.log");
        let mut command = self.command(room, folder, configuration);
        let child = command
            .spawn()
            .map_err(NodeError::file("run", &room.settings.odoo.program))?;
        let mut group = Group::of(child);
        let last = timeout(PATIENCE, group.follow(&log, tell)).await;
        let failed = |words: &str| {
            let words: String = words.chars().take(WORDS).collect();
            let detail = format!("Odoo failed: {words}. Its whole log is {}.", log.display());
            Err(StepFailure::new(Code::OdooFailed, detail))
        };
        match last {
            Err(_) => failed("it was not done after 30 minutes"),
            Ok(words) => {
                let status = group.wait().await.map_err(NodeError::file("wait for", &log))?;
                if status.success() { Ok(()) } else { failed(&words?) }
            }
        }
    }

    /// Odoo with an environment of its own, as its own user, ended by the system when the agent dies.
    fn command(&self, room: &Room, folder: &Path, configuration: &Path) -> Command {
        let odoo = &room.settings.odoo;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Some(account) = odoo.run_as.filter(|_| rustix::process::geteuid().is_root()) {
            command.args([
                "--reuid",
                &account.uid.to_string(),
                "--regid",
                &account.gid.to_string(),
            ]);
            command.arg("--clear-groups");
        }
        command.arg("--").arg(&odoo.program).arg("-c").arg(configuration);
        command.args(["-d", self.name.as_str()]).args(&self.arguments);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", folder)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }

    fn write_configuration(room: &Room, path: &Path) -> Result<(), NodeError> {
        let (cluster, odoo) = (&room.settings.cluster, &room.settings.odoo);
        let mut text = format!(
            "[options]\ndb_host = {}\ndb_port = {}\ndb_user = {}\ndb_password = {}\ndata_dir = {}\n\
             list_db = False\nmax_cron_threads = 0\nworkers = 0\n",
            cluster.host,
            cluster.port,
            room.settings.odoo_role,
            // Odoo's configuration reader takes a percent sign for the beginning of a name.
            odoo.password.expose().replace('%', "%%"),
            odoo.data_dir.display(),
        );
        if !odoo.addons_path.is_empty() {
            text.push_str(&format!("addons_path = {}\n", odoo.addons_path));
        }
        let error = |source| NodeError::file("write", path)(source);
        let _ = fs::remove_file(path);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(error)?;
        file.write_all(text.as_bytes()).map_err(error)?;
        let account = odoo.run_as.filter(|_| rustix::process::geteuid().is_root());
        for owned in [path.parent(), Some(path)].into_iter().flatten() {
            let (user, group) = (
                account.map(|account| account.uid),
                account.map(|account| account.gid),
            );
            chown(owned, user, group).map_err(NodeError::file("give away", owned))?;
        }
        Ok(())
    }
}

/// A child with all its own children, killed when it is given up.
struct Group {
    child: Child,
    leader: Option<Pid>,
    ended: bool,
}

impl Group {
    fn of(child: Child) -> Self {
        let leader = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        Self {
            child,
            leader,
            ended: false,
        }
    }

    /// Waits until the child has ended by itself.
    async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status)
    }

    /// Writes the child's output to its log until it ends; returns its last complaint, or last line.
    async fn follow(&mut self, log: &PathBuf, tell: impl Fn(String)) -> Result<String, NodeError> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o640)
            .open(log)
            .map_err(NodeError::file("write", log))?;
        let (mut complaint, mut last) = (None, String::new());
        let Some(output) = self.child.stderr.take() else {
            return Ok(last);
        };
        let mut lines = BufReader::new(output).split(b'\n');
        while let Some(line) = lines.next_segment().await.map_err(NodeError::file("read", log))? {
            file.write_all(&line)
                .and_then(|()| file.write_all(b"\n"))
                .map_err(NodeError::file("write", log))?;
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some((loaded, total)) = progress(&line) {
                tell(format!("{loaded} of {total} modules"));
            }
            if line.contains(" ERROR ") || line.contains(" CRITICAL ") {
                complaint = Some(line.clone());
            }
            if !line.trim().is_empty() {
                last = line;
            }
        }
        Ok(complaint.unwrap_or(last))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader.filter(|_| !self.ended) {
            // It may have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// `… Loading module web (5/41)`.
fn progress(line: &str) -> Option<(u32, u32)> {
    let (_, rest) = line.split_once("Loading module ")?;
    let (_, numbers) = rest.split_once('(')?;
    let (loaded, total) = numbers.split_once(')')?.0.split_once('/')?;
    Some((loaded.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_odoos_log() {
        let line =
            "2026-11-22 11:20:55,418 11886 INFO build odoo.modules.loading: Loading module api_doc (5/41) ";
        assert_eq!(progress(line), Some((5, 41)));
        assert_eq!(progress("INFO build odoo.modules.loading: Modules loaded."), None);
    }
}
