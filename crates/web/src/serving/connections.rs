//! How many connections are open: in all, and from one address.

use crate::DoorSettings;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
}

/// A connection's place, which it gives up when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    connections: Connections,
    address: Option<IpAddr>,
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
        Some(Held {
            connections: self.clone(),
            address,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self
            .connections
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
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
