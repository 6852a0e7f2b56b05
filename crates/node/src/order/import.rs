//! Makes a tenant of a file that somebody uploaded. Nothing in it is believed: it is filled by a role that can reach nothing but the
//! new database, nobody but the node sees it before it was looked at, and what could act by itself later is refused.

use crate::copy;
use crate::error::{NodeError, StepFailure};
use crate::evidence;
use crate::identifier::Identifier;
use crate::import::{self, Upload};
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::{identity, module, parameter, signal};
use crate::order::{check_name_free, empty, end_and_transfer, gate};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::Handle;
use uuid::Uuid;
use wire::backup::Restored;
use wire::import::ImportTenant;
use wire::node::{Evidence, Facts};

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    subject: Subject,
    database: Identifier,
    unborn: Identifier,
    role: Identifier,
    generation: i64,
    command: Uuid,
}

/// A tenant to be made.
pub(crate) struct Importing {
    intent: Intent,
    order: ImportTenant,
    found: Mutex<Restored>,
    version: OnceLock<String>,
    evidence: OnceLock<Evidence>,
}

impl Intent {
    fn note(&self) -> String {
        format!("import:{}", self.command)
    }

    fn upload(&self, room: &Room) -> PathBuf {
        let name = format!("import-{}.upload", self.command.simple());
        room.settings.work_dir.join(name)
    }

    fn arrived(&self, oid: Option<i64>) -> Managed {
        Managed {
            name: self.database.clone(),
            oid,
            subject: self.subject.clone(),
            standing: Standing::Open,
            former: None,
            generation: self.generation,
        }
    }
}

impl Importing {
    pub(crate) async fn plan(
        order: ImportTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let database = Identifier::from(&order.database);
        check_name_free(room, &database).await?;
        Ok(Self {
            intent: Intent {
                subject: Subject::Tenant(order.tenant),
                database,
                unborn: Identifier::unborn(order.tenant),
                role: Identifier::importer(order.tenant),
                generation,
                command,
            },
            order,
            found: Mutex::default(),
            version: OnceLock::new(),
            evidence: OnceLock::new(),
        })
    }

    async fn fetch(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let path = self.intent.upload(run.room);
        let bytes = import::fetch(run.room, &self.order, &path).await?;
        run.note(format!("{bytes} bytes"));
        Ok(())
    }

    async fn open_upload(&self, room: &Room) -> Result<Upload, StepFailure> {
        let path = self.intent.upload(room);
        room.blocking(move || Upload::open(&path)).await
    }

    async fn database(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        let upload = self.open_upload(room).await?;
        // Again from the beginning: a dump goes into an empty database.
        import::role::unmake(room, &intent.unborn, &intent.role).await?;
        empty::make(room, &intent.unborn).await?;
        let password = import::role::make(room, &intent.unborn, &intent.role).await?;
        run.part("database/fill")?;
        let filled = import::sql::fill(room, upload, (&intent.unborn, &intent.role, &password)).await?;
        run.part("database/owner")?;
        import::role::hand_over(room, &intent.unborn, &intent.role).await?;
        run.note(match filled {
            0 => "everything was taken".to_owned(),
            count => format!("{count} search indexes were left out"),
        });
        Ok(())
    }

    async fn files(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        let (upload, arrival) = (
            self.open_upload(room).await?,
            room.filestores.arrival(&intent.unborn)?,
        );
        let counted = room
            .blocking(move || {
                let counted = import::files::unpack(upload, &arrival)?;
                if counted.files > 0 {
                    arrival.sync()?;
                }
                Ok::<_, StepFailure>(counted)
            })
            .await?;
        run.note(format!(
            "{} files, {} bytes; {} are not what their names say",
            counted.files, counted.bytes, counted.strange
        ));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        (found.files, found.bytes) = (counted.files, counted.bytes);
        Ok(())
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, unborn) = (run.room, &self.intent.unborn);
        let mut connection = room.connect(unborn).await?;
        let settled = self.settle(&mut connection, &room.journal.roles.odoo).await;
        connection.close().await?;
        let (version, rows) = settled?;
        run.note(format!("Odoo {version}, {rows} rows of key tables"));
        let _ = self.version.set(version);
        self.found.lock().unwrap_or_else(PoisonError::into_inner).rows = rows;
        Ok(())
    }

    /// Looks at what came, then gives it an identity of its own.
    async fn settle(
        &self,
        connection: &mut PgConnection,
        odoo: &Identifier,
    ) -> Result<(String, u64), StepFailure> {
        // Before any other statement of the node's: what acts by itself would act with the node's rights.
        import::look::nothing_acts(connection).await?;
        // And what only computes does it with no more rights than Odoo has.
        statement::become_role(&mut *connection, odoo)
            .await
            .map_err(NodeError::from)?;
        let version = import::look::version(connection, self.order.odoo_version.as_deref()).await?;
        let head = crate::transfer::content::Head::read(connection).await?;
        let mut transaction = connection.begin().await?;
        identity::renew(&mut transaction).await?;
        if self.order.quiet {
            module::mute(&mut transaction).await?;
        }
        let given = [
            (parameter::BASE_URL, self.order.base_url.clone()),
            (parameter::BASE_URL_FREEZE, "True".to_owned()),
        ];
        parameter::set_all(&mut transaction, &given).await?;
        parameter::set(&mut transaction, parameter::SUSPENDED, "false").await?;
        parameter::remove(&mut transaction, parameter::SUSPEND_REASON).await?;
        signal::estrange(&mut transaction).await?;
        transaction.commit().await.map_err(NodeError::from)?;
        Ok((version, head.sum()))
    }

    async fn publish(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, intent) = (run.room, &self.intent);
        run.part("publish/files")?;
        room.filestores.rename(&intent.unborn, &intent.database)?;
        run.part("publish/database")?;
        if let Some(building) = managed::named(&room.journal.pool, &intent.unborn).await? {
            end_and_transfer(room, &building, &intent.arrived(building.oid)).await?;
        }
        room.filestores
            .note(&intent.database, &intent.subject.to_string())?;
        gate::mark_name(room, &intent.subject, &intent.database, Standing::Open).await?;
        let named = managed::named(&room.journal.pool, &intent.database).await?;
        let arrived = intent.arrived(named.and_then(|named| named.oid));
        let found = evidence::look_at_open(room, &arrived).await?;
        if found.edge_status.is_none() {
            run.note("the edge or Odoo does not answer in time; visitors are let in when they do".to_owned());
        }
        let _ = self.evidence.set(found);
        Ok(())
    }
}

async fn unpublish(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    room.markers.set(&intent.database, None)?;
    if let Some(arrived) = managed::named(&room.journal.pool, &intent.database).await?
        && arrived.subject == intent.subject
    {
        room.filestores.note(&intent.database, &intent.note())?;
        let building = Managed {
            name: intent.unborn.clone(),
            standing: Standing::Building,
            ..arrived.clone()
        };
        end_and_transfer(room, &arrived, &building).await?;
    }
    room.filestores
        .take_back(&intent.database, &intent.unborn, &intent.note())
}

impl Plan for Importing {
    const KIND: &'static str = "import-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("claim"),
        Step::new("fetch"),
        Step::parted("database", &["database/fill", "database/owner"]),
        Step::new("files"),
        Step::new("check"),
        Step::parted("publish", &["publish/files", "publish/database"]),
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
            "fetch" => Box::pin(self.fetch(run)).await,
            "database" => Box::pin(self.database(run)).await,
            "files" => Box::pin(self.files(run)).await,
            "check" => Box::pin(self.check(run)).await,
            "publish" => Box::pin(self.publish(run)).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "publish" => unpublish(intent, room).await,
            "database" => import::role::unmake(room, &intent.unborn, &intent.role).await,
            "fetch" => import::forget(&intent.upload(room)),
            "claim" => empty::unclaim(room, &intent.unborn).await,
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Facts {
            restored: Some(Box::new(found)),
            evidence: self.evidence.get().cloned(),
            odoo_version: self.version.get().cloned(),
            ..Facts::default()
        }
    }

    /// The upload goes, and PostgreSQL learns of tables that were just filled.
    fn afterwards(&self, room: &Arc<Room>) {
        let path = self.intent.upload(room);
        if let Err(failure) = import::forget(&path) {
            tracing::warn!(
                failure = crate::error::chain(&failure),
                "an upload was not removed"
            );
        }
        let (room, name) = (Arc::clone(room), self.intent.database.clone());
        Handle::current().spawn(async move { copy::analyze(&room, &name).await });
    }
}
