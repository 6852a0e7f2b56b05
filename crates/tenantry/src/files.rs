//! Files that are either whole or not there, and secret ones that nobody else may read.

use anyhow::{Context as _, Result};
use cluster::Account;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::path::Path;

/// Writes a file with this mode and owner: first beside its place, then moved there, so that it is never half.
pub(crate) fn write(path: &Path, text: &str, mode: u32, owner: &Account) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    let written = || -> std::io::Result<()> {
        // A file that a killed run left may have another mode.
        if beside.exists() {
            fs::remove_file(beside)?;
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if Account::current().is_root() {
            chown(beside, Some(owner.uid), Some(owner.gid))?;
        }
        fs::rename(beside, path)
    };
    written().with_context(|| format!("writing {}", path.display()))
}

/// Makes a folder, with those above it, of this mode and owner.
pub(crate) fn folder(path: &Path, mode: u32, owner: &Account) -> Result<()> {
    let made = || -> std::io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(mode).create(path)?;
        let metadata = fs::metadata(path)?;
        if metadata.permissions().mode() & 0o7777 != mode {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        }
        if Account::current().is_root() && (metadata.uid(), metadata.gid()) != (owner.uid, owner.gid) {
            chown(path, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(())
    };
    made().with_context(|| format!("making the folder {}", path.display()))
}

/// Reads a text file; nothing when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}
