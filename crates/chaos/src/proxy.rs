//! A line between two processes that can be slowed down, cut, silenced or closed on one side.

use anyhow::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// What the line does with what is sent through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Passes it on.
    Open,
    /// Passes it on later.
    Slow(Duration),
    /// Ends what is open and refuses what is new.
    Cut,
    /// Takes everything and passes nothing on.
    Silent,
    /// Closes the direction towards the caller and goes on with the other one.
    HalfClosed,
}

/// A listener on loopback that leads to one of several addresses, in turn.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    /// Listens on a free port and leads to these.
    pub(crate) async fn to(targets: Vec<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (mode, watched) = watch::channel(Mode::Open);
        let turn = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let first = turn.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(lead(caller, targets.clone(), first, watched.clone()));
            }
        });
        Ok(Self { address, mode })
    }

    /// From now on.
    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

/// Leads one connection to the first target that takes it.
async fn lead(caller: TcpStream, targets: Vec<SocketAddr>, first: usize, mode: watch::Receiver<Mode>) {
    if *mode.borrow() == Mode::Cut {
        return;
    }
    for next in 0..targets.len() {
        let Some(target) = targets.get((first + next) % targets.len()) else {
            return;
        };
        if let Ok(server) = TcpStream::connect(target).await {
            let (from_caller, to_caller) = caller.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(
                pump(from_caller, to_server, mode.clone(), Direction::Out),
                pump(from_server, to_caller, mode, Direction::Back)
            );
            return;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Out,
    Back,
}

/// Passes bytes on in one direction for as long as the line allows.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mode: watch::Receiver<Mode>,
    way: Direction,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let now = *mode.borrow_and_update();
        match now {
            Mode::Cut => return,
            Mode::HalfClosed if way == Direction::Back => return,
            // What was sent meanwhile waits in the system's buffers, as on a line that lost its far end.
            Mode::Silent => {
                if mode.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Mode::Open | Mode::Slow(_) | Mode::HalfClosed => {}
        }
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = mode.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let Some(bytes) = read
            .ok()
            .filter(|read| *read > 0)
            .and_then(|read| buffer.get(..read))
        else {
            return;
        };
        if let Mode::Slow(pause) = now {
            sleep(pause).await;
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
