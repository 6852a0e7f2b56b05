//! Turns a tenant into a tombstone: shut, named after its id, unknown to the edge, but whole.

use crate::error::StepFailure;
use crate::identifier::Identifier;
use crate::managed::{Managed, Standing, Subject};
use crate::order::{end_and_transfer, gate};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use domain::TenantId;
use serde::{Deserialize, Serialize};
use wire::node::DeleteTenant;

/// What undoing needs to know: how the tenant was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    before: Managed,
    generation: i64,
}

/// A tenant to be deleted.
pub(crate) struct Deletion {
    intent: Intent,
}

impl Intent {
    fn tombstone(&self) -> Managed {
        Managed {
            name: Identifier::tombstone(self.tenant),
            standing: Standing::Tombstone,
            former: Some(self.before.name.clone()),
            generation: self.generation,
            ..self.before.clone()
        }
    }

    /// Its former name may be another tenant's by now.
    fn is_done(&self) -> bool {
        self.before.standing == Standing::Tombstone
    }
}

impl Deletion {
    pub(crate) async fn plan(order: DeleteTenant, generation: i64, room: &Room) -> Result<Self, StepFailure> {
        let before = room.tenant(order.tenant, &order.database).await?;
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                before,
                generation,
            },
        })
    }
}

impl Plan for Deletion {
    const KIND: &'static str = "delete-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("edge"),
        Step::new("gate"),
        Step::new("sessions"),
        Step::parted("tombstone", &["tombstone/filestore", "tombstone/database"]),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        if self.intent.is_done() {
            run.note("The tenant is a tombstone already.".to_owned());
            return Ok(());
        }
        let (room, tombstone) = (run.room, self.intent.tombstone());
        let subject = Subject::Tenant(self.intent.tenant);
        let now = gate::current(room, &subject).await?;
        match step {
            "edge" => Ok(room.markers.set(&self.intent.before.name, None)?),
            "gate" => gate::shut(room, &subject, Standing::Maintenance).await,
            "sessions" => gate::end_sessions(room, &subject).await.map(drop),
            "tombstone" => {
                run.part("tombstone/filestore")?;
                room.filestores
                    .rename(&self.intent.before.name, &tombstone.name)?;
                run.part("tombstone/database")?;
                end_and_transfer(room, &now, &tombstone).await
            }
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if intent.is_done() {
            return Ok(());
        }
        match step {
            "tombstone" => {
                let (tombstone, before) = (intent.tombstone(), &intent.before);
                room.filestores
                    .take_back(&tombstone.name, &before.name, &before.subject.to_string())?;
                gate::bring_back(room, &intent.before).await
            }
            "gate" => gate::bring_back(room, &intent.before).await,
            "edge" => gate::mark(room, &intent.before).await,
            _ => Ok(()),
        }
    }
}
