//! `GET /admin/workspace/{id}/database`: one tenant's database, as it grew and as its node sees it now.

use crate::App;
use crate::input::Query;
use crate::language::Language;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::{Answer, told};
use askama::Template;
use askama::filters::Safe;
use axum::extract::{Path, State};
use axum::response::Response;
use control::{Caller, ControlError};
use domain::{Action, Subdomain};
use serde::Deserialize;
use serde_json::json;
use std::cmp::Reverse;
use wire::database::{
    ConnectionList, ConnectionView, HintList, SizeView, StatementList, TableList, TableView,
};
use wire::operation::Operation;
use wire::tenant::Tenant;

/// The columns by which tables are sorted, and what each is called.
const COLUMNS: [&str; 7] = ["name", "rows", "dead", "total", "indexes", "scans", "vacuumed"];

/// How many tables are shown at first.
const SHOWN: usize = 60;

/// By which column.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableQuery {
    /// One of them, with `-` before it to fall.
    #[serde(default)]
    sort: Option<String>,
    /// Whether all of them are shown, and not only the first ones.
    #[serde(default)]
    all: Option<String>,
}

/// A heading that sorts.
struct Column {
    word: String,
    href: String,
    class: &'static str,
    sorted: &'static str,
}

#[derive(Template)]
#[template(path = "admin/database.html")]
struct DatabasePage {
    v: View,
    t: Tenant,
    size: SizeView,
    values: String,
    /// Why nothing is seen of it now.
    unseen: Option<String>,
    columns: Vec<Column>,
    tables: TableList,
    /// Where the rest of the tables is, if they are not all shown.
    rest: Option<String>,
    connections: ConnectionList,
    hints: HintList,
    statements: StatementList,
    operations: Vec<Operation>,
}

/// What the node sees now.
#[derive(Default)]
struct Seen {
    tables: TableList,
    connections: ConnectionList,
    hints: HintList,
    statements: StatementList,
}

async fn look(app: &App, caller: &Caller, name: &Subdomain) -> Result<Seen, ControlError> {
    let control = &app.control;
    let (tables, connections, hints, statements) = tokio::try_join!(
        control.database_tables(caller, name),
        control.database_connections(caller, name),
        control.database_hints(caller, name),
        control.database_statements(caller, name),
    )?;
    Ok(Seen {
        tables,
        connections,
        hints,
        statements,
    })
}

/// What is seen, or why nothing is: the page is right without it.
async fn seen(app: &App, caller: &Caller, v: &View, t: &Tenant) -> Answer<(Seen, Option<String>)> {
    let nothing = |why: String| Ok((Seen::default(), Some(why)));
    if !matches!(t.state.as_str(), "active" | "paused" | "suspended" | "cancelled") {
        return nothing(v.db_not_there.to_string());
    }
    let nodes = app.control.nodes(caller).await?;
    if !nodes
        .iter()
        .any(|node| node.name == t.node && node.state == "online")
    {
        return nothing(v.db_silent.with(&t.node));
    }
    let name = t
        .subdomain
        .parse()
        .map_err(|_| ControlError::NotFound("tenant"))?;
    match look(app, caller, &name).await {
        Ok(seen) => Ok((seen, None)),
        Err(ControlError::NodeSilent(node)) => nothing(v.db_silent.with(node)),
        Err(ControlError::NotLooked(failure)) => nothing(told(&failure, Language::current())),
        Err(error) => Err(error.into()),
    }
}

fn sort(tables: &mut [TableView], by: &str) {
    let key = by.trim_start_matches('-');
    match key {
        "name" => tables.sort_by(|one, other| one.name.cmp(&other.name)),
        "rows" => tables.sort_by_key(|table| table.rows),
        "dead" => tables.sort_by_key(|table| table.dead_rows),
        "indexes" => tables.sort_by_key(|table| table.index_bytes),
        "scans" => tables.sort_by_key(|table| table.sequential_scans),
        "vacuumed" => tables.sort_by_key(|table| table.vacuumed_at),
        _ => tables.sort_by_key(|table| (table.total_bytes, Reverse(table.name.clone()))),
    }
    if by.starts_with('-') {
        tables.reverse();
    }
}

fn columns(v: &View, t: &Tenant, now: &str) -> Vec<Column> {
    let (here, falls) = (now.trim_start_matches('-'), now.starts_with('-'));
    let each = COLUMNS.iter().map(|key| {
        let is_here = here == *key;
        // Words go up first, figures down.
        let up = if is_here { falls } else { *key == "name" };
        let sign = if up { "" } else { "-" };
        Column {
            word: v.word("db_column", key),
            href: format!("/admin/workspace/{}/database?sort={sign}{key}", t.subdomain),
            class: match *key {
                "name" => "",
                "scans" | "indexes" => "number wide-only",
                "vacuumed" | "rows" => "number mid-only",
                _ => "number",
            },
            sorted: match (is_here, falls) {
                (false, _) => "",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
        }
    });
    each.collect()
}

impl DatabasePage {
    /// What the dialogs need to know of a table.
    fn of_table(&self, table: &TableView) -> String {
        json!({ "subdomain": self.t.subdomain, "company": self.t.company_name, "table": table.name })
            .to_string()
    }

    /// What the dialog to end a connection needs to know.
    fn of_connection(&self, one: &ConnectionView) -> String {
        json!({
            "subdomain": self.t.subdomain, "company": self.t.company_name,
            "pid": one.pid, "started_at": one.started_at, "user": one.user, "application": one.application, "query": one.query,
        })
        .to_string()
    }

    /// A bar of what is used of what the plan lets it hold.
    fn share(&self, most: &i64) -> Safe<String> {
        let now = self.size.now.as_ref();
        let held = now.map_or(0, |now| now.database_bytes + now.file_bytes.unwrap_or_default());
        self.v.share(&held, most)
    }

    /// What a connection does, in words: PostgreSQL's word for it may have brackets and spaces.
    fn state(&self, state: &str) -> String {
        let word: String = state.chars().filter(|c| !matches!(c, '(' | ')')).collect();
        self.v.word("db_state", &word.replace(' ', "_"))
    }

    fn milliseconds(&self, count: &i64) -> String {
        self.v.took(&count.unsigned_abs())
    }

    fn microseconds(&self, count: &i64) -> String {
        match count {
            0..1_000 => format!("{}\u{a0}µs", self.v.number(count)),
            _ => self.v.took(&(count.unsigned_abs() / 1_000)),
        }
    }
}

/// The page.
pub(crate) async fn database(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<TableQuery>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let t = app.control.tenant_named(&caller, &id).await?;
    let name: Subdomain = t
        .subdomain
        .parse()
        .map_err(|_| ControlError::NotFound("tenant"))?;
    let size = async { Ok(app.control.tenant_size(&caller, &name).await?) };
    let (size, (mut seen, unseen), operations) = tokio::try_join!(
        size,
        seen(&app, &caller, &v, &t),
        super::operations_of(&app, &caller, &t.subdomain, 50),
    )?;
    let by = query.sort.as_deref().unwrap_or("-total");
    sort(&mut seen.tables.items, by);
    let is_more = query.all.is_none() && seen.tables.items.len() > SHOWN;
    let rest = is_more.then(|| format!("/admin/workspace/{}/database?sort={by}&all=1", t.subdomain));
    if is_more {
        seen.tables.items.truncate(SHOWN);
    }
    let of_database = |one: &Operation| one.kind.starts_with("database.");
    Ok(page(
        DatabasePage {
            values: json!({ "subdomain": t.subdomain, "company": t.company_name }).to_string(),
            columns: columns(&v, &t, by),
            operations: operations.into_iter().filter(of_database).take(6).collect(),
            tables: seen.tables,
            rest,
            connections: seen.connections,
            hints: seen.hints,
            statements: seen.statements,
            size,
            unseen,
            t,
            v,
        }
        .render(),
    ))
}
