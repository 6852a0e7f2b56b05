//! Shuts a tenant out: first at the edge, then at the database, then whoever is still in.

use crate::error::StepFailure;
use crate::managed::{Managed, Standing};
use crate::order::gate;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use wire::node::SuspendTenant;

/// What undoing needs to know: how the tenant was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    generation: i64,
}

/// A tenant to be suspended.
pub(crate) struct Suspension {
    intent: Intent,
    reason: String,
}

impl Suspension {
    pub(crate) async fn plan(
        order: SuspendTenant,
        generation: i64,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let before = room.tenant(order.tenant, &order.database).await?;
        if before.standing == Standing::Tombstone {
            return Err(not_alive(&before));
        }
        Ok(Self {
            intent: Intent { before, generation },
            reason: order.reason,
        })
    }

    fn after(&self) -> Managed {
        let Intent { before, generation } = self.intent.clone();
        Managed {
            standing: Standing::Suspended,
            generation,
            ..before
        }
    }
}

impl Plan for Suspension {
    const KIND: &'static str = "suspend-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("edge"),
        Step::new("parameters"),
        Step::new("gate"),
        Step::new("sessions"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, after) = (run.room, self.after());
        match step {
            "edge" => gate::mark(room, &after),
            "parameters" => gate::write_suspension(room, &after, Some(&self.reason)).await,
            "gate" => {
                let now = gate::current(room, &after.subject).await?;
                Ok(room.journal.transfer(&now, &after).await?)
            }
            "sessions" => {
                let ended = gate::end_sessions(room, &after.subject).await?;
                run.note(format!("{ended} sessions ended"));
                Ok(())
            }
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "gate" => gate::bring_back(room, &intent.before).await,
            // The reason before is not known; a tenant that stays suspended keeps the new one.
            "parameters" if intent.before.standing == Standing::Open => {
                gate::write_suspension(room, &intent.before, None).await
            }
            "edge" => gate::mark(room, &intent.before),
            _ => Ok(()),
        }
    }
}
