//! Drops a copy that nobody is served from: one that came and was not opened, or one that a move left. Never a tenant that is
//! served, nor a tombstone. What was dropped before is not looked for again, so the order can be given twice.

use crate::catalogue;
use crate::error::StepFailure;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use serde::{Deserialize, Serialize};
use wire::transfer::{DiscardCopy, Shelf};

/// Nothing comes back of what is dropped; a drop that was cut off goes on with the next order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// Copies to be dropped.
pub(crate) struct Discarding {
    copies: Vec<Managed>,
}

impl Discarding {
    pub(crate) async fn plan(order: DiscardCopy, room: &Room) -> Result<Self, StepFailure> {
        let (subject, unborn) = (Subject::Tenant(order.tenant), Identifier::unborn(order.tenant));
        let all = managed::all(&room.journal.pool).await?;
        let is_wanted = |one: &Managed| match (order.shelf, one.standing) {
            (Shelf::Kept, Standing::Kept) | (Shelf::Arriving, Standing::Arriving) => true,
            (Shelf::Arriving, Standing::Building) => one.name == unborn,
            _ => false,
        };
        let copies = all
            .into_iter()
            .filter(|one| one.subject == subject && is_wanted(one));
        Ok(Self {
            copies: copies.collect(),
        })
    }

    async fn drop_it(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        if self.copies.is_empty() {
            run.note("There is no such copy.".to_owned());
        }
        for copy in &self.copies {
            let (room, pool) = (run.room, &run.room.journal.pool);
            run.part("drop/database")?;
            let there = catalogue::named(pool, &copy.name).await?;
            let is_own = there.is_some_and(|there| copy.oid.is_none_or(|oid| oid == there.oid));
            // One without a number bears a name that follows from the tenant's id.
            if is_own {
                statement::drop_database(pool, &copy.name).await?;
            }
            run.part("drop/filestore")?;
            if room.filestores.is_of(&copy.name, &copy.subject.to_string())
                || copy.standing != Standing::Arriving
            {
                let (filestores, name) = (room.filestores.clone(), copy.name.clone());
                room.blocking(move || filestores.remove(&name).map_err(StepFailure::from))
                    .await?;
            }
            run.part("drop/journal")?;
            managed::forget(pool, &copy.name).await?;
        }
        Ok(())
    }
}

impl Plan for Discarding {
    const KIND: &'static str = "discard-copy";
    const STEPS: &'static [Step] = &[Step::parted(
        "drop",
        &["drop/database", "drop/filestore", "drop/journal"],
    )];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "drop" => self.drop_it(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_intent: &Intent, _step: &str, _room: &Room) -> Result<(), StepFailure> {
        Ok(())
    }
}
