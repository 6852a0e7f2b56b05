//! Ends a support access, also while the tenant is shut or a tombstone: nobody comes back in with it.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::entry;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use uuid::Uuid;
use wire::entry::EndEntries;

/// Nothing: what has ended stays ended, whatever else fails. The order is given again until it is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// An access to be ended.
pub(crate) struct Ending {
    database: Identifier,
    access: Uuid,
}

impl Ending {
    pub(crate) async fn plan(order: EndEntries, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        Ok(Self {
            database: tenant.name,
            access: order.access.uuid(),
        })
    }

    /// By itself, so that it holds although a worker keeps the support user's row for a while.
    async fn end(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.database).await?;
        entry::end(&mut connection, self.access).await?;
        Ok(connection.close().await?)
    }

    async fn archive(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.database).await?;
        let mut transaction = connection.begin().await?;
        if !entry::archive(&mut transaction).await? {
            run.note("another access is open; the support user stays".to_owned());
        }
        transaction.commit().await?;
        Ok(connection.close().await?)
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.database).await?;
        let over = entry::is_over(&mut connection, self.access).await;
        connection.close().await?;
        if over? {
            return Ok(());
        }
        let detail = "An entry is left, or the support user is active. Somebody changed it at the same time; try again.";
        Err(StepFailure::new(Code::CheckFailed, detail))
    }
}

impl Plan for Ending {
    const KIND: &'static str = "end-entries";
    const STEPS: &'static [Step] = &[Step::new("end"), Step::new("archive"), Step::new("check")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "end" => self.end(run).await,
            "archive" => self.archive(run).await,
            "check" => self.check(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_: &Intent, _: &str, _: &Room) -> Result<(), StepFailure> {
        Ok(())
    }
}
