//! A new key in the place of an old one, which goes on for a while, so that nothing stands still in between.

use super::create::{Wanted, check_days, covers};
use super::list::within_reach;
use crate::{Caller, Control, ControlError};
use domain::{Action, ApiKeyId, FieldErrors, KeyHolder, Rule};
use jiff::SignedDuration;
use wire::apikey::{NewApiKey, RotateApiKey};

const DEFAULT_OVERLAP_HOURS: i64 = 24;
const LONGEST_OVERLAP_HOURS: i64 = 720;

impl Control {
    /// Makes a key that may do what the old one may, under its name; the old one ends after the overlap at the latest.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such key in force that was not rotated yet; [`ControlError::Invalid`];
    /// [`ControlError::Forbidden`] for one that stands above the caller.
    pub async fn rotate_key(
        &self,
        caller: &Caller,
        id: ApiKeyId,
        request: &RotateApiKey,
    ) -> Result<NewApiKey, ControlError> {
        let reach = caller.reach(Action::CreateKey)?;
        let mut errors = FieldErrors::default();
        let hours = request.overlap_hours.unwrap_or(DEFAULT_OVERLAP_HOURS);
        if !(0..=LONGEST_OVERLAP_HOURS).contains(&hours) {
            let (min, max) = (0, LONGEST_OVERLAP_HOURS);
            errors.push("overlap_hours", Rule::Range { min, max });
        }
        check_days(&mut errors, request.expires_in_days);
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let old = unit
            .lock_api_key(id, now)
            .await?
            .filter(|key| within_reach(&reach, key));
        let old = old.ok_or(ControlError::NotFound("key"))?;
        if !covers(caller, old.holder.organizations.first().copied(), old.holder.role) {
            return Err(ControlError::Forbidden);
        }
        unit.supersede_api_key(id, now, now + SignedDuration::from_hours(hours))
            .await?;
        let life = match request.expires_in_days {
            Some(days) => Some(SignedDuration::from_hours(24 * days)),
            None => old.expires_at.map(|end| end.duration_since(old.created_at)),
        };
        let organizations = old.holder.organizations.clone();
        let holder = KeyHolder {
            key: ApiKeyId::from_uuid(self.world.uuid()),
            ..old.holder
        };
        let wanted = Wanted {
            name: &old.name,
            holder,
            expires_at: life.map(|life| now + life),
        };
        let key = self.write_key(&mut unit, caller, wanted).await?;
        let detail = serde_json::json!({ "key": id, "overlap_hours": hours, "organizations": organizations });
        self.note(&mut unit, caller, "key.rotate", &old.name, detail)
            .await?;
        unit.commit().await?;
        Ok(key)
    }
}
