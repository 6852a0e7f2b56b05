//! Brings a tenant back from a backup. All of it is fetched and compared beside what is there; only then the tenant is closed for
//! the moment in which one takes the other's place. Until the order is done, what was there can come back.

use crate::backup::fetch::Reader;
use crate::backup::manifest::Manifest;
use crate::backup::sealing::Key;
use crate::backup::space;
use crate::backup::store::{self, Store};
use crate::capacity::Spare;
use crate::copy;
use crate::error::StepFailure;
use crate::order::exchange::{self, Becoming, Exchange, Intent};
use crate::order::{empty, template_swap};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use sqlx::Connection;
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;
use wire::backup::{RestoreTenant, Restored};
use wire::node::Facts;

/// What has to stay free besides what is restored. It is little, because somebody waits.
const SPARE_BYTES: u64 = 16 << 20;

/// A tenant to be brought back.
pub(crate) struct Restoration {
    intent: Intent,
    order: RestoreTenant,
    store: Store,
    key: Key,
    manifest: Manifest,
    exchange: Exchange,
}

impl Restoration {
    pub(crate) async fn plan(
        order: RestoreTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let whose = (order.tenant, &order.database);
        let intent = Intent::new(room, whose, order.service, generation, command).await?;
        let keys = store::keys(order.keys.as_ref())?;
        let (store, key) = (
            Store::open(room, &order.store, &keys)?,
            Key::parse(&keys.identity)?,
        );
        let of = (order.from, order.backup);
        let manifest = Manifest::get(&store, &key, of, Some(&order.manifest_sha256)).await?;
        space::check(room, &manifest, Spare::Bytes(SPARE_BYTES)).await?;
        Ok(Self {
            intent,
            order,
            store,
            key,
            manifest,
            exchange: Exchange::default(),
        })
    }

    fn reader<'a>(&'a self, room: &'a Room) -> Reader<'a> {
        Reader {
            room,
            store: &self.store,
            key: &self.key,
            manifest: &self.manifest,
        }
    }

    async fn fetch(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, unborn) = (run.room, &self.intent.unborn);
        let (reader, arrival) = (self.reader(room), room.filestores.arrival(unborn)?);
        run.part("fetch/database")?;
        // Again from the beginning: a dump goes into an empty database.
        empty::make(room, unborn).await?;
        reader.database(unborn).await?;
        run.part("fetch/files")?;
        reader.files(run, Some(arrival)).await
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, unborn) = (run.room, &self.intent.unborn);
        let mut connection = room.connect(unborn).await?;
        let becoming = Becoming {
            is_another: self.order.from != self.order.tenant,
            base_url: &self.order.base_url,
            quiet: self.order.quiet,
        };
        let settled = self.intent.settle(&mut connection, &becoming).await;
        connection.close().await?;
        settled?;
        statement::forbid_create(&room.journal.pool, unborn, &room.journal.roles.odoo).await?;
        let (arrival, listed) = (room.filestores.arrival(unborn)?, self.reader(room).listed());
        room.blocking(move || arrival.settle(&listed)).await?;
        run.note(format!(
            "{} rows of key tables, {} files",
            self.manifest.head.sum(),
            self.manifest.files.len()
        ));
        Ok(())
    }
}

impl Plan for Restoration {
    const KIND: &'static str = "restore-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("claim"),
        Step::parted("fetch", &["fetch/database", "fetch/files"]),
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
            "fetch" => self.fetch(run).await,
            "check" => self.check(run).await,
            "close" => self.exchange.close(intent, room).await,
            "swap" => self.exchange.swap(intent, run).await,
            "open" => self.exchange.open(intent, run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        exchange::undo(intent, step, room).await
    }

    fn facts(&self) -> Facts {
        Facts {
            restored: Some(Box::new(Restored {
                rows: self.manifest.head.sum(),
                files: self.manifest.files.len() as u64,
                bytes: self.manifest.stored_bytes(),
                stop_ms: self.exchange.stop_ms(),
                ..Restored::default()
            })),
            evidence: self.exchange.evidence(),
            odoo_version: self.manifest.odoo_version.clone(),
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
