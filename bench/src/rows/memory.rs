//! The memory that server and node hold.

use crate::ground::Ground;
use crate::measure::{Figure, Samples};
use crate::rows::Findings;
use crate::table::{Goal, Row, Unit};
use anyhow::Result;

/// Of each process: its name in the installation, what the described system's holds, and the goal, in megabytes.
const HELD: [(&str, f64, f64); 2] = [("server", 133.0, 40.0), ("node", 60.0, 20.0)];

/// Looks at the memory now; `when` says what came before.
pub(crate) async fn run(ground: &Ground, when: &str) -> Result<Findings> {
    ground.rest(0).await?;
    let mut findings = Findings::default();
    for (name, told, goal) in HELD {
        let figure = resident(ground, name)?;
        let row = Row::new(format!("memory of the {name}, {when}"), Unit::Megabytes, figure);
        let row = row.beside("the described system", Figure::told(told));
        findings.rows.push(row.goal(Goal::Median(goal)));
    }
    Ok(findings)
}

fn resident(ground: &Ground, name: &str) -> Result<Figure> {
    let mut samples = Samples::default();
    samples.push(ground.processes.resident_megabytes(name)?);
    samples.figure()
}
