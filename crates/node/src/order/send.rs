//! Sends a tenant to another node. Nothing changes here; a stream that was cut is sent again from its beginning.

use crate::copy;
use crate::error::{Code, NodeError, StepFailure};
use crate::filestore::Listed;
use crate::managed::Managed;
use crate::order::not_alive;
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::transfer::bridge::Bridge;
use crate::transfer::content::Head;
use crate::transfer::outgoing::Outgoing;
use crate::transfer::{BUFFER, CarryError, Search};
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use tokio::process::Child;
use tokio::time::Instant;
use wire::node::Facts;
use wire::transfer::{Part, Passed, SendTenant};

/// Files that came this many seconds before the first transfer are sent again: they may have been written while it was listing.
const OVERLAP: i64 = 2;

/// Nothing is to be undone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// A tenant to be sent.
pub(crate) struct Sending {
    order: SendTenant,
    tenant: Managed,
    sent: Mutex<Option<Passed>>,
}

impl Sending {
    pub(crate) async fn plan(order: SendTenant, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        if tenant.former.is_some() {
            return Err(not_alive(&tenant));
        }
        if matches!(order.part, Part::Whole { .. }) && tenant.standing.is_odoo_s() {
            let detail = "The tenant is open; what is written meanwhile would be lost. Close it first.";
            return Err(StepFailure::new(Code::TenantShut, detail));
        }
        Ok(Self {
            order,
            tenant,
            sent: Mutex::default(),
        })
    }

    async fn send(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let carrier = run.room.carrier()?;
        let mut search = Search::begin();
        loop {
            let begun = Instant::now();
            let (near, far) = tokio::io::duplex(BUFFER);
            let (carried, written) = tokio::join!(
                carrier.send(self.order.transfer, far),
                self.write(run.room, Bridge::new(near))
            );
            match (carried, written) {
                (Ok(()), Ok(passed)) => {
                    run.note(format!("{} files, {} bytes", passed.files, passed.bytes));
                    *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(passed);
                    return Ok(());
                }
                // The writer gave up first, and not for want of somebody who reads.
                (_, Err(failure)) if failure.code != Code::TransferBroken => return Err(failure),
                (Err(error), _) => search.again(begun, error).await?,
                (Ok(()), Err(failure)) => {
                    let source = failure.source.unwrap_or(NodeError::Record {
                        what: "a stream".to_owned(),
                    });
                    search.again(begun, CarryError::Cut(source)).await?;
                }
            }
        }
    }

    async fn write(&self, room: &Room, to: Bridge<tokio::io::DuplexStream>) -> Result<Passed, StepFailure> {
        let (head, mut dumping) = match self.order.part {
            Part::Files => (Head::default(), None),
            Part::Whole { .. } => {
                let mut connection = room.connect(&self.tenant.name).await?;
                let head = Head::read(&mut connection).await;
                connection.close().await?;
                (head?, Some(self.dump(room)?))
            }
        };
        let dump = match &mut dumping {
            Some((_, pipe)) => pipe.take(),
            None => None,
        };
        let (filestores, name, part) = (room.filestores.clone(), self.tenant.name.clone(), self.order.part);
        let writing = room.blocking(move || {
            let all = filestores.list(&name)?;
            let (files, manifest) = chosen(all, part);
            let outgoing = Outgoing {
                head,
                dump,
                folder: filestores.folder(&name),
                files,
                manifest,
            };
            outgoing.write(to).map_err(StepFailure::from)
        });
        let dumped = async {
            match dumping {
                Some((child, _)) => Some(child.wait_with_output().await),
                None => None,
            }
        };
        let (written, dumped) = tokio::join!(writing, dumped);
        let path = Path::new("pg_dump");
        let dumped = dumped.transpose().map_err(NodeError::file("run", path))?;
        match (written, dumped) {
            // What the program says is the cause of what the writer met, unless nobody read any more.
            (Ok(_), Some(output)) if !output.status.success() => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(copy::failed("pg_dump", words.lines().next().unwrap_or_default()))
            }
            (written, _) => written,
        }
    }

    fn dump(&self, room: &Room) -> Result<(Child, Option<File>), StepFailure> {
        let path = Path::new("pg_dump");
        let mut dump = copy::program(room, "pg_dump", &self.tenant.name);
        // Extensions are made anew there, and links that let people in end with the move.
        dump.args([
            "-Fc",
            "-Z1",
            "--blobs",
            "--extension=plpgsql",
            "--exclude-schema=tenantry",
        ])
        .arg(copy::LOCK_PATIENCE)
        .stdout(Stdio::piped());
        let mut child = dump.spawn().map_err(NodeError::file("run", path))?;
        let pipe = child.stdout.take().map(|pipe| pipe.into_owned_fd());
        let pipe = pipe.transpose().map_err(NodeError::file("read", path))?;
        Ok((child, pipe.map(File::from)))
    }
}

/// The files that are sent, and the manifest.
fn chosen(all: Vec<Listed>, part: Part) -> (Vec<Listed>, Option<Vec<Listed>>) {
    match part {
        Part::Files => (all, None),
        Part::Whole { since } => {
            let since = since.map_or(i64::MIN, |since| since.as_second() - OVERLAP);
            let files = all.iter().filter(|listed| listed.since >= since).cloned();
            (files.collect(), Some(all))
        }
    }
}

impl Plan for Sending {
    const KIND: &'static str = "send-tenant";
    const STEPS: &'static [Step] = &[Step::new("send")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "send" => self.send(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_intent: &Intent, _step: &str, _room: &Room) -> Result<(), StepFailure> {
        Ok(())
    }

    fn facts(&self) -> Facts {
        Facts {
            sent: self
                .sent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
                .map(Box::new),
            ..Facts::default()
        }
    }
}
