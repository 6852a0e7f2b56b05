//! Uploads: files that come in piece by piece, and can be gone on with after whatever broke. They lie in a folder of the server until
//! a tenant was made of them, or their time is over (ADR 0030).

use crate::{Caller, Control, ControlError, Crowd};
use domain::{Action, FieldErrors, Rule, TransferId, UploadId};
use jiff::SignedDuration;
use serde_json::json;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use store::{Actor, AuditEntry, UploadRecord};
use wire::import::{UploadRequest, UploadView};

/// How long an upload stays.
const LIFE: SignedDuration = SignedDuration::from_hours(72);
/// The largest, in bytes.
const LARGEST: u64 = 1 << 40;
/// How many there are at once.
const AT_ONCE: i64 = 20;
/// Longest name, in characters.
const LONGEST: usize = 200;

/// Where the next piece of an upload goes.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// How large it is to become.
    pub bytes: u64,
}

impl Control {
    /// Takes uploads, into this folder.
    #[must_use]
    pub fn with_uploads(mut self, folder: PathBuf) -> Self {
        self.settings.uploads = Some(folder);
        self
    }

    /// Whether uploads are taken here.
    pub fn takes_uploads(&self) -> bool {
        self.settings.uploads.is_some()
    }

    fn upload_path(&self, id: UploadId) -> Result<PathBuf, ControlError> {
        let folder = self.settings.uploads.as_deref();
        let folder = folder.ok_or(ControlError::Conflict(crate::ConflictReason::NoUploads))?;
        Ok(folder.join(id.to_string()))
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::Crowded`] when there are too many; [`crate::ConflictReason::NoUploads`].
    pub async fn begin_upload(
        &self,
        caller: &Caller,
        request: &UploadRequest,
    ) -> Result<UploadView, ControlError> {
        caller.require(Action::ImportTenant)?;
        let mut errors = FieldErrors::default();
        let bytes = request.bytes.unwrap_or_default();
        if request.bytes.is_none() {
            errors.push("bytes", Rule::Required);
        } else if !(1..=LARGEST).contains(&bytes) {
            let max = i64::try_from(LARGEST).unwrap_or(i64::MAX);
            errors.push("bytes", Rule::Range { min: 1, max });
        }
        let file_name = request.file_name.clone().unwrap_or_default();
        if file_name.chars().count() > LONGEST {
            errors.push("file_name", Rule::Length { min: 0, max: LONGEST });
        } else if file_name.chars().any(char::is_control) {
            errors.push("file_name", Rule::Control);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(caller.actor());
        if scoped.uploads_open(now).await? >= AT_ONCE {
            return Err(ControlError::Crowded(Crowd::Uploads, 600));
        }
        let record = UploadRecord {
            id: UploadId::from_uuid(self.world.uuid()),
            file_name,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            created_by: caller.actor().to_string(),
            created_at: now,
            expires_at: now + LIFE,
            transfer: None,
            is_being_imported: false,
            is_imported: false,
            dropped_at: None,
        };
        let path = self.upload_path(record.id)?;
        make(&path).map_err(unwritten)?;
        let mut unit = scoped.begin().await?;
        unit.insert_upload(&record).await?;
        let subject = record.id.to_string();
        unit.audit(AuditEntry {
            at: now,
            action: "upload.begin",
            subject: &subject,
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: json!({ "file": record.file_name, "bytes": record.bytes }),
        })
        .await?;
        unit.commit().await?;
        Ok(view(&record, 0))
    }

    async fn upload_record(&self, caller: &Caller, id: UploadId) -> Result<UploadRecord, ControlError> {
        caller.require(Action::ImportTenant)?;
        let found = self.store.on_behalf_of(caller.actor()).upload(id).await?;
        let now = self.world.now();
        let found = found.filter(|one| one.dropped_at.is_none() && !one.is_imported && one.expires_at > now);
        found.ok_or(ControlError::NotFound("upload"))
    }

    /// How an upload stands.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], also at a server that does not have its bytes.
    pub async fn upload(&self, caller: &Caller, id: UploadId) -> Result<UploadView, ControlError> {
        let record = self.upload_record(caller, id).await?;
        let there = size(&self.upload_path(id)?)?;
        Ok(view(&record, there))
    }

    /// The uploads of which no tenant was made yet, the newest first; those whose bytes this server does not have are left out.
    ///
    /// # Errors
    /// [`crate::ConflictReason::NoUploads`].
    pub async fn uploads(&self, caller: &Caller) -> Result<Vec<UploadView>, ControlError> {
        caller.require(Action::ImportTenant)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut found = Vec::new();
        for record in scoped.uploads(self.world.now()).await? {
            if let Ok(there) = size(&self.upload_path(record.id)?) {
                found.push(view(&record, there));
            }
        }
        let reach = caller.reach(Action::ImportTenant)?;
        let names = self
            .names(&reach, found.iter().map(|one| one.by.as_str()))
            .await?;
        for one in &mut found {
            one.by_name = names.get(&one.by).cloned();
        }
        Ok(found)
    }

    /// Where the piece that begins at this offset goes.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`crate::ConflictReason::UploadOffset`] when something else is there.
    pub async fn upload_place(
        &self,
        caller: &Caller,
        id: UploadId,
        offset: u64,
    ) -> Result<Place, ControlError> {
        let record = self.upload_record(caller, id).await?;
        let path = self.upload_path(id)?;
        let there = size(&path)?;
        if there != offset || record.is_being_imported {
            return Err(ControlError::Conflict(crate::ConflictReason::UploadOffset(there)));
        }
        Ok(Place {
            path,
            bytes: u64::try_from(record.bytes).unwrap_or_default(),
        })
    }

    /// Gives an upload up.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn drop_upload(&self, caller: &Caller, id: UploadId) -> Result<(), ControlError> {
        let record = self.upload_record(caller, id).await?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.drop_upload(id, now).await?;
        let subject = record.id.to_string();
        unit.audit(AuditEntry {
            at: now,
            action: "upload.drop",
            subject: &subject,
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: json!({ "file": record.file_name }),
        })
        .await?;
        unit.commit().await?;
        remove(&self.upload_path(id)?);
        Ok(())
    }

    /// The file that a node fetches by this transfer, if it is one of an upload's.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] at a server that does not have its bytes.
    pub async fn upload_of_transfer(&self, transfer: TransferId) -> Result<Option<PathBuf>, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        match scoped.upload_of_transfer(transfer).await? {
            Some(id) => {
                let path = self.upload_path(id)?;
                size(&path)?;
                Ok(Some(path))
            }
            None => Ok(None),
        }
    }

    /// The upload, if all of it is there, with its SHA-256.
    pub(crate) async fn whole_upload(
        &self,
        caller: &Caller,
        id: UploadId,
    ) -> Result<(UploadRecord, String), ControlError> {
        let record = self.upload_record(caller, id).await?;
        let path = self.upload_path(id)?;
        let there = size(&path)?;
        if i64::try_from(there) != Ok(record.bytes) {
            return Err(ControlError::Conflict(crate::ConflictReason::UploadOffset(there)));
        }
        let digest = tokio::task::spawn_blocking(move || digest(&path)).await;
        let digest = digest.map_err(ControlError::internal)?;
        Ok((record, digest.map_err(ControlError::internal)?))
    }

    /// Removes the files of uploads that nobody wants any more; gives how many. Each server does this in its own folder.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn clear_uploads(&self) -> Result<usize, ControlError> {
        let Some(folder) = &self.settings.uploads else {
            return Ok(0);
        };
        let scoped = self.store.on_behalf_of(Actor::System);
        let (now, mut cleared) = (self.world.now(), 0);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Some(id) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<UploadId>().ok())
            else {
                continue;
            };
            let record = scoped.upload(id).await?;
            let is_wanted = record.is_some_and(|one| {
                one.is_being_imported
                    || (one.dropped_at.is_none() && !one.is_imported && one.expires_at > now)
            });
            if !is_wanted {
                remove(&entry.path());
                cleared += 1;
            }
        }
        Ok(cleared)
    }
}

fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    Ok(())
}

/// What it means that something cannot be written.
fn unwritten(error: io::Error) -> ControlError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ControlError::DiskFull,
        _ => ControlError::internal(error),
    }
}

fn size(path: &Path) -> Result<u64, ControlError> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ControlError::NotFound("upload")),
        Err(error) => Err(ControlError::internal(error)),
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "an upload was not removed");
    }
}

fn digest(path: &Path) -> io::Result<String> {
    use sha2::{Digest as _, Sha256};
    let mut digest = Sha256::new();
    let (mut file, mut piece) = (fs::File::open(path)?, vec![0; 1 << 20]);
    loop {
        let count = io::Read::read(&mut file, &mut piece)?;
        if count == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(piece.get(..count).unwrap_or_default());
    }
}

fn view(record: &UploadRecord, offset: u64) -> UploadView {
    UploadView {
        id: record.id.to_string(),
        file_name: record.file_name.clone(),
        bytes: u64::try_from(record.bytes).unwrap_or_default(),
        offset,
        by: record.created_by.clone(),
        by_name: None,
        importing: record.is_being_imported,
        created_at: record.created_at,
        expires_at: record.expires_at,
    }
}
