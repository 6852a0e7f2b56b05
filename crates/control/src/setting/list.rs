//! Showing settings.

use crate::live::value;
use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::setting::{self, SETTINGS, SettingKind};
use domain::{Language, Setting};
use store::SettingRecord;
use wire::setting::{SettingType, SettingView};

impl Control {
    /// Every setting, or those of one category.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`], [`ControlError::Unavailable`].
    pub async fn list_settings(
        &self,
        caller: &Caller,
        category: Option<&str>,
        language: &Language,
    ) -> Result<Vec<SettingView>, ControlError> {
        caller.require(Action::ReadSettings)?;
        let records = self.store.on_behalf_of(caller.actor()).settings().await?;
        let wanted = SETTINGS
            .iter()
            .filter(|setting| category.is_none_or(|category| setting.category() == category));
        Ok(wanted.map(|setting| view(setting, &records, language)).collect())
    }

    /// One setting.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this name.
    pub async fn show_setting(
        &self,
        caller: &Caller,
        key: &str,
        language: &Language,
    ) -> Result<SettingView, ControlError> {
        caller.require(Action::ReadSettings)?;
        let setting = setting::find(key).ok_or(ControlError::NotFound("setting"))?;
        let records = self.store.on_behalf_of(caller.actor()).settings().await?;
        Ok(view(setting, &records, language))
    }
}

fn view(setting: &Setting, records: &[SettingRecord], language: &Language) -> SettingView {
    let record = records.iter().find(|record| record.key == setting.key);
    let description = match language.base() {
        "es" => setting.spanish,
        _ => setting.english,
    };
    let (kind, least, most, words) = match setting.kind {
        SettingKind::Number { least, most } => (SettingType::Number, Some(least), Some(most), &[][..]),
        SettingKind::Word(words) => (SettingType::Word, None, None, words),
        SettingKind::Origins => (SettingType::List, None, None, &[][..]),
        SettingKind::Text { longest } => (SettingType::Text, None, i64::try_from(longest).ok(), &[][..]),
    };
    SettingView {
        key: setting.key.to_owned(),
        value: value(records, setting.key).unwrap_or_else(|| setting.default_value()),
        default: setting.default_value(),
        description: description.to_owned(),
        category: setting.category().to_owned(),
        kind,
        least,
        most,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        is_secret: false,
        is_editable: true,
        updated_at: record.map(|record| record.changed_at),
        updated_by: record.map(|record| record.changed_by.clone()),
    }
}
