//! Looking at API keys.

use crate::{Caller, Control, ControlError};
use domain::access::Intent;
use store::ApiKeyRecord;
use wire::apikey::ApiKey;

impl Control {
    /// Every key ever made, newest first, without secrets.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<ApiKey>, ControlError> {
        caller.require(Intent::Read)?;
        Ok(self
            .store
            .on_behalf_of(caller.actor)
            .api_keys()
            .await?
            .into_iter()
            .map(key_view)
            .collect())
    }
}

pub(crate) fn key_view(record: ApiKeyRecord) -> ApiKey {
    ApiKey {
        id: record.id.to_string(),
        name: record.name,
        prefix: record.prefix,
        scope: record.scope.to_string(),
        created_at: record.created_at,
        expires_at: record.expires_at,
        last_used_at: record.last_used_at,
        revoked_at: record.revoked_at,
    }
}
