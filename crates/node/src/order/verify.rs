//! Looks whether a backup is whole: reads every byte of it, or restores it into a scratch database, has Odoo show its login page,
//! and drops it.

use crate::backup::fetch::Reader;
use crate::backup::manifest::Manifest;
use crate::backup::page;
use crate::backup::sealing::Key;
use crate::backup::space;
use crate::backup::store::{self, Store};
use crate::capacity::Spare;
use crate::error::StepFailure;
use crate::identifier::Identifier;
use crate::managed::{self, Subject};
use crate::order::empty;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;
use uuid::Uuid;
use wire::backup::{Proof, Proven, VerifyBackup};
use wire::node::Facts;

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    scratch: Identifier,
    is_restored: bool,
}

/// A backup that is looked at.
pub(crate) struct Verification {
    intent: Intent,
    subject: Subject,
    command: Uuid,
    store: Store,
    key: Key,
    manifest: Manifest,
    begun: Instant,
    proven: Mutex<Proven>,
}

impl Verification {
    pub(crate) async fn plan(order: VerifyBackup, command: Uuid, room: &Room) -> Result<Self, StepFailure> {
        let begun = Instant::now();
        let keys = store::keys(order.keys.as_ref())?;
        let (store, key) = (
            Store::open(room, &order.store, &keys)?,
            Key::parse(&keys.identity)?,
        );
        let of = (order.tenant, order.backup);
        let manifest = Manifest::get(&store, &key, of, Some(&order.manifest_sha256)).await?;
        let is_restored = order.proof == Proof::Restore;
        if is_restored {
            // Nobody waits for it, and tenants' users come first.
            space::check(room, &manifest, Spare::Tenth).await?;
        }
        Ok(Self {
            intent: Intent {
                scratch: Identifier::proof(order.backup.uuid()),
                is_restored,
            },
            subject: Subject::Backups(order.tenant),
            command,
            store,
            key,
            manifest,
            begun,
            proven: Mutex::default(),
        })
    }

    fn note(&self, change: impl FnOnce(&mut Proven)) {
        change(&mut self.proven.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn read(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let reader = self.reader(run.room);
        if self.intent.is_restored {
            run.note("read while it is restored".to_owned());
            return Ok(());
        }
        reader.dump(None).await?;
        reader.files(run, None).await
    }

    fn reader<'a>(&'a self, room: &'a Room) -> Reader<'a> {
        Reader {
            room,
            store: &self.store,
            key: &self.key,
            manifest: &self.manifest,
        }
    }

    async fn restore(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, scratch) = (run.room, &self.intent.scratch);
        managed::claim(&room.journal.pool, scratch, &self.subject, self.command).await?;
        room.filestores.note(scratch, &self.subject.to_string())?;
        empty::make(room, scratch).await?;
        let (reader, arrival) = (self.reader(room), room.filestores.arrival(scratch)?);
        reader.database(scratch).await?;
        reader.files(run, Some(arrival.clone())).await?;
        let listed = reader.listed();
        room.blocking(move || arrival.settle(&listed)).await?;
        statement::forbid_create(&room.journal.pool, scratch, &room.journal.roles.odoo).await?;
        let milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rows = self.manifest.head.sum();
        self.note(|proven| (proven.rows, proven.milliseconds) = (Some(rows), milliseconds));
        run.note(format!("{rows} rows of key tables, {milliseconds} ms"));
        Ok(())
    }

    async fn page(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let scratch = &self.intent.scratch;
        let there = crate::catalogue::named(&run.room.journal.pool, scratch).await?;
        let Some(there) = there else { return Ok(()) };
        let status = page::look(run.room, scratch, there.oid).await?;
        if status.is_none() {
            run.note("Odoo does not answer here; its login page was not looked at".to_owned());
        }
        self.note(|proven| proven.login_status = status);
        Ok(())
    }

    async fn clear(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
        empty::unmake(room, &intent.scratch).await?;
        empty::unclaim(room, &intent.scratch).await
    }
}

impl Plan for Verification {
    const KIND: &'static str = "verify-backup";
    const STEPS: &'static [Step] = &[
        Step::new("read"),
        Step::new("restore"),
        Step::new("page"),
        Step::new("drop"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "read" => self.read(run).await,
            "restore" | "page" | "drop" if !self.intent.is_restored => Ok(()),
            "restore" => self.restore(run).await,
            "page" => self.page(run).await,
            "drop" => Self::clear(&self.intent, run.room).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "restore" if intent.is_restored => Self::clear(intent, room).await,
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner).clone();
        proven.bytes = self.manifest.stored_bytes();
        proven.files = self.manifest.files.len() as u64;
        if proven.milliseconds == 0 {
            proven.milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        Facts {
            proven: Some(Box::new(proven)),
            ..Facts::default()
        }
    }
}
