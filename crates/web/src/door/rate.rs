//! How many requests a minute are taken: in all, from an address, with a key. In memory and for each server by itself,
//! because these limits protect the server; limits that protect an account are kept in the control database.
//!
//! A bucket is one number, the moment when it will be full again (GCRA, the leaky bucket as a clock). Buckets lie in a
//! table of fixed size, at the place that a keyed hash gives: however many addresses ask, memory stays the same and
//! nothing has to be forgotten. Two addresses may share a bucket; nobody can choose with whom.

use super::client::Client;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use control::RequestLimits;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Buckets of each kind.
const BUCKETS: usize = 32_768;
/// The time over which a limit holds.
const WINDOW: Duration = Duration::from_secs(60);
const WINDOW_NANOS: u64 = 60_000_000_000;

/// The limits' state.
#[derive(Debug)]
pub(super) struct Rates {
    began: Instant,
    hasher: RandomState,
    in_all: AtomicU64,
    addresses: Box<[AtomicU64]>,
    keys: Box<[AtomicU64]>,
}

/// What became of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    /// How many more would be taken now.
    left: u64,
    /// When the bucket is full again.
    full_in: Duration,
    /// When the next one is taken, if this one was not.
    refused: Option<Duration>,
}

/// What an answer says of the limits.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<(&'static str, u32, Taken)>);

impl Rates {
    pub(super) fn new() -> Self {
        let table = || (0..BUCKETS).map(|_| AtomicU64::new(0)).collect();
        Self {
            began: Instant::now(),
            hasher: RandomState::new(),
            in_all: AtomicU64::new(0),
            addresses: table(),
            keys: table(),
        }
    }

    /// Counts a request. The machine's own programs are counted in all only: were an operator to forget to say that a
    /// proxy stands before the server, everybody would share one address.
    pub(super) fn count(&self, limits: &RequestLimits, client: Client, headers: &HeaderMap) -> Told {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        let mut told = Told::default();
        told.add("all", limits.in_all, &self.in_all, now);
        if client.is_local() || told.refused().is_some() {
            return told;
        }
        if let Some(bucket) = self.bucket(&self.addresses, &network(client.address)) {
            told.add("address", limits.per_address, bucket, now);
        }
        let credential = headers
            .get("x-api-key")
            .or_else(|| headers.get(header::AUTHORIZATION));
        let bucket = credential.and_then(|credential| self.bucket(&self.keys, credential.as_bytes()));
        if let (Some(bucket), None) = (bucket, told.refused()) {
            told.add("key", limits.per_key, bucket, now);
        }
        told
    }

    fn bucket<'a>(&self, table: &'a [AtomicU64], key: &(impl Hash + ?Sized)) -> Option<&'a AtomicU64> {
        let hash = self.hasher.hash_one(key);
        let size = u64::try_from(table.len()).ok()?;
        table.get(usize::try_from(hash.checked_rem(size)?).ok()?)
    }
}

/// What counts as one address: an IPv6 customer has a network of 64 bits or more.
fn network(address: IpAddr) -> [u8; 8] {
    let mut network = [0; 8];
    match address {
        IpAddr::V4(address) => network[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => network.copy_from_slice(&address.octets()[..8]),
    }
    network
}

/// Takes one out of a bucket that holds `quota` and fills up within the window.
fn take(bucket: &AtomicU64, quota: u32, now: u64) -> Taken {
    let step = WINDOW_NANOS / u64::from(quota.max(1));
    let mut refused = None;
    let mut used = 0;
    // A refused request takes nothing, so that whoever keeps asking is served again as soon as there is something.
    let _ = bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
        let next = full_at.max(now).saturating_add(step);
        let over = (next - now).checked_sub(WINDOW_NANOS).filter(|over| *over > 0);
        refused = over.map(Duration::from_nanos);
        used = match over {
            Some(_) => full_at.saturating_sub(now),
            None => next - now,
        };
        refused.is_none().then_some(next)
    });
    Taken {
        left: WINDOW_NANOS.saturating_sub(used) / step,
        full_in: Duration::from_nanos(used),
        refused,
    }
}

/// Whole seconds, at least one.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0).max(u64::from(time.is_zero()))
}

impl Told {
    fn add(&mut self, name: &'static str, quota: u32, bucket: &AtomicU64, now: u64) {
        if quota > 0 {
            self.0.push((name, quota, take(bucket, quota, now)));
        }
    }

    /// After how many seconds to come again, if the request was one too many.
    pub(super) fn refused(&self) -> Option<u64> {
        self.0.iter().find_map(|(_, _, taken)| taken.refused).map(seconds)
    }

    /// Writes the standard headers; the limit of the whole server is nobody's business unless it was reached.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let shown = || {
            self.0
                .iter()
                .filter(|(name, _, taken)| *name != "all" || taken.refused.is_some())
        };
        let policies: Vec<String> = shown()
            .map(|(name, quota, _)| format!("\"{name}\";q={quota};w={}", WINDOW.as_secs()))
            .collect();
        let states: Vec<String> = shown()
            .map(|(name, _, taken)| {
                let reset = seconds(taken.refused.unwrap_or(taken.full_in));
                format!("\"{name}\";r={};t={reset}", taken.left)
            })
            .collect();
        for (name, parts) in [("ratelimit-policy", policies), ("ratelimit", states)] {
            if let (false, Ok(value)) = (parts.is_empty(), HeaderValue::from_str(&parts.join(", "))) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Scheme;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_bucket_gives_its_quota_at_once_and_then_as_it_fills() {
        let bucket = AtomicU64::new(0);
        for left in (0..60).rev() {
            let taken = take(&bucket, 60, 0);
            assert_eq!((taken.left, taken.refused), (left, None));
        }
        assert_eq!(take(&bucket, 60, 0).refused, Some(Duration::from_secs(1)));
        assert_eq!(
            take(&bucket, 60, SECOND / 2).refused,
            Some(Duration::from_millis(500))
        );
        assert_eq!(take(&bucket, 60, SECOND).refused, None);
        assert!(take(&bucket, 60, SECOND).refused.is_some());
        // A minute later it is full again, and no fuller.
        let later = 70 * SECOND;
        assert_eq!(
            (0..100)
                .filter(|_| take(&bucket, 60, later).refused.is_none())
                .count(),
            60
        );
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() -> Result<(), std::net::AddrParseError> {
        let of = |text: &str| text.parse().map(network);
        assert_eq!(of("2001:db8:1:2::1")?, of("2001:db8:1:2:ffff::9")?);
        assert_ne!(of("2001:db8:1:2::1")?, of("2001:db8:1:3::1")?);
        assert_ne!(of("192.0.2.1")?, of("192.0.2.2")?);
        Ok(())
    }

    #[test]
    fn memory_stays_the_same_whoever_asks_and_the_innocent_get_through() {
        let rates = Rates::new();
        let limits = RequestLimits {
            per_address: 100,
            per_key: 0,
            in_all: 0,
        };
        let from = |number: u32| Client {
            address: IpAddr::from(number.to_be_bytes()),
            scheme: Scheme::Http,
        };
        let none = HeaderMap::new();
        // One address floods, then thirty thousand others come once each.
        let served = (0..1000)
            .filter(|_| rates.count(&limits, from(0xC000_0201), &none).refused().is_none())
            .count();
        assert_eq!(served, 100);
        let refused = (0..30_000u32)
            .filter(|number| {
                rates
                    .count(&limits, from(0x0A00_0000 + number), &none)
                    .refused()
                    .is_some()
            })
            .count();
        assert!(refused < 30, "{refused}");
    }

    #[test]
    fn seconds_are_whole_and_never_none() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1001)), 2);
        assert_eq!(seconds(Duration::from_secs(3)), 3);
    }
}
