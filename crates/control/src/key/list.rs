//! Looking at API keys.

use crate::{Caller, Control, ControlError};
use domain::{Action, KeyAccess, Reach};
use jiff::{SignedDuration, Timestamp};
use store::ApiKeyRecord;
use wire::apikey::ApiKey;

/// How long before its end a key is said to end soon.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Control {
    /// Every key ever made that is the caller's to see, newest first, without secrets.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<ApiKey>, ControlError> {
        let reach = caller.reach(Action::ReadKeys)?;
        let now = self.world.now();
        Ok(self
            .store
            .on_behalf_of(caller.actor())
            .api_keys()
            .await?
            .into_iter()
            .filter(|key| within_reach(&reach, key))
            .map(|key| key_view(key, now))
            .collect())
    }
}

/// Whether the key is one of those that the permission is about: the staff's for staff, an organization's for its heads.
pub(crate) fn within_reach(reach: &Reach, key: &ApiKeyRecord) -> bool {
    match key.holder.organizations.as_slice() {
        [] => reach.done().is_everything(),
        organizations => organizations
            .iter()
            .all(|id| reach.done().holds_organization(*id)),
    }
}

pub(crate) fn key_view(record: ApiKeyRecord, now: Timestamp) -> ApiKey {
    let in_force = record.revoked_at.is_none() && record.expires_at.is_none_or(|end| end > now);
    ApiKey {
        id: record.id.to_string(),
        name: record.name,
        prefix: record.prefix,
        role: record.holder.role.as_str().to_owned(),
        read_only: record.holder.access == KeyAccess::ReadOnly,
        organizations: record
            .holder
            .organizations
            .iter()
            .map(ToString::to_string)
            .collect(),
        tenants: record
            .holder
            .tenants
            .map(|ids| ids.iter().map(ToString::to_string).collect()),
        created_at: record.created_at,
        expires_at: record.expires_at,
        expires_soon: in_force && record.expires_at.is_some_and(|end| end < now + SOON),
        superseded_at: record.superseded_at,
        last_used_at: record.last_used_at,
        revoked_at: record.revoked_at,
    }
}
