//! Sends what a backup holds to somebody who waits for it at the server. Nothing changes here, and nothing is unpacked on the disk.

use crate::backup::export;
use crate::backup::fetch::Reader;
use crate::backup::manifest::Manifest;
use crate::backup::sealing::Key;
use crate::backup::store::{self, Store};
use crate::error::{Code, NodeError, StepFailure};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use crate::transfer::bridge::Bridge;
use crate::transfer::seal::Sealing;
use crate::transfer::{self, BUFFER, CarryError, Search};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use tokio::io::DuplexStream;
use tokio::time::Instant;
use wire::export::SendBackup;
use wire::node::Facts;
use wire::transfer::Passed;

/// Nothing is to be undone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// A backup to be sent.
pub(crate) struct SendingBackup {
    order: SendBackup,
    store: Store,
    key: Key,
    manifest: Manifest,
    sent: Mutex<Option<Passed>>,
}

impl SendingBackup {
    pub(crate) async fn plan(order: SendBackup, room: &Room) -> Result<Self, StepFailure> {
        let keys = store::keys(order.keys.as_ref())?;
        let (store, key) = (
            Store::open(room, &order.store, &keys)?,
            Key::parse(&keys.identity)?,
        );
        let of = (order.tenant, order.backup);
        let manifest = Manifest::get(&store, &key, of, Some(&order.manifest_sha256)).await?;
        Ok(Self {
            order,
            store,
            key,
            manifest,
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
                // On the heap: what writes it is large, and stands inside of every order's future otherwise.
                Box::pin(self.write(run.room, Bridge::new(near)))
            );
            match (carried, written) {
                (Ok(()), Ok(passed)) => {
                    run.note(format!("{} bytes", passed.bytes));
                    *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(passed);
                    return Ok(());
                }
                // The writer gave up first, and not for want of somebody who reads.
                (_, Err(failure)) if failure.code != Code::TransferBroken => return Err(failure),
                (Err(CarryError::Over), _) => {
                    return Err(transfer::broken("Whoever fetched it went away.", None));
                }
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

    async fn write(&self, room: &Room, to: Bridge<DuplexStream>) -> Result<Passed, StepFailure> {
        let reader = Reader {
            room,
            store: &self.store,
            key: &self.key,
            manifest: &self.manifest,
        };
        let began_at = crate::clock::now();
        let skipping = Skipping {
            left: self.order.skip,
            inner: Sealing::new(to),
        };
        let skipping = export::write(&reader, &self.order.wanted, skipping).await?;
        let sealed = room.blocking(move || {
            let cut = |source| NodeError::Stream { source };
            skipping.inner.finish().map_err(cut)
        });
        let (sha256, bytes) = sealed.await?;
        Ok(Passed {
            began_at: Some(began_at),
            sha256,
            bytes,
            files: self.manifest.files.len() as u64,
            rows: self.manifest.head.sum(),
        })
    }
}

/// Lets the first bytes go nowhere.
struct Skipping<W> {
    left: u64,
    inner: W,
}

impl<W: Write> Write for Skipping<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let gone = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if gone > 0 {
            self.left -= gone as u64;
            return Ok(gone);
        }
        self.inner.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Plan for SendingBackup {
    const KIND: &'static str = "send-backup";
    const STEPS: &'static [Step] = &[Step::new("send")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "send" => Box::pin(self.send(run)).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_intent: &Intent, _step: &str, _room: &Room) -> Result<(), StepFailure> {
        Ok(())
    }

    fn facts(&self) -> Facts {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Facts {
            sent: sent.map(Box::new),
            ..Facts::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_is_not_written_again() {
        let mut skipping = Skipping {
            left: 4,
            inner: Vec::new(),
        };
        for piece in ["abc", "def", "g"] {
            skipping.write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(skipping.inner, b"efg");
    }
}
