//! What of the archive somebody has to mend. A trouble that passes by itself is none: each has to last, but for a piece of the log
//! that was refused, which PostgreSQL has tried three times by then.

use super::Seen;
use super::health::Archiver;
use crate::settings::PointInTime;
use jiff::Timestamp;
use std::time::Duration;

/// The first of these that holds, as a stable word.
pub(super) fn of(seen: &Seen, archiver: &Archiver, settings: &PointInTime) -> Option<&'static str> {
    let lasts = |since: Option<Timestamp>, most: Duration| {
        since.is_some_and(|since| age(since, archiver.now) >= most)
    };
    let newest = seen.reach.iter().flat_map(|reach| &reach.bases);
    let newest = newest.map(|base| base.stopped_at).max();
    let refused = seen.trouble.as_ref().map(|(_, since)| *since);
    let waiting = seen.waiting.as_ref().map(|(_, since)| *since);
    match () {
        () if !archiver.is_on => Some("off"),
        () if archiver.is_failing => Some("failing"),
        () if lasts(waiting, settings.patience) => Some("waiting"),
        () if lasts(refused, settings.patience) => Some("refused"),
        () if newest.is_none() && lasts(seen.baseless_since, settings.patience * 4) => Some("no-base"),
        () if lasts(newest, settings.backup_every * 3 / 2) => Some("old-base"),
        () => None,
    }
}

/// What it means, for whoever has to mend it.
pub(crate) fn words(alarm: &str) -> &'static str {
    match alarm {
        "off" => {
            "PostgreSQL's archive_mode is off: nothing goes into the archive. Start it with the settings that `tenantry up` gives it."
        }
        "failing" => {
            "Pieces of the log do not get into the archive. PostgreSQL's log tells why; look for room on the disk first."
        }
        "waiting" => "Pieces of the log wait and none gets into the archive. Look what archive_command does.",
        "refused" => "pgBackRest refuses to work. The node's log tells why.",
        "no-base" => {
            "There is no whole base backup: no moment can be reached. The node's log tells why none is made."
        }
        _ => "The newest base backup is older than it should be. The node's log tells why none is made.",
    }
}

fn age(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point_in_time::Reach;
    use crate::point_in_time::tool::Base;
    use std::path::PathBuf;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    fn settings() -> PointInTime {
        PointInTime {
            program: PathBuf::new(),
            config: PathBuf::new(),
            stanza: "node".to_owned(),
            aside_dir: PathBuf::new(),
            backup_every: Duration::from_secs(100),
            full_every: Duration::from_secs(1000),
            patience: Duration::from_secs(10),
        }
    }

    fn seen(bases: &[i64]) -> Seen {
        let base = |at: &i64| Base {
            label: at.to_string(),
            is_full: true,
            is_whole: true,
            first: 1,
            last: 1,
            stopped_at: second(*at),
            cluster_bytes: 0,
            added_bytes: 0,
        };
        Seen {
            reach: Some(Reach {
                bases: bases.iter().map(base).collect(),
                ..Reach::default()
            }),
            ..Seen::default()
        }
    }

    fn at(now: i64) -> Archiver {
        Archiver {
            now: second(now),
            archived_at: None,
            archived: None,
            is_on: true,
            is_failing: false,
            is_waiting: false,
        }
    }

    #[test]
    fn what_lasts_is_an_alarm_and_what_passes_is_none() {
        let told = |seen: &Seen, archiver: &Archiver| of(seen, archiver, &settings());
        assert_eq!(told(&seen(&[0]), &at(149)), None);
        assert_eq!(told(&seen(&[0]), &at(150)), Some("old-base"));
        let failing = Archiver {
            is_failing: true,
            ..at(1)
        };
        assert_eq!(told(&seen(&[0]), &failing), Some("failing"));
        let off = Archiver {
            is_on: false,
            ..at(1)
        };
        assert_eq!(told(&seen(&[0]), &off), Some("off"));
        let waiting = Seen {
            waiting: Some((None, second(5))),
            ..seen(&[0])
        };
        assert_eq!(
            (told(&waiting, &at(14)), told(&waiting, &at(15))),
            (None, Some("waiting"))
        );
        let refused = Seen {
            trouble: Some(("no".to_owned(), second(5))),
            ..seen(&[0])
        };
        assert_eq!(
            (told(&refused, &at(14)), told(&refused, &at(15))),
            (None, Some("refused"))
        );
        let baseless = Seen {
            baseless_since: Some(second(5)),
            ..seen(&[])
        };
        assert_eq!(
            (told(&baseless, &at(44)), told(&baseless, &at(45))),
            (None, Some("no-base"))
        );
    }
}
