//! How long to wait before something is tried again: longer each time, and never all at once.

use jiff::SignedDuration;

/// How the waiting grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first try.
    pub first: SignedDuration,
    /// Never longer than this.
    pub longest: SignedDuration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: SignedDuration::from_secs(1),
            longest: SignedDuration::from_mins(10),
        }
    }
}

/// The delay after this many tries: twice as long each time, of which `random` takes away up to half.
pub fn delay(backoff: Backoff, tries: i32, random: u64) -> SignedDuration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or_default().min(30);
    let longest = backoff.longest.as_millis().max(1);
    let full = (backoff.first.as_millis().max(1) << doublings).min(longest);
    let half = full / 2;
    let jitter = i128::from(random) % (full - half + 1);
    SignedDuration::from_millis(i64::try_from(half + jitter).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_the_longest_and_keeps_at_least_half() {
        let backoff = Backoff {
            first: SignedDuration::from_secs(1),
            longest: SignedDuration::from_secs(60),
        };
        for (tries, full) in [
            (0, 1000),
            (1, 1000),
            (2, 2000),
            (3, 4000),
            (7, 60_000),
            (1000, 60_000),
        ] {
            for random in [0, 1, 12_345, u64::MAX] {
                let millis = delay(backoff, tries, random).as_millis();
                assert!((full / 2..=full).contains(&millis), "{tries} {random}: {millis}");
            }
        }
    }

    #[test]
    fn two_that_failed_together_do_not_come_back_together() {
        let backoff = Backoff::default();
        assert_ne!(delay(backoff, 5, 3), delay(backoff, 5, 4));
    }
}
