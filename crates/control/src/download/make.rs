//! Making a link, of a backup that is there or of the tenant as it is now, and taking it back.

use crate::backup::{BackupObstacle, moment, refuse};
use crate::sealing::token_hash;
use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupKind, BackupState, DownloadId, FieldErrors, Rule, Subdomain};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{AuditEntry, NewDownload, Unit};
use wire::export::{AttachmentFilter, DownloadRequest, DownloadView, Form, TableFormat};

/// Hours that a link works, where nothing else is said, and at most.
const USUAL_HOURS: i64 = 24;
const MOST_HOURS: i64 = 168;
/// Longest text of a search, in characters.
const LONGEST: usize = 200;

/// What was asked for, checked.
struct Asked {
    form: Form,
    hours: i64,
    repeatable: bool,
}

impl Control {
    /// Makes a link to what a backup holds.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`crate::ConflictReason::BackupRefused`] for one that is not whole.
    pub async fn download_backup(
        &self,
        caller: &Caller,
        id: BackupId,
        request: &DownloadRequest,
    ) -> Result<DownloadView, ControlError> {
        let backup = self.backup_record(caller, Action::DownloadBackup, id).await?;
        if backup.state != BackupState::Kept {
            return Err(refuse(BackupObstacle::State(backup.state)));
        }
        let asked = checked(&backup.subdomain, request)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let (download, token) = self
            .make_link(
                &mut unit,
                caller,
                (id, &backup.subdomain, moment(&backup)),
                &asked,
            )
            .await?;
        unit.commit().await?;
        self.told(caller, download, &token).await
    }

    /// Begins to take a backup of a tenant as it is now, unless one waits already, and makes a link to it; it works once the backup is
    /// whole.
    ///
    /// # Errors
    /// As [`Control::download_backup`] and [`Control::take_backup`].
    pub async fn download_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &DownloadRequest,
    ) -> Result<DownloadView, ControlError> {
        let reach = caller.reach(Action::DownloadBackup)?;
        let asked = checked(name, request)?;
        let store = self.store_to_use(None).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        let taking = match self.waiting_backup(&mut unit, &tenant, &store).await? {
            Some(waits) => waits,
            None => {
                let why = (BackupKind::Manual, None);
                self.take_within(&mut unit, caller, &tenant, &store, why).await?
            }
        };
        let backup = unit.backup_of_operation(taking).await?;
        let backup = backup.ok_or(ControlError::NotFound("backup"))?;
        let now = self.world.now();
        let (download, token) = self
            .make_link(&mut unit, caller, (backup, &tenant.subdomain, now), &asked)
            .await?;
        unit.commit().await?;
        self.told(caller, download, &token).await
    }

    async fn make_link(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        (backup, subdomain, of): (BackupId, &Subdomain, Timestamp),
        asked: &Asked,
    ) -> Result<(DownloadId, String), ControlError> {
        let (id, now) = (DownloadId::from_uuid(self.world.uuid()), self.world.now());
        let token = hex::encode(self.world.bytes::<32>());
        let expires_at = now + SignedDuration::from_hours(asked.hours);
        unit.insert_download(&NewDownload {
            id,
            backup,
            token_hash: &token_hash(&token),
            wanted: &asked.form,
            file_name: &file_name(subdomain, of, &asked.form),
            asked_by: &caller.actor().to_string(),
            expires_at,
            is_repeatable: asked.repeatable,
            now,
        })
        .await?;
        // It stays for as long as somebody may come for it.
        unit.hold_backup(backup, None, Some(expires_at)).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "download.create",
            subject: subdomain.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: json!({ "download": id, "backup": backup, "what": asked.form, "expires_at": expires_at }),
        })
        .await?;
        Ok((id, token))
    }

    /// What was made, with its link, which is told this once.
    async fn told(&self, caller: &Caller, id: DownloadId, token: &str) -> Result<DownloadView, ControlError> {
        let record = self.download_record(caller, Action::DownloadBackup, id).await?;
        let mut view = self.viewed(record, Vec::new());
        view.url = Some(format!("{}/download#{token}", self.settings.panel));
        Ok(view)
    }

    /// Takes a link back. Whoever fetches with it at this moment is cut off.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn revoke_download(
        &self,
        caller: &Caller,
        id: DownloadId,
    ) -> Result<DownloadView, ControlError> {
        let record = self.download_record(caller, Action::DownloadBackup, id).await?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let by = caller.actor().to_string();
        if unit.revoke_download(id, &by, now).await? {
            unit.audit(AuditEntry {
                at: now,
                action: "download.revoke",
                subject: record.subdomain.as_str(),
                operation: None,
                request_id: caller.request_id.as_deref(),
                detail: json!({ "download": id, "backup": record.backup }),
            })
            .await?;
        }
        unit.commit().await?;
        self.download(caller, id).await
    }
}

fn checked(subdomain: &Subdomain, request: &DownloadRequest) -> Result<Asked, ControlError> {
    let mut errors = FieldErrors::default();
    let form = request.form.as_deref().unwrap_or("odoo");
    let hours = request.hours.unwrap_or(USUAL_HOURS);
    if !(1..=MOST_HOURS).contains(&hours) {
        let (min, max) = (1, MOST_HOURS);
        errors.push("hours", Rule::Range { min, max });
    }
    let others = [
        ("attachment", request.attachment.is_some() && form != "files"),
        ("table", request.table.is_some() && form != "table"),
        ("table_format", request.table_format.is_some() && form != "table"),
    ];
    for (field, _) in others.into_iter().filter(|(_, is_strange)| *is_strange) {
        errors.push(field, Rule::UnknownField);
    }
    let form = match form {
        "odoo" => Some(Form::Odoo {
            database: subdomain.database(),
        }),
        "dump" => Some(Form::Dump),
        "files" => filter_of(request.attachment.as_ref(), &mut errors).map(|filter| Form::Files { filter }),
        "table" => table_of(request, &mut errors),
        _ => {
            let allowed = "odoo, dump, files, table".to_owned();
            errors.push("form", Rule::OneOf { allowed });
            None
        }
    };
    match form {
        Some(form) if errors.is_empty() => Ok(Asked {
            form,
            hours,
            repeatable: request.repeatable == Some(true),
        }),
        _ => Err(ControlError::fields(errors)),
    }
}

fn filter_of(filter: Option<&AttachmentFilter>, errors: &mut FieldErrors) -> Option<AttachmentFilter> {
    let filter = filter.filter(|filter| **filter != AttachmentFilter::default());
    let Some(filter) = filter else {
        errors.push("attachment", Rule::Required);
        return None;
    };
    let texts = [
        ("attachment.checksum", &filter.checksum),
        ("attachment.name", &filter.name),
        ("attachment.model", &filter.model),
    ];
    for (field, text) in texts {
        if text
            .as_ref()
            .is_some_and(|text| !(1..=LONGEST).contains(&text.chars().count()))
        {
            let (min, max) = (1, LONGEST);
            errors.push(field, Rule::Length { min, max });
        }
    }
    Some(filter.clone())
}

fn table_of(request: &DownloadRequest, errors: &mut FieldErrors) -> Option<Form> {
    let Some(table) = request.table.as_deref() else {
        errors.push("table", Rule::Required);
        return None;
    };
    // A pattern is none of a table's names, and neither is an option of the program that reads the dump.
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=63).contains(&table.len()) {
        errors.push("table", Rule::Length { min: 1, max: 63 });
    } else if !table.bytes().all(plain) {
        let allowed = "a-z 0-9 _";
        errors.push("table", Rule::Characters { allowed });
    }
    let format = match request.table_format.as_deref() {
        None | Some("csv") => TableFormat::Csv,
        Some("sql") => TableFormat::Sql,
        Some(_) => {
            let allowed = "csv, sql".to_owned();
            errors.push("table_format", Rule::OneOf { allowed });
            return None;
        }
    };
    Some(Form::Table {
        table: table.to_owned(),
        format,
    })
}

/// The name that the file gets: whose it is, and of when.
fn file_name(subdomain: &Subdomain, of: Timestamp, form: &Form) -> String {
    let of = of.strftime("%Y-%m-%d_%H-%M-%S");
    match form {
        Form::Odoo { .. } => format!("{subdomain}_{of}.zip"),
        Form::Dump => format!("{subdomain}_{of}.dump"),
        Form::Files { .. } => format!("{subdomain}_{of}_files.zip"),
        Form::Table { table, format } => {
            let ending = match format {
                TableFormat::Csv => "csv",
                TableFormat::Sql => "sql",
            };
            format!("{subdomain}_{of}_{table}.{ending}")
        }
    }
}
