//! Who set what, when, and in place of what.

use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::{Rule, setting};
use wire::setting::SettingChangeView;

const MOST: i64 = 200;

impl Control {
    /// The newest changes of a setting, newest first.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this name; [`ControlError::Invalid`] for the limit.
    pub async fn setting_history(
        &self,
        caller: &Caller,
        key: &str,
        limit: i64,
    ) -> Result<Vec<SettingChangeView>, ControlError> {
        caller.require(Action::ReadSettings)?;
        if !(1..=MOST).contains(&limit) {
            return Err(ControlError::field("limit", Rule::Range { min: 1, max: MOST }));
        }
        let setting = setting::find(key).ok_or(ControlError::NotFound("setting"))?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let changes = scoped.setting_changes(setting.key, limit).await?;
        let read =
            |value: Option<serde_json::Value>| value.and_then(|value| serde_json::from_value(value).ok());
        let views = changes.into_iter().map(|change| SettingChangeView {
            at: change.at,
            actor: change.actor,
            request_id: change.request_id,
            before: read(change.before),
            after: read(change.after),
        });
        Ok(views.collect())
    }
}
