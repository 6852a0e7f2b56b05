//! Moves a tenant to another name: shut, moved, readdressed, opened.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{Managed, Standing};
use crate::odoo::{parameter, signal};
use crate::order::{check_name_free, gate, not_alive};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::warming;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use wire::node::RenameTenant;

/// What undoing needs to know: how the tenant was, and where it was to go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    to: Identifier,
    base_url_before: Option<String>,
    generation: i64,
}

/// A tenant to be renamed.
pub(crate) struct Renaming {
    intent: Intent,
    base_url: String,
}

impl Renaming {
    pub(crate) async fn plan(order: RenameTenant, generation: i64, room: &Room) -> Result<Self, StepFailure> {
        let before = room.tenant(order.tenant, &order.from).await?;
        if before.standing == Standing::Tombstone {
            return Err(not_alive(&before));
        }
        let to = Identifier::from(&order.to);
        if to == before.name {
            return Err(StepFailure::new(
                Code::DatabaseExists,
                "The tenant has this name already.",
            ));
        }
        check_name_free(room, &to).await?;
        let mut connection = room.connect(&before.name).await?;
        let base_url_before = parameter::get(&mut connection, parameter::BASE_URL).await?;
        connection.close().await?;
        let intent = Intent {
            before,
            to,
            base_url_before,
            generation,
        };
        Ok(Self {
            intent,
            base_url: order.base_url,
        })
    }

    async fn step(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, before) = (run.room, &self.intent.before);
        let shut = Managed {
            standing: Standing::Maintenance,
            generation: self.intent.generation,
            ..before.clone()
        };
        let moved = Managed {
            name: self.intent.to.clone(),
            ..shut.clone()
        };
        let now = gate::current(room, &before.subject).await?;
        match step {
            "maintenance" => gate::mark(room, &shut).await,
            "gate" => Ok(room.journal.transfer(&now, &shut).await?),
            "sessions" => gate::end_sessions(room, &before.subject).await.map(drop),
            "move" => {
                run.part("move/filestore")?;
                room.filestores.rename(&before.name, &moved.name)?;
                run.part("move/database")?;
                crate::order::end_and_transfer(room, &now, &moved).await
            }
            "address" => write_base_url(room, &moved.name, &self.base_url).await,
            "open" => {
                let opened = Managed {
                    standing: before.standing,
                    ..moved
                };
                Ok(room.journal.transfer(&now, &opened).await?)
            }
            "edge" => {
                gate::mark(
                    room,
                    &Managed {
                        standing: before.standing,
                        ..moved
                    },
                )
                .await?;
                Ok(room.markers.set(&before.name, None)?)
            }
            other => Err(unknown_step(other)),
        }
    }
}

impl Plan for Renaming {
    const KIND: &'static str = "rename-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("maintenance"),
        Step::new("gate"),
        Step::new("sessions"),
        Step::parted("move", &["move/filestore", "move/database"]),
        Step::new("address"),
        Step::new("open"),
        Step::new("edge"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        self.step(step, run).await
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        let before = &intent.before;
        match step {
            "edge" => Ok(room.markers.set(&intent.to, None)?),
            "open" => gate::shut(room, &before.subject, Standing::Maintenance).await,
            "address" => {
                let now = gate::current(room, &before.subject).await?;
                let Some(base_url) = &intent.base_url_before else {
                    return Ok(());
                };
                write_base_url(room, &now.name, base_url).await
            }
            "move" => {
                let now = gate::current(room, &before.subject).await?;
                room.filestores
                    .take_back(&intent.to, &before.name, &before.subject.to_string())?;
                let back = Managed {
                    name: before.name.clone(),
                    standing: Standing::Maintenance,
                    ..now.clone()
                };
                crate::order::end_and_transfer(room, &now, &back).await
            }
            "gate" => gate::bring_back(room, before).await,
            "maintenance" => gate::mark(room, before).await,
            _ => Ok(()),
        }
    }

    fn afterwards(&self, room: &Arc<Room>) {
        if self.intent.before.standing == Standing::Open {
            warming::begin(room, &self.intent.to);
        }
    }
}

async fn write_base_url(room: &Room, database: &Identifier, base_url: &str) -> Result<(), StepFailure> {
    let mut connection = room.connect(database).await?;
    let written = write_address(&mut connection, base_url).await;
    connection.close().await?;
    Ok(written?)
}

async fn write_address(connection: &mut PgConnection, base_url: &str) -> Result<(), NodeError> {
    let mut transaction = connection.begin().await?;
    parameter::set(&mut transaction, parameter::BASE_URL, base_url).await?;
    // Another tenant may have had this name.
    signal::estrange(&mut transaction).await?;
    Ok(transaction.commit().await?)
}
