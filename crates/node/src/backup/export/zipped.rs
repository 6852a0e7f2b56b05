//! A zip that is written as a stream: no seeking back, so that it goes out as it is made.

use super::{Sink, cut};
use crate::backup::sealing::unreadable;
use crate::error::StepFailure;
use std::io::{self, Read, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Quick: most of what there is was compressed before.
const LEVEL: i64 = 1;

/// A zip under way.
pub(super) struct Zipped<W: Write>(ZipWriter<StreamWriter<W>>);

impl<W: Sink> Zipped<W> {
    pub(super) fn new(to: W) -> Self {
        Self(ZipWriter::new_stream(to))
    }

    /// Begins a file of it; what is written from now on is in it.
    pub(super) fn begin(&mut self, name: &str) -> Result<(), StepFailure> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .large_file(true)
            .unix_permissions(0o644);
        self.0
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
    pub(super) fn finish(self) -> Result<W, StepFailure> {
        let inner = self.0.finish().map_err(|error| cut(io::Error::other(error)))?;
        Ok(inner.into_inner())
    }
}

impl<W: Write> Write for Zipped<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
