//! The files of an uploaded zip: what may be in it, and unpacking it.

use super::{Bounded, Content, Upload, bomb, unzip};
use crate::error::StepFailure;
use crate::filestore::Arrival;
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use std::io::{self, ErrorKind, Read};

/// What an entry of a zip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Dump,
    Manifest,
    /// A file of the filestore.
    File,
    /// A folder, or what Odoo keeps beside its files for itself.
    Nothing,
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// Files whose content is not what their name says: damaged before they came.
    pub(crate) strange: u64,
}

/// What an entry of this name is; nothing for what may not be there.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    let rest = match name {
        "dump.sql" | "dump.dump" => return Some(Kind::Dump),
        "manifest.json" => return Some(Kind::Manifest),
        "filestore/" => return Some(Kind::Nothing),
        _ => name.strip_prefix("filestore/")?,
    };
    let is_hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    if rest.split('/').any(|part| part == ".." || part == ".") || rest.contains(['\\', '\0']) {
        return None;
    }
    // Odoo's own list of what may be collected, and a note of whoever keeps folders: nothing of them is unpacked.
    if rest.starts_with("checklist/") || (rest.starts_with('.') && !rest.contains('/')) {
        return Some(Kind::Nothing);
    }
    let (folder, file) = rest.split_once('/')?;
    match file {
        "" if is_hex(folder, 2) => Some(Kind::Nothing),
        _ if is_hex(folder, 2) && is_hex(file, 40) && file.starts_with(folder) => Some(Kind::File),
        _ => None,
    }
}

/// Unpacks the filestore; a dump alone has none.
pub(crate) fn unpack(upload: Upload, arrival: &Arrival) -> Result<Counted, StepFailure> {
    let mut counted = Counted::default();
    if upload.content != Content::Zip {
        return Ok(counted);
    }
    let mut archive = upload.archive()?;
    let mut left = upload.most;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unzip)?;
        let name = entry.name().map_err(unzip)?.into_owned();
        if kind(&name) != Some(Kind::File) {
            continue;
        }
        let Some(path) = name.strip_prefix("filestore/") else {
            continue;
        };
        let mut hashing = Hashing {
            from: Bounded { from: entry, left },
            digest: Context::new(&SHA1_FOR_LEGACY_USE_ONLY),
            failed: None,
        };
        let written = arrival.write(path, &mut hashing);
        match hashing.failed {
            Some(ErrorKind::QuotaExceeded) => return Err(bomb()),
            Some(_) => {
                return Err(super::damaged(format!(
                    "The zip is damaged at {path}. Upload it again."
                )));
            }
            None => written?,
        }
        counted.bytes += left - hashing.from.left;
        left = hashing.from.left;
        counted.files += 1;
        let is_named = path.ends_with(&hex::encode(hashing.digest.finish()));
        counted.strange += u64::from(!is_named);
    }
    Ok(counted)
}

struct Hashing<R> {
    from: R,
    digest: Context,
    failed: Option<ErrorKind>,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer);
        match &read {
            Ok(count) => self.digest.update(buffer.get(..*count).unwrap_or_default()),
            Err(error) => self.failed = Some(error.kind()),
        }
        read
    }
}
