//! Makes a tenant: a clone that nobody sees until it has its identity, was checked, and gets its name.

use crate::catalogue;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::marker::Marker;
use crate::odoo::identity::{self, Signature};
use crate::order::end_and_transfer;
use crate::order::hashing::Hashing;
use crate::plan::{Plan, Step, unknown_step};
use crate::pool;
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::template_content;
use crate::warming;
use domain::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::OwnedRwLockReadGuard;
use tokio::time::sleep;
use uuid::Uuid;
use wire::node::{CreateTenant, Facts};

/// How often a template that is in use for a moment, by another's cloning or swapping, is tried.
const CLONE_TRIES: u32 = 40;
const CLONE_PAUSE: Duration = Duration::from_millis(250);

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    database: Identifier,
    generation: i64,
    command: Uuid,
}

/// A tenant to be made.
pub(crate) struct Creation {
    intent: Intent,
    order: CreateTenant,
    template: Identifier,
    template_oid: i64,
    /// The number of the template that was cloned, where no ready clone was taken.
    cloned_of: OnceLock<i64>,
    hash: Hashing,
    /// Held until database and files are copied, so that both are of the same template.
    template_guard: tokio::sync::Mutex<Option<OwnedRwLockReadGuard<()>>>,
    /// The database that becomes the tenant's: a ready clone, or one made on the spot.
    place: OnceLock<Place>,
    /// Opening a database takes longer than what is done in it, so that one session serves two steps.
    session: tokio::sync::Mutex<Option<PgConnection>>,
    inherited: OnceLock<Signature>,
    size: OnceLock<i64>,
}

/// Where the tenant is made.
#[derive(Clone, Debug)]
struct Place {
    name: Identifier,
    is_ready: bool,
}

impl Intent {
    fn subject(&self) -> Subject {
        Subject::Tenant(self.tenant)
    }

    fn unborn(&self) -> Identifier {
        Identifier::unborn(self.tenant)
    }

    fn building(&self, oid: Option<i64>) -> Managed {
        Managed {
            name: self.unborn(),
            oid,
            subject: self.subject(),
            standing: Standing::Building,
            former: None,
            generation: self.generation,
        }
    }

    fn born(&self, oid: Option<i64>) -> Managed {
        Managed {
            name: self.database.clone(),
            standing: Standing::Open,
            ..self.building(oid)
        }
    }
}

impl Creation {
    /// Looks whether the tenant can be made, and begins to hash its password.
    pub(crate) async fn plan(
        order: CreateTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let database = Identifier::from(&order.database);
        let template = Identifier::from(&order.template);
        check_free(room, &order, &database).await?;
        let template_oid = check_template(room, &order, &template).await?;
        let hash = Hashing::begin(room, order.admin_password.clone());
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                database,
                generation,
                command,
            },
            order,
            template,
            template_oid,
            cloned_of: OnceLock::new(),
            hash,
            template_guard: tokio::sync::Mutex::default(),
            place: OnceLock::new(),
            session: tokio::sync::Mutex::default(),
            inherited: OnceLock::new(),
            size: OnceLock::new(),
        })
    }

    fn place(&self) -> Result<&Place, StepFailure> {
        self.place.get().ok_or_else(|| unknown_step("clone"))
    }

    /// Takes a ready clone, or makes one.
    async fn take_place(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let room = run.room;
        run.part("clone/pool")?;
        let template = Subject::Template(self.order.template.clone());
        let known = managed::made_by(&room.journal.pool, self.intent.command).await?;
        let taken = match known.filter(|known| known.name.is_pooled()) {
            // The step is done again.
            Some(known) => Some(known.name),
            None => {
                pool::take(
                    room,
                    &template,
                    self.template_oid,
                    &self.intent.subject(),
                    self.intent.command,
                )
                .await?
            }
        };
        let place = match taken {
            Some(name) => {
                *self.session.lock().await = room.sessions.take(&name).await;
                run.note("a ready clone".to_owned());
                Place { name, is_ready: true }
            }
            None => {
                self.clone_template(run).await?;
                Place {
                    name: self.intent.unborn(),
                    is_ready: false,
                }
            }
        };
        let _ = self.place.set(place);
        Ok(())
    }

    async fn clone_template(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (pool, unborn) = (&run.room.journal.pool, self.intent.unborn());
        let guard = Arc::clone(&run.room.templates).read_owned().await;
        *self.template_guard.lock().await = Some(guard);
        let template = Subject::Template(self.order.template.clone());
        if let Some(known) = managed::of_subject(pool, &template).await? {
            template_content::admit(run.room, &known).await?;
            let _ = self.cloned_of.set(known.oid.unwrap_or(self.template_oid));
        }
        managed::claim(pool, &unborn, &self.intent.subject(), self.intent.command).await?;
        // The name follows from the tenant's id, so whatever bears it is a leftover of this tenant's own.
        statement::drop_database(pool, &unborn).await?;
        run.part("clone/database")?;
        let node = &run.room.journal.roles.node;
        let mut tries = 1;
        while let Err(error) = statement::clone_database(pool, &self.template, &unborn, node).await {
            let error = NodeError::from(error);
            if error.sqlstate().as_deref() != Some("55006") || tries == CLONE_TRIES {
                return Err(error.into());
            }
            tries += 1;
            sleep(CLONE_PAUSE).await;
        }
        run.part("clone/close")?;
        statement::revoke_connect(pool, &unborn, None).await?;
        let entry = catalogue::named(pool, &unborn).await?;
        let oid = entry.map(|entry| entry.oid).ok_or_else(|| vanished(&unborn))?;
        Ok(managed::number(pool, &unborn, oid).await?)
    }

    async fn copy_files(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let filestores = run.room.filestores.clone();
        let (place, template) = (self.place()?.clone(), self.template.clone());
        let note = self.intent.subject().to_string();
        let copied = run
            .room
            .blocking(move || -> Result<_, StepFailure> {
                if place.is_ready {
                    // They are there; from now on they are the tenant's.
                    filestores.note(&place.name, &note)?;
                    return Ok(None);
                }
                filestores.remove(&place.name)?;
                Ok(Some(filestores.copy(&template, &place.name, &note)?))
            })
            .await?;
        self.template_guard.lock().await.take();
        if let Some(copied) = copied {
            run.note(format!("{} files, {} bytes", copied.files, copied.bytes));
            self.verify_clone(run).await?;
        }
        Ok(())
    }

    /// A ready clone was looked at before it was offered.
    async fn verify_clone(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut session = self.open(run).await?;
        let clone = &self.place()?.name;
        // It may have been replaced since the order was planned.
        let oid = *self.cloned_of.get().unwrap_or(&self.template_oid);
        let verified = template_content::verify(run.room, &self.template, oid, clone, &mut session).await;
        *self.session.lock().await = Some(session);
        verified
    }

    async fn give_identity(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = self.open(run).await?;
        let hash = self.hash.finished().await?;
        let inherited = identity::give(&mut connection, &self.order, hash).await?;
        *self.session.lock().await = Some(connection);
        // Done again, the step finds its own identity there; what the template had was kept the first time.
        let _ = self.inherited.set(inherited);
        Ok(())
    }

    /// Reads in a transaction of its own what the one before has committed.
    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let inherited = self.inherited.get().ok_or_else(|| unknown_step("identity"))?;
        let hash = self.hash.finished().await?;
        let mut connection = self.open(run).await?;
        let checked = identity::check(&mut connection, &self.order, hash, inherited).await;
        connection.close().await?;
        checked
    }

    async fn open(&self, run: &Run<'_>) -> Result<PgConnection, StepFailure> {
        match self.session.lock().await.take() {
            Some(connection) => Ok(connection),
            None => Ok(run.room.connect(&self.place()?.name).await?),
        }
    }

    /// Files first: an open database without its files would be found broken by Odoo's cron.
    async fn publish(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, place) = (run.room, &self.place()?.name);
        let Some(building) = managed::named(&room.journal.pool, place).await? else {
            return Ok(());
        };
        let oid = building.oid.ok_or_else(|| vanished(place))?;
        let _ = self.size.set(catalogue::size(&room.journal.pool, oid).await?);
        run.part("publish/filestore")?;
        room.filestores.rename(place, &self.intent.database)?;
        run.part("publish/database")?;
        end_and_transfer(room, &building, &self.intent.born(building.oid)).await
    }
}

impl Plan for Creation {
    const KIND: &'static str = "create-tenant";
    const STEPS: &'static [Step] = &[
        Step::parted("clone", &["clone/pool", "clone/database", "clone/close"]),
        Step::new("filestore"),
        Step::new("identity"),
        Step::new("check"),
        Step::parted("publish", &["publish/filestore", "publish/database"]),
        Step::new("edge"),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "clone" => self.take_place(run).await,
            "filestore" => self.copy_files(run).await,
            "identity" => self.give_identity(run).await,
            "check" => self.check(run).await,
            "publish" => self.publish(run).await,
            "edge" => Ok(run
                .room
                .markers
                .set(&self.intent.database, Some(Marker::Active))?),
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "edge" => Ok(room.markers.set(&intent.database, None)?),
            "publish" => withdraw(intent, room).await,
            "filestore" => {
                let places = places(intent, room).await?;
                let filestores = room.filestores.clone();
                room.blocking(move || {
                    let removed = places.iter().try_for_each(|place| filestores.remove(place));
                    removed.map_err(StepFailure::from)
                })
                .await
            }
            "clone" => {
                for place in places(intent, room).await? {
                    pool::discard(room, &place).await?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            size_bytes: self.size.get().copied(),
            from_pool: self.place.get().map(|place| place.is_ready),
            ..Facts::default()
        }
    }

    fn afterwards(&self, room: &Arc<Room>) {
        warming::begin(room, &self.intent.database);
    }
}

/// Where the tenant may have been made: under the name that follows from its id, or in the clone that was taken.
async fn places(intent: &Intent, room: &Room) -> Result<Vec<Identifier>, StepFailure> {
    let taken = managed::made_by(&room.journal.pool, intent.command).await?;
    let mut places = vec![intent.unborn()];
    places.extend(
        taken
            .filter(|taken| taken.standing == Standing::Building)
            .map(|taken| taken.name)
            .filter(|name| *name != intent.unborn()),
    );
    Ok(places)
}

/// Takes the name away again, so that the steps before find the clone where they left it.
async fn withdraw(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    let published = managed::of_subject(&room.journal.pool, &intent.subject()).await?;
    if let Some(published) = published {
        end_and_transfer(room, &published, &intent.building(published.oid)).await?;
    }
    room.filestores
        .take_back(&intent.database, &intent.unborn(), &intent.subject().to_string())
}

async fn check_free(room: &Room, order: &CreateTenant, database: &Identifier) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    if let Some(known) = managed::of_subject(pool, &Subject::Tenant(order.tenant)).await? {
        let detail = format!("Tenant {} is here already, as {}.", order.tenant, known.name);
        return Err(StepFailure::new(Code::DatabaseExists, detail));
    }
    crate::order::check_name_free(room, database).await
}

/// The number of the template's database.
async fn check_template(room: &Room, order: &CreateTenant, name: &Identifier) -> Result<i64, StepFailure> {
    let pool = &room.journal.pool;
    let known = managed::of_subject(pool, &Subject::Template(order.template.clone())).await?;
    let entry = catalogue::named(pool, name).await?;
    let fitting = known.zip(entry).filter(|(known, entry)| {
        known.oid == Some(entry.oid) && entry.is_template && !entry.allows_connections
    });
    if let Some((_, entry)) = fitting {
        return Ok(entry.oid);
    }
    let detail = format!("There is no finished template {name} on this node. Build it first.");
    Err(StepFailure::new(Code::TemplateMissing, detail))
}

fn vanished(database: &Identifier) -> StepFailure {
    let detail = format!("The database {database} vanished while it was being made.");
    StepFailure::new(Code::Internal, detail)
}
