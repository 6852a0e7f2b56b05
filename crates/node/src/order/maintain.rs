//! Looks after the tables of a tenant's database, one after the other, the largest first. It goes beside everything else that is done
//! with the tenant, and stops when it is told to: what was done stays, because doing it again does no harm.

use crate::catalogue;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::{Identifier, Relation};
use crate::managed::Standing;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::upkeep::Stoppable;
use domain::Upkeep;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection, Row};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::database::{MaintainDatabase, Maintained};
use wire::node::Facts;

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(300);

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    oid: i64,
    reindexes: bool,
    /// Indexes that were broken before.
    broken: Vec<i64>,
}

/// A database to be looked after.
pub(crate) struct Maintenance {
    intent: Intent,
    work: Upkeep,
    database: Identifier,
    tables: Vec<Relation>,
    /// Whether one table was named, which is then not passed over.
    is_named: bool,
    found: Mutex<Maintained>,
}

/// The tables that the node may look after, the largest first; of the schema `public` alone where one is named.
const TABLES: &str = "SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     AND pg_has_role(c.relowner, 'USAGE') AND ($1::text IS NULL OR (n.nspname = 'public' AND c.relname = $1)) \
     ORDER BY c.relpages DESC, c.relname";

/// Their indexes, one by one: REINDEX of a whole table takes that of its long values along, which only a superuser can drop when it is
/// cut off.
const INDEXES: &str = "SELECT n.nspname::text AS schema, i.relname::text AS name FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid \
     JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     AND pg_has_role(c.relowner, 'USAGE') AND ($1::text IS NULL OR (n.nspname = 'public' AND c.relname = $1)) \
     AND NOT x.indisexclusion AND i.relname !~ '_cc(new|old)[0-9]*$' ORDER BY i.relpages DESC, i.relname";

/// Indexes that REINDEX CONCURRENTLY leaves when it is cut off, and that nobody is building.
const LEFT: &str = "SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname NOT LIKE 'pg\\_%' AND c.relname ~ '_cc(new|old)[0-9]*$' \
     AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) ORDER BY c.oid";

/// How far the session of this process is, whatever it does.
const PROGRESS: &str = "SELECT phase, done * 100 / nullif(whole, 0) AS percent FROM ( \
     SELECT pid, phase, heap_blks_scanned AS done, heap_blks_total AS whole FROM pg_stat_progress_vacuum \
     UNION ALL SELECT pid, phase, sample_blks_scanned, sample_blks_total FROM pg_stat_progress_analyze \
     UNION ALL SELECT pid, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster \
     UNION ALL SELECT pid, phase, blocks_done, blocks_total FROM pg_stat_progress_create_index) p WHERE pid = $1 LIMIT 1";

impl Maintenance {
    pub(crate) async fn plan(order: MaintainDatabase, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        let Some(oid) = tenant.oid.filter(|_| tenant.standing != Standing::Tombstone) else {
            return Err(not_alive(&tenant));
        };
        let reindexes = order.work == Upkeep::Reindex;
        let mut session = room.connect(&tenant.name).await?;
        let rows = sqlx::query(if reindexes { INDEXES } else { TABLES })
            .bind(order.table.as_deref())
            .fetch_all(&mut session)
            .await?;
        let tables = rows
            .iter()
            .map(|row| Ok(Relation::new(row.try_get("schema")?, row.try_get("name")?)));
        let tables: Vec<Relation> = tables.collect::<sqlx::Result<_>>()?;
        let broken = left(&mut session)
            .await?
            .into_iter()
            .map(|(oid, _)| oid)
            .collect();
        let found = Maintained {
            bytes_before: catalogue::size(&mut session, oid).await?,
            dead_before: dead(&mut session).await?,
            ..Maintained::default()
        };
        session.close().await?;
        if let Some(table) = order.table.as_ref().filter(|_| tables.is_empty()) {
            let detail = format!(
                "There is no table {table} in {} that could be worked on.",
                tenant.name
            );
            return Err(StepFailure::new(Code::TableUnknown, detail));
        }
        Ok(Self {
            intent: Intent {
                oid,
                reindexes,
                broken,
            },
            work: order.work,
            database: tenant.name,
            tables,
            is_named: order.table.is_some(),
            found: Mutex::new(found),
        })
    }

    fn note(&self, change: impl FnOnce(&mut Maintained)) {
        change(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn work(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (begun, room) = (Instant::now(), run.room);
        let stoppable = room.upkeep.begin(run.command);
        let mut session = room.connect(&self.database).await?;
        let row = sqlx::query("SELECT pg_backend_pid() AS pid, set_config('lock_timeout', $1, false), set_config('client_min_messages', 'error', false)")
            .bind(if self.intent.reindexes { "60s" } else { "5s" })
            .fetch_one(&mut session)
            .await?;
        let pid: i32 = row.try_get("pid")?;
        self.note(|found| (found.tables, found.passed_over) = (0, Vec::new()));
        for (index, table) in self.tables.iter().enumerate() {
            let whole = format!("{} of {}: {}", index + 1, self.tables.len(), table.told());
            run.note(whole.clone());
            let result = tokio::select! {
                result = statement::maintain(&mut session, self.work, table) => result,
                never = watch(run, pid, &whole, &stoppable) => match never {},
            };
            self.after(table, result, &stoppable)?;
        }
        let (size, dead) = (
            catalogue::size(&mut session, self.intent.oid).await?,
            dead(&mut session).await?,
        );
        session.close().await?;
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.note(|found| {
            (found.bytes_after, found.dead_after, found.milliseconds) = (size, dead, milliseconds)
        });
        self.tell(run);
        Ok(())
    }

    /// What became of one table.
    fn after(
        &self,
        table: &Relation,
        result: sqlx::Result<()>,
        stoppable: &Stoppable<'_>,
    ) -> Result<(), StepFailure> {
        if stoppable.is_stopped() {
            let detail = "It was told to stop. What was done until then stays; nothing is left half done.";
            return Err(StepFailure::new(Code::WorkStopped, detail));
        }
        let Err(error) = result else {
            self.note(|found| found.tables += 1);
            return Ok(());
        };
        let state = error.as_database_error().and_then(|error| error.code());
        match state.as_deref() {
            // Somebody holds it, or has dropped it meanwhile.
            Some("55P03" | "42P01") if !self.is_named => {
                self.note(|found| found.passed_over.push(table.told()));
                Ok(())
            }
            Some("55P03") => {
                let detail = format!(
                    "Somebody holds {} for long. Look at the connections, and try again.",
                    table.told()
                );
                Err(StepFailure::new(Code::TableBusy, detail))
            }
            // The database is about to be renamed or dropped, or PostgreSQL was told to end the session.
            Some("57014" | "57P01") => {
                let detail = "PostgreSQL ended the work before it was done. What was done until then stays.";
                Err(StepFailure::new(Code::WorkStopped, detail))
            }
            _ => Err(NodeError::from(error).into()),
        }
    }

    fn tell(&self, run: &Run<'_>) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let passed = match found.passed_over.len() {
            0 => String::new(),
            passed => format!(", {passed} passed over"),
        };
        run.note(format!(
            "{} done{passed}, {} ms",
            found.tables, found.milliseconds
        ));
    }
}

/// Tells how far it is until it is told to stop, and then has PostgreSQL stop. The statement ends, and with it this.
async fn watch(run: &Run<'_>, pid: i32, whole: &str, stoppable: &Stoppable<'_>) -> Infallible {
    let pool = &run.room.journal.pool;
    loop {
        tokio::select! {
            () = sleep(LOOK) => {}
            () = stoppable.stopped() => {
                let cancelled = sqlx::query("SELECT pg_cancel_backend($1)").bind(pid).execute(pool).await;
                if let Err(error) = cancelled {
                    tracing::debug!(error = crate::error::chain(&error), "PostgreSQL was not told to stop; trying again");
                }
                sleep(LOOK).await;
                continue;
            }
        }
        let row = sqlx::query(PROGRESS).bind(pid).fetch_optional(pool).await;
        if let Ok(Some(row)) = row {
            let phase: String = row.try_get("phase").unwrap_or_default();
            let percent: Option<i64> = row.try_get("percent").unwrap_or_default();
            let percent = percent.map_or(String::new(), |percent| format!(", {percent} %"));
            run.note(format!("{whole}, {phase}{percent}"));
        }
    }
}

async fn left(session: &mut PgConnection) -> Result<Vec<(i64, Relation)>, NodeError> {
    let rows = sqlx::query(LEFT).fetch_all(session).await?;
    let left = rows.iter().map(|row| {
        Ok((
            row.try_get("oid")?,
            Relation::new(row.try_get("schema")?, row.try_get("name")?),
        ))
    });
    Ok(left.collect::<sqlx::Result<_>>()?)
}

async fn dead(session: &mut PgConnection) -> Result<i64, NodeError> {
    let row = sqlx::query("SELECT coalesce(sum(n_dead_tup), 0)::bigint AS dead FROM pg_stat_user_tables")
        .fetch_one(session)
        .await?;
    Ok(row.try_get("dead")?)
}

impl Plan for Maintenance {
    const KIND: &'static str = "maintain-database";
    const STEPS: &'static [Step] = &[Step::new("maintain")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "maintain" => self.work(run).await,
            other => Err(unknown_step(other)),
        }
    }

    /// Drops what building indexes anew left; the database may have another name by now, or be gone.
    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if step != "maintain" || !intent.reindexes {
            return Ok(());
        }
        let Some(name) = catalogue::name_of(&room.journal.pool, intent.oid).await? else {
            return Ok(());
        };
        let mut session = room.connect(&name).await?;
        for (oid, index) in left(&mut session).await? {
            if !intent.broken.contains(&oid) {
                statement::drop_index(&mut session, &index).await?;
            }
        }
        Ok(session.close().await?)
    }

    fn facts(&self) -> Facts {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Facts {
            size_bytes: Some(found.bytes_after),
            maintained: Some(Box::new(found)),
            ..Facts::default()
        }
    }
}
