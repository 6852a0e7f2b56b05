//! Archives of files: tar, compressed and encrypted. Written from a folder, read into one or only looked at.

use crate::backup::damaged;
use crate::backup::sealing::{Key, Recipients, unreadable};
use crate::error::{NodeError, StepFailure};
use crate::filestore::Listed;
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use tar::{Archive, Builder, Header};

/// Bytes and files after which an archive is full: it is what has to be read for one attachment, and what stays as long as one
/// of its files is needed.
const FULL_BYTES: u64 = 64 << 20;
const FULL_FILES: usize = 10_000;

/// Parts files so that each part fills an archive.
pub(crate) fn portions(files: &[Listed]) -> Vec<&[Listed]> {
    let (mut portions, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (index, file) in files.iter().enumerate() {
        bytes += file.bytes;
        if bytes >= FULL_BYTES || index + 1 - begin >= FULL_FILES {
            portions.extend(files.get(begin..=index));
            (begin, bytes) = (index + 1, 0);
        }
    }
    if begin < files.len() {
        portions.extend(files.get(begin..));
    }
    portions
}

/// Writes these files of a folder.
pub(crate) fn write(
    to: impl Write,
    recipients: &Recipients,
    folder: &Path,
    files: &[Listed],
) -> Result<(), StepFailure> {
    let cut = |source| NodeError::Stream { source };
    // Most attachments are compressed already.
    let sealed = recipients
        .seal(BufWriter::with_capacity(64 << 10, to), 1)
        .map_err(cut)?;
    let mut archive = Builder::new(sealed);
    for listed in files {
        let path = folder.join(&listed.path);
        let file = File::open(&path).map_err(NodeError::file("open", &path))?;
        let mut header = Header::new_gnu();
        header.set_size(listed.bytes);
        header.set_mode(0o644);
        let mut content = file.take(listed.bytes);
        archive
            .append_data(&mut header, &listed.path, &mut content)
            .map_err(cut)?;
        if content.limit() > 0 {
            let what = format!("{} became shorter while it was read", path.display());
            return Err(StepFailure::new(crate::error::Code::FileFailed, what));
        }
    }
    let sealed = archive.into_inner().map_err(cut)?;
    let mut to = sealed.finish().map_err(cut)?;
    Ok(to.flush().map_err(cut)?)
}

/// Reads an archive to its end. `wanted` are the files that are taken from it, with their sizes; each is shown to `take` and must
/// be what its name says.
pub(crate) fn read(
    from: impl Read,
    key: &Key,
    sha256: &str,
    wanted: &HashMap<&str, u64>,
    mut take: impl FnMut(&str, &mut dyn Read) -> Result<(), StepFailure>,
) -> Result<(), StepFailure> {
    let mut counting = Counting::new(from);
    let mut missing = wanted.len();
    {
        let opened = match key.open(&mut counting) {
            Ok(opened) => opened,
            Err(failure) => return Err(counting.blame(sha256, failure)),
        };
        let mut archive = Archive::new(opened);
        for entry in archive.entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let Some(bytes) = wanted.get(path.as_str()) else {
                continue;
            };
            if entry.size() != *bytes {
                return Err(damaged(format!("{path} has another size")));
            }
            let mut named = Named::new(&path, &mut entry);
            take(&path, &mut named)?;
            named.check(&path)?;
            missing -= 1;
        }
        drain(&mut archive.into_inner())?;
    }
    counting.check(sha256)?;
    match missing {
        0 => Ok(()),
        _ => Err(damaged(format!("{missing} files are not in their archive"))),
    }
}

/// Reads what is left; where the end marks of compression and encryption are wrong, it says so.
fn drain(from: &mut impl Read) -> Result<(), StepFailure> {
    io::copy(from, &mut io::sink()).map_err(unreadable)?;
    Ok(())
}

/// A reader that hashes what is stored.
pub(crate) struct Counting<R> {
    from: R,
    digest: Context,
}

impl<R: Read> Counting<R> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            digest: Context::new(&SHA256),
        }
    }

    /// An object that is not the one that was written is damaged, whatever became of reading it.
    pub(crate) fn blame(self, sha256: &str, failure: StepFailure) -> StepFailure {
        self.check(sha256).err().unwrap_or(failure)
    }

    /// Reads what is left, and compares all of it.
    pub(crate) fn check(mut self, sha256: &str) -> Result<(), StepFailure> {
        drain(&mut self)?;
        match hex::encode(self.digest.finish()) == sha256 {
            true => Ok(()),
            false => Err(damaged("an object is not the one that was written")),
        }
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// A file that is read. Odoo names files by the SHA-1 of their content; another name says nothing.
struct Named<'a, R> {
    from: &'a mut R,
    digest: Option<Context>,
}

impl<'a, R: Read> Named<'a, R> {
    fn new(path: &str, from: &'a mut R) -> Self {
        let is_sha1 = said(path).is_some();
        Self {
            from,
            digest: is_sha1.then(|| Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
        }
    }

    fn check(mut self, path: &str) -> Result<(), StepFailure> {
        drain(&mut self)?;
        let found = self.digest.map(|digest| hex::encode(digest.finish()));
        match found.as_deref() == said(path) {
            true => Ok(()),
            false => Err(damaged(format!("{path} is not what its name says"))),
        }
    }
}

/// The SHA-1 that a file's name says, as Odoo names them: `ab/ab…`.
fn said(path: &str) -> Option<&str> {
    let (start, name) = path.split_once('/')?;
    let is_hex = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && name.starts_with(start)).then_some(name)
}

impl<R: Read> Read for Named<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        if let Some(digest) = &mut self.digest {
            digest.update(buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}
