//! Takes a tenant from another node: first its files while it is in use there, then the database and what is new. It gets its
//! name when all of it was compared with what was sent, and is shut until it is opened.

use crate::copy;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::{entry, parameter, signal};
use crate::order::{check_name_free, empty, end_and_transfer};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::transfer::bridge::Bridge;
use crate::transfer::content::Head;
use crate::transfer::incoming::{self, Taken};
use crate::transfer::{Incoming, Search, broken};
use domain::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::time::Instant;
use uuid::Uuid;
use wire::node::Facts;
use wire::transfer::{Part, Passed, ReceiveTenant};

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    tenant: TenantId,
    database: Identifier,
    generation: i64,
    command: Uuid,
    /// Whether the folder was there before, from an earlier transfer.
    is_known: bool,
    is_whole: bool,
}

/// A tenant to be taken.
pub(crate) struct Receiving {
    intent: Intent,
    order: ReceiveTenant,
    taken: Mutex<Option<Taken>>,
}

impl Intent {
    fn subject(&self) -> Subject {
        Subject::Tenant(self.tenant)
    }

    fn unborn(&self) -> Identifier {
        Identifier::unborn(self.tenant)
    }

    fn arrived(&self, oid: Option<i64>) -> Managed {
        Managed {
            name: self.database.clone(),
            oid,
            subject: self.subject(),
            standing: Standing::Arriving,
            former: None,
            generation: self.generation,
        }
    }
}

impl Receiving {
    pub(crate) async fn plan(
        order: ReceiveTenant,
        generation: i64,
        command: Uuid,
        room: &Room,
    ) -> Result<Self, StepFailure> {
        let subject = Subject::Tenant(order.tenant);
        let database = Identifier::from(&order.database);
        let there = managed::of_subject_or_kept(&room.journal.pool, &subject).await?;
        match &there {
            None => check_name_free(room, &database).await?,
            // It came whole, and the other node never learned that it did: it is sent once more.
            Some(arrived) if arrived.standing == Standing::Arriving && arrived.name == database => {}
            Some(other) => {
                let detail = format!(
                    "This node has the tenant already, in {} ({}).",
                    other.name,
                    other.standing.as_str()
                );
                return Err(StepFailure::new(Code::DatabaseExists, detail));
            }
        }
        let unborn = Identifier::unborn(order.tenant);
        let known = managed::named(&room.journal.pool, &unborn).await?;
        Ok(Self {
            intent: Intent {
                tenant: order.tenant,
                database,
                generation,
                command,
                is_known: there.is_some() || known.is_some(),
                is_whole: matches!(order.part, Part::Whole { .. }),
            },
            order,
            taken: Mutex::default(),
        })
    }

    async fn claim(&self, room: &Room) -> Result<(), StepFailure> {
        let (intent, unborn) = (&self.intent, self.intent.unborn());
        withdraw(intent, room).await?;
        managed::claim(&room.journal.pool, &unborn, &intent.subject(), intent.command).await?;
        Ok(room.filestores.note(&unborn, &intent.subject().to_string())?)
    }

    /// An empty database of the node's own, with a schema for Odoo's role.
    async fn make_database(&self, room: &Room) -> Result<(), StepFailure> {
        match self.intent.is_whole {
            true => empty::make(room, &self.intent.unborn()).await.map(drop),
            false => Ok(()),
        }
    }

    async fn receive(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        // Done again, everything is there; and a stream comes once.
        if self.facts().received.is_some() {
            return Ok(());
        }
        let carrier = run.room.carrier()?;
        let mut search = Search::begin();
        let stream = loop {
            let begun = Instant::now();
            match carrier.receive(self.order.transfer).await {
                Ok(stream) => break stream,
                Err(error) => search.again(begun, error).await?,
            }
        };
        let taken = self.read(run.room, stream).await?;
        run.note(format!(
            "{} files, {} bytes",
            taken.passed.files, taken.passed.bytes
        ));
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        Ok(())
    }

    async fn read(&self, room: &Room, stream: Incoming) -> Result<Taken, StepFailure> {
        let unborn = self.intent.unborn();
        let (restoring, dump) = match self.intent.is_whole {
            true => {
                let (child, pipe) = copy::restoring(room, &unborn)?;
                (Some(child), pipe)
            }
            false => (None, None),
        };
        let arrival = room.filestores.arrival(&unborn)?;
        let stream = Bridge::new(stream);
        let (asking, answers) = tokio::sync::oneshot::channel::<Head>();
        let (told, telling) = std::sync::mpsc::channel::<Result<(), StepFailure>>();
        let reading = room.blocking(move || {
            incoming::read(stream, dump, &arrival, |head| {
                let gone = || broken("The order was given up.", None);
                asking.send(head.clone()).map_err(|_| gone())?;
                telling.recv().map_err(|_| gone())?
            })
        });
        let preparing = async move {
            if let Ok(head) = answers.await {
                let made = match self.intent.is_whole {
                    true => copy::make_these(room, &head.extensions, &unborn).await,
                    false => Ok(()),
                };
                // A reader that is gone has told why.
                let _ = told.send(made);
            }
        };
        let restored = async {
            match restoring {
                Some(child) => Some(child.wait_with_output().await),
                None => None,
            }
        };
        let (taken, (), restored) = tokio::join!(reading, preparing, restored);
        let path = Path::new("pg_restore");
        if let Some(output) = restored.transpose().map_err(NodeError::file("run", path))? {
            match (copy::verdict(&output), &taken) {
                // A dump that ends in the middle is the line's fault, not the program's.
                (Err(_), Err(failure)) if is_line(failure) => {}
                (verdict, _) => drop(verdict?),
            }
        }
        taken
    }

    /// Compares the database with what was sent, and the files with the manifest; gives it its address here.
    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        if !self.intent.is_whole {
            return Ok(());
        }
        let (room, unborn) = (run.room, self.intent.unborn());
        let (sent, manifest) = {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let taken = taken.as_mut().ok_or_else(|| unknown_step("receive"))?;
            (taken.head.clone(), taken.manifest.clone())
        };
        let mut connection = room.connect(&unborn).await?;
        let compared = self.compare(&mut connection, &sent).await;
        connection.close().await?;
        compared?;
        statement::forbid_create(&room.journal.pool, &unborn, &room.journal.roles.odoo).await?;
        let files = manifest.len();
        let arrival = room.filestores.arrival(&unborn)?;
        room.blocking(move || arrival.settle(&manifest)).await?;
        run.note(format!(
            "{} rows of {} tables, {files} files",
            sent.sum(),
            sent.rows.len()
        ));
        Ok(())
    }

    async fn compare(&self, connection: &mut PgConnection, sent: &Head) -> Result<(), StepFailure> {
        Head::read(connection).await?.agrees(sent)?;
        let mut transaction = connection.begin().await?;
        let before = parameter::get(&mut transaction, parameter::BASE_URL).await?;
        if before.as_deref() != Some(&self.order.base_url) {
            parameter::set(&mut transaction, parameter::BASE_URL, &self.order.base_url).await?;
        }
        // Entries stay where they were made, so that nobody is inside here.
        entry::archive(&mut transaction).await?;
        // The tenant may have been here before, and its workers may remember it as it was.
        signal::estrange(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn publish(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, unborn) = (run.room, self.intent.unborn());
        if !self.intent.is_whole {
            return Ok(());
        }
        let Some(building) = managed::named(&room.journal.pool, &unborn).await? else {
            return Ok(());
        };
        run.part("publish/filestore")?;
        room.filestores.rename(&unborn, &self.intent.database)?;
        run.part("publish/database")?;
        end_and_transfer(room, &building, &self.intent.arrived(building.oid)).await
    }
}

fn is_line(failure: &StepFailure) -> bool {
    let Some(NodeError::Stream { source }) = &failure.source else {
        return false;
    };
    source.kind() != std::io::ErrorKind::BrokenPipe
}

/// Takes the name back from what arrived, if it has it.
async fn withdraw(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    let (subject, unborn) = (intent.subject(), intent.unborn());
    room.filestores
        .take_back(&intent.database, &unborn, &subject.to_string())?;
    match managed::of_subject(&room.journal.pool, &subject).await? {
        Some(arrived) if arrived.standing == Standing::Arriving => {
            let building = Managed {
                name: unborn,
                standing: Standing::Building,
                ..arrived.clone()
            };
            end_and_transfer(room, &arrived, &building).await
        }
        _ => Ok(()),
    }
}

impl Plan for Receiving {
    const KIND: &'static str = "receive-tenant";
    const STEPS: &'static [Step] = &[
        Step::new("claim"),
        Step::new("database"),
        Step::new("receive"),
        Step::new("check"),
        Step::parted("publish", &["publish/filestore", "publish/database"]),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "claim" => self.claim(run.room).await,
            "database" => self.make_database(run.room).await,
            "receive" => self.receive(run).await,
            "check" => self.check(run).await,
            "publish" => self.publish(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        let unborn = intent.unborn();
        match step {
            "publish" if intent.is_whole => withdraw(intent, room).await,
            "database" if intent.is_whole => empty::unmake(room, &unborn).await,
            // Files of an earlier transfer stay for the next one.
            "claim" if !intent.is_known => empty::unclaim(room, &unborn).await,
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let passed: Option<Passed> = taken.as_ref().map(|taken| taken.passed.clone());
        Facts {
            received: passed.map(Box::new),
            ..Facts::default()
        }
    }

    fn afterwards(&self, room: &Arc<Room>) {
        if self.intent.is_whole {
            let (room, name) = (Arc::clone(room), self.intent.database.clone());
            Handle::current().spawn(async move { copy::analyze(&room, &name).await });
        }
    }
}
