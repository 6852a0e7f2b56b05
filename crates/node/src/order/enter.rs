//! Lets somebody in once: writes the hash of a link's token where the tenant's own Odoo finds it.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::Standing;
use crate::odoo::{administrator, entry};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, Row};
use uuid::Uuid;
use wire::entry::EnterTenant;

/// What undoing needs to know. The hash is not needed for it, and is not written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    database: Identifier,
    entry: Uuid,
}

/// An entry to be made.
pub(crate) struct Entering {
    intent: Intent,
    order: EnterTenant,
}

impl Entering {
    /// Makes sure that somebody would get in: that the tenant is open, and has an administrator who is not archived.
    pub(crate) async fn plan(order: EnterTenant, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        if tenant.standing != Standing::Open {
            let detail = format!("{} is {}, not open.", order.database, tenant.standing.as_str());
            return Err(StepFailure::new(Code::TenantShut, detail));
        }
        let mut connection = room.connect(&tenant.name).await?;
        let administrator = administrator::find(&mut connection).await?;
        let row = sqlx::query("SELECT coalesce(active, false) FROM res_users WHERE id = $1")
            .bind(administrator.user)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        if !row.try_get(0)? {
            let detail = "The user base.user_admin is archived. Bring it back inside Odoo.";
            return Err(StepFailure::new(Code::AdministratorNotFound, detail));
        }
        Ok(Self {
            intent: Intent {
                database: tenant.name,
                entry: order.entry,
            },
            order,
        })
    }

    async fn write(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.intent.database).await?;
        let mut transaction = connection.begin().await?;
        entry::write(&mut transaction, &self.order, &run.room.journal.roles.odoo).await?;
        transaction.commit().await?;
        Ok(connection.close().await?)
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.intent.database).await?;
        let roles = &run.room.journal.roles;
        let waits = entry::waits(&mut connection, self.intent.entry, &roles.odoo).await;
        connection.close().await?;
        if waits? {
            return Ok(());
        }
        let detail = "The entry is not there for Odoo to read, or its time is over. Ask for another one.";
        Err(StepFailure::new(Code::CheckFailed, detail))
    }
}

impl Plan for Entering {
    const KIND: &'static str = "enter-tenant";
    const STEPS: &'static [Step] = &[Step::new("entry"), Step::new("check")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "entry" => self.write(run).await,
            "check" => self.check(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if step != "entry" {
            return Ok(());
        }
        let mut connection = room.connect(&intent.database).await?;
        entry::remove(&mut connection, intent.entry).await?;
        Ok(connection.close().await?)
    }
}
