//! A note on disk of which process a supervisor started, so that its next run can end exactly that one.

use crate::child::StopStep;
use crate::files;
use crate::process::{self, Process, Stat};
use crate::signal::Signal;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A group without its leader has nobody left to stop it gracefully.
const ORPHAN: [StopStep; 1] = [StopStep {
    signal: Signal::TERM,
    patience: Duration::from_secs(2),
}];

/// How often a group is looked through before it is left to itself.
const ROUNDS: u32 = 10;

/// The file for one child.
pub(crate) struct PidFile {
    path: PathBuf,
}

/// What the file says: enough to know the process again, and how it wants to be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    pid: u32,
    start: u64,
    session: u32,
    boot: String,
    stop: Vec<StopStep>,
}

impl PidFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Notes a process that was just started and leads a group of its own.
    pub(crate) fn write(&self, pid: u32, stop: &[StopStep]) -> io::Result<()> {
        // A zombie still has its entry, so this fails only for a process that is not our child.
        let stat = Stat::read(pid).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let note = Note {
            pid,
            start: stat.start,
            session: stat.session,
            boot: process::boot(),
            stop: stop.to_vec(),
        };
        files::replace(&self.path, &note.format(), 0o600, None)
    }

    pub(crate) fn remove(&self) {
        if let Err(error) = files::remove_if_there(&self.path) {
            // Harmless: the note is about a process that is gone, which the next start finds out.
            tracing::debug!(path = %self.path.display(), %error, "pid file stays");
        }
    }

    /// Ends what the file names, if it is still the same process or its group, and removes the file.
    pub(crate) async fn end_leftover(&self) -> io::Result<()> {
        let text = match std::fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text?,
        };
        if let Some(note) = Note::parse(&text).filter(|note| note.boot == process::boot()) {
            note.end().await;
        }
        files::remove_if_there(&self.path)
    }
}

impl Note {
    fn format(&self) -> String {
        let stop: Vec<String> = self
            .stop
            .iter()
            .map(|step| format!("{}/{}", step.signal.name(), step.patience.as_millis()))
            .collect();
        let Self {
            pid,
            start,
            session,
            boot,
            ..
        } = self;
        format!(
            "pid={pid}\nstart={start}\nsession={session}\nboot={boot}\nstop={}\n",
            stop.join(" ")
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .map(str::to_owned)
        };
        let step = |text: &str| {
            let (signal, millis) = text.split_once('/')?;
            let patience = Duration::from_millis(millis.parse().ok()?);
            Some(StopStep {
                signal: signal.parse().ok()?,
                patience,
            })
        };
        Some(Self {
            pid: field("pid")?.parse().ok()?,
            start: field("start")?.parse().ok()?,
            session: field("session")?.parse().ok()?,
            boot: field("boot")?,
            stop: field("stop")?
                .split_whitespace()
                .map(step)
                .collect::<Option<_>>()?,
        })
    }

    async fn end(&self) {
        match Process::open(self.pid) {
            Some(leader) if leader.stat.start == self.start => {
                tracing::info!(pid = self.pid, "ending a child of a former run");
                leader.end(&self.stop).await;
            }
            // The number now belongs to somebody else, which the kernel allows only once the group is empty.
            Some(_) => return,
            None => {}
        }
        self.end_members().await;
    }

    /// Ends what is left of the group. While it has members its number is given to nobody else; should it have
    /// been given away and orphaned again, the session and the start times tell (a session's number is kept alike).
    async fn end_members(&self) {
        let member =
            |stat: &Stat| stat.group == self.pid && stat.session == self.session && stat.start >= self.start;
        // Again, because a member may have forked while the others were looked at.
        for _ in 0..ROUNDS {
            let members: Vec<Process> = process::all().filter(|process| member(&process.stat)).collect();
            if members.is_empty() {
                return;
            }
            for process in members {
                process.end(&ORPHAN).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_and_a_torn_one_is_ignored() {
        let step = |signal, seconds| StopStep {
            signal,
            patience: Duration::from_secs(seconds),
        };
        let note = Note {
            pid: 12,
            start: 34,
            session: 5,
            boot: "b-1".to_owned(),
            stop: vec![step(Signal::INT, 60), step(Signal::QUIT, 5)],
        };
        assert_eq!(Note::parse(&note.format()), Some(note));
        assert_eq!(Note::parse("pid=12\nstart=3"), None);
        assert_eq!(
            Note::parse("pid=12\nstart=3\nsession=1\nboot=b\nstop=WHAT/1\n"),
            None
        );
    }
}
