//! Files that somebody uploaded: Odoo's own zip, or a dump of PostgreSQL's, in its own format or as SQL. Nothing in them is believed.

pub(crate) mod files;
pub(crate) mod filter;
pub(crate) mod look;
pub(crate) mod role;
pub(crate) mod sql;

use crate::error::{Code, NodeError, StepFailure};
use crate::room::Room;
use crate::transfer::{CarryError, Search};
use aws_lc_rs::digest::{Context, SHA256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;
use wire::import::ImportTenant;
use zip::ZipArchive;

/// Entries of a zip at most: some millions of attachments.
const MOST_ENTRIES: usize = 4_000_000;
/// How many times as large as the upload its contents may be, and what is let pass in any case.
const LARGEST_RATIO: u64 = 100;
const SMALL: u64 = 64 << 20;

/// What an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Odoo's own zip.
    Zip,
    /// PostgreSQL's own format.
    Custom,
    /// SQL.
    Sql,
}

/// A file that was looked at from outside.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) path: PathBuf,
    pub(crate) content: Content,
    /// Bytes that may come out of it, all together.
    pub(crate) most: u64,
}

/// The file is not what can be imported.
pub(crate) fn refused(words: impl Into<String>) -> StepFailure {
    StepFailure::new(Code::ImportRefused, words)
}

/// It is broken, or did not come whole.
pub(crate) fn damaged(words: impl Into<String>) -> StepFailure {
    StepFailure::new(Code::ImportDamaged, words)
}

/// It is no backup of an Odoo.
pub(crate) fn foreign(words: impl Into<String>) -> StepFailure {
    StepFailure::new(Code::ImportForeign, words)
}

impl Upload {
    /// Looks what it is. Of a zip every name is looked at, before anything is unpacked.
    pub(crate) fn open(path: &Path) -> Result<Self, StepFailure> {
        let mut file = File::open(path).map_err(NodeError::file("open", path))?;
        let bytes = file.metadata().map_err(NodeError::file("look at", path))?.len();
        let mut head = [0; 512];
        let count = read_some(&mut file, &mut head).map_err(NodeError::file("read", path))?;
        let head = head.get(..count).unwrap_or_default();
        let content = match head {
            [b'P', b'K', 3, 4, ..] => Content::Zip,
            [b'P', b'G', b'D', b'M', b'P', ..] => Content::Custom,
            [0x1f, 0x8b, ..] => {
                return Err(foreign(
                    "It is compressed with gzip. Unpack it first (gunzip), and upload what comes out.",
                ));
            }
            _ if head.is_empty() || head.contains(&0) => {
                return Err(foreign(
                    "It is neither Odoo's zip nor a dump of PostgreSQL's. Make a backup in Odoo's database manager, or with pg_dump.",
                ));
            }
            _ => Content::Sql,
        };
        let upload = Self {
            path: path.to_owned(),
            content,
            most: bytes.saturating_mul(LARGEST_RATIO).saturating_add(SMALL),
        };
        if content == Content::Zip {
            upload.check_entries()?;
        }
        Ok(upload)
    }

    /// The zip.
    pub(crate) fn archive(&self) -> Result<ZipArchive<File>, StepFailure> {
        let mut file = File::open(&self.path).map_err(NodeError::file("open", &self.path))?;
        file.rewind().map_err(NodeError::file("read", &self.path))?;
        ZipArchive::new(file)
            .map_err(|error| damaged(format!("The zip cannot be read ({error}). Upload it again.")))
    }

    fn check_entries(&self) -> Result<(), StepFailure> {
        let mut archive = self.archive()?;
        if archive.len() > MOST_ENTRIES {
            return Err(foreign(format!(
                "The zip has more than {MOST_ENTRIES} entries, which no backup of Odoo's has."
            )));
        }
        let (mut total, mut dumps) = (0_u64, 0);
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(unzip)?;
            let name = entry.name().map_err(unzip)?.into_owned();
            let kind = files::kind(&name).ok_or_else(|| strange(&name))?;
            let is_link = entry
                .unix_mode()
                .is_some_and(|mode| mode & 0o170_000 == 0o120_000);
            if is_link || entry.encrypted() {
                return Err(foreign(format!(
                    "The zip holds a link or something encrypted ({}), which no backup of Odoo's does.",
                    short(&name)
                )));
            }
            dumps += usize::from(kind == files::Kind::Dump);
            total = total.saturating_add(entry.size());
        }
        if total > self.most {
            return Err(bomb());
        }
        match dumps {
            1 => Ok(()),
            0 => Err(foreign(
                "The zip has no dump.sql. It is no backup of Odoo's, or one of files alone.",
            )),
            _ => Err(foreign("The zip has several dumps. Leave one of them.")),
        }
    }
}

fn read_some(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(rest) = into.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

pub(crate) fn unzip(error: zip::result::ZipError) -> StepFailure {
    damaged(format!("The zip is damaged ({error}). Upload it again."))
}

pub(crate) fn bomb() -> StepFailure {
    StepFailure::new(
        Code::ImportLarge,
        format!(
            "It becomes more than {LARGEST_RATIO} times as large when it is unpacked, which no backup of Odoo's does."
        ),
    )
}

fn strange(name: &str) -> StepFailure {
    foreign(format!(
        "The zip holds what no backup of Odoo's does: {}. Only dump.sql, manifest.json and filestore/… may be in it.",
        short(name)
    ))
}

fn short(name: &str) -> String {
    format!("{:?}", name.chars().take(80).collect::<String>())
}

/// Lets no more than so many bytes through: what a file says of its own size is not believed.
pub(crate) struct Bounded<R> {
    pub(crate) from: R,
    pub(crate) left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::new(ErrorKind::QuotaExceeded, "too large")),
        }
        Ok(count)
    }
}

/// Fetches the upload from the server, and compares it with what was uploaded.
pub(crate) async fn fetch(room: &Room, order: &ImportTenant, to: &Path) -> Result<u64, StepFailure> {
    let carrier = room.carrier()?;
    let mut search = Search::begin();
    loop {
        let begun = Instant::now();
        match carrier.receive(order.transfer).await {
            Ok(from) => match write(from, order, to).await {
                Ok(bytes) => return Ok(bytes),
                Err(failure) if failure.code != Code::TransferBroken => return Err(failure),
                Err(_) => search.again(begun, CarryError::Alone).await?,
            },
            Err(error) => search.again(begun, error).await?,
        }
    }
}

async fn write(
    mut from: crate::transfer::Incoming,
    order: &ImportTenant,
    to: &Path,
) -> Result<u64, StepFailure> {
    let opened = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(to);
    let mut file = opened.map_err(NodeError::file("make", to))?;
    let (mut digest, mut bytes, mut piece) = (Context::new(&SHA256), 0_u64, vec![0; 256 << 10]);
    loop {
        let read = from.read(&mut piece).await;
        let count = read.map_err(|source| {
            crate::transfer::broken("The upload was cut.", Some(NodeError::Stream { source }))
        })?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        if bytes > order.bytes {
            return Err(damaged("More came than was uploaded. Upload it again."));
        }
        let part = piece.get(..count).unwrap_or_default();
        digest.update(part);
        file.write_all(part).map_err(NodeError::file("write", to))?;
    }
    if bytes < order.bytes {
        return Err(crate::transfer::broken("The upload was cut.", None));
    }
    match hex::encode(digest.finish()) == order.sha256 {
        true => Ok(bytes),
        false => Err(crate::transfer::broken(
            "What came is not what was uploaded.",
            None,
        )),
    }
}

/// Removes an upload, if it is there.
pub(crate) fn forget(path: &Path) -> Result<(), StepFailure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(NodeError::file("remove", path)(error).into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zipped(names: &[&str], content: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = ZipWriter::new(file.reopen().unwrap());
        for name in names {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    fn said(file: &tempfile::NamedTempFile) -> String {
        Upload::open(file.path())
            .map_or_else(|failure| failure.detail, |upload| format!("{:?}", upload.content))
    }

    #[test]
    fn what_no_backup_of_odoo_s_holds_is_refused_before_anything_is_unpacked() {
        let hash = "filestore/ab/ab00000000000000000000000000000000000000";
        let good = zipped(
            &[
                "dump.sql",
                "manifest.json",
                hash,
                "filestore/checklist/ab/x",
                "filestore/.note",
            ],
            b"x",
        );
        assert_eq!(said(&good), "Zip");
        for name in [
            "../dump.sql",
            "/etc/passwd",
            "filestore/../../x",
            "filestore/ab/passwd",
            "filestore/ab/cd00000000000000000000000000000000000000",
            "evil.sh",
        ] {
            let said = said(&zipped(&["dump.sql", name], b"x"));
            assert!(said.contains("no backup of Odoo's does"), "{name}: {said}");
        }
        assert!(said(&zipped(&["manifest.json"], b"{}")).contains("no dump.sql"));
        assert!(said(&zipped(&["dump.sql", "dump.dump"], b"")).contains("several"));
    }

    #[test]
    fn a_bomb_is_refused_by_what_it_says_and_by_what_comes_out() {
        let large = vec![0; 80 << 20];
        assert!(said(&zipped(&["dump.sql"], &large)).contains("times as large"));
        let mut bounded = Bounded {
            from: &large[..],
            left: 1000,
        };
        let error = io::copy(&mut bounded, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    }

    #[test]
    fn what_it_is_is_told_by_its_beginning() {
        let file = |content: &[u8]| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), content).unwrap();
            said(&file)
        };
        assert_eq!(file(b"PGDMP\x01\x0e"), "Custom");
        assert_eq!(file(b"--\n-- PostgreSQL database dump\n"), "Sql");
        assert!(file(b"\x1f\x8b\x08").contains("gzip"));
        assert!(file(b"").contains("neither"));
        assert!(file(b"\x7fELF\0\0").contains("neither"));
    }
}
