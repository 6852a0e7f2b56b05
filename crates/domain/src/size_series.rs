//! How long measured sizes are kept: many of late, few of long ago. A moment is its second since 1970.

use std::collections::BTreeSet;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Up to this age, in seconds, the newest of each hour stays.
pub const HOURLY_FOR: i64 = 3 * DAY;
/// Up to this age the newest of each day.
pub const DAILY_FOR: i64 = 90 * DAY;
/// Up to this age the newest of each week; nothing is kept longer.
pub const WEEKLY_FOR: i64 = 2 * 366 * DAY;

/// A span of time of which one point stays. Spans of different lengths are never equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Span {
    Hour(i64),
    Day(i64),
    Week(i64),
}

fn span(at: i64, now: i64) -> Option<Span> {
    let day = at.div_euclid(DAY);
    match now.saturating_sub(at) {
        ..=HOURLY_FOR => Some(Span::Hour(at.div_euclid(HOUR))),
        ..=DAILY_FOR => Some(Span::Day(day)),
        // The first day was a Thursday; weeks begin on Mondays.
        ..=WEEKLY_FOR => Some(Span::Week((day + 3).div_euclid(7))),
        _ => None,
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
        let aged = |from: i64, to: i64| {
            kept.iter()
                .filter(|at| (from..=to).contains(&(NOW - **at)))
                .count()
        };
        assert_eq!(aged(0, HOURLY_FOR), 73);
        assert_eq!(aged(HOURLY_FOR + 1, DAILY_FOR), 88);
        assert_eq!(aged(DAILY_FOR + 1, WEEKLY_FOR), 93);
        assert_eq!(kept.len(), 73 + 88 + 93);
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
            prop_assert!(once.len() <= 74 + 90 + 106);
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
