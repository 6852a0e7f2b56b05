//! How long measured sizes are kept: many of late, few of long ago. A moment is its second since 1970.

use std::collections::BTreeSet;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The hours of today and of so many days before stay, the newest point of each.
pub const HOURLY_DAYS: i64 = 3;
/// The newest point of each day up to so many days ago.
pub const DAILY_DAYS: i64 = 90;
/// The newest of each week up to so many days ago; nothing is kept longer.
pub const WEEKLY_DAYS: i64 = 2 * 366;

/// A span of time of which one point stays. Spans of different lengths are never equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Span {
    Hour(i64),
    Day(i64),
    Week(i64),
}

fn span(at: i64, now: i64) -> Option<Span> {
    let day = at.div_euclid(DAY);
    // A day grows old as a whole, so that what stays of it does not depend on when one looks.
    let age = now.div_euclid(DAY).saturating_sub(day);
    if age <= HOURLY_DAYS {
        Some(Span::Hour(at.div_euclid(HOUR)))
    } else if age <= DAILY_DAYS {
        Some(Span::Day(day))
    } else if age <= WEEKLY_DAYS {
        // The first day was a Thursday; weeks begin on Mondays.
        Some(Span::Week((day + 3).div_euclid(7)))
    } else {
        None
    }
}

/// Which points of one series may go, given in any order: all but the newest of each hour, day or week, as their age has it. The
/// newest of all stays, however old it is.
///
/// A point that is gone is never missed later: what stays of a day's hours is the day's newest, and so of a week's days.
pub fn superfluous(points: &[i64], now: i64) -> Vec<i64> {
    let mut sorted = points.to_vec();
    sorted.sort_unstable();
    let mut kept = BTreeSet::new();
    let mut gone = Vec::new();
    for (index, at) in sorted.iter().rev().enumerate() {
        let stays = span(*at, now).is_some_and(|span| kept.insert(span));
        if !stays && index > 0 {
            gone.push(*at);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A Sunday at half past twelve.
    const NOW: i64 = 1_795_955_400;

    fn hours(count: i64) -> Vec<i64> {
        (0..count).map(|hours| NOW - hours * HOUR).collect()
    }

    fn left(points: &[i64], now: i64) -> Vec<i64> {
        let gone: BTreeSet<i64> = superfluous(points, now).into_iter().collect();
        points.iter().filter(|at| !gone.contains(at)).copied().collect()
    }

    #[test]
    fn hours_stay_for_three_days_days_for_ninety_and_weeks_for_two_years() {
        let kept = left(&hours(3 * 366 * 24), NOW);
        let today = NOW.div_euclid(DAY);
        let aged = |from: i64, to: i64| {
            kept.iter()
                .filter(|at| (from..=to).contains(&(today - at.div_euclid(DAY))))
                .count()
        };
        assert_eq!(aged(0, 0), 13);
        assert_eq!(aged(1, HOURLY_DAYS), 3 * 24);
        assert_eq!(aged(HOURLY_DAYS + 1, DAILY_DAYS), 87);
        assert!((92..=93).contains(&aged(DAILY_DAYS + 1, WEEKLY_DAYS)));
        assert_eq!(aged(WEEKLY_DAYS + 1, i64::MAX), 0);
    }

    #[test]
    fn the_last_point_stays_for_ever() {
        assert_eq!(superfluous(&[NOW - 5 * 366 * DAY], NOW), []);
        assert_eq!(superfluous(&[], NOW), []);
    }

    proptest! {
        #[test]
        fn thinning_again_takes_nothing_more(ages in proptest::collection::btree_set(0i64..3 * 366 * DAY, 0..400)) {
            let points: Vec<i64> = ages.iter().rev().map(|age| NOW - age).collect();
            let once = left(&points, NOW);
            prop_assert_eq!(&left(&once, NOW), &once);
            prop_assert_eq!(points.last(), once.last());
            // At most so many, whatever came.
            prop_assert!(once.len() <= 4 * 24 + 87 + 94);
        }

        #[test]
        fn thinning_every_day_leaves_what_thinning_late_leaves(days in 1i64..300) {
            let late = left(&hours(24 * 20), NOW + days * DAY);
            let mut points = hours(24 * 20);
            for day in 0..=days {
                points = left(&points, NOW + day * DAY);
            }
            prop_assert_eq!(points, late);
        }
    }
}
