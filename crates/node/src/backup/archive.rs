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

/// What a file in an archive must be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) bytes: u64,
    /// The SHA-1 of its content, where that is not what its name says.
    pub(crate) sha1: Option<String>,
}

/// Writes these files of a folder. Returns of each the SHA-1 of its content where that is not what its name says: a disk that was
/// full once leaves such files, and they belong to the tenant as they are.
pub(crate) fn write(
    to: impl Write,
    recipients: &Recipients,
    folder: &Path,
    files: &[Listed],
) -> Result<Vec<Option<String>>, StepFailure> {
    let cut = |source| NodeError::Stream { source };
    // Most attachments are compressed already.
    let sealed = recipients
        .seal(BufWriter::with_capacity(64 << 10, to), 1)
        .map_err(cut)?;
    let mut archive = Builder::new(sealed);
    let mut odd = Vec::with_capacity(files.len());
    for listed in files {
        let path = folder.join(&listed.path);
        let file = File::open(&path).map_err(NodeError::file("open", &path))?;
        let mut header = Header::new_gnu();
        header.set_size(listed.bytes);
        header.set_mode(0o644);
        let mut content = Hashed::new(file.take(listed.bytes));
        archive
            .append_data(&mut header, &listed.path, &mut content)
            .map_err(cut)?;
        if content.from.limit() > 0 {
            let what = format!("{} became shorter while it was read", path.display());
            return Err(StepFailure::new(crate::error::Code::FileFailed, what));
        }
        let found = content.sha1();
        odd.push(Some(found).filter(|found| said(&listed.path) != Some(found.as_str())));
    }
    let sealed = archive.into_inner().map_err(cut)?;
    let mut to = sealed.finish().map_err(cut)?;
    to.flush().map_err(cut)?;
    Ok(odd)
}

/// Reads an archive to its end. `wanted` are the files that are taken from it; each is shown to `take` and must be what was written.
pub(crate) fn read(
    from: impl Read,
    key: &Key,
    sha256: &str,
    wanted: &HashMap<String, Wanted>,
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
            let Some(wanted) = wanted.get(path.as_str()) else {
                continue;
            };
            if entry.size() != wanted.bytes {
                return Err(damaged(format!("{path} has another size")));
            }
            let mut content = Hashed::new(&mut entry);
            take(&path, &mut content)?;
            drain(&mut content)?;
            let found = content.sha1();
            let sha1 = wanted.sha1.as_deref().or_else(|| said(&path));
            if sha1.is_some_and(|sha1| sha1 != found) {
                return Err(damaged(format!("{path} is not what was written")));
            }
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

/// A file whose content is hashed as it passes.
struct Hashed<R> {
    from: R,
    digest: Context,
}

impl<R> Hashed<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            digest: Context::new(&SHA1_FOR_LEGACY_USE_ONLY),
        }
    }

    fn sha1(self) -> String {
        hex::encode(self.digest.finish())
    }
}

/// The SHA-1 that a file's name says, as Odoo names them: `ab/ab…`; another name says nothing.
pub(crate) fn said(path: &str) -> Option<&str> {
    let (start, name) = path.split_once('/')?;
    let is_hex = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && name.starts_with(start)).then_some(name)
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
