//! Runs Odoo once to fill a new database with modules and languages.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::room::Room;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use wire::node::BuildTemplate;

/// A build with many modules on a slow disk took 12 minutes at worst.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How much of Odoo's last words are told.
const WORDS: usize = 300;

/// One run of Odoo.
pub(crate) struct Build {
    pub(crate) name: Identifier,
    pub(crate) modules: Vec<String>,
    pub(crate) languages: Vec<String>,
}

/// Makes sure that modules and languages are words that Odoo's command line cannot take for anything else.
///
/// # Errors
/// [`Code::OdooFailed`] for other words, or when there are none.
pub(crate) fn check_words(order: &BuildTemplate) -> Result<(), StepFailure> {
    let word = |text: &String, more: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 100 && text.chars().all(allowed)
    };
    let modules = !order.modules.is_empty() && order.modules.iter().all(|name| word(name, "_"));
    let languages = !order.languages.is_empty() && order.languages.iter().all(|code| word(code, "_@"));
    if modules && languages {
        return Ok(());
    }
    let detail = "Modules and languages must be named as Odoo names them, such as website_mail and es_ES.";
    Err(StepFailure::new(Code::OdooFailed, detail))
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

impl Build {
    /// Runs Odoo to its end and tells on the way how many modules it has loaded.
    ///
    /// # Errors
    /// [`Code::OdooFailed`] with Odoo's last words.
    pub(crate) async fn run(&self, room: &Room, tell: impl Fn(String)) -> Result<(), StepFailure> {
        let folder = room.settings.work_dir.join(self.name.as_str());
        fs::create_dir_all(&folder).map_err(NodeError::file("make", &folder))?;
        let configuration = configuration(room, &self.name);
        self.write_configuration(room, &configuration)?;
        let ended = self.run_with(room, &folder, &configuration, tell).await;
        forget(room, &self.name)?;
        ended
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
                let status = group
                    .child
                    .wait()
                    .await
                    .map_err(NodeError::file("wait for", &log))?;
                group.ended = true;
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
        command.args(["-d", self.name.as_str(), "-i", &self.modules.join(",")]);
        // Without en_US, Odoo 19 switches it off, and whatever is not translated with it.
        let mut languages = vec!["en_US"];
        languages.extend(
            self.languages
                .iter()
                .map(String::as_str)
                .filter(|code| *code != "en_US"),
        );
        command.arg(format!("--load-language={}", languages.join(",")));
        command.args(["--without-demo=all", "--stop-after-init", "--no-http"]);
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

    fn write_configuration(&self, room: &Room, path: &Path) -> Result<(), NodeError> {
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

    #[test]
    fn words_that_could_be_options_are_refused() {
        let order = |modules: &[&str], languages: &[&str]| BuildTemplate {
            name: "template_tenant".parse().unwrap(),
            modules: modules.iter().map(|word| (*word).to_owned()).collect(),
            languages: languages.iter().map(|word| (*word).to_owned()).collect(),
            source: wire::node::TemplateSource::Nothing,
        };
        assert!(check_words(&order(&["web", "website_mail"], &["es_ES", "sr@latin"])).is_ok());
        for modules in [&["--help"][..], &["a b"], &["a,b"], &[""], &[]] {
            assert!(check_words(&order(modules, &["es_ES"])).is_err());
        }
        assert!(check_words(&order(&["web"], &[])).is_err());
    }
}
