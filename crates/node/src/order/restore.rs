//! Brings a tenant back from a backup. All of it is fetched and compared beside what is there; only then the tenant is closed for
//! the moment in which one takes the other's place. Until the order is done, what was there can come back.

use crate::backup::fetch::Reader;
use crate::backup::manifest::Manifest;
use crate::backup::sealing::Key;
use crate::backup::store::{self, Store};
use crate::catalogue::{self, Ended};
use crate::copy;
use crate::error::StepFailure;
use crate::evidence;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::{entry, identity, module, parameter, signal};
use crate::order::{check_name_free, empty, end_and_transfer, gate, not_alive, template_swap};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;
use tokio::time::Instant;
use uuid::Uuid;
use wire::backup::{RestoreTenant, Restored};
use wire::node::{Evidence, Facts};

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    subject: Subject,
    database: Identifier,
    /// What is there; nothing for a tenant that is new here.
    before: Option<Managed>,
    /// The name in which the backup is fetched.
    unborn: Identifier,
    /// The name under which what was there waits until the order is done.
    old: Identifier,
    after: Standing,
    generation: i64,
    command: Uuid,
}

/// A tenant to be brought back.
pub(crate) struct Restoration {
    intent: Intent,
    order: RestoreTenant,
    store: Store,
    key: Key,
    manifest: Manifest,
    closed: OnceLock<Instant>,
    opened: OnceLock<Instant>,
    evidence: OnceLock<Evidence>,
}

impl Intent {
    /// The note in the folder that comes: it tells it from the one that was there.
    fn note(&self) -> String {
        format!("restore:{}", self.command)
    }

    /// Whether the database under the tenant's name is the one that came.
    async fn has_name(&self, room: &Room) -> Result<Option<Managed>, StepFailure> {
        let named = managed::named(&room.journal.pool, &self.database).await?;
        let old = self.before.as_ref().and_then(|before| before.oid);
        Ok(named.filter(|named| named.oid != old || self.before.is_none()))
    }

    fn closed(&self, before: &Managed) -> Managed {
        let standing = match before.standing {
            // Visitors go on reading why it is closed.
            standing @ (Standing::Suspended | Standing::Paused) => standing,
            _ => Standing::Maintenance,
        };
        Managed {
            standing,
            ..before.clone()
        }
    }

    fn arrived(&self, oid: Option<i64>) -> Managed {
        Managed {
            name: self.database.clone(),
            oid,
            subject: self.subject.clone(),
            standing: self.after,
            former: None,
            generation: self.generation,
        }
    }
}

impl Restoration {
    pub(crate) async fn plan(
        order: RestoreTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(order.tenant);
        let database = Identifier::from(&order.database);
        let before = match managed::of_subject(&room.journal.pool, &subject).await? {
            Some(_) => Some(room.tenant(order.tenant, &order.database).await?),
            None => None,
        };
        match &before {
            Some(before) if before.former.is_some() => return Err(not_alive(before)),
            Some(_) => {}
            None => check_name_free(room, &database).await?,
        }
        let keys = store::keys(order.keys.as_ref())?;
        let (store, key) = (
            Store::open(room, &order.store, &keys)?,
            Key::parse(&keys.identity)?,
        );
        let of = (order.from, order.backup);
        let manifest = Manifest::get(&store, &key, of, Some(&order.manifest_sha256)).await?;
        Ok(Self {
            intent: Intent {
                subject,
                database,
                before,
                unborn: Identifier::unborn(order.tenant),
                old: Identifier::replaced(command),
                after: order.service.into(),
                generation,
                command,
            },
            order,
            store,
            key,
            manifest,
            closed: OnceLock::new(),
            opened: OnceLock::new(),
            evidence: OnceLock::new(),
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
        let settled = self.settle(&mut connection).await;
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

    /// What in the database follows from where and whose it is now.
    async fn settle(&self, connection: &mut PgConnection) -> Result<(), StepFailure> {
        let mut transaction = connection.begin().await?;
        if self.order.from != self.order.tenant {
            identity::renew(&mut transaction).await?;
        }
        if self.order.quiet {
            module::mute(&mut transaction).await?;
        }
        let before = parameter::get(&mut transaction, parameter::BASE_URL).await?;
        if before.as_deref() != Some(&self.order.base_url) {
            parameter::set(&mut transaction, parameter::BASE_URL, &self.order.base_url).await?;
        }
        // How it stood when the backup was taken is not how it stands now.
        let is_closed = matches!(self.intent.after, Standing::Suspended | Standing::Restricted);
        parameter::set(
            &mut transaction,
            parameter::SUSPENDED,
            if is_closed { "true" } else { "false" },
        )
        .await?;
        if !is_closed {
            parameter::remove(&mut transaction, parameter::SUSPEND_REASON).await?;
        }
        // Entries stay where they were made, so that nobody is inside here.
        entry::archive(&mut transaction).await?;
        // Odoo's workers may remember the tenant as it was.
        signal::estrange(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn close(&self, room: &Room) -> Result<(), StepFailure> {
        let Some(before) = &self.intent.before else {
            return Ok(());
        };
        let _ = self.closed.set(Instant::now());
        let shut = self.intent.closed(before);
        gate::mark_name(room, &shut.subject, &shut.name, shut.standing).await?;
        let now = managed::named(&room.journal.pool, &before.name).await?;
        let now = now.unwrap_or_else(|| before.clone());
        room.journal.transfer(&now, &shut).await?;
        if let Some(oid) = before.oid {
            catalogue::end_sessions(&room.journal.pool, oid, Ended::AllButOwn).await?;
        }
        Ok(())
    }

    async fn swap(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        if intent.has_name(room).await?.is_some() {
            return Ok(());
        }
        if let Some(before) = &intent.before {
            run.part("swap/old-files")?;
            room.filestores.rename(&intent.database, &intent.old)?;
            run.part("swap/old-database")?;
            let shut = intent.closed(before);
            let old = Managed {
                name: intent.old.clone(),
                standing: Standing::Replaced,
                ..shut.clone()
            };
            end_and_transfer(room, &shut, &old).await?;
        }
        run.part("swap/files")?;
        room.filestores.rename(&intent.unborn, &intent.database)?;
        run.part("swap/database")?;
        let Some(building) = managed::named(&room.journal.pool, &intent.unborn).await? else {
            return Ok(());
        };
        end_and_transfer(room, &building, &intent.arrived(building.oid)).await
    }

    async fn open(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        room.filestores
            .note(&intent.database, &intent.subject.to_string())?;
        gate::mark_name(room, &intent.subject, &intent.database, intent.after).await?;
        if intent.after == Standing::Open {
            let named = managed::named(&room.journal.pool, &intent.database).await?;
            let arrived = intent.arrived(named.and_then(|named| named.oid));
            let found = evidence::look_at_open(room, &arrived).await?;
            if found.edge_status.is_none() {
                run.note(
                    "the edge or Odoo does not answer in time; visitors are let in when they do".to_owned(),
                );
            }
            let _ = self.evidence.set(found);
        }
        let _ = self.opened.set(Instant::now());
        Ok(())
    }
}

/// Puts what came aside again, and what was there back, as far as they changed places.
async fn swap_back(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    if let Some(arrived) = intent.has_name(room).await? {
        let building = Managed {
            name: intent.unborn.clone(),
            standing: Standing::Building,
            ..arrived.clone()
        };
        end_and_transfer(room, &arrived, &building).await?;
    }
    room.filestores
        .take_back(&intent.database, &intent.unborn, &intent.note())?;
    let Some(before) = &intent.before else {
        return Ok(());
    };
    if let Some(old) = managed::named(&room.journal.pool, &intent.old).await? {
        end_and_transfer(room, &old, &intent.closed(before)).await?;
    }
    room.filestores.rename(&intent.old, &intent.database)
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
            "claim" => {
                let pool = &room.journal.pool;
                managed::claim(pool, &intent.unborn, &intent.subject, intent.command).await?;
                Ok(room.filestores.note(&intent.unborn, &intent.note())?)
            }
            "fetch" => self.fetch(run).await,
            "check" => self.check(run).await,
            "close" => self.close(room).await,
            "swap" => self.swap(run).await,
            "open" => self.open(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match (step, &intent.before) {
            ("open", before) => {
                // What came tells itself from what was there by its note.
                if intent.has_name(room).await?.is_some() {
                    room.filestores.note(&intent.database, &intent.note())?;
                }
                match before {
                    Some(before) => {
                        let standing = intent.closed(before).standing;
                        gate::mark_name(room, &intent.subject, &intent.database, standing).await
                    }
                    None => Ok(room.markers.set(&intent.database, None)?),
                }
            }
            ("swap", _) => swap_back(intent, room).await,
            ("close", Some(before)) => {
                let now = gate::current(room, &intent.subject).await?;
                room.journal.transfer(&now, before).await?;
                gate::mark_name(room, &before.subject, &before.name, before.standing).await
            }
            ("fetch", _) => empty::unmake(room, &intent.unborn).await,
            ("claim", _) => empty::unclaim(room, &intent.unborn).await,
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        let stopped = match (self.closed.get(), self.opened.get()) {
            (Some(closed), Some(opened)) => Some(opened.duration_since(*closed).as_millis()),
            _ => None,
        };
        Facts {
            restored: Some(Box::new(Restored {
                rows: self.manifest.head.sum(),
                files: self.manifest.files.len() as u64,
                bytes: self.manifest.stored_bytes(),
                stop_ms: stopped.and_then(|stopped| u64::try_from(stopped).ok()),
            })),
            evidence: self.evidence.get().cloned(),
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
