//! Looking backups up.

use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupState, FieldErrors, Rule, Subdomain};
use jiff::Timestamp;
use store::{BackupFilter, BackupRecord};
use wire::backups::{BackupContent, BackupProof, BackupView};

const MOST: i64 = 200;
const USUAL: i64 = 50;

/// Which backups somebody wants to see.
#[derive(Debug, Default)]
pub struct BackupQuery {
    /// Of this tenant.
    pub subdomain: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// In this store.
    pub store: Option<String>,
    /// Begun before this one.
    pub before: Option<String>,
    /// At most so many, 1 to 200.
    pub limit: Option<i64>,
}

impl Control {
    /// The backups that the caller may see, newest first.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for the query.
    pub async fn backups(
        &self,
        caller: &Caller,
        query: &BackupQuery,
    ) -> Result<Vec<BackupView>, ControlError> {
        let reach = caller.reach(Action::ReadBackups)?;
        let mut errors = FieldErrors::default();
        let subdomain = errors.optional::<Subdomain>("subdomain", query.subdomain.as_deref());
        let state = errors.optional::<BackupState>("state", query.state.as_deref());
        let before = errors.optional::<BackupId>("before", query.before.as_deref());
        let limit = query.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            errors.push("limit", Rule::Range { min: 1, max: MOST });
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let filter = BackupFilter {
            subdomain,
            state,
            store: query.store.clone(),
            before,
            id: None,
            limit,
        };
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .backups(&reach, &filter)
            .await?;
        let mut views: Vec<BackupView> = found.into_iter().map(view).collect();
        let names = self
            .names(&reach, views.iter().map(|one| one.by.as_str()))
            .await?;
        for one in &mut views {
            one.by_name = names.get(&one.by).cloned();
        }
        Ok(views)
    }

    /// One backup.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn backup(&self, caller: &Caller, id: BackupId) -> Result<BackupView, ControlError> {
        let mut found = view(self.backup_record(caller, Action::ReadBackups, id).await?);
        let reach = caller.reach(Action::ReadBackups)?;
        found.by_name = self.names(&reach, [found.by.as_str()]).await?.remove(&found.by);
        Ok(found)
    }
}

/// The moment that a backup holds; until that is known, the one at which it was begun.
pub(crate) fn moment(record: &BackupRecord) -> Timestamp {
    let held = record.kept.as_ref().and_then(|kept| kept.taken_at);
    held.unwrap_or(record.begun_at)
}

pub(crate) fn view(record: BackupRecord) -> BackupView {
    let proof = match (record.proven_at, record.proven) {
        (Some(at), Some(proven)) => Some(BackupProof {
            at,
            restored: proven.rows.is_some(),
            rows: proven.rows,
            files: proven.files,
            login_status: proven.login_status,
            milliseconds: proven.milliseconds,
        }),
        _ => None,
    };
    BackupView {
        id: record.id.to_string(),
        subdomain: record.subdomain.to_string(),
        tenant: record.tenant.to_string(),
        store: record.store_name,
        node: record.node_name.to_string(),
        kind: record.kind.to_string(),
        state: record.state.to_string(),
        by: record.asked_by,
        by_name: None,
        operation: record.operation.to_string(),
        begun_at: record.begun_at,
        taken_at: record.kept.as_ref().and_then(|kept| kept.taken_at),
        ended_at: record.ended_at,
        failure: record.failure,
        failure_code: record.failure_code,
        content: record.kept.map(|kept| BackupContent {
            database_bytes: kept.database_bytes,
            files: kept.files,
            file_bytes: kept.file_bytes,
            files_missing: kept.files_missing,
            new_files: kept.new_files,
            stored_bytes: kept.stored_bytes,
            rows: kept.rows,
            odoo_version: kept.odoo_version,
            milliseconds: kept.milliseconds,
        }),
        held: record.is_held,
        proof,
    }
}
