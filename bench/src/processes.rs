//! The installation's own processes, by what it has noted of them: their processor time and their memory.

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Fields of `/proc/PID/stat` after the name: parent, the four processor times (own and of children that were
/// waited for), and the start.
const PARENT: usize = 1;
const TIMES: std::ops::Range<usize> = 11..15;
const START: usize = 19;

/// The processes that `tenantry up` has started on a data folder.
#[derive(Clone, Debug)]
pub(crate) struct Processes {
    run: PathBuf,
    up: PathBuf,
}

impl Processes {
    pub(crate) fn of(data: &Path) -> Self {
        Self {
            run: data.join("run"),
            up: data.join("up.pid"),
        }
    }

    /// The process that is noted under this name and still is the one that was meant.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn noted(&self, name: &str) -> Result<i32> {
        let note = fs::read_to_string(self.run.join(format!("{name}.pid")))
            .with_context(|| format!("{name} is not running"))?;
        let field = |key: &str| {
            note.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        };
        let pid = field("pid").context("a note without a number")?.parse()?;
        let started = stat(pid).and_then(|stat| stat.get(START).cloned());
        ensure!(started.as_deref() == field("start"), "{name} has ended");
        Ok(pid)
    }

    /// Ends a noted process; its supervisor starts it again.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn end(&self, name: &str) -> Result<()> {
        let pid = Pid::from_raw(self.noted(name)?).context("a note without a number")?;
        Ok(kill_process(pid, Signal::TERM)?)
    }

    /// The memory that a noted process holds, in megabytes.
    ///
    /// # Errors
    /// When there is no such process.
    pub(crate) fn resident_megabytes(&self, name: &str) -> Result<f64> {
        resident(self.noted(name)?)
    }

    /// Processor time that everything below `up` has used so far, in ticks of 10 ms. Of a process that has ended it
    /// is its parent's.
    ///
    /// # Errors
    /// When `up` has ended.
    pub(crate) fn ticks(&self) -> Result<u64> {
        let up: i32 = fs::read_to_string(&self.up)
            .context("nothing is up")?
            .trim()
            .parse()?;
        let all = all();
        let ours = family(&all, up);
        let own = all.iter().filter(|(pid, _)| ours.contains(pid));
        Ok(own
            .flat_map(|(_, stat)| stat.get(TIMES).unwrap_or_default())
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum())
    }
}

/// Whose memory is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// A process and everything below it.
    Family(i32),
    /// Everything below this program.
    Children,
}

/// Does something, and tells the most memory that these processes held together meanwhile, in megabytes; looked at twenty
/// times a second. Pages that two of them share count twice.
pub(crate) async fn most_held<T>(whose: Whose, work: impl Future<Output = Result<T>>) -> Result<(T, f64)> {
    let mut most = 0.0_f64;
    let mut clock = tokio::time::interval(Duration::from_millis(50));
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok((done?, most)),
            _ = clock.tick() => most = most.max(held(whose)),
        }
    }
}

fn held(whose: Whose) -> f64 {
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let mut pids = match whose {
        Whose::Family(pid) => family(&all(), pid),
        Whose::Children => family(&all(), own),
    };
    if matches!(whose, Whose::Children) {
        pids.remove(&own);
    }
    pids.into_iter().filter_map(|pid| resident(pid).ok()).sum()
}

fn resident(pid: i32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: f64 = kibibytes
        .context("the kernel does not tell the memory")?
        .parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}

/// Every process, with its facts.
fn all() -> Vec<(i32, Vec<String>)> {
    numbers().filter_map(|pid| Some((pid, stat(pid)?))).collect()
}

/// A process and everything below it.
fn family(all: &[(i32, Vec<String>)], root: i32) -> BTreeSet<i32> {
    let mut found = BTreeSet::from([root]);
    loop {
        let known = found.len();
        let parent = |stat: &[String]| stat.get(PARENT).and_then(|parent| parent.parse().ok());
        let next: Vec<i32> = all
            .iter()
            .filter(|(_, stat)| parent(stat).is_some_and(|parent| found.contains(&parent)))
            .map(|(pid, _)| *pid)
            .collect();
        found.extend(next);
        if found.len() == known {
            return found;
        }
    }
}

/// Processor time that the whole machine has used so far, in ticks of 10 ms.
///
/// # Errors
/// When the kernel does not tell.
pub(crate) fn machine_ticks() -> Result<u64> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().context("the kernel does not tell the time")?;
    let fields: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // User, nice, system, interrupts: all but idle and waiting for disks, and what guests are told twice.
    Ok([0, 1, 2, 5, 6]
        .iter()
        .filter_map(|index| fields.get(*index))
        .sum())
}

fn numbers() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The fields after the name, which stands in brackets and may hold anything.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = text.rsplit_once(") ")?.1;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Result<i32> {
        let folder = std::env::temp_dir().join(format!("bench-note-{}-{}", std::process::id(), text.len()));
        fs::create_dir_all(folder.join("run"))?;
        fs::write(folder.join("run/server.pid"), text)?;
        let found = Processes::of(&folder).noted("server");
        fs::remove_dir_all(folder)?;
        found
    }

    #[test]
    fn process_is_taken_only_if_it_started_when_the_note_says() {
        let own = i32::try_from(std::process::id()).unwrap();
        let start = stat(own).unwrap()[START].clone();
        assert_eq!(note(&format!("pid={own}\nstart={start}\n")).unwrap(), own);
        assert!(note(&format!("pid={own}\nstart={start}0\n")).is_err());
        assert!(note("start=1\n").is_err());
    }

    #[test]
    fn own_processor_time_can_be_read() {
        let stat = stat(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(stat[TIMES].iter().all(|ticks| ticks.parse::<u64>().is_ok()));
    }
}
