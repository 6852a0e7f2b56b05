//! What is there and what came change places: the end of every order that brings a tenant back, from wherever it comes. Until the order
//! is done, what was there waits under another name, so that every failure brings it back.

use crate::catalogue::{self, Ended};
use crate::error::StepFailure;
use crate::evidence;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::{entry, identity, module, parameter, signal};
use crate::order::{check_name_free, empty, end_and_transfer, gate, not_alive};
use crate::room::Room;
use crate::run::Run;
use domain::{DatabaseName, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::sync::OnceLock;
use tokio::time::Instant;
use uuid::Uuid;
use wire::node::{Evidence, Service};

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) subject: Subject,
    pub(crate) database: Identifier,
    /// What is there; nothing for a tenant that is new here.
    pub(crate) before: Option<Managed>,
    /// The name in which the backup is fetched.
    pub(crate) unborn: Identifier,
    /// The name under which what was there waits until the order is done.
    old: Identifier,
    after: Standing,
    generation: i64,
    pub(crate) command: Uuid,
}

/// What a tenant is to be once it is back.
pub(crate) struct Becoming<'a> {
    /// Whether it comes from another tenant, and is to have an identity of its own.
    pub(crate) is_another: bool,
    /// Its address.
    pub(crate) base_url: &'a str,
    /// Whether its mail servers are switched off.
    pub(crate) quiet: bool,
}

/// How the exchange went.
#[derive(Default)]
pub(crate) struct Exchange {
    closed: OnceLock<Instant>,
    opened: OnceLock<Instant>,
    evidence: OnceLock<Evidence>,
}

impl Intent {
    /// Looks whether the tenant can be brought back, or made, under this name.
    pub(crate) async fn new(
        room: &Room,
        (tenant, database): (TenantId, &DatabaseName),
        service: Service,
        generation: i64,
        command: Uuid,
    ) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(tenant);
        let before = match managed::of_subject(&room.journal.pool, &subject).await? {
            Some(_) => Some(room.tenant(tenant, database).await?),
            None => None,
        };
        let database = Identifier::from(database);
        match &before {
            Some(before) if before.former.is_some() => return Err(not_alive(before)),
            Some(_) => {}
            None => check_name_free(room, &database).await?,
        }
        Ok(Self {
            subject,
            database,
            before,
            unborn: Identifier::unborn(tenant),
            old: Identifier::replaced(command),
            after: service.into(),
            generation,
            command,
        })
    }

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

    /// What in the database follows from where and whose it is now.
    pub(crate) async fn settle(
        &self,
        connection: &mut PgConnection,
        becoming: &Becoming<'_>,
    ) -> Result<(), StepFailure> {
        let mut transaction = connection.begin().await?;
        if becoming.is_another {
            identity::renew(&mut transaction).await?;
        }
        if becoming.quiet {
            module::mute(&mut transaction).await?;
        }
        let before = parameter::get(&mut transaction, parameter::BASE_URL).await?;
        if before.as_deref() != Some(becoming.base_url) {
            parameter::set(&mut transaction, parameter::BASE_URL, becoming.base_url).await?;
        }
        // How it stood when the backup was taken is not how it stands now.
        let is_closed = matches!(self.after, Standing::Suspended | Standing::Restricted);
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
}

impl Exchange {
    pub(crate) async fn close(&self, intent: &Intent, room: &Room) -> Result<(), StepFailure> {
        let Some(before) = &intent.before else {
            return Ok(());
        };
        let _ = self.closed.set(Instant::now());
        let shut = intent.closed(before);
        gate::mark_name(room, &shut.subject, &shut.name, shut.standing).await?;
        let now = managed::named(&room.journal.pool, &before.name).await?;
        let now = now.unwrap_or_else(|| before.clone());
        room.journal.transfer(&now, &shut).await?;
        if let Some(oid) = before.oid {
            catalogue::end_sessions(&room.journal.pool, oid, Ended::AllButOwn).await?;
        }
        Ok(())
    }

    pub(crate) async fn swap(&self, intent: &Intent, run: &Run<'_>) -> Result<(), StepFailure> {
        let room = run.room;
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

    pub(crate) async fn open(&self, intent: &Intent, run: &Run<'_>) -> Result<(), StepFailure> {
        let room = run.room;
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

    /// For how long the tenant was closed; nothing for one that was not there.
    pub(crate) fn stop_ms(&self) -> Option<u64> {
        let (closed, opened) = (self.closed.get()?, self.opened.get()?);
        u64::try_from(opened.duration_since(*closed).as_millis()).ok()
    }

    /// How it looks from outside.
    pub(crate) fn evidence(&self) -> Option<Evidence> {
        self.evidence.get().cloned()
    }
}

/// Claims the name under which what comes is put together.
pub(crate) async fn claim(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    managed::claim(pool, &intent.unborn, &intent.subject, intent.command).await?;
    Ok(room.filestores.note(&intent.unborn, &intent.note())?)
}

/// Undoes a step of the exchange, or of what came before it.
pub(crate) async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
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
