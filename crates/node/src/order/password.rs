//! Sets the administrator's password, also while the tenant is shut.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::{administrator, signal};
use crate::order::hashing::Hashing;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use wire::node::{Sessions, SetPassword};

/// Nothing: a password is set in one transaction, and the one before is not known in order to bring it back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// A password to be set.
pub(crate) struct PasswordChange {
    database: Identifier,
    sessions: Sessions,
    hash: Hashing,
}

impl PasswordChange {
    pub(crate) async fn plan(order: SetPassword, room: &Room) -> Result<Self, StepFailure> {
        let Some(password) = order.password else {
            return Err(StepFailure::new(
                Code::Internal,
                "The order came without its password. Ask for it again.",
            ));
        };
        let tenant = room.tenant(order.tenant, &order.database).await?;
        Ok(Self {
            database: tenant.name,
            sessions: order.sessions,
            hash: Hashing::begin(room, Some(password)),
        })
    }

    async fn set(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let hash = self.hash.finished().await?;
        let mut connection = run.room.connect(&self.database).await?;
        let mut transaction = connection.begin().await?;
        let administrator = administrator::find(&mut transaction).await?;
        administrator::set_password(&mut transaction, administrator, hash).await?;
        if self.sessions == Sessions::End && signal::forget_sessions(&mut transaction).await? == 0 {
            run.note(
                "Odoo's workers cannot be told; open sessions end when they next read the user.".to_owned(),
            );
        }
        transaction.commit().await?;
        connection.close().await?;
        Ok(())
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let hash = self.hash.finished().await?;
        let mut connection = run.room.connect(&self.database).await?;
        let administrator = administrator::find(&mut connection).await?;
        let right = administrator::has_password(&mut connection, administrator, hash).await?;
        connection.close().await?;
        if right {
            return Ok(());
        }
        let detail = "The password read back is another one. Somebody set it at the same time; try again.";
        Err(StepFailure::new(Code::CheckFailed, detail))
    }
}

impl Plan for PasswordChange {
    const KIND: &'static str = "set-password";
    const STEPS: &'static [Step] = &[Step::new("password"), Step::new("check")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "password" => self.set(run).await,
            "check" => self.check(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_: &Intent, _: &str, _: &Room) -> Result<(), StepFailure> {
        Ok(())
    }
}
