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
/// [`Code::StoreRefused`] for another node's.
pub(crate) fn claim(folder: &Path, node: &str) -> Result<(), StepFailure> {
    let path = folder.join(FILE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(NodeError::file("read", &path))?,
    };
    let mut lines = text.lines();
    match lines.next().unwrap_or_default() {
        "" => {
            take(&path, node);
            Ok(())
        }
        owner if owner == node => Ok(()),
        _ => Err(another_s(folder, lines.next().unwrap_or_default())),
    }
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
    let half = path.with_extension("half");
    let mut file = File::create(&half).map_err(NodeError::file("make", &half))?;
    let written = writeln!(file, "{node}\n{}", machine.trim()).and_then(|()| file.sync_all());
    written.map_err(NodeError::file("write", &half))?;
    fs::rename(&half, path).map_err(NodeError::file("rename", &half))
}

fn another_s(folder: &Path, machine: &str) -> StepFailure {
    let machine = match machine {
        "" => String::new(),
        machine => format!(", the one on {machine}"),
    };
    StepFailure::new(
        Code::StoreRefused,
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
        assert_eq!(failure.code, Code::StoreRefused);
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
