//! Time and randomness, as values that a test can set.

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Where the use cases get the time and their random numbers from.
#[derive(Clone)]
pub struct World {
    shift: Arc<Mutex<SignedDuration>>,
    random: Arc<Mutex<StdRng>>,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("World")
    }
}

impl World {
    /// The system's clock and a generator seeded by the operating system.
    pub fn real() -> Self {
        Self::seeded(rand::make_rng())
    }

    fn seeded(random: StdRng) -> Self {
        Self {
            shift: Arc::default(),
            random: Arc::new(Mutex::new(random)),
        }
    }

    /// A world whose random numbers follow from a seed; for tests.
    pub fn from_seed(seed: u64) -> Self {
        Self::seeded(StdRng::seed_from_u64(seed))
    }

    /// Lets this world's clock run ahead; for tests of what happens later.
    pub fn advance(&self, by: SignedDuration) {
        let mut shift = self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        *shift = shift.saturating_add(by);
    }

    /// The time, to the microsecond that PostgreSQL keeps.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate where the time is read"
    )]
    pub fn now(&self) -> Timestamp {
        let shift = *self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Timestamp::now().saturating_add(shift).unwrap_or(Timestamp::MAX);
        now.round(jiff::Unit::Microsecond).unwrap_or(now)
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill(&mut bytes);
        bytes
    }

    /// A new UUIDv7 of this moment.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
