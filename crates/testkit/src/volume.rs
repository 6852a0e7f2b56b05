//! A small file system, so that it can be full without anybody else's being full.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

const BLOCK: usize = 64 << 10;

/// A mounted file system in memory. Dropped, it is unmounted.
#[derive(Debug)]
pub struct Volume {
    path: PathBuf,
}

impl Volume {
    /// Mounts one of so many MiB on a folder; nothing where that is not allowed, as in most containers.
    ///
    /// # Errors
    /// When the folder cannot be made, or there is no `mount`.
    pub fn mount(path: &Path, mib: usize) -> io::Result<Option<Self>> {
        fs::create_dir_all(path)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tenantry-tests"])
            .arg(path)
            .output()?;
        Ok(mounted.status.success().then(|| Self {
            path: path.to_owned(),
        }))
    }

    /// Fills it and leaves so many bytes, whole blocks of 64 KiB.
    ///
    /// # Errors
    /// When it fails for another reason than that it is full.
    pub fn fill_but(&self, left: usize) -> io::Result<()> {
        let mut ballast = File::create(self.ballast())?;
        for size in [BLOCK, 1] {
            loop {
                match ballast.write_all(&[1; BLOCK][..size]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        let bytes = ballast.metadata()?.len();
        ballast.set_len(bytes.saturating_sub(left as u64))
    }

    /// Makes room again.
    ///
    /// # Errors
    /// When it was not filled.
    pub fn empty(&self) -> io::Result<()> {
        fs::remove_file(self.ballast())
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // A lazy unmount cannot be refused by what is still open; the machine forgets the rest with its processes.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
