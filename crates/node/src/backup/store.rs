//! A store of backups as the orders see it: what it refuses is said in words for people.

use crate::backup::owner;
use crate::error::{Code, NodeError, StepFailure};
use crate::room::Room;
use crate::transfer::BUFFER;
use crate::transfer::bridge::Bridge;
use objects::{Listed, Objects, ObjectsError, S3, Trouble, Written};
use std::fs;
use tokio::io::{AsyncRead, DuplexStream};
use wire::Plaintext;
use wire::backup::{BackupKeys, StoreAccess};

/// An open store.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    objects: Objects,
}

impl Store {
    /// Opens a store. An S3 store is not asked yet.
    ///
    /// # Errors
    /// [`Code::StoreOfAnother`] for a folder that is another node's.
    pub(crate) fn open(room: &Room, access: &StoreAccess, keys: &BackupKeys) -> Result<Self, StepFailure> {
        let objects = match access {
            StoreAccess::Folder => {
                let folder = &room.settings.backups_dir;
                fs::create_dir_all(folder).map_err(NodeError::file("make", folder))?;
                owner::claim(folder, &room.journal.identity)?;
                Objects::folder(folder)
            }
            StoreAccess::S3(s3) => Objects::s3(&S3 {
                endpoint: s3.endpoint.clone(),
                region: s3.region.clone(),
                bucket: s3.bucket.clone(),
                prefix: s3.prefix.clone(),
                path_style: s3.path_style,
                storage_class: s3.storage_class.clone(),
                access_key: s3.access_key.clone(),
                secret_key: keys.secret_key.clone().unwrap_or_default(),
            }),
        };
        Ok(Self {
            objects: objects.map_err(words)?,
        })
    }

    pub(crate) async fn put(&self, name: &str, content: Vec<u8>) -> Result<(), StepFailure> {
        self.objects.put(name, content).await.map_err(words)
    }

    pub(crate) async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, StepFailure> {
        self.objects.get(name, most).await.map_err(words)
    }

    pub(crate) async fn list(&self, below: &str) -> Result<Vec<Listed>, StepFailure> {
        self.objects.list(below).await.map_err(words)
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), StepFailure> {
        self.objects.remove(name).await.map_err(words)
    }

    /// Removes what a process that was killed left unfinished, of these objects in a bucket. Keys that may not look for uploads, and
    /// stores that know of none, leave that to the bucket's own rules.
    pub(crate) async fn clear_unfinished(
        &self,
        below: &str,
        is_over: impl Fn(&str) -> bool,
    ) -> Result<(), StepFailure> {
        match self.objects.clear_unfinished(below, is_over).await {
            Err(error) if matches!(error.trouble, Trouble::Denied | Trouble::Refused) => {
                tracing::info!(
                    error = crate::error::chain(&error),
                    "unfinished uploads are left to the bucket"
                );
                Ok(())
            }
            cleared => cleared.map_err(words),
        }
    }

    /// Locks an object until then.
    pub(crate) async fn lock(&self, name: &str, until: &str) -> Result<(), StepFailure> {
        self.objects.lock(name, until).await.map_err(words)
    }

    pub(crate) async fn read(
        &self,
        name: &str,
    ) -> Result<impl AsyncRead + Send + Unpin + use<>, StepFailure> {
        self.objects.read(name).await.map_err(words)
    }

    /// Writes an object with what `work` writes on a thread of its own. There is none when either of them fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        room: &Room,
        name: &str,
        work: impl FnOnce(Bridge<DuplexStream>) -> Result<T, StepFailure> + Send + 'static,
    ) -> Result<(T, Written), StepFailure> {
        let (near, far) = tokio::io::duplex(BUFFER);
        let near = Bridge::new(near);
        let (written, worked) =
            tokio::join!(self.objects.write(name, far), room.blocking(move || work(near)));
        match (written, worked) {
            (Ok(written), Ok(worked)) => Ok((worked, written)),
            // Its end looked like the stream's end.
            (Ok(_), Err(failure)) => {
                let _ = self.objects.remove(name).await;
                Err(failure)
            }
            // Whoever writes then only meets a closed pipe.
            (Err(error), _) => Err(words(error)),
        }
    }
}

/// Reads what opens a store and its backups.
pub(crate) fn keys(sent: Option<&Plaintext>) -> Result<BackupKeys, StepFailure> {
    let keys = sent.and_then(|sent| serde_json::from_str(sent.expose()).ok());
    keys.ok_or_else(|| StepFailure::new(Code::BackupKeyWrong, "The order came without its keys."))
}

fn words(error: ObjectsError) -> StepFailure {
    let said = error.detail();
    let said = match said.is_empty() {
        true => String::new(),
        false => format!(" It said: {said}"),
    };
    let (code, what) = match error.trouble {
        Trouble::Away => (
            Code::StoreAway,
            "The store of backups does not answer, or the line was cut. Look whether it runs and can be reached from the node.",
        ),
        Trouble::Denied => (
            Code::StoreDenied,
            "The store of backups does not take the credentials for this. Look at its keys and at what they may do.",
        ),
        Trouble::Full => (
            Code::StoreFull,
            "The store of backups has no room left. Free some space, or keep fewer backups.",
        ),
        Trouble::Missing => (Code::BackupMissing, "The store has no such object or bucket."),
        Trouble::Refused => (Code::StoreRefused, "The store of backups refused a request."),
    };
    tracing::info!(error = crate::error::chain(&error), "a store of backups refused");
    StepFailure::new(code, format!("{what}{said}"))
}
