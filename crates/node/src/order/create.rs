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
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::warming;
use domain::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::OwnedRwLockReadGuard;
use tokio::time::sleep;
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
}

/// A tenant to be made.
pub(crate) struct Creation {
    intent: Intent,
    order: CreateTenant,
    template: Identifier,
    hash: Hashing,
    /// Held until database and files are copied, so that both are of the same template.
    template_guard: tokio::sync::Mutex<Option<OwnedRwLockReadGuard<()>>>,
    inherited: OnceLock<Signature>,
    size: OnceLock<i64>,
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
    pub(crate) async fn plan(order: CreateTenant, generation: i64, room: &Room) -> Result<Self, StepFailure> {
        let database = Identifier::from(&order.database);
        let template = Identifier::from(&order.template);
        check_free(room, &order, &database).await?;
        check_template(room, &order, &template).await?;
        let hash = Hashing::begin(room, order.admin_password.clone());
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                database,
                generation,
            },
            order,
            template,
            hash,
            template_guard: tokio::sync::Mutex::default(),
            inherited: OnceLock::new(),
            size: OnceLock::new(),
        })
    }

    async fn clone_template(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (pool, unborn) = (&run.room.journal.pool, self.intent.unborn());
        let guard = Arc::clone(&run.room.templates).read_owned().await;
        *self.template_guard.lock().await = Some(guard);
        managed::claim(pool, &unborn, &self.intent.subject(), run.command.uuid()).await?;
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
        let (template, unborn, note) = (
            self.template.clone(),
            self.intent.unborn(),
            self.intent.subject().to_string(),
        );
        let copied = run
            .room
            .blocking(move || {
                filestores.remove(&unborn)?;
                filestores.copy(&template, &unborn, &note)
            })
            .await?;
        self.template_guard.lock().await.take();
        run.note(format!("{} files, {} bytes", copied.files, copied.bytes));
        Ok(())
    }

    async fn give_identity(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let hash = self.hash.finished().await?;
        let mut connection = run.room.connect(&self.intent.unborn()).await?;
        let inherited = identity::give(&mut connection, &self.order, hash).await;
        connection.close().await?;
        // Done again, the step finds its own identity there; what the template had was kept the first time.
        let _ = self.inherited.set(inherited?);
        Ok(())
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let inherited = self.inherited.get().ok_or_else(|| unknown_step("identity"))?;
        let hash = self.hash.finished().await?;
        let mut connection = run.room.connect(&self.intent.unborn()).await?;
        let checked = identity::check(&mut connection, &self.order, hash, inherited).await;
        connection.close().await?;
        checked
    }

    /// Files first: an open database without its files would be found broken by Odoo's cron.
    async fn publish(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, unborn) = (run.room, self.intent.unborn());
        let Some(building) = managed::named(&room.journal.pool, &unborn).await? else {
            return Ok(());
        };
        let oid = building.oid.ok_or_else(|| vanished(&unborn))?;
        let _ = self.size.set(catalogue::size(&room.journal.pool, oid).await?);
        run.part("publish/filestore")?;
        room.filestores.rename(&unborn, &self.intent.database)?;
        run.part("publish/database")?;
        end_and_transfer(room, &building, &self.intent.born(building.oid)).await
    }
}

impl Plan for Creation {
    const KIND: &'static str = "create-tenant";
    const STEPS: &'static [Step] = &[
        Step::parted("clone", &["clone/database", "clone/close"]),
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
            "clone" => self.clone_template(run).await,
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
                let (filestores, unborn) = (room.filestores.clone(), intent.unborn());
                room.blocking(move || filestores.remove(&unborn).map_err(StepFailure::from))
                    .await
            }
            "clone" => {
                let unborn = intent.unborn();
                statement::drop_database(&room.journal.pool, &unborn).await?;
                Ok(managed::forget(&room.journal.pool, &unborn).await?)
            }
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            size_bytes: self.size.get().copied(),
            ..Facts::default()
        }
    }

    fn afterwards(&self, room: &Arc<Room>) {
        warming::begin(room, &self.intent.database);
    }
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

async fn check_template(room: &Room, order: &CreateTenant, name: &Identifier) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    let known = managed::of_subject(pool, &Subject::Template(order.template.clone())).await?;
    let entry = catalogue::named(pool, name).await?;
    let fits = known.zip(entry).is_some_and(|(known, entry)| {
        known.oid == Some(entry.oid) && entry.is_template && !entry.allows_connections
    });
    if fits {
        return Ok(());
    }
    let detail = format!("There is no finished template {name} on this node. Build it first.");
    Err(StepFailure::new(Code::TemplateMissing, detail))
}

fn vanished(database: &Identifier) -> StepFailure {
    let detail = format!("The database {database} vanished while it was being made.");
    StepFailure::new(Code::Internal, detail)
}
