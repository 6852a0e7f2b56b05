//! Looking links up, and who came with them.

use crate::{Caller, Control, ControlError};
use domain::{Action, BackupState, DownloadId, FieldErrors, Rule, Subdomain};
use store::{DownloadFilter, DownloadRecord, FetchRecord};
use wire::export::{DownloadView, FetchView};

const MOST: i64 = 200;
const USUAL: i64 = 50;

impl Control {
    /// The links that the caller may see, newest first; only of this tenant, where one is named.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for the query.
    pub async fn downloads(
        &self,
        caller: &Caller,
        subdomain: Option<&str>,
        limit: Option<i64>,
    ) -> Result<Vec<DownloadView>, ControlError> {
        let reach = caller.reach(Action::ReadBackups)?;
        let mut errors = FieldErrors::default();
        let subdomain = errors.optional::<Subdomain>("subdomain", subdomain);
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            errors.push("limit", Rule::Range { min: 1, max: MOST });
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let filter = DownloadFilter {
            subdomain,
            id: None,
            limit,
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = scoped.downloads(&reach, &filter).await?;
        let ids: Vec<DownloadId> = found.iter().map(|one| one.id).collect();
        let mut fetches = scoped.fetches(&ids).await?;
        let view = |record: DownloadRecord| {
            let (own, others) = std::mem::take(&mut fetches)
                .into_iter()
                .partition(|fetch| fetch.download == record.id);
            fetches = others;
            self.viewed(record, own)
        };
        let mut views: Vec<DownloadView> = found.into_iter().map(view).collect();
        let names = self
            .names(&reach, views.iter().map(|one| one.by.as_str()))
            .await?;
        for one in &mut views {
            one.by_name = names.get(&one.by).cloned();
        }
        Ok(views)
    }

    /// One link.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn download(&self, caller: &Caller, id: DownloadId) -> Result<DownloadView, ControlError> {
        let record = self.download_record(caller, Action::ReadBackups, id).await?;
        let fetches = self.store.on_behalf_of(caller.actor()).fetches(&[id]).await?;
        let mut viewed = self.viewed(record, fetches);
        let reach = caller.reach(Action::ReadBackups)?;
        viewed.by_name = self.names(&reach, [viewed.by.as_str()]).await?.remove(&viewed.by);
        Ok(viewed)
    }

    pub(crate) async fn download_record(
        &self,
        caller: &Caller,
        action: Action,
        id: DownloadId,
    ) -> Result<DownloadRecord, ControlError> {
        let reach = caller.reach(action)?;
        let filter = DownloadFilter {
            id: Some(id),
            limit: 1,
            ..DownloadFilter::default()
        };
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .downloads(&reach, &filter)
            .await?;
        let found = found
            .into_iter()
            .next()
            .ok_or(ControlError::NotFound("download"))?;
        match reach.holds(found.tenant, found.organization) {
            true => Ok(found),
            false => Err(ControlError::Forbidden),
        }
    }

    pub(super) fn viewed(&self, record: DownloadRecord, fetches: Vec<FetchRecord>) -> DownloadView {
        DownloadView {
            state: self.download_state(&record).to_owned(),
            id: record.id.to_string(),
            url: None,
            subdomain: record.subdomain.to_string(),
            tenant: record.tenant.to_string(),
            backup: record.backup.to_string(),
            backup_state: record.backup_state.to_string(),
            form: record.wanted.as_str().to_owned(),
            file_name: record.file_name,
            by: record.asked_by,
            by_name: None,
            created_at: record.created_at,
            expires_at: record.expires_at,
            repeatable: record.is_repeatable,
            fetches: fetches.into_iter().map(fetched).collect(),
        }
    }

    /// How a link stands.
    pub(super) fn download_state(&self, record: &DownloadRecord) -> &'static str {
        match record.backup_state {
            _ if record.revoked_at.is_some() => "revoked",
            _ if record.used_at.is_some() && !record.is_repeatable => "used",
            _ if record.expires_at <= self.world.now() => "expired",
            BackupState::Taking => "preparing",
            BackupState::Kept => "ready",
            BackupState::Failed | BackupState::Damaged | BackupState::Forgotten => "failed",
        }
    }
}

fn fetched(record: FetchRecord) -> FetchView {
    let count = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
    FetchView {
        begun_at: record.begun_at,
        ended_at: record.ended_at,
        address: record.address,
        skipped: count(record.skipped),
        bytes: count(record.bytes),
        whole: record.is_whole,
    }
}
