//! Folders, logs and replaced files, made so that nobody else's file is followed, changed or given away.

use crate::account::Account;
use rustix::fs::OFlags;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown};
use std::path::Path;

/// How much of a log an error shows at most.
const TAIL_BYTES: u64 = 4096;
const TAIL_LINES: usize = 15;

/// `O_NOFOLLOW`: a link planted where we are about to write as root is refused.
fn no_follow() -> i32 {
    OFlags::NOFOLLOW.bits().cast_signed()
}

/// A folder that only this account may enter, with its parents. A folder that holds something is left as it is.
pub(crate) fn private_folder(path: &Path, account: &Account) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // Empty, private and ours: just made, or made by a start that was interrupted before this line.
    let metadata = fs::symlink_metadata(path)?;
    let just_made = metadata.is_dir()
        && metadata.mode() & 0o777 == 0o700
        && metadata.uid() == rustix::process::geteuid().as_raw()
        && fs::read_dir(path)?.next().is_none();
    if just_made && metadata.uid() != account.uid {
        chown(path, Some(account.uid), Some(account.gid))?;
    }
    Ok(())
}

/// Opens a log to append to: mode 640, owned by the account that writes it.
pub(crate) fn open_log(path: &Path, account: Option<&Account>) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o640)
        .custom_flags(no_follow())
        .open(path)?;
    if let Some(account) = account {
        let metadata = file.metadata()?;
        if metadata.uid() != account.uid {
            fchown(&file, Some(account.uid), Some(account.gid))?;
        }
    }
    Ok(file)
}

/// The last lines that were appended to a log after it had this length.
pub(crate) fn tail(path: &Path, since: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    // A log that was cut in between is shown from its end as well.
    let from = if since > length { 0 } else { since };
    file.seek(SeekFrom::Start(from.max(length.saturating_sub(TAIL_BYTES))))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"))
}

/// The length of a file; 0 when it is not there.
pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Writes a file with this mode and owner, in whole or not at all: readers see the old or the new one.
/// It is not flushed; after a crash of the machine it may be missing or empty.
pub(crate) fn replace(path: &Path, text: &str, mode: u32, account: Option<&Account>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    remove_if_there(&fresh)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(no_follow())
        .open(&fresh)?;
    // Whatever the umask took away.
    file.set_permissions(Permissions::from_mode(mode))?;
    if let Some(account) = account.filter(|account| account.uid != rustix::process::geteuid().as_raw()) {
        fchown(&file, Some(account.uid), Some(account.gid))?;
    }
    file.write_all(text.as_bytes())?;
    fs::rename(&fresh, path)
}

/// Removes a file; there being none is fine.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_starts_where_this_run_started() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "old\n").unwrap();
        let since = length(&log);
        let lines: String = (0..40).map(|number| format!("line {number}\n")).collect();
        fs::write(&log, format!("old\n{lines}")).unwrap();
        let tail = tail(&log, since).unwrap();
        assert!(
            tail.starts_with("line 25\n") && tail.ends_with("line 39"),
            "{tail}"
        );
    }

    #[test]
    fn a_link_in_place_of_a_log_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "").unwrap();
        let log = folder.path().join("log");
        std::os::unix::fs::symlink(&victim, &log).unwrap();
        assert!(open_log(&log, None).is_err());
    }
}
