//! Processes as `/proc` shows them, told apart for certain: a process id alone is reused, id and start time are not.

use crate::child::StopStep;
use crate::signal::Signal;
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};
use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a process that should end is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long the kernel is given to end a process that was sent SIGKILL.
const AFTER_KILL: Duration = Duration::from_secs(10);

/// What `/proc/PID/stat` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// The program's name, cut to 15 bytes; a process may change its own.
    pub(crate) name: String,
    /// Not a zombie.
    pub(crate) alive: bool,
    pub(crate) group: u32,
    pub(crate) session: u32,
    /// Clock ticks between boot and start.
    pub(crate) start: u64,
}

impl Stat {
    /// The process of this id, also when it is a zombie; nothing when there is none.
    pub(crate) fn read(pid: u32) -> Option<Self> {
        Self::parse(&String::from_utf8_lossy(
            &fs::read(format!("/proc/{pid}/stat")).ok()?,
        ))
    }

    fn parse(text: &str) -> Option<Self> {
        // The name stands in parentheses and may itself hold spaces and parentheses.
        let (name, fields) = text.rsplit_once(')')?;
        let (_, name) = name.split_once('(')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        Some(Self {
            name: name.to_owned(),
            alive: !matches!(*fields.first()?, "Z" | "X" | "x"),
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
        })
    }
}

/// A handle on one process that can never come to mean another.
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) stat: Stat,
    handle: OwnedFd,
}

impl Process {
    /// The live process of this id, if there is one.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
        // Handle first: whatever is read afterwards is then about this process or shows that it ended.
        let handle = pidfd_open(number, PidfdFlags::empty()).ok()?;
        let stat = Stat::read(pid).filter(|stat| stat.alive)?;
        Some(Self { pid, stat, handle })
    }

    pub(crate) fn is_alive(&self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| stat.alive && stat.start == self.stat.start)
    }

    /// The folder that the process works in; nothing when that is hidden from us (another account's process,
    /// and we are not root, or root in a container without the right to trace).
    pub(crate) fn working_dir(&self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/cwd", self.pid)).ok()
    }

    /// The command line, which anybody may read.
    pub(crate) fn command_line(&self) -> Vec<OsString> {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        bytes
            .split(|byte| *byte == 0)
            .map(|part| OsString::from_vec(part.to_vec()))
            .collect()
    }

    /// Asks step by step, then kills; returns whether the process ended.
    pub(crate) async fn end(&self, steps: &[StopStep]) -> bool {
        for step in steps {
            self.send(step.signal);
            if self.ended_within(step.patience).await {
                return true;
            }
        }
        self.send(Signal::KILL);
        self.ended_within(AFTER_KILL).await
    }

    fn send(&self, signal: Signal) {
        // It may have ended by itself; whether it did is what the caller looks at next.
        let _ = pidfd_send_signal(&self.handle, signal.number());
    }

    async fn ended_within(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(LOOK).await;
        }
        true
    }
}

/// All live processes that can be seen.
pub(crate) fn all() -> impl Iterator<Item = Process> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Process::open)
}

/// A name for the time since the machine was started: ids and start times mean nothing in another boot.
pub(crate) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let text = "12 (a) R (b c) S 1 12 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1000 50";
        let stat = Stat::parse(text).unwrap();
        assert_eq!(
            stat,
            Stat {
                name: "a) R (b c".to_owned(),
                alive: true,
                group: 12,
                session: 7,
                start: 9876
            }
        );
    }

    #[test]
    fn our_own_process_is_alive_and_found() {
        let own = Process::open(std::process::id()).unwrap();
        assert!(own.is_alive());
        assert!(all().any(|process| process.pid == std::process::id()));
    }
}
