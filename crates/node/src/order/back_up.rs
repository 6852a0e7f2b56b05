//! Takes a backup of a tenant, in use or closed: one moment of it, written into a store as a stream.

use crate::backup::manifest::Stored;
use crate::backup::sealing::{Key, Recipients};
use crate::backup::snapshot::Snapshot;
use crate::backup::store::{self, Store};
use crate::backup::write::{self, Files, Writer};
use crate::error::{Code, StepFailure, chain};
use crate::identifier::Identifier;
use crate::managed::Managed;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use domain::{BackupId, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use tokio::sync::Mutex;
use tokio::time::Instant;
use wire::backup::{BackUpTenant, BackupKeys, Kept, StoreAccess};
use wire::node::Facts;

/// What undoing needs to know. It has no key: what lies in a store that needs one goes with the next pruning.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    backup: BackupId,
    links: Identifier,
    is_in_folder: bool,
}

/// A tenant of which a backup is taken.
pub(crate) struct BackingUp {
    intent: Intent,
    order: BackUpTenant,
    tenant: Managed,
    store: Store,
    key: Key,
    recipients: Recipients,
    begun: Instant,
    so_far: Mutex<SoFar>,
    kept: OnceLock<Kept>,
}

/// What the steps before have made.
#[derive(Default)]
struct SoFar {
    snapshot: Option<Snapshot>,
    dump: Option<Stored>,
    files: Option<Files>,
}

impl BackingUp {
    pub(crate) async fn plan(order: BackUpTenant, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        if tenant.former.is_some() && order.why != domain::BackupKind::Final {
            return Err(not_alive(&tenant));
        }
        let keys = store::keys(order.keys.as_ref())?;
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                backup: order.backup,
                links: Identifier::links(order.backup.uuid()),
                is_in_folder: order.store == StoreAccess::Folder,
            },
            store: Store::open(room, &order.store, &keys)?,
            key: Key::parse(&keys.identity)?,
            recipients: Recipients::parse(&order.recipients)?,
            order,
            tenant,
            begun: Instant::now(),
            so_far: Mutex::default(),
            kept: OnceLock::new(),
        })
    }

    /// Removes what a process that was killed wrote of the backup into a bucket: it is in no manifest, and no pruning looks for it where
    /// a backup stays.
    async fn begin_anew(&self) -> Result<(), StepFailure> {
        match write::remove(&self.store, self.intent.tenant, self.intent.backup).await {
            // With keys that may write and nothing else, it is the bucket's to clear.
            Err(failure) if matches!(failure.code, Code::StoreDenied | Code::StoreRefused) => {
                tracing::info!(backup = %self.intent.backup, failure = chain(&failure), "nobody looked for an earlier try");
                Ok(())
            }
            removed => removed,
        }
    }

    async fn step(&self, step: &'static str, run: &Run<'_>, writer: &Writer<'_>) -> Result<(), StepFailure> {
        let (room, links) = (run.room, &self.intent.links);
        let mut so_far = self.so_far.lock().await;
        match step {
            "database" => {
                let note = format!("links:{}", self.intent.backup);
                if !self.intent.is_in_folder {
                    self.begin_anew().await?;
                }
                run.part("database/snapshot")?;
                let mut snapshot = Snapshot::take(room, &self.tenant.name, links, &note).await?;
                let dump = async {
                    run.part("database/dump")?;
                    writer.dump(&snapshot).await
                };
                let dump = dump.await;
                snapshot.end().await?;
                let dump = dump?;
                run.note(format!("{} bytes, {} in the store", dump.plain_bytes, dump.bytes));
                (so_far.snapshot, so_far.dump) = (Some(snapshot), Some(dump));
                Ok(())
            }
            "files" => {
                let snapshot = so_far.snapshot.as_ref().ok_or_else(|| unknown_step("database"))?;
                let folder = room.filestores.folder(links);
                so_far.files = Some(writer.files(run, &folder, &snapshot.files).await?);
                Ok(())
            }
            "manifest" => {
                let SoFar {
                    snapshot: Some(snapshot),
                    dump: Some(dump),
                    files: Some(files),
                } = &*so_far
                else {
                    return Err(unknown_step("files"));
                };
                run.part("manifest/write")?;
                let kept = writer
                    .manifest(snapshot, dump.clone(), files.clone(), self.begun)
                    .await?;
                // Done again, it is another encryption of the same.
                let _ = self.kept.set(kept);
                run.part("manifest/links")?;
                let (filestores, links) = (room.filestores.clone(), links.clone());
                room.blocking(move || filestores.remove(&links).map_err(StepFailure::from))
                    .await
            }
            other => Err(unknown_step(other)),
        }
    }
}

impl Plan for BackingUp {
    const KIND: &'static str = "back-up-tenant";
    const STEPS: &'static [Step] = &[
        Step::parted("database", &["database/snapshot", "database/dump"]),
        Step::new("files"),
        Step::parted("manifest", &["manifest/write", "manifest/links"]),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        if step == "manifest" && self.kept.get().is_some() {
            return Ok(());
        }
        let writer = Writer {
            room: run.room,
            store: &self.store,
            order: &self.order,
            recipients: &self.recipients,
            key: &self.key,
        };
        let done = self.step(step, run, &writer).await;
        if done.is_err() {
            writer.give_up().await;
        }
        done
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        if step != "database" {
            return Ok(());
        }
        let (filestores, links) = (room.filestores.clone(), intent.links.clone());
        room.blocking(move || filestores.remove(&links).map_err(StepFailure::from))
            .await?;
        if !intent.is_in_folder {
            return Ok(());
        }
        let nothing = BackupKeys {
            identity: String::new(),
            secret_key: None,
        };
        let store = match Store::open(room, &StoreAccess::Folder, &nothing) {
            // It is another node's by now, in which nothing is this one's to remove.
            Err(failure) if failure.code == Code::StoreOfAnother => return Ok(()),
            opened => opened?,
        };
        write::remove(&store, intent.tenant, intent.backup).await
    }

    fn facts(&self) -> Facts {
        Facts {
            kept: self.kept.get().cloned().map(Box::new),
            ..Facts::default()
        }
    }
}
