//! Takes a database over that is there already: from now on it is a tenant's. Nothing in it changes.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::order::gate;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::{catalogue, statement, unmanaged};
use domain::TenantId;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use uuid::Uuid;
use wire::node::{AdoptTenant, Facts};

/// What undoing needs to know: who could connect, and whether the filestore was there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    database: Identifier,
    oid: i64,
    generation: i64,
    command: Uuid,
    was_public: bool,
    has_files: bool,
}

/// A database to be taken over.
pub(crate) struct Adoption {
    intent: Intent,
    facts: OnceLock<Facts>,
}

impl Intent {
    fn managed(&self, standing: Standing) -> Managed {
        Managed {
            name: self.database.clone(),
            oid: Some(self.oid),
            subject: Subject::Tenant(self.tenant),
            standing,
            former: None,
            generation: self.generation,
        }
    }
}

impl Adoption {
    pub(crate) async fn plan(
        order: AdoptTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let database = Identifier::from(&order.database);
        let found = unmanaged::look_at(room, &database).await?;
        let Some(found) = found else {
            let detail = format!("There is no database {database} on this node that nobody manages.");
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        };
        if let Some(obstacle) = found.obstacle {
            let detail = format!("The database {database} cannot be adopted: {obstacle}");
            return Err(StepFailure::new(Code::NotAdoptable, detail));
        }
        let entry = catalogue::named(&room.journal.pool, &database).await?;
        let oid = entry.map(|entry| entry.oid).ok_or_else(|| {
            StepFailure::new(Code::TenantUnknown, format!("The database {database} is gone."))
        })?;
        let facts = Facts {
            size_bytes: Some(found.size_bytes),
            odoo_version: found.odoo_version,
            ..Facts::default()
        };
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                was_public: unmanaged::is_public(room, oid).await?,
                has_files: room.filestores.exists(&database),
                database,
                oid,
                generation,
                command,
            },
            facts: facts.into(),
        })
    }
}

impl Plan for Adoption {
    const KIND: &'static str = "adopt-tenant";
    const STEPS: &'static [Step] = &[Step::new("claim"), Step::new("gate"), Step::new("edge")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        let (pool, subject) = (&room.journal.pool, Subject::Tenant(intent.tenant));
        match step {
            "claim" => {
                managed::claim(pool, &intent.database, &subject, intent.command).await?;
                managed::number(pool, &intent.database, intent.oid).await?;
                if intent.has_files {
                    room.filestores.note(&intent.database, &subject.to_string())?;
                }
                Ok(())
            }
            "gate" => {
                let (from, to) = (intent.managed(Standing::Building), intent.managed(Standing::Open));
                Ok(room.journal.transfer(&from, &to).await?)
            }
            "edge" => gate::mark(room, &intent.managed(Standing::Open)).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "edge" => Ok(room.markers.set(&intent.database, None)?),
            "gate" if intent.was_public => {
                Ok(statement::grant_public(&room.journal.pool, &intent.database).await?)
            }
            "claim" => {
                room.filestores.take_note_off(
                    &intent.database,
                    &intent.managed(Standing::Open).subject.to_string(),
                )?;
                Ok(managed::forget(&room.journal.pool, &intent.database).await?)
            }
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        self.facts.get().cloned().unwrap_or_default()
    }
}
