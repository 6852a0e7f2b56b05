//! pgBackRest: run with the node's own configuration, as the account that the cluster runs as, and read in its own words.

use crate::error::{Code, NodeError, StepFailure};
use crate::room::Room;
use crate::settings::PointInTime;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// util-linux's program that has a child end with us, and drops rights.
const SETPRIV: &str = "setpriv";
/// Where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Pieces of the log in 4 GB of it, of 16 MB each.
const SEGMENTS: u64 = 256;

/// A base backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) label: String,
    /// Whether it stands without an earlier one.
    pub(crate) is_full: bool,
    /// Whether the tool found nothing wrong while it copied.
    pub(crate) is_whole: bool,
    /// The first and the last piece of the log that it needs.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) stopped_at: Timestamp,
    /// Bytes of the whole cluster then.
    pub(crate) cluster_bytes: u64,
    /// Bytes that it added to the archive.
    pub(crate) added_bytes: u64,
}

/// A piece of the log in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) bytes: u64,
    pub(crate) at: Timestamp,
}

/// A database of a base backup, by its name then.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Contained {
    pub(crate) name: String,
    pub(crate) oid: i64,
}

/// A program as the cluster's account, which ends when we do. The environment has nothing but the password of the node's role.
pub(crate) fn program(
    room: &Room,
    settings: &PointInTime,
    program: &Path,
    death: &str,
) -> Result<Command, NodeError> {
    let mut command = Command::new(SETPRIV);
    command.args(["--pdeathsig", death]);
    if rustix::process::geteuid().is_root() {
        let folder = &settings.aside_dir;
        let owner = folder.metadata().map_err(NodeError::file("look at", folder))?;
        command.arg("--reuid").arg(owner.uid().to_string());
        command.arg("--regid").arg(owner.gid().to_string());
        command.arg("--clear-groups");
    }
    command.arg("--").arg(program);
    command
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("PGPASSWORD", room.settings.cluster.password.expose())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

/// Runs pgBackRest and gives what it printed.
///
/// # Errors
/// [`Code::ArchiveFailed`] with its last error, [`Code::DiskFull`].
pub(crate) async fn run(
    room: &Room,
    settings: &PointInTime,
    words: &[String],
) -> Result<String, StepFailure> {
    let mut command = program(room, settings, &settings.program, "KILL")?;
    command.arg(format!("--config={}", settings.config.display()));
    command.arg(format!("--stanza={}", settings.stanza));
    command.args(["--log-level-console=off", "--log-level-stderr=error"]);
    let output = command.args(words).output().await;
    let output = output.map_err(NodeError::file("run", &settings.program))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let error = said.lines().find_map(|line| line.split_once("ERROR: "));
    let error = error.map_or_else(
        || said.lines().next_back().unwrap_or_default(),
        |(_, error)| error,
    );
    let code = match error.contains("No space left") {
        true => Code::DiskFull,
        false => Code::ArchiveFailed,
    };
    Err(StepFailure::new(code, format!("pgBackRest: {}", error.trim())))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Makes the archive ready for this cluster; it may be so already.
pub(crate) async fn prepare(room: &Room, settings: &PointInTime) -> Result<(), StepFailure> {
    run(room, settings, &words(&["stanza-create"])).await.map(drop)
}

/// Makes a base backup, and forgets those that the configuration does not keep.
pub(crate) async fn back_up(room: &Room, settings: &PointInTime, kind: &str) -> Result<(), StepFailure> {
    let kind = format!("--type={kind}");
    run(room, settings, &words(&["backup", &kind])).await.map(drop)
}

#[derive(Deserialize)]
struct Stanza {
    #[serde(default)]
    archive: Vec<Archive>,
    #[serde(default)]
    backup: Vec<Told>,
}

#[derive(Deserialize)]
struct Archive {
    id: String,
}

#[derive(Deserialize)]
struct Told {
    label: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    error: Option<bool>,
    archive: Ends<Option<String>>,
    timestamp: Ends<i64>,
    info: Sizes,
    #[serde(default, rename = "database-ref")]
    databases: Vec<Contained>,
}

#[derive(Deserialize)]
struct Ends<T> {
    start: T,
    stop: T,
}

#[derive(Deserialize)]
struct Sizes {
    size: u64,
    repository: Repository,
}

#[derive(Deserialize)]
struct Repository {
    delta: u64,
}

impl Told {
    fn base(&self) -> Option<Base> {
        let number = |name: &Option<String>| name.as_deref().and_then(number_of);
        Some(Base {
            label: self.label.clone(),
            is_full: self.kind == "full",
            is_whole: self.error != Some(true),
            first: number(&self.archive.start)?,
            last: number(&self.archive.stop)?,
            // It is told in whole seconds, of which the last one is not over.
            stopped_at: Timestamp::from_second(self.timestamp.stop + 1).ok()?,
            cluster_bytes: self.info.size,
            added_bytes: self.info.repository.delta,
        })
    }
}

/// The number of a piece of the log by the name of its file: timeline, log and segment in eight hexadecimal digits each.
fn number_of(name: &str) -> Option<u64> {
    let digits = name.get(..24)?;
    let part = |from: usize| u64::from_str_radix(digits.get(from..from + 8)?, 16).ok();
    let whole = name
        .get(24..)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    match (part(0), part(8), part(16)) {
        (Some(_), Some(log), Some(segment)) if whole => Some(log * SEGMENTS + segment),
        _ => None,
    }
}

async fn stanza(room: &Room, settings: &PointInTime, more: &[&str]) -> Result<Option<Stanza>, StepFailure> {
    let mut asked = words(&["info", "--output=json"]);
    asked.extend(words(more));
    let text = run(room, settings, &asked).await?;
    let stanzas: Vec<Stanza> = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    Ok(stanzas.into_iter().next())
}

fn unreadable(error: &serde_json::Error) -> StepFailure {
    StepFailure::new(
        Code::ArchiveFailed,
        format!("pgBackRest's answer cannot be read: {error}"),
    )
}

/// Base backups and pieces of the log.
pub(crate) async fn list(
    room: &Room,
    settings: &PointInTime,
) -> Result<(Vec<Base>, Vec<Segment>), StepFailure> {
    let Some(stanza) = stanza(room, settings, &[]).await? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let bases = stanza.backup.iter().filter_map(Told::base).collect();
    let Some(archive) = stanza.archive.last() else {
        return Ok((bases, Vec::new()));
    };
    let folder = format!("archive/{}/{}", settings.stanza, archive.id);
    let asked = words(&["repo-ls", "--recurse", "--output=json", &folder]);
    let text = run(room, settings, &asked).await?;
    Ok((bases, segments(&text)?))
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    size: u64,
    #[serde(default)]
    time: i64,
}

fn segments(text: &str) -> Result<Vec<Segment>, StepFailure> {
    let entries: BTreeMap<String, Entry> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let found = entries.iter().filter_map(|(path, entry)| {
        Some(Segment {
            number: number_of(path.rsplit('/').next()?)?,
            bytes: entry.size,
            at: Timestamp::from_second(entry.time).ok()?,
        })
    });
    Ok(found.collect())
}

/// The databases of a base backup.
pub(crate) async fn contained(
    room: &Room,
    settings: &PointInTime,
    base: &Base,
) -> Result<Vec<Contained>, StepFailure> {
    let set = format!("--set={}", base.label);
    let told = stanza(room, settings, &[&set]).await?;
    let told = told.and_then(|stanza| stanza.backup.into_iter().next());
    Ok(told.map(|told| told.databases).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_log_are_counted_over_logs_and_timelines() {
        assert_eq!(number_of("0000000100000000000000FF"), Some(255));
        assert_eq!(number_of("000000020000000100000000-ab12.zst"), Some(256));
        for other in [
            "000000010000000000000002.00000028.backup",
            "00000002.history",
            "00000001000000",
            ".",
        ] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_listing_gives_pieces_and_nothing_else() {
        let text = r#"{".":{"type":"path"},"0000000100000000":{"type":"path"},
            "0000000100000000/000000010000000000000001-2c.zst":{"type":"file","size":12,"time":1795971248},
            "0000000100000000/000000010000000000000002.00000028.backup":{"type":"file","size":4,"time":1}}"#;
        let found = segments(text).unwrap();
        assert_eq!((found.len(), found[0].number, found[0].bytes), (1, 1, 12));
        assert!(segments("no").is_err());
    }
}
