//! Which connections are open: how many in all, how many from one address, and on which nothing happens.

use super::activity::Activity;
use crate::DoorSettings;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// The open connections.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Arc<Mutex<Open>>,
    most: usize,
    most_of_one: usize,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    watched: HashMap<u64, Watched>,
    next: u64,
}

/// A connection that is looked at now and then.
#[derive(Debug)]
struct Watched {
    activity: Arc<Activity>,
    task: AbortHandle,
    /// How much had been written when it was last seen to do something, and when that was.
    written: Option<u64>,
    since: Instant,
}

/// A connection's place, which it gives up when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    connections: Connections,
    address: Option<IpAddr>,
    number: u64,
}

impl Connections {
    pub(super) fn new(settings: &DoorSettings) -> Self {
        // Behind proxies every connection is a proxy's.
        let most_of_one = match settings.trusted_hops {
            0 => settings.connections_per_address,
            _ => settings.connections,
        };
        Self {
            open: Arc::default(),
            most: settings.connections,
            most_of_one,
        }
    }

    /// A place for a connection from there, if there is one. The machine's own programs are counted in all only.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Held> {
        let address = address.to_canonical();
        let address = (!address.is_loopback()).then_some(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = address.map_or(0, |address| open.by_address.get(&address).copied().unwrap_or(0));
        if open.all >= self.most || of_one >= self.most_of_one {
            return None;
        }
        open.all += 1;
        if let Some(address) = address {
            open.by_address.insert(address, of_one + 1);
        }
        open.next += 1;
        Some(Held {
            connections: self.clone(),
            address,
            number: open.next,
        })
    }

    /// Looks after a connection that was let in, until its place is given up.
    pub(super) fn watch(&self, number: u64, activity: Arc<Activity>, task: AbortHandle) {
        // It may have ended already, and given its place up.
        if task.is_finished() {
            return;
        }
        let watched = Watched {
            activity,
            task,
            written: None,
            since: Instant::now(),
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.watched.insert(number, watched);
    }

    /// Ends the connections on which nothing has happened for so long: no request came to its end, none is being
    /// answered, and nothing could be written.
    pub(super) fn end_idle(&self, patience: Duration) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        open.watched.retain(|_, one| {
            let written = one.activity.when_idle();
            if written.is_none() || (one.written.is_some() && written != one.written) {
                one.since = now;
            }
            one.written = written;
            let idle = now.duration_since(one.since) >= patience;
            if idle {
                one.task.abort();
            }
            !idle && !one.task.is_finished()
        });
    }
}

impl Held {
    /// The connection's number.
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self
            .connections
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.watched.remove(&self.number);
        open.all = open.all.saturating_sub(1);
        let Some(address) = self.address else { return };
        let left = open
            .by_address
            .get(&address)
            .copied()
            .unwrap_or(0)
            .saturating_sub(1);
        if left == 0 {
            open.by_address.remove(&address);
        } else {
            open.by_address.insert(address, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(trusted_hops: usize) -> Connections {
        Connections::new(&DoorSettings {
            trusted_hops,
            connections: 5,
            connections_per_address: 2,
            ..DoorSettings::default()
        })
    }

    #[test]
    fn one_address_cannot_take_all_the_room() {
        let connections = connections(0);
        let of = |last| connections.enter(IpAddr::from([192, 0, 2, last]));
        let (one, two) = (of(1), of(1));
        assert!(one.is_some() && two.is_some() && of(1).is_none());
        let others = [of(2), of(2), of(3)];
        assert!(others.iter().all(Option::is_some) && of(4).is_none());
        drop(one);
        assert!(of(1).is_some());
        drop((two, others));
        assert!(
            connections
                .open
                .lock()
                .is_ok_and(|open| open.all == 0 && open.by_address.is_empty())
        );
    }

    #[test]
    fn a_proxy_may_take_all_the_room() {
        let connections = connections(1);
        let taken: Vec<_> = (0..6)
            .map(|_| connections.enter(IpAddr::from([10, 0, 0, 1])))
            .collect();
        assert_eq!(taken.iter().flatten().count(), 5);
    }
}
