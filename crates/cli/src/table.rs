//! Tables and fact sheets for people.

use crate::output::{Terminal, clean};
use comfy_table::{ContentArrangement, Table, presets};
use std::io;

/// Prints rows under headings, no wider than the terminal; `nothing` says it in words when there are no rows.
pub(crate) fn print_table(
    terminal: &mut Terminal,
    headings: &[&str],
    rows: Vec<Vec<String>>,
    nothing: &str,
) -> io::Result<()> {
    if rows.is_empty() {
        return terminal.text(&format!("{nothing}\n"));
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(headings.to_vec());
    if let Some(width) = terminal.width {
        table.set_width(width);
    } else if !terminal.interactive.output {
        // Not a terminal: whole cells, whatever their width, so that grep finds them.
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell).replace('\n', " ")));
    }
    let text = table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect::<String>();
    terminal.text(&text)
}

/// Prints labelled facts, one a line, labels aligned. Facts without a value are left out.
pub(crate) fn print_facts(terminal: &mut Terminal, facts: &[(&str, Option<String>)]) -> io::Result<()> {
    let width = facts
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    let text = facts
        .iter()
        .filter_map(|(label, value)| {
            value
                .as_ref()
                .map(|value| (label, clean(value).replace('\n', " ")))
        })
        .map(|(label, value)| format!("{label:<width$}  {value}\n"))
        .collect::<String>();
    terminal.text(&text)
}
