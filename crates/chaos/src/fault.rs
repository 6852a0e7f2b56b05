//! The faults: what is broken, for how long, and how it is mended.

use crate::proxy::Mode;
use crate::site::Site;
use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};
use rustix::process::{Pid, Signal, kill_process};
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    KillServer,
    KillAgent,
    KillNodesPostgres,
    KillControlPostgres,
    HaltServer,
    HaltAgent,
    LineToServers(Line),
    LineToNodesPostgres(Line),
    LineToControl(Line),
    FullDisk,
    KillAllServers,
    KillEverything,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Slow,
    Cut,
    Silent,
    HalfClosed,
}

const LINES: [Line; 4] = [Line::Slow, Line::Cut, Line::Silent, Line::HalfClosed];

impl Kind {
    /// Every kind there is.
    pub(crate) fn all() -> Vec<Self> {
        let mut kinds = vec![
            Self::KillServer,
            Self::KillAgent,
            Self::KillNodesPostgres,
            Self::KillControlPostgres,
            Self::HaltServer,
            Self::HaltAgent,
            Self::FullDisk,
            Self::KillAllServers,
            Self::KillEverything,
        ];
        kinds.extend(LINES.map(Self::LineToServers));
        kinds.extend(LINES.map(Self::LineToNodesPostgres));
        kinds.extend(LINES.map(Self::LineToControl));
        kinds
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, line) = match self {
            Self::KillServer => ("kill -9 a server", None),
            Self::KillAgent => ("kill -9 a node's agent", None),
            Self::KillNodesPostgres => ("kill -9 a node's PostgreSQL", None),
            Self::KillControlPostgres => ("kill -9 the control PostgreSQL", None),
            Self::HaltServer => ("SIGSTOP a server", None),
            Self::HaltAgent => ("SIGSTOP a node's agent", None),
            Self::FullDisk => ("a node's disk is full", None),
            Self::KillAllServers => ("kill -9 all servers", None),
            Self::KillEverything => ("kill -9 all servers and agents", None),
            Self::LineToServers(line) => ("node to servers", Some(line)),
            Self::LineToNodesPostgres(line) => ("node to its PostgreSQL", Some(line)),
            Self::LineToControl(line) => ("server to control PostgreSQL", Some(line)),
        };
        match line {
            None => formatter.pad(what),
            Some(line) => formatter.pad(&format!("{what}: {line:?}").to_lowercase()),
        }
    }
}

/// A fault with its place and its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    server: usize,
    member: usize,
    /// How long it lasts.
    pub(crate) lasts: Duration,
    pause: Duration,
}

impl Fault {
    /// Draws place and time. Always the same number of draws, so that a seed tells the same story whatever is broken.
    pub(crate) fn draw(kind: Kind, dice: &mut StdRng, servers: usize, members: usize) -> Self {
        Self {
            kind,
            server: dice.random_range(0..servers),
            member: dice.random_range(0..members),
            lasts: Duration::from_millis(dice.random_range(300..2500)),
            pause: Duration::from_millis(dice.random_range(40..300)),
        }
    }

    /// Breaks it. False when it cannot be broken on this machine.
    ///
    /// # Errors
    /// When the attack itself fails.
    pub(crate) async fn strike(&self, site: &mut Site) -> Result<bool> {
        match self.kind {
            Kind::KillServer => self.server(site)?.process.kill().await?,
            Kind::KillAgent => self.member(site)?.agent.kill().await?,
            Kind::KillNodesPostgres => kill_postmaster(self.member(site)?.data_dir())?,
            Kind::KillControlPostgres => kill_postmaster(site.data_dir())?,
            Kind::HaltServer => self.server(site)?.process.halt()?,
            Kind::HaltAgent => self.member(site)?.agent.halt()?,
            Kind::FullDisk => match &self.member(site)?.volume {
                Some(volume) => volume.fill_but(0)?,
                None => return Ok(false),
            },
            Kind::KillAllServers => kill_servers(site).await?,
            Kind::KillEverything => {
                kill_servers(site).await?;
                for member in &mut site.members {
                    member.agent.kill().await?;
                }
            }
            Kind::LineToServers(line) => self.member(site)?.to_servers.set(self.mode(line)),
            Kind::LineToNodesPostgres(line) => self.member(site)?.to_postgres.set(self.mode(line)),
            Kind::LineToControl(line) => self.server(site)?.to_database.set(self.mode(line)),
        }
        Ok(true)
    }

    /// Mends it. PostgreSQL is started again by its keeper, as it is in production.
    ///
    /// # Errors
    /// When a process does not start.
    pub(crate) async fn mend(&self, site: &mut Site) -> Result<()> {
        match self.kind {
            Kind::KillNodesPostgres | Kind::KillControlPostgres => {}
            Kind::HaltServer => self.server(site)?.process.go_on()?,
            Kind::HaltAgent => self.member(site)?.agent.go_on()?,
            Kind::FullDisk => {
                if let Some(volume) = &self.member(site)?.volume {
                    volume.empty()?;
                }
            }
            Kind::LineToServers(_) => self.member(site)?.to_servers.set(Mode::Open),
            Kind::LineToNodesPostgres(_) => self.member(site)?.to_postgres.set(Mode::Open),
            Kind::LineToControl(_) => self.server(site)?.to_database.set(Mode::Open),
            Kind::KillServer | Kind::KillAgent | Kind::KillAllServers | Kind::KillEverything => {}
        }
        revive(site)
    }

    fn mode(&self, line: Line) -> Mode {
        match line {
            Line::Slow => Mode::Slow(self.pause),
            Line::Cut => Mode::Cut,
            Line::Silent => Mode::Silent,
            Line::HalfClosed => Mode::HalfClosed,
        }
    }

    fn server<'a>(&self, site: &'a mut Site) -> Result<&'a mut crate::site::Server> {
        site.servers.get_mut(self.server).context("no such server")
    }

    fn member<'a>(&self, site: &'a mut Site) -> Result<&'a mut crate::member::Member> {
        site.members.get_mut(self.member).context("no such node")
    }
}

/// Starts whatever does not run, as systemd would.
pub(crate) fn revive(site: &mut Site) -> Result<()> {
    for server in &mut site.servers {
        server.process.again()?;
    }
    for member in &mut site.members {
        member.agent.again()?;
    }
    Ok(())
}

async fn kill_servers(site: &mut Site) -> Result<()> {
    for server in &mut site.servers {
        server.process.kill().await?;
    }
    Ok(())
}

/// Ends a PostgreSQL as a crash does; one that is just being started again is left to it.
fn kill_postmaster(data_dir: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(data_dir.join("postmaster.pid")) else {
        return Ok(());
    };
    let pid = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself between the reading and now.
        let _ = kill_process(pid, Signal::KILL);
    }
    Ok(())
}

/// Puts the kinds into an order by chance.
pub(crate) fn shuffle(kinds: &mut [Kind], dice: &mut StdRng) {
    for last in (1..kinds.len()).rev() {
        let chosen = usize::try_from(dice.next_u64() % (last as u64 + 1)).unwrap_or_default();
        kinds.swap(last, chosen);
    }
}
