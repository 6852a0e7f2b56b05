//! Writes a tenant into a stream.

use crate::clock;
use crate::error::NodeError;
use crate::filestore::Listed;
use crate::transfer::content::Head;
use crate::transfer::seal::Sealing;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;
use tar::{Builder, Header};
use wire::transfer::Passed;

/// Bytes of one piece of the dump; its length is not known before its end.
const PIECE: usize = 1 << 20;

/// What goes into a stream.
pub(crate) struct Outgoing {
    pub(crate) head: Head,
    /// What `pg_dump` writes.
    pub(crate) dump: Option<File>,
    /// Where the files are.
    pub(crate) folder: PathBuf,
    /// The files to be sent.
    pub(crate) files: Vec<Listed>,
    /// The files that the other end must have then; nothing while the tenant is in use.
    pub(crate) manifest: Option<Vec<Listed>>,
}

impl Outgoing {
    /// Writes all of it, and the end mark.
    pub(crate) fn write(self, to: impl Write) -> Result<Passed, NodeError> {
        let began_at = clock::now();
        let rows = self.head.sum();
        let mut archive = Builder::new(BufWriter::with_capacity(64 << 10, Sealing::new(to)));
        let head = serde_json::to_vec(&self.head).unwrap_or_default();
        append(&mut archive, "head.json", &head).map_err(cut)?;
        if let Some(dump) = self.dump {
            write_dump(&mut archive, dump).map_err(cut)?;
        }
        let mut files = 0;
        for listed in &self.files {
            let path = self.folder.join(&listed.path);
            let mut file = match File::open(&path) {
                // Collected by Odoo while it was listed; the manifest tells if it should be there.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                opened => opened.map_err(NodeError::file("open", &path))?,
            };
            let length = file.metadata().map_err(NodeError::file("look at", &path))?.len();
            let mut header = header(length);
            let name = format!("files/{}", listed.path);
            archive
                .append_data(&mut header, name, (&mut file).take(length))
                .map_err(cut)?;
            files += 1;
        }
        if let Some(manifest) = self.manifest {
            let lines = manifest
                .iter()
                .map(|listed| format!("{} {}\n", listed.bytes, listed.path));
            append(&mut archive, "manifest", lines.collect::<String>().as_bytes()).map_err(cut)?;
        }
        let sealing = archive.into_inner().map_err(cut)?;
        let sealing = sealing.into_inner().map_err(|error| cut(error.into_error()))?;
        let (sha256, bytes) = sealing.finish().map_err(cut)?;
        Ok(Passed {
            began_at: Some(began_at),
            sha256,
            bytes,
            files,
            rows,
        })
    }
}

fn header(length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o644);
    header
}

fn append<W: Write>(archive: &mut Builder<W>, name: &str, content: &[u8]) -> io::Result<()> {
    archive.append_data(&mut header(content.len() as u64), name, content)
}

fn write_dump<W: Write>(archive: &mut Builder<W>, dump: File) -> io::Result<()> {
    let mut piece = Vec::with_capacity(PIECE);
    for number in 0_u64.. {
        piece.clear();
        (&dump).take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            break;
        }
        append(archive, &format!("database/{number:08}"), &piece)?;
    }
    Ok(())
}

fn cut(source: io::Error) -> NodeError {
    NodeError::Stream { source }
}
