//! Reads a backup: into a database and a folder, or only to see that it is whole.

use crate::backup::archive::{self, Counting, Wanted};
use crate::backup::manifest::{Manifest, Stored};
use crate::backup::sealing::{Key, unreadable};
use crate::backup::store::Store;
use crate::copy;
use crate::error::{NodeError, StepFailure};
use crate::filestore::{Arrival, Listed};
use crate::identifier::Identifier;
use crate::room::Room;
use crate::run::Run;
use crate::transfer::bridge::Bridge;
use crate::transfer::content::Head;
use sqlx::Connection;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// What reading needs.
pub(crate) struct Reader<'a> {
    pub(crate) room: &'a Room,
    pub(crate) store: &'a Store,
    pub(crate) key: &'a Key,
    pub(crate) manifest: &'a Manifest,
}

impl Reader<'_> {
    /// Restores the dump into an empty database, and compares it with what was dumped.
    pub(crate) async fn database(&self, to: &Identifier) -> Result<(), StepFailure> {
        copy::make_these(self.room, &self.manifest.head.extensions, to).await?;
        let (child, pipe) = copy::restoring(self.room, to)?;
        let reading = self.dump(pipe);
        let (read, restored) = tokio::join!(reading, child.wait_with_output());
        let restored = restored.map_err(NodeError::file("run", Path::new("pg_restore")))?;
        match (copy::verdict(&restored), read) {
            (Err(failure), Err(cut)) => {
                // What was read was cut or damaged; the program only met its end.
                Err(if is_pipe(&cut) { failure } else { cut })
            }
            (Err(failure), Ok(())) => Err(failure),
            (Ok(_), read) => read,
        }?;
        let mut connection = self.room.connect(to).await?;
        let head = Head::read(&mut connection).await;
        connection.close().await?;
        head?.agrees(&self.manifest.head)
    }

    /// Reads the dump; into a pipe, or to see that it is whole.
    pub(crate) async fn dump(&self, mut to: Option<File>) -> Result<(), StepFailure> {
        let Stored {
            object,
            sha256,
            plain_bytes,
            ..
        } = self.manifest.dump.clone();
        let from = Bridge::new(self.store.read(&object).await?);
        let key = self.key.clone();
        self.room
            .blocking(move || {
                let mut counting = Counting::new(from);
                let mut opened = match key.open(&mut counting) {
                    Ok(opened) => opened,
                    Err(failure) => return Err(counting.blame(&sha256, failure)),
                };
                let mut passed = 0;
                let mut buffer = vec![0; 256 << 10];
                loop {
                    let count = opened.read(&mut buffer).map_err(unreadable)?;
                    if count == 0 {
                        break;
                    }
                    passed += count as u64;
                    if let Some(to) = &mut to {
                        let piece = buffer.get(..count).unwrap_or_default();
                        io::Write::write_all(to, piece).map_err(|source| NodeError::Stream { source })?;
                    }
                }
                drop(opened);
                counting.check(&sha256)?;
                match passed == plain_bytes {
                    true => Ok(()),
                    false => Err(super::damaged("the dump has another length")),
                }
            })
            .await
    }

    /// Reads every archive; files go into a folder, or are only looked at.
    pub(crate) async fn files(&self, run: &Run<'_>, to: Option<Arrival>) -> Result<(), StepFailure> {
        let mut wanted: Vec<HashMap<String, Wanted>> = vec![HashMap::new(); self.manifest.archives.len()];
        for file in &self.manifest.files {
            let Some(of) = wanted.get_mut(file.archive) else {
                return Err(super::damaged("a file is in no archive"));
            };
            of.extend([file.wanted()]);
        }
        let mut done = 0;
        for (archive, wanted) in self.manifest.archives.iter().zip(wanted) {
            done += wanted.len();
            let from = Bridge::new(self.store.read(&archive.object).await?);
            let (key, sha256, to) = (self.key.clone(), archive.sha256.clone(), to.clone());
            self.room
                .blocking(move || {
                    archive::read(from, &key, &sha256, &wanted, |path, mut content| match &to {
                        Some(arrival) => arrival.write(path, &mut content),
                        None => Ok(()),
                    })
                })
                .await?;
            run.note(format!("{done} of {} files", self.manifest.files.len()));
        }
        Ok(())
    }

    /// The files as a folder must have them.
    pub(crate) fn listed(&self) -> Vec<Listed> {
        let files = self.manifest.files.iter();
        files.map(|file| Listed::sent(&file.path, file.bytes)).collect()
    }
}

/// Whether only the reader at the other end was gone.
fn is_pipe(failure: &StepFailure) -> bool {
    matches!(&failure.source, Some(NodeError::Stream { source }) if source.kind() == ErrorKind::BrokenPipe)
}
