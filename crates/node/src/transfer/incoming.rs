//! Reads a tenant from a stream.

use crate::error::{Code, NodeError, StepFailure};
use crate::filestore::{Arrival, Listed};
use crate::transfer::broken;
use crate::transfer::content::Head;
use crate::transfer::seal::Sealed;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use tar::Archive;
use wire::transfer::Passed;

/// The longest head and the longest manifest that are read.
const LONGEST_HEAD: u64 = 1 << 20;
const LONGEST_MANIFEST: u64 = 1 << 30;

/// What came.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) head: Head,
    pub(crate) manifest: Vec<Listed>,
    pub(crate) passed: Passed,
}

/// Reads a stream to its end: the dump goes to `pg_restore`, files into their folder. `prepare` is asked once the head was
/// read, before any piece of the dump is passed on.
pub(crate) fn read(
    from: impl Read,
    mut dump: Option<File>,
    files: &Arrival,
    prepare: impl FnOnce(&Head) -> Result<(), StepFailure>,
) -> Result<Taken, StepFailure> {
    let mut sealed = Sealed::new(from);
    let mut taken = Taken::default();
    let mut prepare = Some(prepare);
    {
        let mut archive = Archive::new(BufReader::with_capacity(64 << 10, &mut sealed));
        for entry in archive.entries().map_err(cut)? {
            let mut entry = entry.map_err(cut)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            match name.split_once('/') {
                None if name == "head.json" => {
                    taken.head = read_head(&mut entry)?;
                    if let Some(prepare) = prepare.take() {
                        prepare(&taken.head)?;
                    }
                }
                _ if prepare.is_some() => return Err(strange(&name)),
                Some(("database", _)) => {
                    let Some(to) = &mut dump else {
                        return Err(strange(&name));
                    };
                    io::copy(&mut entry, to).map_err(cut)?;
                }
                Some(("files", path)) => {
                    // pg_restore goes on by itself as soon as it has everything.
                    dump = None;
                    files.write(path, &mut entry)?;
                    taken.passed.files += 1;
                }
                None if name == "manifest" => {
                    dump = None;
                    taken.manifest = read_manifest(&mut entry)?;
                }
                _ => return Err(strange(&name)),
            }
        }
    }
    drop(dump);
    let (sha256, bytes) = sealed.finish().map_err(cut)?;
    (taken.passed.sha256, taken.passed.bytes) = (sha256, bytes);
    taken.passed.rows = taken.head.sum();
    Ok(taken)
}

fn read_head(entry: &mut impl Read) -> Result<Head, StepFailure> {
    let mut text = Vec::new();
    entry.take(LONGEST_HEAD).read_to_end(&mut text).map_err(cut)?;
    serde_json::from_slice(&text).map_err(|_| strange("head.json"))
}

fn read_manifest(entry: &mut impl Read) -> Result<Vec<Listed>, StepFailure> {
    let mut text = String::new();
    entry
        .take(LONGEST_MANIFEST)
        .read_to_string(&mut text)
        .map_err(cut)?;
    let line = |line: &str| {
        let (bytes, path) = line.split_once(' ')?;
        Some(Listed::sent(path, bytes.parse().ok()?))
    };
    text.lines()
        .map(|text| line(text).ok_or_else(|| strange("manifest")))
        .collect()
}

fn strange(name: &str) -> StepFailure {
    let name: String = name.chars().take(80).collect();
    StepFailure::new(
        Code::CheckFailed,
        format!("The stream holds what it should not: {name:?}."),
    )
}

/// The line, or the program that takes the dump; who called knows which of them spoke first.
fn cut(source: io::Error) -> StepFailure {
    let words = match source.kind() {
        ErrorKind::InvalidData => "What came is not what was sent.",
        _ => "The stream was cut before its end.",
    };
    broken(words, Some(NodeError::Stream { source }))
}
