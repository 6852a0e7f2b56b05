//! Changing settings: at once on this server, within a moment on the others.

use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::{FieldErrors, Rule, SettingValue, setting};
use store::{AuditEntry, Signal};

impl Control {
    /// Sets some settings, all or none of them. Without a value, a setting goes back to its default.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the address names none; [`ControlError::Invalid`] with every value that broke a rule, named by its setting or, for a single one, `value`.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        changes: Vec<(String, Option<SettingValue>)>,
        named: Named,
    ) -> Result<(), ControlError> {
        caller.require(Action::ChangeSettings)?;
        let mut errors = FieldErrors::default();
        let mut checked = Vec::new();
        for (key, value) in changes {
            let field = match named {
                Named::ByKey => key.as_str(),
                Named::AsValue => "value",
            };
            let Some(setting) = setting::find(&key) else {
                if named == Named::AsValue {
                    return Err(ControlError::NotFound("setting"));
                }
                errors.push(field, Rule::Unknown);
                continue;
            };
            let value = value.map(|value| setting.check(value)).transpose();
            if let Some(value) = errors.keep(field, value) {
                checked.push((setting.key, value));
            }
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        if checked.is_empty() {
            return Err(ControlError::field("configs", Rule::Nothing));
        }
        // One order for everybody, so that two lists of changes cannot wait for each other.
        checked.sort_by_key(|(key, _)| *key);
        self.write_settings(caller, checked).await?;
        self.look_again().await
    }

    async fn write_settings(
        &self,
        caller: &Caller,
        changes: Vec<(&'static str, Option<SettingValue>)>,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let request_id = caller.request_id.as_deref();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        for (key, value) in changes {
            let after = value.map(|value| serde_json::to_value(value).map_err(ControlError::internal));
            let after = after.transpose()?;
            let before = unit.change_setting(key, after.as_ref(), now, request_id).await?;
            let detail = serde_json::json!({ "before": before, "after": after });
            unit.audit(AuditEntry {
                at: now,
                action: if after.is_some() {
                    "setting.set"
                } else {
                    "setting.reset"
                },
                subject: key,
                operation: None,
                request_id,
                detail,
            })
            .await?;
        }
        unit.signal(Signal::Settings).await?;
        Ok(unit.commit().await?)
    }
}

/// What a broken rule is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The setting's key, where a request holds several.
    ByKey,
    /// The field `value`, where the address names the setting.
    AsValue,
}
