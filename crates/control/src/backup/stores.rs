//! Stores of backups: a folder of each node, and buckets.

use crate::backup::store_sealed_for;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::backup::Retention;
use domain::{Action, FieldErrors, Rule, StoreName};
use store::{AuditEntry, BackupStoreRecord, Unit};
use wire::backup::{S3Access, StoreAccess};
use wire::backups::{PutStore, RetentionView, StoreView};

/// How many backups stay where nobody said it.
const USUAL: Retention = Retention {
    last: 1,
    days: 7,
    weeks: 4,
    months: 3,
    years: 0,
};
const LONGEST: usize = 255;
/// The most days that objects are locked for: nobody can take a lock back.
const LONGEST_LOCK: i64 = 366;

impl Control {
    /// The stores.
    ///
    /// # Errors
    /// As for any request.
    pub async fn backup_stores(&self, caller: &Caller) -> Result<Vec<StoreView>, ControlError> {
        caller.require(Action::ReadBackupStores)?;
        let stores = self.store.on_behalf_of(caller.actor()).backup_stores().await?;
        Ok(stores.into_iter().map(view).collect())
    }

    /// Adds a store of this name, or changes the one that has it. What is not said stays as it is.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] with every field that broke a rule.
    pub async fn put_backup_store(
        &self,
        caller: &Caller,
        name: &StoreName,
        request: &PutStore,
    ) -> Result<StoreView, ControlError> {
        caller.require(Action::ChangeBackupStores)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = scoped.backup_stores().await?;
        let found = found.into_iter().find(|store| store.name == name.as_str());
        let store = self.store_of(caller, name, request, found)?;
        let mut unit = scoped.begin().await?;
        unit.put_backup_store(&store, self.world.now()).await?;
        self.note_store(&mut unit, caller, "backup-store.set", &store)
            .await?;
        unit.commit().await?;
        Ok(view(store))
    }

    fn store_of(
        &self,
        caller: &Caller,
        name: &StoreName,
        request: &PutStore,
        found: Option<BackupStoreRecord>,
    ) -> Result<BackupStoreRecord, ControlError> {
        let mut errors = FieldErrors::default();
        let was = found.as_ref().map(|store| kind_of(&store.access));
        let kind = request.kind.as_deref().or(was);
        match (kind, was) {
            (None, _) => errors.push("kind", Rule::Required),
            (Some("folder" | "s3"), None) => {}
            (Some(kind), Some(was)) if kind == was => {}
            (_, was) => errors.push(
                "kind",
                Rule::OneOf {
                    allowed: was.unwrap_or("folder, s3").to_owned(),
                },
            ),
        }
        let access = match kind {
            Some("s3") => s3_of(request, found.as_ref().map(|store| &store.access), &mut errors),
            _ => StoreAccess::Folder,
        };
        if let Some(found) = found.as_ref().filter(|found| found.backups > 0) {
            stays_there(&found.access, &access, &mut errors);
        }
        let is_s3 = matches!(access, StoreAccess::S3(_));
        let old = found.as_ref().and_then(|store| store.sealed.clone());
        if is_s3 && request.secret_key.is_none() && old.is_none() {
            errors.push("secret_key", Rule::Required);
        }
        let retention = retention_of(request, found.as_ref(), &mut errors);
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let id = found.as_ref().map_or_else(|| self.world.uuid(), |store| store.id);
        let sealed = match &request.secret_key {
            Some(secret) if is_s3 => Some(self.server_key.seal(
                secret.expose(),
                &store_sealed_for(id),
                self.world.bytes(),
            )?),
            _ => old,
        };
        let was_scheduled = found.as_ref().is_none_or(|store| store.is_scheduled);
        Ok(BackupStoreRecord {
            id,
            name: name.to_string(),
            access,
            sealed,
            is_scheduled: request.scheduled.unwrap_or(was_scheduled),
            retention,
            created_at: found
                .as_ref()
                .map_or_else(|| self.world.now(), |store| store.created_at),
            created_by: found
                .as_ref()
                .map_or_else(|| caller.actor().to_string(), |store| store.created_by.clone()),
            backups: found.as_ref().map_or(0, |store| store.backups),
            bytes: found.as_ref().map_or(0, |store| store.bytes),
        })
    }

    /// Removes a store in which there never was a backup.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ConflictReason::BackupStoreInUse`].
    pub async fn remove_backup_store(&self, caller: &Caller, name: &StoreName) -> Result<(), ControlError> {
        caller.require(Action::ChangeBackupStores)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let stores = scoped.backup_stores().await?;
        let store = stores.into_iter().find(|store| store.name == name.as_str());
        let store = store.ok_or(ControlError::NotFound("store"))?;
        let mut unit = scoped.begin().await?;
        if !unit.remove_backup_store(store.id).await? {
            return Err(ControlError::Conflict(ConflictReason::BackupStoreInUse));
        }
        self.note_store(&mut unit, caller, "backup-store.remove", &store)
            .await?;
        Ok(unit.commit().await?)
    }

    async fn note_store(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        action: &'static str,
        store: &BackupStoreRecord,
    ) -> Result<(), ControlError> {
        // Without the secret key, which the record holds sealed only.
        let detail = serde_json::json!({
            "access": store.access, "scheduled": store.is_scheduled, "retention": store.retention,
        });
        Ok(unit
            .audit(AuditEntry {
                at: self.world.now(),
                action,
                subject: &store.name,
                operation: None,
                request_id: caller.request_id.as_deref(),
                detail,
            })
            .await?)
    }
}

const fn kind_of(access: &StoreAccess) -> &'static str {
    match access {
        StoreAccess::Folder => "folder",
        StoreAccess::S3(_) => "s3",
    }
}

fn s3_of(request: &PutStore, old: Option<&StoreAccess>, errors: &mut FieldErrors) -> StoreAccess {
    let old = match old {
        Some(StoreAccess::S3(old)) => Some(old),
        _ => None,
    };
    let text = |field: &'static str, new: &Option<String>, old: Option<&String>, errors: &mut FieldErrors| {
        let text = new.as_ref().or(old).cloned().unwrap_or_default();
        match text.is_empty() {
            true => errors.push(field, Rule::Required),
            false => check_word(field, &text, errors),
        }
        text
    };
    let bucket = text("bucket", &request.bucket, old.map(|old| &old.bucket), errors);
    let access_key = text(
        "access_key",
        &request.access_key,
        old.map(|old| &old.access_key),
        errors,
    );
    let endpoint = text(
        "endpoint",
        &request.endpoint,
        old.map(|old| &old.endpoint),
        errors,
    );
    let is_address = url::Url::parse(&endpoint).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
    });
    if !endpoint.is_empty() && !is_address {
        errors.push("endpoint", Rule::Origin);
    }
    let words = [
        ("region", &request.region),
        ("prefix", &request.prefix),
        ("storage_class", &request.storage_class),
    ];
    for (field, word) in words {
        if let Some(word) = word {
            check_word(field, word, errors);
        }
    }
    if let Some(secret) = &request.secret_key {
        check_word("secret_key", secret.expose(), errors);
    }
    let region = request
        .region
        .clone()
        .or_else(|| old.map(|old| old.region.clone()));
    let prefix = request
        .prefix
        .clone()
        .or_else(|| old.map(|old| old.prefix.clone()));
    StoreAccess::S3(S3Access {
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        region: region.unwrap_or_else(|| "us-east-1".to_owned()),
        bucket,
        prefix: prefix.unwrap_or_default().trim_matches('/').to_owned(),
        path_style: request
            .path_style
            .unwrap_or_else(|| old.is_none_or(|old| old.path_style)),
        storage_class: request
            .storage_class
            .clone()
            .or_else(|| old.and_then(|old| old.storage_class.clone())),
        lock_days: lock_of(request, old, errors),
        access_key,
    })
}

fn lock_of(request: &PutStore, old: Option<&S3Access>, errors: &mut FieldErrors) -> u16 {
    let Some(days) = request.lock_days else {
        return old.map_or(0, |old| old.lock_days);
    };
    if !(0..=LONGEST_LOCK).contains(&days) {
        errors.push(
            "lock_days",
            Rule::Range {
                min: 0,
                max: LONGEST_LOCK,
            },
        );
    }
    u16::try_from(days).unwrap_or_default()
}

/// Backups that are there are looked for where they were put.
fn stays_there(old: &StoreAccess, new: &StoreAccess, errors: &mut FieldErrors) {
    let (StoreAccess::S3(old), StoreAccess::S3(new)) = (old, new) else {
        return;
    };
    for (field, old, new) in [
        ("bucket", &old.bucket, &new.bucket),
        ("prefix", &old.prefix, &new.prefix),
    ] {
        if old != new {
            errors.push(field, Rule::OneOf { allowed: old.clone() });
        }
    }
}

/// A word of the store's own: printable, without spaces.
fn check_word(field: &'static str, word: &str, errors: &mut FieldErrors) {
    if !(1..=LONGEST).contains(&word.len()) {
        errors.push(field, Rule::Length { min: 1, max: LONGEST });
    } else if !word.bytes().all(|byte| byte.is_ascii_graphic()) {
        errors.push(
            field,
            Rule::Characters {
                allowed: "printable ASCII without spaces",
            },
        );
    }
}

fn retention_of(
    request: &PutStore,
    found: Option<&BackupStoreRecord>,
    errors: &mut FieldErrors,
) -> Retention {
    let Some(view) = request.retention else {
        return found.map_or(USUAL, |store| store.retention);
    };
    if view.last == 0 {
        errors.push(
            "retention.last",
            Rule::Range {
                min: 1,
                max: i64::from(u16::MAX),
            },
        );
    }
    Retention {
        last: view.last,
        days: view.days,
        weeks: view.weeks,
        months: view.months,
        years: view.years,
    }
}

fn view(store: BackupStoreRecord) -> StoreView {
    let kind = kind_of(&store.access).to_owned();
    let s3 = match store.access {
        StoreAccess::S3(s3) => Some(s3),
        StoreAccess::Folder => None,
    };
    let Retention {
        last,
        days,
        weeks,
        months,
        years,
    } = store.retention;
    StoreView {
        name: store.name,
        kind,
        endpoint: s3.as_ref().map(|s3| s3.endpoint.clone()),
        region: s3.as_ref().map(|s3| s3.region.clone()),
        bucket: s3.as_ref().map(|s3| s3.bucket.clone()),
        prefix: s3.as_ref().map(|s3| s3.prefix.clone()),
        path_style: s3.as_ref().map(|s3| s3.path_style),
        storage_class: s3.as_ref().and_then(|s3| s3.storage_class.clone()),
        lock_days: s3.as_ref().map(|s3| i64::from(s3.lock_days)),
        access_key: s3.map(|s3| s3.access_key),
        scheduled: store.is_scheduled,
        retention: RetentionView {
            last,
            days,
            weeks,
            months,
            years,
        },
        backups: store.backups,
        bytes: store.bytes,
    }
}
