//! Where backups are kept: a folder of this machine, or a store that speaks S3. It knows nothing of what it keeps.
//!
//! An object is written as a stream and is there whole or not at all: a folder renames it into place once it is on disk, S3 puts
//! the parts together at the end. What was cut off leaves no object, and its parts are given up.

mod bucket;
mod error;
mod make;
mod stream;
mod unfinished;

pub use error::{ObjectsError, Trouble};
pub use make::S3;
pub use stream::Written;

use crate::bucket::Bucket;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{Attributes, ObjectStore, ObjectStoreExt, PutOptions};
use std::path::PathBuf;
use std::sync::Arc;

/// A place where objects are kept. Cheap to clone; all clones are the same place.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    attributes: Attributes,
    /// The folder, where it is one of this machine.
    root: Option<PathBuf>,
    /// The bucket, where it is one.
    bucket: Option<Arc<Bucket>>,
}

/// An object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name below the place's prefix.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Objects {
    fn path(&self, name: &str) -> Path {
        match self.prefix.as_ref() {
            "" => Path::from(name),
            prefix => Path::from(format!("{prefix}/{name}")),
        }
    }

    /// How much of an object's path is the prefix.
    fn strip(&self) -> usize {
        match self.prefix.as_ref() {
            "" => 0,
            prefix => prefix.len() + 1,
        }
    }

    fn trouble<'a>(&self, name: &'a str) -> impl FnOnce(object_store::Error) -> ObjectsError + use<'a> {
        move |source| ObjectsError::new(name, source)
    }

    /// Puts a small object, in one piece.
    ///
    /// # Errors
    /// [`ObjectsError`] with what the place refused.
    pub async fn put(&self, name: &str, content: Vec<u8>) -> Result<(), ObjectsError> {
        let options = PutOptions::from(self.attributes.clone());
        let put = self
            .store
            .put_opts(&self.path(name), content.into(), options)
            .await;
        put.map(drop).map_err(self.trouble(name))
    }

    /// Reads a small object whole; nothing when there is none.
    ///
    /// # Errors
    /// [`ObjectsError`], also for one of more bytes than `most`.
    pub async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, ObjectsError> {
        let found = match self.store.get(&self.path(name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(self.trouble(name))?,
        };
        if found.meta.size > most {
            return Err(ObjectsError::too_large(name));
        }
        let bytes = found.bytes().await.map_err(self.trouble(name))?;
        Ok(Some(bytes.into()))
    }

    /// The objects below a name, in no order.
    ///
    /// # Errors
    /// [`ObjectsError`].
    pub async fn list(&self, below: &str) -> Result<Vec<Listed>, ObjectsError> {
        let path = self.path(below);
        let strip = self.strip();
        let listed = self.store.list(Some(&path)).map_ok(|meta| Listed {
            name: meta.location.as_ref().get(strip..).unwrap_or_default().to_owned(),
            bytes: meta.size,
        });
        listed.try_collect().await.map_err(self.trouble(below))
    }

    /// Locks an object until then, a time in the form of RFC 3339: nobody can remove or replace it before. Only a bucket that was
    /// made for it can.
    ///
    /// # Errors
    /// [`ObjectsError`], also for a folder.
    pub async fn lock(&self, name: &str, until: &str) -> Result<(), ObjectsError> {
        match &self.bucket {
            Some(bucket) => bucket.lock(&self.path(name), until).await,
            None => Err(ObjectsError::odd(name, "a folder locks nothing")),
        }
    }

    /// Until when an object is locked, in the form of RFC 3339; nothing if it is not.
    ///
    /// # Errors
    /// [`ObjectsError`].
    pub async fn locked_until(&self, name: &str) -> Result<Option<String>, ObjectsError> {
        match &self.bucket {
            Some(bucket) => bucket.locked_until(&self.path(name)).await,
            None => Ok(None),
        }
    }

    /// Removes an object; one that is not there is removed.
    ///
    /// # Errors
    /// [`ObjectsError`].
    pub async fn remove(&self, name: &str) -> Result<(), ObjectsError> {
        match self.store.delete(&self.path(name)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            removed => removed.map_err(self.trouble(name)),
        }
    }
}
