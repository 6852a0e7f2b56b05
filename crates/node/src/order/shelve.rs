//! Closes a tenant that is being moved, and puts it where it belongs: closed for a moment, not opened yet, or left behind. The
//! same gate as a suspension, and the same look from outside.

use crate::error::StepFailure;
use crate::evidence;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::order::{end_and_transfer, gate, not_alive};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use wire::node::{Evidence, Facts};
use wire::transfer::{Shelf, ShelveTenant};

/// What undoing needs to know: how the tenant was, and how it is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    after: Managed,
    /// The name under which visitors know it.
    live: Identifier,
}

/// A tenant to be put away.
pub(crate) struct Shelving {
    intent: Intent,
    ended: Mutex<u64>,
    evidence: Mutex<Option<Evidence>>,
}

impl Shelving {
    pub(crate) async fn plan(order: ShelveTenant, generation: i64, room: &Room) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(order.tenant);
        let before = now(room, &subject).await?;
        let live = before.former.clone().unwrap_or_else(|| before.name.clone());
        if before.standing == Standing::Tombstone || live != Identifier::from(&order.database) {
            return Err(not_alive(&before));
        }
        let (name, standing, former) = match order.shelf {
            Shelf::Kept => (Identifier::kept(order.tenant), Standing::Kept, Some(live.clone())),
            Shelf::Arriving => (live.clone(), Standing::Arriving, None),
            // Visitors go on reading why it is closed.
            Shelf::Maintenance if is_closed(before.standing) => (live.clone(), before.standing, None),
            Shelf::Maintenance => (live.clone(), Standing::Maintenance, None),
        };
        let after = Managed {
            name,
            standing,
            former,
            generation: generation.max(before.generation),
            ..before.clone()
        };
        Ok(Self {
            intent: Intent { before, after, live },
            ended: Mutex::default(),
            evidence: Mutex::default(),
        })
    }

    async fn step(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, Intent { after, live, .. }) = (run.room, &self.intent);
        let subject = &after.subject;
        let current = now(room, subject).await?;
        match step {
            "edge" => gate::mark_name(room, subject, live, after.standing).await,
            "gate" => {
                let shut = Managed {
                    name: current.name.clone(),
                    ..after.clone()
                };
                Ok(room.journal.transfer(&current, &shut).await?)
            }
            "sessions" => {
                let Some(oid) = current.oid else { return Ok(()) };
                let own = crate::catalogue::Ended::AllButOwn;
                let ended = crate::catalogue::end_sessions(&room.journal.pool, oid, own).await?;
                run.note(format!("{ended} sessions ended"));
                let mut most = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
                *most = ended.max(*most);
                Ok(())
            }
            "move" => {
                run.part("move/filestore")?;
                room.filestores.rename(&current.name, &after.name)?;
                run.part("move/database")?;
                end_and_transfer(room, &current, after).await
            }
            "verify" => {
                let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
                let seen = Managed {
                    name: live.clone(),
                    ..after.clone()
                };
                let found = evidence::look(room, &seen, ended).await?;
                *self.evidence.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
                Ok(())
            }
            other => Err(unknown_step(other)),
        }
    }
}

const fn is_closed(standing: Standing) -> bool {
    matches!(standing, Standing::Suspended | Standing::Paused)
}

/// The tenant's database, be it one that is left of a tenant that moved away.
async fn now(room: &Room, subject: &Subject) -> Result<Managed, StepFailure> {
    match managed::of_subject_or_kept(&room.journal.pool, subject).await? {
        Some(found) => Ok(found),
        None => gate::current(room, subject).await,
    }
}

impl Plan for Shelving {
    const KIND: &'static str = "shelve-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("edge"),
        Step::new("gate"),
        Step::new("sessions"),
        Step::parted("move", &["move/filestore", "move/database"]),
        Step::new("verify"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        self.step(step, run).await
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        let Intent { before, after, live } = intent;
        match step {
            "move" | "gate" => {
                let current = now(room, &before.subject).await?;
                room.filestores
                    .take_back(&after.name, &before.name, &before.subject.to_string())?;
                let back = Managed {
                    generation: current.generation,
                    ..before.clone()
                };
                end_and_transfer(room, &current, &back).await
            }
            "edge" => gate::mark_name(room, &before.subject, live, before.standing).await,
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
