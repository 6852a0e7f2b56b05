//! Whose a folder of backups is. Two nodes that were told one and the same would forget each other's backups, because each is told
//! only of its own what is to stay. So a folder says whose it is, and no other node uses it.

use crate::error::{Code, NodeError, StepFailure, chain};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The file that says it: the node, and for people the machine that it was on. Objects lie in folders beside it.
const FILE: &str = ".tenantry-node";
const MACHINE: &str = "/proc/sys/kernel/hostname";

/// Makes sure that the folder is this node's. One that is nobody's becomes so.
///
/// # Errors
/// [`Code::StoreOfAnother`] for another node's.
pub(crate) fn claim(folder: &Path, node: &str) -> Result<(), StepFailure> {
    let path = folder.join(FILE);
    if owner_of(&path)?.is_none() {
        take(&path, node);
    }
    match owner_of(&path)? {
        Some((owner, machine)) if owner != node => Err(another_s(folder, &machine)),
        _ => Ok(()),
    }
}

/// The node, and the machine that it was on; nothing while it is nobody's, or a power cut left an empty file.
fn owner_of(path: &Path) -> Result<Option<(String, String)>, NodeError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(NodeError::file("read", path))?,
    };
    let mut lines = text.lines();
    let owner = lines.next().filter(|owner| !owner.is_empty());
    Ok(owner.map(|owner| (owner.to_owned(), lines.next().unwrap_or_default().to_owned())))
}

/// Writes down whose it is. Where that cannot be written, no backup can either, but what is there can be read and forgotten.
fn take(path: &Path, node: &str) {
    if let Err(error) = write(path, node) {
        tracing::warn!(
            error = chain(&error),
            "the folder of backups does not say whose it is"
        );
    }
}

fn write(path: &Path, node: &str) -> Result<(), NodeError> {
    let machine = fs::read_to_string(MACHINE).unwrap_or_default();
    let half = path.with_extension(std::process::id().to_string());
    let mut file = File::create(&half).map_err(NodeError::file("make", &half))?;
    let written = writeln!(file, "{node}\n{}", machine.trim()).and_then(|()| file.sync_all());
    written.map_err(NodeError::file("write", &half))?;
    // A link takes nothing's place: of two nodes that come at once, one is the first.
    let is_taken = fs::hard_link(&half, path).is_ok() || owner_of(path)?.is_some();
    match is_taken {
        true => fs::remove_file(&half).map_err(NodeError::file("remove", &half)),
        false => fs::rename(&half, path).map_err(NodeError::file("rename", &half)),
    }
}

fn another_s(folder: &Path, machine: &str) -> StepFailure {
    let machine = match machine {
        "" => String::new(),
        machine => format!(", the one on {machine}"),
    };
    StepFailure::new(
        Code::StoreOfAnother,
        format!(
            "{folder} holds the backups of another node{machine}. In one folder, two nodes would forget each other's backups: \
             give this node a folder of its own. If the other node is gone for good, remove {file} and try again.",
            folder = folder.display(),
            file = folder.join(FILE).display(),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_first_node_s_until_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let claim = |node| claim(folder.path(), node);
        claim("one").unwrap();
        claim("one").unwrap();
        let failure = claim("other").unwrap_err();
        assert_eq!(failure.code, Code::StoreOfAnother);
        let file = folder.path().join(FILE);
        assert!(
            failure.detail.contains(&file.display().to_string()),
            "{}",
            failure.detail
        );
        claim("one").unwrap();
        // As a power cut may leave it.
        fs::write(&file, "").unwrap();
        claim("other").unwrap();
        claim("one").unwrap_err();
    }
}
