//! Making an API key. Its secret is shown once and never stored.

use super::authenticate::PREFIX;
use super::list::key_view;
use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{ApiKeyId, FieldErrors, Rule, access::Intent, access::Scope};
use jiff::{SignedDuration, Timestamp};
use store::{ApiKeyRecord, AuditEntry, NewApiKeyRow, Unit};
use wire::Plaintext;
use wire::apikey::{CreateApiKey, NewApiKey};

const LONGEST_NAME: usize = 60;
const LONGEST_LIFE_DAYS: i64 = 3650;

impl Control {
    /// Makes a key.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; a conflict when a key of that name is in force.
    pub async fn create_key(
        &self,
        caller: &Caller,
        request: CreateApiKey,
    ) -> Result<NewApiKey, ControlError> {
        caller.require(Intent::Change)?;
        let mut errors = FieldErrors::default();
        let name = errors.keep("name", check_name(request.name.as_deref()));
        let scope = errors
            .optional("scope", request.scope.as_deref())
            .unwrap_or(Scope::Full);
        let days = request.expires_in_days;
        if days.is_some_and(|days| !(1..=LONGEST_LIFE_DAYS).contains(&days)) {
            errors.push(
                "expires_in_days",
                Rule::Range {
                    min: 1,
                    max: LONGEST_LIFE_DAYS,
                },
            );
        }
        let (Some(name), true) = (name, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let expires_at = days.map(|days| self.world.now() + SignedDuration::from_hours(24 * days));
        let mut unit = self.store.on_behalf_of(caller.actor).begin().await?;
        let key = self
            .write_key(&mut unit, caller, &name, scope, expires_at)
            .await?;
        unit.commit().await?;
        Ok(key)
    }

    /// Writes down a new key within a unit that the caller commits.
    pub(crate) async fn write_key(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        name: &str,
        scope: Scope,
        expires_at: Option<Timestamp>,
    ) -> Result<NewApiKey, ControlError> {
        let secret = format!("{PREFIX}{}", hex::encode(self.world.bytes::<32>()));
        let now = self.world.now();
        let id = ApiKeyId::from_uuid(self.world.uuid());
        let prefix: String = secret.chars().take(PREFIX.len() + 6).collect();
        let hash = token_hash(&secret);
        unit.insert_api_key(NewApiKeyRow {
            id,
            name,
            prefix: &prefix,
            hash: &hash,
            scope,
            created_at: now,
            expires_at,
        })
        .await?;
        let request_id = caller.request_id.as_deref();
        let detail = serde_json::json!({ "scope": scope, "expires_at": expires_at });
        unit.audit(AuditEntry {
            at: now,
            action: "key.create",
            subject: name,
            operation: None,
            request_id,
            detail,
        })
        .await?;
        let record = ApiKeyRecord {
            id,
            name: name.to_owned(),
            prefix,
            scope,
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(NewApiKey {
            key: key_view(record),
            secret: Plaintext::new(secret),
        })
    }
}

fn check_name(name: Option<&str>) -> Result<String, Rule> {
    let name = name.ok_or(Rule::Required)?.trim();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        return Err(Rule::Length {
            min: 1,
            max: LONGEST_NAME,
        });
    }
    if name.chars().any(char::is_control) {
        Err(Rule::Control)
    } else {
        Ok(name.to_owned())
    }
}
