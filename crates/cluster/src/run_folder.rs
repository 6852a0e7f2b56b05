//! The folder where a supervisor notes what it started: held by one supervisor at a time.

use crate::account::Account;
use crate::error::ChildError;
use crate::files;
use crate::pid_file::PidFile;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the lock is waited for: a child that is being forked holds a copy until it has become its program,
/// and a supervisor that was dropped holds it until its children are gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the lock is tried.
const LOOK: Duration = Duration::from_millis(25);

/// A run folder that is ours.
pub(crate) struct RunFolder {
    path: PathBuf,
    lock: Arc<File>,
}

impl RunFolder {
    /// Takes the folder, made if need be, and ends the children that are noted there.
    ///
    /// # Errors
    /// When the folder cannot be used, or another live supervisor holds it.
    pub(crate) async fn open(path: &Path) -> Result<Self, ChildError> {
        let error = |action| {
            move |source| ChildError::File {
                action,
                path: path.to_owned(),
                source,
            }
        };
        files::private_folder(path, &Account::current()).map_err(error("make"))?;
        let lock = Arc::new(lock(path).await?);
        for entry in fs::read_dir(path).map_err(error("read"))? {
            let path = entry.map_err(error("read"))?.path();
            if path.extension().is_some_and(|extension| extension == "pid") {
                PidFile::new(path).end_leftover().await.map_err(error("clear"))?;
            }
        }
        Ok(Self {
            path: path.to_owned(),
            lock,
        })
    }

    /// The note for a child of this name.
    pub(crate) fn pid_file(&self, name: &str) -> PidFile {
        PidFile::new(self.path.join(format!("{name}.pid")))
    }

    /// A share of the lock, for whoever keeps a child: the folder stays ours until the last child is gone.
    pub(crate) fn lock(&self) -> Arc<File> {
        Arc::clone(&self.lock)
    }
}

/// The lock goes with the process however it dies; children do not inherit it.
async fn lock(run_dir: &Path) -> Result<File, ChildError> {
    let path = run_dir.join("lock");
    let error = |source| ChildError::File {
        action: "lock",
        path: path.clone(),
        source,
    };
    let file = File::create(&path).map_err(error)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(error(source)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(ChildError::InUse {
                    folder: run_dir.to_owned(),
                });
            }
            Err(TryLockError::WouldBlock) => sleep(LOOK).await,
        }
    }
}
