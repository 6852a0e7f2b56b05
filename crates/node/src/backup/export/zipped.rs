//! A zip that is written as a stream: no seeking back, so that it goes out as it is made.

use super::{Sink, cut};
use crate::backup::sealing::unreadable;
use crate::error::StepFailure;
use std::io::{self, Read, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Quick: most of what there is was compressed before.
const LEVEL: i64 = 2;
/// What is compressed at once. It is always as much, whatever a pipe gives at a time: otherwise the same content would become other
/// bytes, and a download that was cut could not be gone on with.
const BLOCK: usize = 64 << 10;

/// A zip under way.
pub(super) struct Zipped<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// Less than a block, not compressed yet.
    pending: Vec<u8>,
}

impl<W: Sink> Zipped<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            zip: ZipWriter::new_stream(to),
            pending: Vec::with_capacity(BLOCK),
        }
    }

    /// Begins a file of it; what is written from now on is in it.
    pub(super) fn begin(&mut self, name: &str) -> Result<(), StepFailure> {
        self.settle().map_err(cut)?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .large_file(true)
            .unix_permissions(0o644);
        self.zip
            .start_file(name, options)
            .map_err(|error| cut(io::Error::other(error)))
    }

    /// Writes one content under one name or several.
    pub(super) fn file(&mut self, names: &[String], content: &mut dyn Read) -> Result<(), StepFailure> {
        match names {
            [] => Ok(()),
            [name] => {
                self.begin(name)?;
                let mut piece = vec![0; 64 << 10];
                loop {
                    let count = content.read(&mut piece).map_err(unreadable)?;
                    if count == 0 {
                        return Ok(());
                    }
                    self.write_all(piece.get(..count).unwrap_or_default())
                        .map_err(cut)?;
                }
            }
            many => {
                let mut whole = Vec::new();
                content.read_to_end(&mut whole).map_err(unreadable)?;
                for name in many {
                    self.begin(name)?;
                    self.write_all(&whole).map_err(cut)?;
                }
                Ok(())
            }
        }
    }

    /// Writes the list of all files, with which it is whole.
    pub(super) fn finish(mut self) -> Result<W, StepFailure> {
        self.settle().map_err(cut)?;
        let inner = self.zip.finish().map_err(|error| cut(io::Error::other(error)))?;
        Ok(inner.into_inner())
    }
}

impl<W: Write> Zipped<W> {
    /// Compresses what is left of a file.
    fn settle(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.zip.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }
}

impl<W: Write> Write for Zipped<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let room = BLOCK.saturating_sub(self.pending.len());
        let taken = buffer.get(..room.min(buffer.len())).unwrap_or_default();
        self.pending.extend_from_slice(taken);
        if self.pending.len() >= BLOCK {
            self.settle()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipped(content: &[u8], piece: usize) -> Vec<u8> {
        let mut zip = Zipped::new(Vec::new());
        for name in ["one", "two"] {
            zip.begin(name).unwrap();
            for piece in content.chunks(piece) {
                zip.write_all(piece).unwrap();
            }
        }
        zip.finish().unwrap()
    }

    #[test]
    fn the_same_content_is_the_same_zip_however_it_comes() {
        let content: Vec<u8> = (0..90_000_u32)
            .flat_map(|n| (n % 977).to_string().into_bytes())
            .collect();
        let whole = zipped(&content, content.len());
        for piece in [1, 1000, 4096, 65_535, 65_537] {
            assert!(zipped(&content, piece) == whole, "in pieces of {piece}");
        }
    }
}
