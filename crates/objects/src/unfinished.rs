//! What a process that was killed left: objects that were being written, and folders without any.

use crate::Objects;
use crate::error::ObjectsError;
use std::fs;
use std::io;
use std::path::Path;

impl Objects {
    /// Removes what was never finished below a name: in a folder what was being written, where nobody may write meanwhile; in a
    /// bucket the parts that were sent of objects that `is_over` says of, by their names.
    ///
    /// # Errors
    /// [`ObjectsError`] when the folder cannot be read or written, or what the bucket refused.
    pub async fn clear_unfinished(
        &self,
        below: &str,
        is_over: impl Fn(&str) -> bool,
    ) -> Result<(), ObjectsError> {
        if let Some(bucket) = &self.bucket {
            let strip = self.strip();
            let is_over = |key: &str| is_over(key.get(strip..).unwrap_or_default());
            return bucket.give_up_uploads(&self.path(below), is_over).await;
        }
        let Some(root) = &self.root else { return Ok(()) };
        let folder = root.join(below);
        let cleared = tokio::task::spawn_blocking(move || clear(&folder)).await;
        let source = match cleared {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error,
            Err(error) => io::Error::other(error),
        };
        let source = object_store::Error::Generic {
            store: "folder",
            source: Box::new(source),
        };
        Err(ObjectsError::new(below, source))
    }
}

/// Clears a folder; whether nothing is left of it.
fn clear(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        entries => entries?,
    };
    let mut is_empty = true;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            is_empty &= clear(&path)?;
        } else if is_unfinished(&path) {
            fs::remove_file(&path)?;
        } else {
            is_empty = false;
        }
    }
    if is_empty {
        fs::remove_dir(folder)?;
    }
    Ok(is_empty)
}

/// Objects are written beside their place, with a number after a `#`.
fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let number = name.as_ref().and_then(|name| name.rsplit_once('#'));
    number.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
