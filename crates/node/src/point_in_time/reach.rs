//! How far back the archive reaches: from base backups whose log has no gap between them and now.

use crate::point_in_time::tool::{Base, Segment};
use jiff::Timestamp;

/// What can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Base backups that can be begun from, the oldest first.
    pub(crate) bases: Vec<Base>,
    /// When the piece of the log before the newest gap was archived.
    pub(crate) broken_at: Option<Timestamp>,
    /// Bytes of it all.
    pub(crate) bytes: u64,
}

impl Reach {
    /// What follows from these backups and these pieces of the log.
    pub(crate) fn of(bases: &[Base], mut segments: Vec<Segment>) -> Self {
        segments.sort_by_key(|segment| segment.number);
        let mut first = None;
        let mut broken_at = None;
        for segment in segments.iter().rev() {
            match first {
                // The last piece of one timeline may be the first of the next.
                Some(next) if segment.number == next || segment.number + 1 == next => {
                    first = Some(segment.number);
                }
                None => first = Some(segment.number),
                Some(_) => {
                    broken_at = Some(segment.at);
                    break;
                }
            }
        }
        let last = segments.last().map(|segment| segment.number);
        let usable = bases.iter().filter(|base| match (first, last) {
            (Some(first), Some(last)) => base.is_whole && base.first >= first && base.last <= last,
            _ => false,
        });
        let logs: u64 = segments.iter().map(|segment| segment.bytes).sum();
        Self {
            bases: usable.cloned().collect(),
            broken_at,
            bytes: logs + bases.iter().map(|base| base.added_bytes).sum::<u64>(),
        }
    }

    /// The earliest moment.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        self.bases.iter().map(|base| base.stopped_at).min()
    }

    /// The newest base backup that was whole before this moment.
    pub(crate) fn base_for(&self, at: Timestamp) -> Option<&Base> {
        let before = self.bases.iter().filter(|base| base.stopped_at <= at);
        before.max_by_key(|base| base.stopped_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    fn base(first: u64, last: u64, at: i64) -> Base {
        Base {
            label: format!("base-{at}"),
            is_full: true,
            is_whole: true,
            first,
            last,
            stopped_at: second(at),
            cluster_bytes: 1,
            added_bytes: 10,
        }
    }

    fn segments(numbers: &[u64]) -> Vec<Segment> {
        let of = |number: &u64| Segment {
            number: *number,
            bytes: 1,
            at: second(i64::try_from(*number).unwrap()),
        };
        numbers.iter().map(of).collect()
    }

    #[test]
    fn the_oldest_backup_is_where_it_begins_and_the_newest_before_a_moment_what_it_is_restored_from() {
        let bases = [base(2, 3, 30), base(5, 5, 50)];
        let reach = Reach::of(&bases, segments(&[6, 2, 3, 5, 4]));
        assert_eq!(reach.earliest(), Some(second(30)));
        assert_eq!((reach.broken_at, reach.bytes), (None, 25));
        assert_eq!(reach.base_for(second(49)).unwrap().label, "base-30");
        assert_eq!(reach.base_for(second(50)).unwrap().label, "base-50");
        assert!(reach.base_for(second(29)).is_none());
    }

    #[test]
    fn nothing_before_a_gap_can_be_reached() {
        let bases = [base(2, 3, 30), base(6, 6, 60)];
        let reach = Reach::of(&bases, segments(&[1, 2, 3, 5, 6, 7]));
        assert_eq!(reach.earliest(), Some(second(60)));
        assert_eq!(reach.broken_at, Some(second(3)));
        assert!(Reach::of(&bases[..1], segments(&[1, 2, 3, 5])).bases.is_empty());
    }

    #[test]
    fn a_backup_whose_log_is_not_all_there_counts_for_nothing() {
        let half = Base {
            is_whole: false,
            ..base(2, 3, 30)
        };
        let late = base(4, 9, 90);
        assert!(
            Reach::of(&[half, late], segments(&[1, 2, 3, 4, 5]))
                .bases
                .is_empty()
        );
        assert!(Reach::of(&[base(1, 1, 10)], Vec::new()).bases.is_empty());
    }
}
