//! Turns a tombstone into a tenant again, open or closed as it was.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{Managed, Standing, Subject};
use crate::odoo::signal;
use crate::order::{check_name_free, end_and_transfer, gate};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::warming;
use domain::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use std::sync::Arc;
use wire::node::UndeleteTenant;

/// What undoing needs to know: the tombstone, and the name that it was to get.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    before: Managed,
    name: Identifier,
    standing: Standing,
    generation: i64,
}

/// A tombstone to be brought back.
pub(crate) struct Undeletion {
    intent: Intent,
}

impl Intent {
    /// Back under its name, but still shut.
    fn returned(&self) -> Managed {
        Managed {
            name: self.name.clone(),
            standing: Standing::Suspended,
            former: None,
            generation: self.generation,
            ..self.before.clone()
        }
    }
}

impl Undeletion {
    pub(crate) async fn plan(
        order: UndeleteTenant,
        generation: i64,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(order.tenant);
        let before = gate::current(room, &subject).await?;
        let name = Identifier::from(&order.database);
        if before.standing != Standing::Tombstone && before.name != name {
            let detail = format!(
                "Tenant {} is not deleted; it lives in {}.",
                order.tenant, before.name
            );
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        }
        if before.standing == Standing::Tombstone {
            check_name_free(room, &name).await?;
        }
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                before,
                name,
                standing: order.service.into(),
                generation,
            },
        })
    }
}

impl Plan for Undeletion {
    const KIND: &'static str = "undelete-tenant";
    const STEPS: &'static [Step] = &[
        Step::parted("return", &["return/filestore", "return/database"]),
        Step::new("open"),
        Step::new("edge"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        let now = gate::current(room, &Subject::Tenant(intent.tenant)).await?;
        let returned = intent.returned();
        match step {
            "return" if now.standing != Standing::Tombstone => Ok(()),
            "return" => {
                run.part("return/filestore")?;
                room.filestores.rename(&now.name, &returned.name)?;
                run.part("return/database")?;
                end_and_transfer(room, &now, &returned).await
            }
            "open" => {
                estrange(room, &returned.name).await?;
                Ok(room
                    .journal
                    .transfer(
                        &now,
                        &Managed {
                            standing: intent.standing,
                            ..returned
                        },
                    )
                    .await?)
            }
            "edge" => gate::mark_name(room, &intent.before.subject, &intent.name, intent.standing).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "edge" => {
                gate::mark_name(room, &intent.before.subject, &intent.name, intent.before.standing).await
            }
            "return" | "open" => {
                let (from, to) = (&intent.name, &intent.before.name);
                room.filestores
                    .take_back(from, to, &intent.before.subject.to_string())?;
                gate::bring_back(room, &intent.before).await
            }
            _ => Ok(()),
        }
    }

    fn afterwards(&self, room: &Arc<Room>) {
        if self.intent.standing.is_odoo_s() {
            warming::begin(room, &self.intent.name);
        }
    }
}

/// Another tenant may have had the name meanwhile.
async fn estrange(room: &Room, database: &Identifier) -> Result<(), StepFailure> {
    let mut connection = room.connect(database).await?;
    let done = signal::estrange(&mut connection).await;
    connection.close().await?;
    Ok(done?)
}
