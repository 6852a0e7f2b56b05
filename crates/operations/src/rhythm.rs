//! When something regular is due: every so often, or by a cron pattern in a time zone.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::fmt;
use std::str::FromStr as _;
use thiserror::Error;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// So long after it was last due.
    Every(SignedDuration),
    /// By a cron pattern: minute, hour, day, month, day of the week.
    Cron(&'static str),
}

/// A rhythm that cannot be followed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RhythmError {
    /// The pattern is none, or never comes to pass.
    #[error("the pattern {0} is none, or never comes to pass")]
    Pattern(String),
    /// There is no such time zone.
    #[error("there is no time zone {0}")]
    Zone(String),
}

impl fmt::Display for Rhythm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(time) => write!(formatter, "@every {}s", time.as_secs()),
            Self::Cron(pattern) => formatter.write_str(pattern),
        }
    }
}

impl Rhythm {
    /// The first time after `now`. What was missed is not made up for.
    ///
    /// # Errors
    /// [`RhythmError`].
    pub fn next(&self, now: Timestamp, zone: &str) -> Result<Timestamp, RhythmError> {
        match self {
            Self::Every(time) => Ok(now.saturating_add(*time).unwrap_or(Timestamp::MAX)),
            Self::Cron(pattern) => {
                let zone = TimeZone::get(zone).map_err(|_| RhythmError::Zone(zone.to_owned()))?;
                let wrong = || RhythmError::Pattern((*pattern).to_owned());
                let cron = croner::Cron::from_str(pattern).map_err(|_| wrong())?;
                let next = cron
                    .find_next_occurrence(&now.to_zoned(zone), false)
                    .map_err(|_| wrong())?;
                Ok(next.timestamp())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_pattern_is_read_in_its_zone_also_when_the_clocks_change() {
        let daily = Rhythm::Cron("30 3 * * *");
        // Madrid is at +1 in winter and at +2 in summer.
        assert_eq!(
            daily.next(at("2026-03-28T12:00:00Z"), "Europe/Madrid"),
            Ok(at("2026-03-29T01:30:00Z"))
        );
        assert_eq!(
            daily.next(at("2026-03-28T01:00:00Z"), "Europe/Madrid"),
            Ok(at("2026-03-28T02:30:00Z"))
        );
        assert_eq!(
            daily.next(at("2026-01-01T00:00:00Z"), "America/Santo_Domingo"),
            Ok(at("2026-01-01T07:30:00Z"))
        );
    }

    #[test]
    fn an_hour_that_a_night_does_not_have_is_not_waited_for_a_year() {
        let missing = Rhythm::Cron("30 2 * * *");
        let next = missing
            .next(at("2026-03-28T12:00:00Z"), "Europe/Madrid")
            .expect("a time");
        assert!(next < at("2026-03-31T00:00:00Z"), "{next}");
    }

    #[test]
    fn missed_times_are_not_made_up_for() {
        let hourly = Rhythm::Cron("0 * * * *");
        assert_eq!(
            hourly.next(at("2026-03-28T12:34:00Z"), "UTC"),
            Ok(at("2026-03-28T13:00:00Z"))
        );
        let every = Rhythm::Every(SignedDuration::from_secs(60));
        assert_eq!(
            every.next(at("2026-03-28T12:34:00Z"), "UTC"),
            Ok(at("2026-03-28T12:35:00Z"))
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let now = at("2026-03-28T12:34:00Z");
        assert!(matches!(
            Rhythm::Cron("every day").next(now, "UTC"),
            Err(RhythmError::Pattern(_))
        ));
        assert!(matches!(
            Rhythm::Cron("0 0 31 2 *").next(now, "UTC"),
            Err(RhythmError::Pattern(_))
        ));
        assert!(matches!(
            Rhythm::Cron("0 0 * * *").next(now, "Mars/Base"),
            Err(RhythmError::Zone(_))
        ));
    }
}
