//! The table of goals: rows, what they are held against, and how they are printed.

use crate::measure::Figure;
use serde::Serialize;
use std::fmt::Write as _;

/// What a row's figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    Milliseconds,
    PerSecond,
    Megabytes,
}

/// What a row is to reach. A ratio is ours to the rival's median.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// Our median, as a share of the rival's median, at most.
    MedianRatio(f64),
    /// Our p99, as a share of the rival's median, below.
    P99Ratio(f64),
    /// Our median, as a multiple of the rival's, at least.
    Times(f64),
    /// Our median at most.
    Median(f64),
    /// Our p99 at most.
    P99(f64),
}

/// A goal beside what was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    goal: String,
    measured: Option<f64>,
    met: bool,
}

/// What a row is held against.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Beside {
    what: String,
    figure: Option<Figure>,
}

/// One thing that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    what: String,
    unit: Unit,
    figure: Figure,
    beside: Option<Beside>,
    /// Our median as a multiple of the rival's.
    ratio: Option<f64>,
    verdicts: Vec<Verdict>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, unit: Unit, figure: Figure) -> Self {
        Self {
            what: what.into(),
            unit,
            figure,
            beside: None,
            ratio: None,
            verdicts: Vec::new(),
        }
    }

    /// A row in milliseconds.
    pub(crate) fn time(what: impl Into<String>, figure: Figure) -> Self {
        Self::new(what, Unit::Milliseconds, figure)
    }

    /// Holds it against a rival's figure.
    pub(crate) fn beside(mut self, what: impl Into<String>, figure: Figure) -> Self {
        self.ratio = Some(self.figure.median / figure.median);
        self.beside = Some(Beside {
            what: what.into(),
            figure: Some(figure),
        });
        self
    }

    /// Holds it against something that has no figure.
    pub(crate) fn beside_words(mut self, what: impl Into<String>) -> Self {
        self.beside = Some(Beside {
            what: what.into(),
            figure: None,
        });
        self
    }

    /// Says what is to be reached; the rival comes before its goals.
    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        let rival = self.beside.as_ref().and_then(|beside| beside.figure);
        let share = |value: Option<f64>| Some(value? / rival?.median);
        let (Figure { median, p99, .. }, unit) = (self.figure, self.unit);
        let (measured, goal, met): (_, _, fn(f64, f64) -> bool) = match goal {
            Goal::MedianRatio(bound) => (
                share(Some(median)),
                (format!("median ≤ {bound} of it"), bound),
                at_most,
            ),
            Goal::P99Ratio(bound) => (share(p99), (format!("p99 < {bound} of its median"), bound), below),
            Goal::Times(bound) => (
                share(Some(median)),
                (format!("≥ {bound} times it"), bound),
                at_least,
            ),
            Goal::Median(bound) => (
                Some(median),
                (format!("median ≤ {}", told(bound, unit)), bound),
                at_most,
            ),
            Goal::P99(bound) => (p99, (format!("p99 ≤ {}", told(bound, unit)), bound), at_most),
        };
        self.verdicts.push(Verdict {
            goal: goal.0,
            measured,
            met: measured.is_some_and(|measured| met(measured, goal.1)),
        });
        self
    }
}

fn at_most(measured: f64, bound: f64) -> bool {
    measured <= bound
}

fn below(measured: f64, bound: f64) -> bool {
    measured < bound
}

fn at_least(measured: f64, bound: f64) -> bool {
    measured >= bound
}

/// Where the time of something goes: a line for each part, a column for each way of doing it, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Breakdown {
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    pub(crate) lines: Vec<(String, Vec<Option<f64>>)>,
}

/// Everything that a run found out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// What it ran on.
    pub(crate) machine: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) breakdowns: Vec<Breakdown>,
    /// What could not be measured, and what was seen that should not be.
    pub(crate) remarks: Vec<String>,
}

impl Report {
    /// The report as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n\n", self.machine);
        text.push_str("| what | n | median | p99 | beside | n | median | p99 | ratio | goal | |\n");
        text.push_str("|---|--:|--:|--:|---|--:|--:|--:|--:|---|---|\n");
        for row in &self.rows {
            text.push_str(&line(row));
        }
        for breakdown in &self.breakdowns {
            text.push_str(&table(breakdown));
        }
        for remark in &self.remarks {
            // Writing to a text cannot fail.
            let _ = write!(text, "\n- {remark}");
        }
        text.push('\n');
        text
    }
}

fn line(row: &Row) -> String {
    let [samples, median, p99] = cells(Some(row.figure), row.unit);
    let rival = row.beside.as_ref();
    let [rival_samples, rival_median, rival_p99] = cells(rival.and_then(|beside| beside.figure), row.unit);
    let ratio = row.ratio.map(share).unwrap_or_default();
    let joined =
        |each: &dyn Fn(&Verdict) -> String| row.verdicts.iter().map(each).collect::<Vec<_>>().join("; ");
    let goals = joined(&|verdict| verdict.goal.clone());
    let verdicts = joined(&|verdict| match (verdict.measured, verdict.met) {
        (None, _) => "not measured".to_owned(),
        (_, true) => "met".to_owned(),
        (_, false) => "not met".to_owned(),
    });
    let beside = rival.map(|beside| beside.what.as_str()).unwrap_or_default();
    format!(
        "| {} | {samples} | {median} | {p99} | {beside} | {rival_samples} | {rival_median} | {rival_p99} | {ratio} \
         | {goals} | {verdicts} |\n",
        row.what
    )
}

fn cells(figure: Option<Figure>, unit: Unit) -> [String; 3] {
    figure.map_or_else(Default::default, |figure| {
        let samples = match figure.samples {
            0 => "told".to_owned(),
            samples => samples.to_string(),
        };
        let p99 = figure.p99.map(|p99| told(p99, unit));
        [samples, told(figure.median, unit), p99.unwrap_or_default()]
    })
}

fn table(breakdown: &Breakdown) -> String {
    let mut text = format!(
        "\n{}\n\n| | {} |\n|---|",
        breakdown.title,
        breakdown.columns.join(" | ")
    );
    text.push_str(&"--:|".repeat(breakdown.columns.len()));
    text.push('\n');
    for (name, values) in &breakdown.lines {
        let value = |value: &Option<f64>| value.map(|value| format!("{value:.1} ms")).unwrap_or_default();
        let values: Vec<String> = values.iter().map(value).collect();
        let _ = writeln!(text, "| {name} | {} |", values.join(" | "));
    }
    text
}

fn share(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 0.1 => format!("{ratio:.3}"),
        ratio if ratio < 10.0 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.1}"),
    }
}

/// A figure with its unit, with as many digits as say something.
fn told(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds if value < 10.0 => format!("{value:.2} ms"),
        Unit::Milliseconds if value < 1000.0 => format!("{value:.0} ms"),
        Unit::Milliseconds => format!("{:.2} s", value / 1000.0),
        Unit::PerSecond if value < 100.0 => format!("{value:.1}/s"),
        Unit::PerSecond => format!("{value:.0}/s"),
        Unit::Megabytes => format!("{value:.1} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(median: f64, p99: f64) -> Figure {
        Figure {
            samples: 10,
            median,
            p99: Some(p99),
        }
    }

    #[test]
    fn goals_are_held_against_the_rival_s_median() {
        let row = Row::time("ours", figure(100.0, 390.0))
            .beside("raw", figure(400.0, 800.0))
            .goal(Goal::MedianRatio(0.25))
            .goal(Goal::P99Ratio(1.0))
            .goal(Goal::MedianRatio(0.2));
        let met: Vec<bool> = row.verdicts.iter().map(|verdict| verdict.met).collect();
        assert_eq!(met, [true, true, false]);
        assert_eq!(
            line(&row),
            "| ours | 10 | 100 ms | 390 ms | raw | 10 | 400 ms | 800 ms | 0.25 \
             | median ≤ 0.25 of it; p99 < 1 of its median; median ≤ 0.2 of it | met; met; not met |\n"
        );
    }

    #[test]
    fn p99_that_equals_the_rival_is_not_below_it() {
        let row = Row::time("ours", figure(1.0, 4.0))
            .beside("raw", figure(4.0, 5.0))
            .goal(Goal::P99Ratio(1.0));
        assert!(!row.verdicts[0].met);
    }

    #[test]
    fn published_figures_are_marked_as_told() {
        let row = Row::new("requests", Unit::PerSecond, figure(14_000.0, 15_000.0))
            .beside("theirs", Figure::told(688.0))
            .goal(Goal::Times(20.0));
        assert!(row.verdicts[0].met);
        assert!(
            line(&row).contains("| theirs | told | 688/s |  | 20.3 |"),
            "{}",
            line(&row)
        );
    }

    #[test]
    fn ratio_without_a_rival_is_not_measured() {
        let row = Row::time("ours", figure(1.0, 1.0))
            .beside_words("never")
            .goal(Goal::MedianRatio(0.5));
        assert!(line(&row).ends_with("| not measured |\n"), "{}", line(&row));
    }

    #[test]
    fn figures_have_as_many_digits_as_say_something() {
        let ms = Unit::Milliseconds;
        let told: Vec<String> = [
            (1.234, ms),
            (123.4, ms),
            (1234.0, ms),
            (8.25, Unit::PerSecond),
            (31.0, Unit::Megabytes),
        ]
        .map(|(value, unit)| told(value, unit))
        .into();
        assert_eq!(told, ["1.23 ms", "123 ms", "1.23 s", "8.2/s", "31.0 MB"]);
    }
}
