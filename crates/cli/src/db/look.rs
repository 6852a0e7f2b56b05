//! `tenantry db size|tables|connections|hints|statements`: what is seen, as tables for people.

use crate::error::Error;
use crate::output::{duration, size};
use crate::session::Session;
use wire::database::{
    ConnectionList, Hint, HintList, Maintained, SizePoint, SizeView, StatementList, TableList, TotalSizeView,
};

fn point(session: &Session<'_>, point: &SizePoint) -> Vec<String> {
    vec![
        session.terminal.time(point.at),
        size(point.database_bytes),
        point.file_bytes.map_or("-".to_owned(), size),
    ]
}

/// How much a tenant holds, and held.
pub(super) async fn size_of(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["tenants", name, "database"]).await?;
    let view: SizeView = answer.decode()?;
    if let Some(limit) = view.limit_bytes {
        session.hint(&format!("Its plan lets it hold {}.", size(limit)))?;
    }
    let rows = view.points.iter().map(|one| point(session, one)).collect();
    session.print_rows(
        &answer,
        &["AT", "DATABASE", "FILES"],
        rows,
        "Nobody has measured it yet.",
    )
}

/// How much all tenants hold, and held.
pub(super) async fn total(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["databases", "size"]).await?;
    let view: TotalSizeView = answer.decode()?;
    session.hint(&format!(
        "{} tenants: {} of databases, {} of files.",
        view.tenants,
        size(view.database_bytes),
        size(view.file_bytes)
    ))?;
    let rows = view.days.iter().map(|one| point(session, one)).collect();
    session.print_rows(
        &answer,
        &["DAY", "DATABASES", "FILES"],
        rows,
        "Nobody has measured anything yet.",
    )
}

/// The tables.
pub(super) async fn tables(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["tenants", name, "database", "tables"]).await?;
    let list: TableList = answer.decode()?;
    let rows = list.items.iter().map(|table| {
        vec![
            table.name.clone(),
            table.rows.map_or("-".to_owned(), |rows| rows.to_string()),
            table.dead_rows.to_string(),
            size(table.total_bytes),
            size(table.heap_bytes),
            size(table.index_bytes),
            size(table.toast_bytes),
            session.terminal.time_or_dash(table.vacuumed_at),
            session.terminal.time_or_dash(table.analyzed_at),
        ]
    });
    let rows = rows.collect();
    let headings = [
        "TABLE", "ROWS", "DEAD", "SIZE", "HEAP", "INDEXES", "TOAST", "VACUUMED", "ANALYZED",
    ];
    session.print_rows(&answer, &headings, rows, "There are no tables.")
}

/// The connections. When each was opened is told in full: it names the connection together with its number.
pub(super) async fn connections(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session
        .read(&["tenants", name, "database", "connections"])
        .await?;
    let list: ConnectionList = answer.decode()?;
    let rows = list.items.iter().map(|one| {
        vec![
            one.pid.to_string(),
            one.started_at.to_string(),
            one.user.clone(),
            one.application.clone(),
            one.client.clone().unwrap_or_else(|| "-".to_owned()),
            one.state.clone().unwrap_or_else(|| "-".to_owned()),
            one.wait.clone().unwrap_or_else(|| "-".to_owned()),
            one.query.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    });
    let rows = rows.collect();
    let headings = [
        "PID",
        "OPENED",
        "ROLE",
        "APPLICATION",
        "CLIENT",
        "STATE",
        "WAITS FOR",
        "STATEMENT",
    ];
    session.print_rows(&answer, &headings, rows, "Nobody is connected.")
}

fn what(hint: &Hint) -> String {
    let count = hint.count.unwrap_or_default();
    match hint.kind.as_str() {
        "bloat" => format!("{count} % of the table is lost room"),
        "missing-index" => format!("read from end to end {count} times"),
        "unused-index" => "nobody has used it".to_owned(),
        "duplicate-index" => format!(
            "{} serves for the same",
            hint.other.as_deref().unwrap_or("another")
        ),
        "invalid-index" => "building it was cut off; nobody uses it".to_owned(),
        other => other.to_owned(),
    }
}

/// The hints.
pub(super) async fn hints(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["tenants", name, "database", "hints"]).await?;
    let list: HintList = answer.decode()?;
    if let Some(since) = list.since {
        session.hint(&format!("Use is counted since {}.", session.terminal.time(since)))?;
    }
    let rows = list.items.iter().map(|hint| {
        vec![
            hint.kind.clone(),
            hint.table.clone(),
            hint.index.clone().unwrap_or_else(|| "-".to_owned()),
            size(hint.bytes),
            what(hint),
        ]
    });
    let rows = rows.collect();
    session.print_rows(
        &answer,
        &["HINT", "TABLE", "INDEX", "SIZE", "WHY"],
        rows,
        "Nothing stands out.",
    )
}

/// The statements.
pub(super) async fn statements(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["tenants", name, "database", "statements"]).await?;
    let list: StatementList = answer.decode()?;
    let rows = list.items.iter().map(|one| {
        vec![
            duration(one.total_ms.unsigned_abs()),
            one.calls.to_string(),
            format!("{} us", one.mean_us),
            one.rows.to_string(),
            one.query.clone(),
        ]
    });
    let rows = rows.collect();
    let nothing = match list.available {
        true => "No statement was counted yet.",
        false => {
            "PostgreSQL does not count statements here: the extension pg_stat_statements is not there, or not loaded."
        }
    };
    session.print_rows(
        &answer,
        &["TOGETHER", "RUNS", "EACH", "ROWS", "STATEMENT"],
        rows,
        nothing,
    )
}

/// What looking after a database did.
pub(super) fn maintained(found: &Maintained) -> String {
    let mut text = format!(
        "{} tables in {}; database {} -> {}, dead rows {} -> {}.",
        found.tables,
        duration(found.milliseconds),
        size(found.bytes_before),
        size(found.bytes_after),
        found.dead_before,
        found.dead_after
    );
    if !found.passed_over.is_empty() {
        text.push_str(&format!(
            " Passed over, being held: {}.",
            found.passed_over.join(", ")
        ));
    }
    text
}
