//! Shuts a tenant out: first at the edge, then at the database, then whoever is still in; then it looks from outside
//! whether that is so. Also moves a closed tenant from one way of being closed to another.

use crate::cause;
use crate::error::StepFailure;
use crate::evidence;
use crate::managed::{Managed, Standing};
use crate::order::gate;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use wire::node::{Cause, Evidence, Facts, SuspendTenant};

/// What undoing needs to know: how the tenant was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    #[serde(default)]
    reason_before: Option<String>,
    #[serde(default)]
    cause_before: Option<Cause>,
    generation: i64,
}

/// A tenant to be closed.
pub(crate) struct Suspension {
    intent: Intent,
    reason: String,
    cause: Option<Cause>,
    standing: Standing,
    ended: Mutex<u64>,
    evidence: Mutex<Option<Evidence>>,
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
        let reason_before = gate::read_reason(room, &before).await?;
        let cause_before = cause::of(&room.journal.pool, &before.subject).await?;
        Ok(Self {
            intent: Intent {
                before,
                reason_before,
                cause_before,
                generation,
            },
            reason: order.reason,
            cause: order.cause,
            standing: order.service.into(),
            ended: Mutex::default(),
            evidence: Mutex::default(),
        })
    }

    fn after(&self) -> Managed {
        let Intent {
            before, generation, ..
        } = self.intent.clone();
        Managed {
            standing: self.standing,
            generation,
            ..before
        }
    }

    /// A closed tenant whose website opens: visitors are let in last, when the database is open.
    fn opens(&self) -> bool {
        self.standing.is_odoo_s() && !self.intent.before.standing.is_odoo_s()
    }

    async fn end_sessions(&self, run: &Run<'_>, after: &Managed) -> Result<(), StepFailure> {
        if self.standing.is_odoo_s() {
            run.note("the website stays open".to_owned());
            return gate::mark(run.room, after).await;
        }
        let ended = gate::end_sessions(run.room, &after.subject).await?;
        run.note(format!("{ended} sessions ended"));
        let mut most = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *most = ended.max(*most);
        Ok(())
    }

    async fn verify(&self, run: &Run<'_>, after: &Managed) -> Result<(), StepFailure> {
        let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let found = evidence::look(run.room, after, ended).await?;
        if found.edge_status.is_none() {
            run.note("the edge does not answer, so nobody is served; it obeys when it is back".to_owned());
        }
        *self.evidence.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(())
    }
}

impl Plan for Suspension {
    const KIND: &'static str = "suspend-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("edge"),
        Step::new("parameters"),
        Step::new("gate"),
        Step::new("sessions"),
        Step::new("verify"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, after) = (run.room, self.after());
        match step {
            "edge" => {
                cause::keep(&room.journal.pool, &after.subject, self.cause).await?;
                match self.opens() {
                    true => Ok(()),
                    false => gate::mark(room, &after).await,
                }
            }
            "parameters" => gate::write_suspension(room, &after, Some(&self.reason)).await,
            "gate" => {
                let now = gate::current(room, &after.subject).await?;
                Ok(room.journal.transfer(&now, &after).await?)
            }
            "sessions" => self.end_sessions(run, &after).await,
            "verify" => self.verify(run, &after).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "sessions" => gate::mark(room, &intent.before).await,
            "gate" => {
                gate::bring_back(room, &intent.before).await?;
                if !intent.before.standing.is_odoo_s() {
                    gate::end_sessions(room, &intent.before.subject).await?;
                }
                Ok(())
            }
            "parameters" => {
                gate::write_suspension(room, &intent.before, intent.reason_before.as_deref()).await
            }
            "edge" => {
                cause::keep(&room.journal.pool, &intent.before.subject, intent.cause_before).await?;
                gate::mark(room, &intent.before).await
            }
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            evidence: self
                .evidence
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            ..Facts::default()
        }
    }
}
