//! Gives the administrator another e-mail address, also while the tenant is shut.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::administrator::{self, Contact};
use crate::odoo::signal;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use domain::EmailAddress;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use wire::node::SetEmail;

/// What undoing needs to know: how it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    database: Identifier,
    before: Contact,
    after: Contact,
}

/// An address to be set.
pub(crate) struct EmailChange {
    intent: Intent,
}

impl EmailChange {
    /// Decides the login too: where it was the address, it goes with it.
    pub(crate) async fn plan(order: SetEmail, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        let mut connection = room.connect(&tenant.name).await?;
        let read = administrator::contact(&mut connection).await;
        connection.close().await?;
        let before = read?;
        Ok(Self {
            intent: Intent {
                database: tenant.name,
                after: changed(&before, &order.email),
                before,
            },
        })
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.intent.database).await?;
        let read = administrator::contact(&mut connection).await;
        connection.close().await?;
        if read? == self.intent.after {
            return Ok(());
        }
        let detail = "The address read back is another one. Somebody set it at the same time; try again.";
        Err(StepFailure::new(Code::CheckFailed, detail))
    }
}

fn changed(before: &Contact, email: &EmailAddress) -> Contact {
    let was_login = before
        .email
        .as_ref()
        .is_some_and(|email| email.eq_ignore_ascii_case(&before.login));
    Contact {
        login: match was_login {
            true => email.as_str().to_owned(),
            false => before.login.clone(),
        },
        email: Some(email.as_str().to_owned()),
    }
}

async fn set(room: &Room, database: &Identifier, contact: &Contact) -> Result<(), StepFailure> {
    let mut connection = room.connect(database).await?;
    let mut transaction = connection.begin().await?;
    administrator::set_contact(&mut transaction, contact).await?;
    // Workers remember who has which login.
    signal::forget_sessions(&mut transaction).await?;
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

impl Plan for EmailChange {
    const KIND: &'static str = "set-email";
    const STEPS: &'static [Step] = &[Step::new("email"), Step::new("check")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let Intent {
            database,
            before,
            after,
        } = &self.intent;
        match step {
            "email" => {
                if before.login != after.login {
                    run.note("the login is the new address".to_owned());
                }
                set(run.room, database, after).await
            }
            "check" => self.check(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "email" => set(room, &intent.database, &intent.before).await,
            _ => Ok(()),
        }
    }
}
