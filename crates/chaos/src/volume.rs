//! A small file system of a node's own, so that it can be full without anybody else's being full.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its size; what tenants keep there are some kilobytes, but a node keeps a reserve.
const SIZE: &str = "size=160m";

/// A mounted file system in memory. Dropped, it is unmounted.
pub(crate) struct Volume {
    path: PathBuf,
}

impl Volume {
    /// Mounts one on a folder; nothing where that is not allowed, as in most containers.
    pub(crate) fn mount(path: &Path) -> Result<Option<Self>> {
        fs::create_dir_all(path)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tenantry-chaos"])
            .arg(path)
            .output()
            .context("running mount")?;
        Ok(mounted.status.success().then(|| Self {
            path: path.to_owned(),
        }))
    }

    /// Fills it to the last byte.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut ballast = fs::File::create(self.ballast())?;
        let block = vec![1; 1024 * 1024];
        while ballast.write_all(&block).is_ok() {}
        while ballast.write_all(&[1]).is_ok() {}
        Ok(())
    }

    /// Makes room again.
    pub(crate) fn empty(&self) -> Result<()> {
        Ok(fs::remove_file(self.ballast())?)
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
