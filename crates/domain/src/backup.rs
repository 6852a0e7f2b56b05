//! Backups: why one is taken, when the next is due, and which of them stay.

use crate::id::BackupId;
use crate::operation::word_enum;
use crate::rule::Rule;
use std::collections::BTreeSet;
use std::{fmt, str::FromStr};

word_enum!(
    /// Why a backup is taken.
    BackupKind {
        /// Its time had come.
        Scheduled = "scheduled",
        /// Somebody asked for it.
        Manual = "manual",
        /// Before something that could go wrong.
        Before = "before",
        /// Before the tenant goes for good.
        Final = "final",
    }
);

word_enum!(
    /// Where a backup stands.
    BackupState {
        /// It is being taken. Nothing can be restored from it.
        Taking = "taking",
        /// It is whole.
        Kept = "kept",
        /// It did not come to be.
        Failed = "failed",
        /// Looking at it found it damaged.
        Damaged = "damaged",
        /// It was forgotten.
        Forgotten = "forgotten",
    }
);

/// When a backup was taken, in numbers that grow with time: its second, and the day, week, month and year that this is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TakenAt {
    /// Second of the Unix epoch.
    pub second: i64,
    /// Day, of any era.
    pub day: i64,
    /// Week, of any era.
    pub week: i64,
    /// Month, of any era.
    pub month: i64,
    /// Year.
    pub year: i64,
}

/// A backup, as the rules of keeping see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptBackup {
    /// Which.
    pub id: BackupId,
    /// When it was taken.
    pub taken: TakenAt,
    /// Whether somebody said that it stays, or something is done with it now.
    pub is_held: bool,
}

/// How many backups stay: the newest ones, and the newest of each of so many days, weeks, months and years that have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The newest ones, whenever they were taken.
    pub last: u16,
    /// Of days.
    pub days: u16,
    /// Of weeks.
    pub weeks: u16,
    /// Of months.
    pub months: u16,
    /// Of years.
    pub years: u16,
}

/// The number of the period that a moment is in.
type Period = fn(&TakenAt) -> i64;

impl Retention {
    /// The backups that stay. The newest one always does, and so does whatever is held.
    pub fn keep(&self, backups: &[KeptBackup]) -> BTreeSet<BackupId> {
        let mut newest_first: Vec<&KeptBackup> = backups.iter().collect();
        newest_first.sort_by_key(|backup| std::cmp::Reverse((backup.taken, backup.id)));
        let mut kept: BTreeSet<BackupId> = backups
            .iter()
            .filter(|backup| backup.is_held)
            .map(|backup| backup.id)
            .collect();
        let last = usize::from(self.last.max(1));
        kept.extend(newest_first.iter().take(last).map(|backup| backup.id));
        let periods: [(u16, Period); 4] = [
            (self.days, |taken| taken.day),
            (self.weeks, |taken| taken.week),
            (self.months, |taken| taken.month),
            (self.years, |taken| taken.year),
        ];
        for (count, period) in periods {
            let mut seen = BTreeSet::new();
            for backup in &newest_first {
                if seen.len() == usize::from(count) {
                    break;
                }
                if seen.insert(period(&backup.taken)) {
                    kept.insert(backup.id);
                }
            }
        }
        kept
    }
}

word_enum!(
    /// Who said how often a tenant is backed up.
    ScheduleSource {
        /// It was said for the tenant itself.
        Tenant = "tenant",
        /// Its plan says so.
        Plan = "plan",
        /// Neither does, so it is as everywhere on the installation.
        Installation = "installation",
    }
);

/// When backups are taken by the clock, as far as somebody said it. What was not said is as above: for a tenant as its plan
/// says, for a plan as the installation's settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupSchedule {
    /// Hours from one to the next; zero takes none.
    pub every_hours: Option<u16>,
    /// The hour at which the window opens, UTC.
    pub opens_hour: Option<u8>,
}

impl BackupSchedule {
    /// The most hours from one to the next.
    pub const MOST_HOURS: i64 = 720;
    /// The last hour of a day.
    pub const LAST_HOUR: i64 = 23;

    /// This, with what it leaves open as `above` says.
    #[must_use]
    pub fn or(self, above: Self) -> Self {
        Self {
            every_hours: self.every_hours.or(above.every_hours),
            opens_hour: self.opens_hour.or(above.opens_hour),
        }
    }
}

/// When backups are taken: every so often, each tenant at a time of its own within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// From one to the next, in seconds; at least one.
    pub period: i64,
    /// When the window opens, in seconds after midnight UTC.
    pub opens: i64,
    /// How long it is open, in seconds.
    pub window: i64,
}

impl Rhythm {
    /// The latest time at or before `now` at which a backup of whoever has this number was due, in seconds of the Unix epoch.
    /// Numbers that are spread evenly give times that are.
    pub fn latest(&self, number: u64, now: i64) -> i64 {
        let period = self.period.max(1);
        let window = self.window.clamp(1, period);
        let within = i64::try_from(number % window.unsigned_abs()).unwrap_or_default();
        let phase = self.opens + within;
        now - (now - phase).rem_euclid(period)
    }

    /// Whether one is due that was last begun then.
    pub fn is_due(&self, number: u64, last_begun: Option<i64>, now: i64) -> bool {
        last_begun.is_none_or(|begun| begun < self.latest(number, now))
    }

    /// When the next one is due after one that was begun then; `now` if it is due already.
    pub fn next(&self, number: u64, last_begun: i64, now: i64) -> i64 {
        if self.is_due(number, Some(last_begun), now) {
            return now;
        }
        self.latest(number, last_begun) + self.period.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn backup(number: u128, day: i64) -> KeptBackup {
        KeptBackup {
            id: BackupId::from_uuid(Uuid::from_u128(number)),
            taken: TakenAt {
                second: day * 86_400,
                day,
                week: day / 7,
                month: day / 30,
                year: day / 365,
            },
            is_held: false,
        }
    }

    #[test]
    fn a_year_of_days_keeps_days_weeks_and_months() {
        let backups: Vec<_> = (0..400).map(|day| backup(day as u128, day)).collect();
        let retention = Retention {
            last: 1,
            days: 7,
            weeks: 4,
            months: 12,
            years: 0,
        };
        let kept = retention.keep(&backups);
        let days: Vec<u128> = kept.iter().map(|id| id.uuid().as_u128()).collect();
        // Twelve months' ends, the ends of four weeks, and seven days.
        assert_eq!(
            days,
            [
                89, 119, 149, 179, 209, 239, 269, 299, 329, 359, 384, 389, 391, 393, 394, 395, 396, 397, 398,
                399
            ]
        );
    }

    #[test]
    fn the_newest_stays_whatever_the_rules_say() {
        let kept = Retention::default().keep(&[backup(1, 10), backup(2, 11)]);
        assert_eq!(kept.len(), 1);
        assert!(kept.contains(&BackupId::from_uuid(Uuid::from_u128(2))));
    }

    #[test]
    fn what_a_tenant_leaves_open_is_as_its_plan_says() {
        let said = |every_hours, opens_hour| BackupSchedule {
            every_hours,
            opens_hour,
        };
        let installation = said(Some(24), Some(1));
        let plan = said(Some(6), None);
        assert_eq!(
            said(None, Some(22)).or(plan).or(installation),
            said(Some(6), Some(22))
        );
        assert_eq!(
            said(Some(0), None).or(plan).or(installation),
            said(Some(0), Some(1))
        );
        assert_eq!(
            BackupSchedule::default()
                .or(BackupSchedule::default())
                .or(installation),
            installation
        );
    }

    fn any_backups() -> impl Strategy<Value = Vec<KeptBackup>> {
        let one = (0_i64..1500, any::<bool>());
        prop::collection::vec(one, 1..60).prop_map(|drawn| {
            let each = drawn.into_iter().enumerate();
            each.map(|(number, (day, is_held))| KeptBackup {
                is_held: is_held && day % 7 == 0,
                ..backup(number as u128, day)
            })
            .collect()
        })
    }

    fn any_retention() -> impl Strategy<Value = Retention> {
        (0_u16..4, 0_u16..15, 0_u16..9, 0_u16..15, 0_u16..4).prop_map(|(last, days, weeks, months, years)| {
            Retention {
                last,
                days,
                weeks,
                months,
                years,
            }
        })
    }

    proptest! {
        /// Whatever there is: the newest stays, what is held stays, no more stay than the rules allow, and forgetting twice
        /// forgets nothing more.
        #[test]
        fn what_stays_is_what_the_rules_say(backups in any_backups(), retention in any_retention()) {
            let kept = retention.keep(&backups);
            let newest = backups.iter().max_by_key(|one| (one.taken, one.id)).map(|one| one.id);
            prop_assert!(newest.is_some_and(|newest| kept.contains(&newest)));
            prop_assert!(backups.iter().all(|one| !one.is_held || kept.contains(&one.id)));
            let held = backups.iter().filter(|one| one.is_held).count();
            let Retention { last, days, weeks, months, years } = retention;
            let most = [last.max(1), days, weeks, months, years].map(usize::from).iter().sum::<usize>();
            prop_assert!(kept.len() <= most + held);
            let left: Vec<_> = backups.iter().copied().filter(|one| kept.contains(&one.id)).collect();
            prop_assert_eq!(retention.keep(&left), kept);
        }

        /// Whoever is backed up when it is due has one in every period, at the same moment of it, within the window.
        #[test]
        fn everybody_has_a_moment_of_their_own(
            number in any::<u64>(), hours in 1_i64..200, opens in 0_i64..24, window in 1_i64..24, now in 0_i64..4_000_000_000,
        ) {
            let rhythm = Rhythm { period: hours * 3600, opens: opens * 3600, window: window * 3600 };
            let due = rhythm.latest(number, now);
            prop_assert!(due <= now && now - due < rhythm.period);
            prop_assert!(rhythm.is_due(number, Some(due - 1), now) && !rhythm.is_due(number, Some(due), now));
            prop_assert_eq!(rhythm.latest(number, due + rhythm.period - 1), due);
            prop_assert_eq!(rhythm.latest(number, due + rhythm.period), due + rhythm.period);
            let within = (due - rhythm.opens).rem_euclid(rhythm.period);
            prop_assert!(within < rhythm.window.min(rhythm.period));
        }

        /// The next one is the first moment at which one is due.
        #[test]
        fn the_next_one_is_told_as_it_comes(
            number in any::<u64>(), hours in 1_i64..200, opens in 0_i64..24, now in 0_i64..4_000_000_000, ago in -7200_i64..2_000_000,
        ) {
            let rhythm = Rhythm { period: hours * 3600, opens: opens * 3600, window: 5 * 3600 };
            let begun = now - ago;
            let next = rhythm.next(number, begun, now);
            prop_assert!(next >= now && rhythm.is_due(number, Some(begun), next));
            prop_assert!(next == now || !rhythm.is_due(number, Some(begun), next - 1));
        }
    }
}
