//! How long to wait before a child that ended is started again.

use std::time::Duration;

/// Doubling pauses between restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// A life this long counts as success: the next pause is the first one again.
    pub reset_after: Duration,
}

impl Default for Backoff {
    /// 0.5 s, doubling to 30 s, reset after 60 s of life.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            reset_after: Duration::from_secs(60),
        }
    }
}

/// Counts failures in a row and says the next pause.
pub(crate) struct Pauses {
    backoff: Backoff,
    failures: u32,
}

impl Pauses {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0 }
    }

    /// The pause after a life of this length, and how many failures in a row there are now.
    pub(crate) fn after(&mut self, lived: Duration) -> (Duration, u32) {
        if lived >= self.backoff.reset_after {
            self.failures = 0;
        }
        let doublings = self.failures.min(31);
        self.failures = self.failures.saturating_add(1);
        let pause = self
            .backoff
            .first
            .saturating_mul(1 << doublings)
            .min(self.backoff.longest);
        (pause, self.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_over_after_a_long_life() {
        let mut pauses = Pauses::new(Backoff::default());
        let short = Duration::from_secs(1);
        let millis: Vec<u128> = (0..8).map(|_| pauses.after(short).0.as_millis()).collect();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(
            pauses.after(Duration::from_secs(60)),
            (Duration::from_millis(500), 1)
        );
    }

    #[test]
    fn endless_failures_do_not_overflow() {
        let mut pauses = Pauses::new(Backoff::default());
        for _ in 0..100 {
            pauses.after(Duration::ZERO);
        }
        assert_eq!(pauses.after(Duration::ZERO), (Duration::from_secs(30), 101));
    }
}
