//! Drops a tombstone of which a last backup is kept; one without is dumped with its files before, and the dump checked.

use crate::catalogue;
use crate::dump::{self, Dump};
use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use domain::BackupId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wire::node::{Facts, PurgeTenant};

/// What undoing needs to know: the tombstone, and where its dump goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    before: Managed,
    folder: PathBuf,
    /// Its last backup, in place of a dump.
    #[serde(default)]
    backup: Option<BackupId>,
}

/// A tombstone to be purged.
pub(crate) struct Purge {
    intent: Intent,
    name: Identifier,
}

impl Purge {
    pub(crate) async fn plan(order: PurgeTenant, room: &Room) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(order.tenant);
        let name = Identifier::from(&order.database);
        let Some(before) = managed::of_subject(&room.journal.pool, &subject).await? else {
            return Self::purged_before(&order, name, room);
        };
        if before.standing != Standing::Tombstone {
            let detail = format!(
                "Tenant {} is not deleted; it lives in {}.",
                order.tenant, before.name
            );
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        }
        // A purge that was cut off after its dump goes on with that dump.
        let folder = match dump::finished(&room.settings.dumps_dir, &before)? {
            Some(folder) if !exists(room, &before).await? => folder,
            _ => dump::folder(&room.settings.dumps_dir, &name, order.tenant),
        };
        Ok(Self {
            intent: Intent {
                before,
                folder,
                backup: order.last_backup,
            },
            name,
        })
    }

    /// A purge that was cut off after its very last effect: nothing is left to do but to say so.
    fn purged_before(order: &PurgeTenant, name: Identifier, room: &Room) -> Result<Self, StepFailure> {
        let (tenant, backup) = (order.tenant, order.last_backup);
        let ghost = Managed {
            name: Identifier::tombstone(tenant),
            oid: None,
            subject: Subject::Tenant(tenant),
            standing: Standing::Tombstone,
            former: Some(name.clone()),
            generation: 0,
        };
        let folder = match backup {
            Some(_) => Some(PathBuf::new()),
            None => dump::finished(&room.settings.dumps_dir, &ghost)?,
        };
        let Some(folder) = folder else {
            let detail = format!("This node has no tenant {tenant}, and no dump of one.");
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        };
        Ok(Self {
            intent: Intent {
                before: ghost,
                folder,
                backup,
            },
            name,
        })
    }

    fn dump(&self) -> Dump {
        Dump {
            folder: self.intent.folder.clone(),
            name: self.name.clone(),
            tombstone: self.intent.before.clone(),
        }
    }

    async fn step(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, before) = (run.room, &self.intent.before);
        match step {
            "dump" | "files" | "check" if self.intent.backup.is_some() => {
                run.note("Its last backup is kept.".to_owned());
                Ok(())
            }
            "dump" | "files" | "check" if !exists(room, before).await? => {
                run.note("The database is gone; its dump was finished before.".to_owned());
                Ok(())
            }
            "dump" => self.dump().write_database(room).await,
            "files" => {
                let copied = self.dump().write_files(room).await?;
                run.note(format!("{} files, {} bytes", copied.files, copied.bytes));
                Ok(())
            }
            "check" => self.dump().check(room).await,
            "drop" => {
                run.part("drop/database")?;
                statement::drop_database(&room.journal.pool, &before.name).await?;
                run.part("drop/filestore")?;
                let (filestores, name) = (room.filestores.clone(), before.name.clone());
                room.blocking(move || filestores.remove(&name).map_err(StepFailure::from))
                    .await?;
                run.part("drop/journal")?;
                Ok(managed::forget(&room.journal.pool, &before.name).await?)
            }
            other => Err(unknown_step(other)),
        }
    }
}

impl Plan for Purge {
    const KIND: &'static str = "purge-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("dump"),
        Step::new("files"),
        Step::new("check"),
        Step::parted("drop", &["drop/database", "drop/filestore", "drop/journal"]),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        self.step(step, run).await
    }

    /// What was dropped cannot come back, and then its dump must stay; the next purge of it ends the work.
    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if step != "dump" || intent.backup.is_some() || !exists(room, &intent.before).await? {
            return Ok(());
        }
        let folder = intent.folder.clone();
        room.blocking(move || dump::remove(&folder).map_err(StepFailure::from))
            .await
    }

    fn facts(&self) -> Facts {
        Facts {
            kept_at: Some(match self.intent.backup {
                Some(backup) => backup.to_string(),
                None => self.intent.folder.display().to_string(),
            }),
            ..Facts::default()
        }
    }
}

/// Whether the very database is still there.
async fn exists(room: &Room, tombstone: &Managed) -> Result<bool, StepFailure> {
    let entry = catalogue::named(&room.journal.pool, &tombstone.name).await?;
    Ok(entry.is_some_and(|entry| Some(entry.oid) == tombstone.oid))
}
