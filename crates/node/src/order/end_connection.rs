//! Ends one connection to a tenant's database, and no other: number and beginning of its process are compared where it is ended.

use crate::error::{Code, StepFailure};
use crate::managed::Standing;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::database;

/// How long a connection that was told to end may take.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(10);

/// Nothing brings a connection back; its client opens another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// A connection to be ended.
pub(crate) struct ConnectionEnd {
    oid: i64,
    pid: i32,
    started: i64,
}

impl ConnectionEnd {
    pub(crate) async fn plan(order: database::EndConnection, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        match tenant.oid {
            Some(oid) if tenant.standing != Standing::Tombstone => Ok(Self {
                oid,
                pid: order.pid,
                started: order.started_at.as_microsecond(),
            }),
            _ => Err(not_alive(&tenant)),
        }
    }

    /// Tells it to end if it may be ended (of a superuser's the node sees no beginning); gives whether it is there and whether it was told.
    async fn tell(&self, room: &Room) -> Result<Option<bool>, StepFailure> {
        let row = sqlx::query(
            "SELECT CASE WHEN a.backend_type = 'client backend' AND NOT coalesce(r.rolsuper, true) AND a.usename <> current_user \
             THEN pg_terminate_backend(a.pid) ELSE false END AS told \
             FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid \
             WHERE a.datid = $1::bigint::oid AND a.pid = $2 AND (a.backend_start IS NULL OR (extract(epoch FROM a.backend_start) * 1000000)::bigint = $3)",
        )
        .bind(self.oid)
        .bind(self.pid)
        .bind(self.started)
        .fetch_optional(&room.journal.pool)
        .await?;
        Ok(row.map(|row| row.try_get("told")).transpose()?)
    }

    async fn end(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let deadline = Instant::now() + PATIENCE;
        let mut was_there = false;
        loop {
            match self.tell(run.room).await? {
                None if was_there => return Ok(()),
                None => {
                    run.note("There is no such connection any more.".to_owned());
                    return Ok(());
                }
                Some(false) if !was_there => {
                    let detail =
                        "This connection is a superuser's, the node's own or PostgreSQL's, and is not ended.";
                    return Err(StepFailure::new(Code::ConnectionKept, detail));
                }
                Some(_) => was_there = true,
            }
            if Instant::now() >= deadline {
                let detail = "The connection was told to end and is still there. Look at pg_stat_activity.";
                return Err(StepFailure::new(Code::DatabaseInUse, detail));
            }
            sleep(LOOK).await;
        }
    }
}

impl Plan for ConnectionEnd {
    const KIND: &'static str = "end-connection";
    const STEPS: &'static [Step] = &[Step::new("end")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "end" => self.end(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_intent: &Intent, _step: &str, _room: &Room) -> Result<(), StepFailure> {
        Ok(())
    }
}
