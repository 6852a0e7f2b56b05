//! Drops a template with its ready clones. What was made of it is whole by itself and stays.

use crate::catalogue::{self, Ended};
use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::order::template_swap;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;
use wire::node::RetireTemplate;

/// What undoing needs to know: the template as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    command: Uuid,
}

/// A template to be dropped.
pub(crate) struct Retirement {
    intent: Intent,
}

impl Intent {
    /// Out of the way, where only the node looks; it is dropped once the order is done.
    fn aside(&self) -> Managed {
        Managed {
            name: Identifier::replaced(self.command),
            standing: Standing::Replaced,
            ..self.before.clone()
        }
    }
}

impl Retirement {
    pub(crate) async fn plan(order: RetireTemplate, command: Uuid, room: &Room) -> Result<Self, StepFailure> {
        let subject = Subject::Template(order.name.clone());
        let Some(before) = managed::of_subject(&room.journal.pool, &subject).await? else {
            let detail = format!("There is no template {} on this node.", order.name);
            return Err(StepFailure::new(Code::TemplateMissing, detail));
        };
        Ok(Self {
            intent: Intent { before, command },
        })
    }
}

async fn move_it(room: &Room, from: &Managed, to: &Managed) -> Result<(), StepFailure> {
    let _alone = room.templates.write().await;
    let Some(now) = managed::named(&room.journal.pool, &from.name).await? else {
        return Ok(());
    };
    if now.standing != from.standing {
        return Ok(());
    }
    room.filestores.rename(&from.name, &to.name)?;
    if let Some(oid) = now.oid {
        catalogue::end_sessions(&room.journal.pool, oid, Ended::Everybody).await?;
    }
    Ok(room.journal.transfer(from, to).await?)
}

impl Plan for Retirement {
    const KIND: &'static str = "retire-template";
    const STEPS: &'static [Step] = &[Step::new("aside")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "aside" => move_it(run.room, &self.intent.before, &self.intent.aside()).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if step != "aside" {
            return Ok(());
        }
        // Moved or not, the files go back first: a template without them would be cloned broken.
        if !room.filestores.exists(&intent.before.name) {
            room.filestores
                .rename(&intent.aside().name, &intent.before.name)?;
        }
        move_it(room, &intent.aside(), &intent.before).await
    }

    fn afterwards(&self, room: &Arc<Room>) {
        let room = Arc::clone(room);
        tokio::spawn(async move {
            template_swap::drop_replaced(&room).await;
            room.pool_moved.notify_one();
        });
    }
}
