//! The node's credential, and the one that is to follow it. Both are on disk before the server hears of the second, so
//! that neither a lost answer nor a crash locks the node out.

use crate::error::NodeError;
use crate::random;
use crate::settings::ServerAccess;
use aws_lc_rs::digest;
use domain::Secret;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What the file holds.
#[derive(Clone, Deserialize, Serialize)]
struct Kept {
    /// SHA-256 of the credential that the node was configured with: after another enrolment the file is over.
    configured: String,
    current: String,
    next: Option<String>,
}

/// The credentials of this node.
pub(crate) struct Credentials {
    file: Option<PathBuf>,
    kept: Mutex<Kept>,
}

impl Credentials {
    /// Reads what was kept; the configured credential where nothing was.
    pub(crate) fn open(access: &ServerAccess) -> Result<Self, NodeError> {
        let configured = sha256(access.credential.expose());
        let found = match &access.credential_file {
            Some(path) => read(path)?,
            None => None,
        };
        let kept = found
            .filter(|kept| kept.configured == configured)
            .unwrap_or_else(|| Kept {
                configured,
                current: access.credential.expose().clone(),
                next: None,
            });
        Ok(Self {
            file: access.credential_file.clone(),
            kept: Mutex::new(kept),
        })
    }

    /// The one that was in force when the node last knew.
    pub(crate) fn current(&self) -> Secret<String> {
        Secret::new(self.now().current)
    }

    /// The one that follows, when the server may know of it.
    pub(crate) fn next(&self) -> Option<Secret<String>> {
        self.now().next.map(Secret::new)
    }

    /// The SHA-256 of the one that follows; it is made and kept when there is none. Nothing where none can be kept.
    pub(crate) fn offer(&self) -> Result<Option<String>, NodeError> {
        if self.file.is_none() {
            return Ok(None);
        }
        let mut kept = self.now();
        let next = match kept.next.take() {
            Some(next) => next,
            None => format!("tnn_{}", hex::encode(random::bytes::<32>())),
        };
        let hash = sha256(&next);
        kept.next = Some(next);
        self.keep(kept)?;
        Ok(Some(hash))
    }

    /// Notes that the server took this one.
    pub(crate) fn settle(&self, used: &Secret<String>) -> Result<(), NodeError> {
        let mut kept = self.now();
        if kept.next.as_ref() != Some(used.expose()) {
            return Ok(());
        }
        kept.current = used.expose().clone();
        kept.next = None;
        self.keep(kept)
    }

    fn now(&self) -> Kept {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, kept: Kept) -> Result<(), NodeError> {
        let mut now = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.file {
            write(path, &kept)?;
        }
        *now = kept;
        Ok(())
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(text: impl AsRef<[u8]>) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_ref()))
}

fn read(path: &Path) -> Result<Option<Kept>, NodeError> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(NodeError::file("read", path))?,
    };
    let kept = serde_json::from_slice(&text).map_err(|_| NodeError::Record {
        what: "its credential".to_owned(),
    })?;
    Ok(Some(kept))
}

fn write(path: &Path, kept: &Kept) -> Result<(), NodeError> {
    let text = serde_json::to_vec(kept).unwrap_or_default();
    let half = path.with_extension("half");
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(&half).map_err(NodeError::file("write", &half))?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .map_err(NodeError::file("write", &half))?;
    fs::rename(&half, path).map_err(NodeError::file("rename", &half))?;
    let folder = path.parent().unwrap_or(path);
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(NodeError::file("sync", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(folder: &Path, credential: &str) -> ServerAccess {
        ServerAccess {
            server: "http://127.0.0.1:1".parse().unwrap(),
            node: domain::NodeId::from_uuid(uuid::Uuid::nil()),
            credential: Secret::new(credential.to_owned()),
            server_key: None,
            credential_file: Some(folder.join("credential.json")),
        }
    }

    #[test]
    fn what_follows_survives_a_crash_at_any_moment() {
        let folder = tempfile::tempdir().unwrap();
        let access = access(folder.path(), "first");
        let before = Credentials::open(&access).unwrap();
        let offered = before.offer().unwrap();
        // Offered again, it is the same one: the answer to the first offer may have been lost.
        assert_eq!(before.offer().unwrap(), offered);
        let again = Credentials::open(&access).unwrap();
        let next = again.next().unwrap();
        assert_eq!(Some(sha256(next.expose())), offered);
        assert_eq!(again.current().expose(), "first");
        again.settle(&next).unwrap();
        let settled = Credentials::open(&access).unwrap();
        assert!(settled.next().is_none());
        assert_eq!(settled.current().expose(), next.expose());
    }

    #[test]
    fn another_enrolment_ends_what_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = Credentials::open(&access(folder.path(), "first")).unwrap();
        first.offer().unwrap();
        let second = Credentials::open(&access(folder.path(), "second")).unwrap();
        assert_eq!(second.current().expose(), "second");
        assert!(second.next().is_none());
    }
}
