//! Writes what a backup holds in the form in which somebody wants it, as a stream: nothing is unpacked on this machine.
//!
//! The same backup gives the same bytes again, so that a download that was cut is gone on with: what is there already is made once
//! more and not sent. Everything is written on threads of its own: what carries it on blocks.

mod copied;
mod manifest;
mod pick;
mod table;
mod unpack;
mod zipped;

use crate::backup::archive::{self, Wanted};
use crate::backup::fetch::Reader;
use crate::error::{NodeError, StepFailure};
use crate::transfer::bridge::Bridge;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use unpack::Unpacking;
use wire::export::{Form, TableFormat};
use zipped::Zipped;

/// Somewhere to write, for a thread of its own.
pub(crate) trait Sink: Write + Send + 'static {}
impl<T: Write + Send + 'static> Sink for T {}

/// Writes it in this form; gives the sink back when all of it was written.
pub(crate) async fn write<W: Sink>(reader: &Reader<'_>, form: &Form, to: W) -> Result<W, StepFailure> {
    match form {
        Form::Odoo { database } => {
            let prelude = manifest::extensions(&reader.manifest.head.extensions);
            let text = manifest::odoo(reader.manifest, database)?;
            let zip = unpacked(reader, &[], to, move |from, to| {
                let mut zip = Zipped::new(to);
                zip.begin("dump.sql")?;
                zip.write_all(prelude.as_bytes()).map_err(cut)?;
                io::copy(from, &mut zip).map_err(cut)?;
                zip.begin("manifest.json")?;
                zip.write_all(&text).map_err(cut)?;
                Ok(zip)
            });
            let zip = zip.await?;
            let every = reader.manifest.files.iter();
            let names = every.map(|file| (file.path.clone(), vec![format!("filestore/{}", file.path)]));
            Box::pin(files(reader, names.collect(), zip)).await
        }
        Form::Dump => {
            let (from, into) = io::pipe().map_err(cut)?;
            let reading = reader.dump(Some(File::from(OwnedFd::from(into))));
            let writing = reader.room.blocking(move || {
                let (mut from, mut to) = (from, to);
                io::copy(&mut from, &mut to).map_err(cut)?;
                Ok::<_, StepFailure>(to)
            });
            let (read, written) = tokio::join!(reading, writing);
            let written = written?;
            read.map(|()| written)
        }
        Form::Files { filter } => {
            let picked = Box::pin(pick::find(reader, filter)).await?;
            let names = picked.names();
            let begun = reader.room.blocking(move || {
                let mut zip = Zipped::new(to);
                zip.begin("index.csv")?;
                zip.write_all(picked.index().as_bytes()).map_err(cut)?;
                for (name, content) in picked.inline() {
                    zip.begin(&name)?;
                    zip.write_all(content).map_err(cut)?;
                }
                Ok::<_, StepFailure>(zip)
            });
            let zip = begun.await?;
            Box::pin(files(reader, names, zip)).await
        }
        Form::Table { table, format } => {
            let only = [format!("--table={table}"), "--schema=public".to_owned()];
            let format = *format;
            let data_only = match format {
                TableFormat::Csv => vec!["--data-only".to_owned()],
                TableFormat::Sql => Vec::new(),
            };
            let arguments = [&only[..], &data_only[..]].concat();
            let table = table.clone();
            unpacked(reader, &arguments, to, move |from, mut to| {
                let found = match format {
                    TableFormat::Csv => table::csv(from, &mut to)?,
                    TableFormat::Sql => table::sql(from, &mut to)?,
                };
                match found {
                    true => Ok(to),
                    false => Err(table::missing(&table)),
                }
            })
            .await
        }
    }
}

/// Has the dump turned into SQL and hands that to `take`, on a thread of its own.
async fn unpacked<T: Send + 'static, U: Send + 'static>(
    reader: &Reader<'_>,
    arguments: &[String],
    to: T,
    take: impl FnOnce(&mut dyn Read, T) -> Result<U, StepFailure> + Send + 'static,
) -> Result<U, StepFailure> {
    let Unpacking {
        child,
        dump,
        mut text,
    } = unpack::begin(reader, arguments)?;
    let reading = reader.dump(Some(dump));
    let writing = reader.room.blocking(move || take(&mut text, to));
    let (read, written, ended) = tokio::join!(reading, writing, child.wait_with_output());
    match (read, written) {
        // A writer that gave up is the cause of what the others met.
        (_, Err(failure)) => Err(failure),
        (Err(failure), Ok(_)) if !is_pipe(&failure) => Err(failure),
        (_, Ok(written)) => unpack::verdict(ended).map(|()| written),
    }
}

/// Writes files into the zip, each under its names there, and the list with which it is whole.
async fn files<W: Sink>(
    reader: &Reader<'_>,
    mut names: HashMap<String, Vec<String>>,
    mut zip: Zipped<W>,
) -> Result<W, StepFailure> {
    let mut wanted: Vec<HashMap<String, Wanted>> = vec![HashMap::new(); reader.manifest.archives.len()];
    for file in &reader.manifest.files {
        let Some(of) = wanted.get_mut(file.archive) else {
            return Err(super::damaged("a file is in no archive"));
        };
        if names.contains_key(&file.path) {
            of.extend([file.wanted()]);
        }
    }
    for (stored, wanted) in reader.manifest.archives.iter().zip(wanted) {
        if wanted.is_empty() {
            continue;
        }
        let from = Bridge::new(reader.store.read(&stored.object).await?);
        let (key, sha256) = (reader.key.clone(), stored.sha256.clone());
        let into: HashMap<String, Vec<String>> = wanted
            .keys()
            .filter_map(|path| names.remove_entry(path))
            .collect();
        zip = reader
            .room
            .blocking(move || {
                archive::read(from, &key, &sha256, &wanted, |path, content| {
                    zip.file(into.get(path).map_or(&[], Vec::as_slice), content)
                })?;
                Ok::<_, StepFailure>(zip)
            })
            .await?;
    }
    reader.room.blocking(move || zip.finish()).await
}

/// Whoever was to take it is gone.
pub(super) fn cut(source: io::Error) -> StepFailure {
    crate::transfer::broken(
        "Whoever fetched it went away.",
        Some(NodeError::Stream { source }),
    )
}

fn is_pipe(failure: &StepFailure) -> bool {
    matches!(&failure.source, Some(NodeError::Stream { source }) if source.kind() == ErrorKind::BrokenPipe)
}
