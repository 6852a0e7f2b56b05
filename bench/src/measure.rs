//! Samples, what is told of them, and the order in which rivals take turns.

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Measured values of one thing, all in one unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

/// What is told of samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    /// How many there were; 0 for a figure that others have published.
    pub(crate) samples: usize,
    /// The middle one, or the mean of the two in the middle.
    pub(crate) median: f64,
    /// The smallest value that at least 99 in 100 do not exceed: the largest, below a hundred samples.
    pub(crate) p99: Option<f64>,
}

impl Samples {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a time, in milliseconds.
    pub(crate) fn push_time(&mut self, time: Duration) {
        self.push(milliseconds(time));
    }

    /// Median and p99.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn figure(&self) -> Result<Figure> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied();
        let count = sorted.len();
        let upper = at(count / 2).context("there is no sample")?;
        let lower = at((count - 1) / 2).unwrap_or(upper);
        Ok(Figure {
            samples: count,
            median: f64::midpoint(lower, upper),
            p99: at((count * 99).div_ceil(100) - 1),
        })
    }
}

impl Figure {
    /// A figure that was not measured here.
    pub(crate) const fn told(median: f64) -> Self {
        Self {
            samples: 0,
            median,
            p99: None,
        }
    }
}

/// The samples of several rivals.
#[derive(Clone, Debug)]
pub(crate) struct Contest<W>(BTreeMap<W, Samples>);

impl<W: Ord> Contest<W> {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The samples of one rival, to add to.
    pub(crate) fn of(&mut self, way: W) -> &mut Samples {
        self.0.entry(way).or_default()
    }

    /// What is told of one rival.
    ///
    /// # Errors
    /// When it has no sample.
    pub(crate) fn figure(&self, way: &W) -> Result<Figure> {
        self.0.get(way).context("there is no sample")?.figure()
    }
}

/// Rivals taking turns: forwards and backwards, and every second round begins with another one, so that what one
/// leaves behind does not always meet the same. Two need two rounds, three need six, until all orders were there.
pub(crate) fn interleaved<W: Copy>(rounds: usize, ways: &[W]) -> impl Iterator<Item = W> {
    let count = ways.len();
    (0..rounds).flat_map(move |round| {
        let turns = (0..count).map(move |turn| if round % 2 == 0 { turn } else { count - 1 - turn });
        turns.map(move |turn| ways[(round / 2 + turn) % count])
    })
}

/// A time in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: impl IntoIterator<Item = f64>) -> Figure {
        let mut samples = Samples::default();
        values.into_iter().for_each(|value| samples.push(value));
        samples.figure().unwrap()
    }

    #[test]
    fn median_is_the_middle_or_the_mean_of_both() {
        assert_eq!(figure([3.0]).median, 3.0);
        assert_eq!(figure([9.0, 1.0, 2.0]).median, 2.0);
        assert_eq!(figure([4.0, 1.0, 2.0, 9.0]).median, 3.0);
    }

    #[test]
    fn p99_is_the_largest_below_a_hundred_samples_and_leaves_one_in_a_hundred_out_above() {
        let up_to = |most: u32| (1..=most).map(f64::from);
        for (most, expected) in [
            (1, 1.0),
            (30, 30.0),
            (99, 99.0),
            (100, 99.0),
            (101, 100.0),
            (1000, 990.0),
        ] {
            assert_eq!(figure(up_to(most)).p99, Some(expected), "{most} samples");
        }
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        assert!(Samples::default().figure().is_err());
        assert!(Contest::<u8>::new().figure(&1).is_err());
    }

    #[test]
    fn times_are_kept_in_milliseconds() {
        let mut samples = Samples::default();
        samples.push_time(Duration::from_micros(1500));
        assert_eq!(samples.figure().unwrap().median, 1.5);
    }

    #[test]
    fn rivals_take_turns_in_all_orders() {
        let order: String = interleaved(6, &['a', 'b', 'c']).collect();
        assert_eq!(order, "abccbabcaacbcabbac");
        assert_eq!(interleaved(2, &['a', 'b']).collect::<String>(), "abba");
        assert_eq!(interleaved(0, &['a']).count(), 0);
    }

    #[test]
    fn rivals_are_told_apart() {
        let mut contest = Contest::new();
        for (way, value) in [("ours", 1.0), ("theirs", 4.0), ("ours", 3.0)] {
            contest.of(way).push(value);
        }
        assert_eq!(contest.figure(&"ours").unwrap().median, 2.0);
        assert_eq!(contest.figure(&"theirs").unwrap().samples, 1);
    }
}
