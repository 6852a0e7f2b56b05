//! Brings a tenant back to a moment. The cluster is restored aside as far as that, its one database is taken out, and takes the place of
//! what is there as one from a backup does. Files are named by their content, so that those of the moment are still in the filestore,
//! unless Odoo collected them meanwhile: those are looked for in backups, and what is found nowhere is counted and told.

use crate::backup::archive::{self, Wanted};
use crate::backup::manifest::{FileEntry, Manifest};
use crate::backup::sealing::Key;
use crate::backup::store::{self, Store};
use crate::copy;
use crate::error::{Code, NodeError, StepFailure, chain};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Subject};
use crate::odoo::{attachment, module};
use crate::order::exchange::{self, Becoming, Exchange, Intent};
use crate::order::{empty, template_swap};
use crate::plan::{Plan, Step, unknown_step};
use crate::point_in_time;
use crate::point_in_time::aside::{self, Aside};
use crate::point_in_time::moment::{self, Moment};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::transfer::bridge::Bridge;
use crate::transfer::content::Head;
use domain::TenantId;
use sqlx::Connection;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use uuid::Uuid;
use wire::backup::Restored;
use wire::node::Facts;
use wire::point_in_time::RewindTenant;

/// A tenant to be brought back to a moment.
pub(crate) struct Rewinding {
    intent: Intent,
    order: RewindTenant,
    moment: Moment,
    /// Where its files are.
    from: Managed,
    /// Nothing where its folder is another node's.
    store: Option<Store>,
    key: Key,
    aside: tokio::sync::Mutex<Option<(Aside, Identifier)>>,
    found: Mutex<Found>,
    exchange: Exchange,
}

/// What was found at the moment.
#[derive(Clone, Debug, Default)]
struct Found {
    rows: u64,
    odoo_version: Option<String>,
    files: Vec<String>,
    from_backups: u64,
    missing: u64,
}

impl Rewinding {
    pub(crate) async fn plan(
        order: RewindTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let settings = point_in_time::settings(room)?;
        let whose = (order.tenant, &order.database);
        let intent = Intent::new(room, whose, order.service, generation, command).await?;
        let from = living(room, order.from).await?;
        let moment = Moment::find(room, settings, &from, order.at).await?;
        let keys = store::keys(order.keys.as_ref())?;
        Ok(Self {
            intent,
            moment,
            from,
            store: match Store::open(room, &order.store, &keys) {
                Err(failure) if failure.code == Code::StoreOfAnother => {
                    tracing::warn!(failure = chain(&failure), "no files are taken from backups");
                    None
                }
                opened => Some(opened?),
            },
            key: Key::parse(&keys.identity)?,
            order,
            aside: tokio::sync::Mutex::default(),
            found: Mutex::default(),
            exchange: Exchange::default(),
        })
    }

    fn found(&self) -> Found {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Found)) {
        change(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn restore_aside(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let room = run.room;
        let settings = point_in_time::settings(room)?;
        let folder = aside::folder(settings, self.intent.command);
        let mut aside = self.aside.lock().await;
        aside.take();
        aside::clear(&folder).await?;
        // Meanwhile no base backup is forgotten.
        let _kept = room.point_in_time.backups.read().await;
        run.note(self.moment.told());
        *aside = Some(self.moment.bring(room, settings, &folder).await?);
        Ok(())
    }

    async fn fetch(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        run.part("fetch/database")?;
        self.fetch_database(run.room).await?;
        run.part("fetch/files")?;
        self.fetch_files(run).await
    }

    async fn fetch_database(&self, room: &Room) -> Result<(), StepFailure> {
        let aside = self.aside.lock().await;
        let Some((aside, name)) = aside.as_ref() else {
            return Err(unknown_step("aside"));
        };
        let unborn = &self.intent.unborn;
        let mut source = aside.connect(room, name).await?;
        let head = Head::read(&mut source).await;
        source.close().await?;
        let head = head?;
        empty::make(room, unborn).await?;
        copy::make_these(room, &head.extensions, unborn).await?;
        let mut dump = aside.dump(room, name);
        let path = Path::new("pg_dump");
        let dumping = dump.stdout(Stdio::piped()).spawn();
        let mut dumping = dumping.map_err(NodeError::file("run", path))?;
        let out = dumping.stdout.take().map(|pipe| pipe.into_owned_fd()).transpose();
        let out = out.map_err(NodeError::file("read", path))?.map(File::from);
        let (restoring, into) = copy::restoring(room, unborn)?;
        let passing = room.blocking(move || match (out, into) {
            (Some(mut out), Some(mut into)) => io::copy(&mut out, &mut into)
                .map(drop)
                .map_err(|source| NodeError::Stream { source }),
            _ => Ok(()),
        });
        let (passed, dumped, restored) =
            tokio::join!(passing, dumping.wait_with_output(), restoring.wait_with_output());
        copy::verdict(&restored.map_err(NodeError::file("run", Path::new("pg_restore")))?)?;
        let dumped = dumped.map_err(NodeError::file("run", path))?;
        if !dumped.status.success() {
            let words = String::from_utf8_lossy(&dumped.stderr);
            return Err(copy::failed("pg_dump", words.lines().next().unwrap_or_default()));
        }
        passed.map_err(StepFailure::from)?;
        self.compare(room, &head).await
    }

    /// Compares what came with what was there, and learns which files it names.
    async fn compare(&self, room: &Room, head: &Head) -> Result<(), StepFailure> {
        let mut connection = room.connect(&self.intent.unborn).await?;
        let learned = async {
            Head::read(&mut connection).await?.agrees(head)?;
            let files = match module::has_table(&mut connection, "ir_attachment").await? {
                true => attachment::stored_files(&mut connection).await?,
                false => Vec::new(),
            };
            let version = match module::has_table(&mut connection, "ir_module_module").await? {
                true => module::odoo_version(&mut connection).await?,
                false => None,
            };
            Ok::<_, StepFailure>((files, version))
        };
        let learned = learned.await;
        connection.close().await?;
        let (files, version) = learned?;
        self.note(|found| {
            (found.rows, found.files, found.odoo_version) = (head.sum(), files, version);
        });
        Ok(())
    }

    async fn fetch_files(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, files) = (run.room, self.found().files);
        let count = files.len();
        let (filestores, live, unborn) = (
            room.filestores.clone(),
            self.from.name.clone(),
            self.intent.unborn.clone(),
        );
        let missing = room
            .blocking(move || {
                filestores.bring(&live, &unborn, &files)?;
                Ok::<_, StepFailure>(filestores.missing(&unborn, files))
            })
            .await?;
        let left = self.fetch_from_backups(room, missing.clone()).await?;
        if count > 0 {
            let arrival = room.filestores.arrival(&self.intent.unborn)?;
            room.blocking(move || arrival.sync()).await?;
        }
        self.note(|found| {
            found.missing = left.len() as u64;
            found.from_backups = (missing.len() - left.len()) as u64;
        });
        run.note(format!(
            "{count} files, {} of them from backups, {} found nowhere",
            missing.len() - left.len(),
            left.len()
        ));
        Ok(())
    }

    /// Gives those that no backup has. One that cannot be read is as one that has none.
    async fn fetch_from_backups(
        &self,
        room: &Room,
        mut missing: Vec<String>,
    ) -> Result<Vec<String>, StepFailure> {
        let Some(store) = &self.store else {
            return Ok(missing);
        };
        for known in &self.order.backups {
            if missing.is_empty() {
                break;
            }
            let of = (self.order.from, known.backup);
            let fetched = async {
                let manifest = Manifest::get(store, &self.key, of, Some(&known.manifest_sha256)).await?;
                self.fetch_from(room, (store, &manifest), &missing).await
            };
            if let Err(failure) = fetched.await {
                tracing::warn!(backup = %known.backup, failure = chain(&failure), "files cannot be taken from a backup");
            }
            let (filestores, unborn) = (room.filestores.clone(), self.intent.unborn.clone());
            missing = room
                .blocking(move || Ok::<_, StepFailure>(filestores.missing(&unborn, missing)))
                .await?;
        }
        Ok(missing)
    }

    async fn fetch_from(
        &self,
        room: &Room,
        (store, manifest): (&Store, &Manifest),
        missing: &[String],
    ) -> Result<(), StepFailure> {
        for (number, stored) in manifest.archives.iter().enumerate() {
            let here = manifest.files.iter().filter(|file| file.archive == number);
            let wanted: HashMap<String, Wanted> = here
                .filter(|file| missing.contains(&file.path))
                .map(FileEntry::wanted)
                .collect();
            if wanted.is_empty() {
                continue;
            }
            let from = Bridge::new(store.read(&stored.object).await?);
            let (key, sha256) = (self.key.clone(), stored.sha256.clone());
            let arrival = room.filestores.arrival(&self.intent.unborn)?;
            room.blocking(move || {
                archive::read(from, &key, &sha256, &wanted, |path, mut content| {
                    arrival.write(path, &mut content)
                })
            })
            .await?;
        }
        Ok(())
    }

    async fn clear(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
        match &room.settings.point_in_time {
            Some(settings) => Ok(aside::clear(&aside::folder(settings, intent.command)).await?),
            None => Ok(()),
        }
    }

    async fn check(&self, room: &Room) -> Result<(), StepFailure> {
        let unborn = &self.intent.unborn;
        let mut connection = room.connect(unborn).await?;
        let becoming = Becoming {
            is_another: self.order.from != self.order.tenant,
            base_url: &self.order.base_url,
            quiet: self.order.quiet,
        };
        let settled = self.intent.settle(&mut connection, &becoming).await;
        connection.close().await?;
        settled?;
        Ok(statement::forbid_create(&room.journal.pool, unborn, &room.journal.roles.odoo).await?)
    }
}

/// What is there of the tenant now, be it a tombstone: its number and its files.
async fn living(room: &Room, tenant: TenantId) -> Result<Managed, StepFailure> {
    let found = managed::of_subject(&room.journal.pool, &Subject::Tenant(tenant)).await?;
    found.ok_or_else(|| StepFailure::new(Code::TenantUnknown, format!("This node has no tenant {tenant}.")))
}

impl Plan for Rewinding {
    const KIND: &'static str = "rewind-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("claim"),
        Step::new("archive"),
        Step::new("aside"),
        Step::parted("fetch", &["fetch/database", "fetch/files"]),
        Step::new("clear"),
        Step::new("check"),
        Step::new("close"),
        Step::parted(
            "swap",
            &[
                "swap/old-files",
                "swap/old-database",
                "swap/files",
                "swap/database",
            ],
        ),
        Step::new("open"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        match step {
            "claim" => exchange::claim(intent, room).await,
            "archive" => moment::flush(room, intent.command).await,
            "aside" => self.restore_aside(run).await,
            "fetch" => self.fetch(run).await,
            "clear" => {
                self.aside.lock().await.take();
                Self::clear(intent, room).await
            }
            "check" => self.check(room).await,
            "close" => self.exchange.close(intent, room).await,
            "swap" => self.exchange.swap(intent, run).await,
            "open" => self.exchange.open(intent, run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "aside" => Self::clear(intent, room).await,
            other => exchange::undo(intent, other, room).await,
        }
    }

    fn facts(&self) -> Facts {
        let found = self.found();
        Facts {
            restored: Some(Box::new(Restored {
                rows: found.rows,
                files: found.files.len() as u64 - found.missing,
                bytes: 0,
                stop_ms: self.exchange.stop_ms(),
                files_from_backups: found.from_backups,
                files_missing: found.missing,
            })),
            evidence: self.exchange.evidence(),
            odoo_version: found.odoo_version,
            ..Facts::default()
        }
    }

    /// What was there goes, and PostgreSQL learns of tables that were just filled. What is not dropped now is at the next start.
    fn afterwards(&self, room: &Arc<Room>) {
        let (room, name) = (Arc::clone(room), self.intent.database.clone());
        Handle::current().spawn(async move {
            template_swap::drop_replaced(&room).await;
            copy::analyze(&room, &name).await;
        });
    }
}
