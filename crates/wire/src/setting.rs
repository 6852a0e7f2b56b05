//! Settings on the wire.

use domain::SettingValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of value a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettingType {
    /// A whole number.
    Number,
    /// One of `words`.
    Word,
    /// A list of texts.
    List,
    /// A text.
    Text,
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingView {
    /// Its name, `category.word`.
    pub key: String,
    /// What holds now.
    #[schema(value_type = ValueSchema)]
    pub value: SettingValue,
    /// What holds while nothing is set.
    #[schema(value_type = ValueSchema)]
    pub default: SettingValue,
    /// What it is for, in the caller's language.
    pub description: String,
    /// The part of its name before the point.
    pub category: String,
    /// What kind of value it takes.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    /// Largest number, or most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
    /// The words that it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Whether its value is shown to nobody.
    pub is_secret: bool,
    /// Whether it can be changed here.
    pub is_editable: bool,
    /// When it was set; absent while the default holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

/// A number, a text, or a list of texts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ValueSchema {
    /// A whole number.
    Number(i64),
    /// A text or a word.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// A change of a setting.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingChangeView {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The request that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What was set before; absent where the default held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ValueSchema>)]
    pub before: Option<SettingValue>,
    /// What was set; absent where it went back to the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ValueSchema>)]
    pub after: Option<SettingValue>,
}

/// Sets a setting.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSetting {
    /// The setting again, as older clients send it; it must be the one in the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value; a number or a list may come as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ValueSchema>)]
    pub value: Option<SettingValue>,
}

/// Sets several settings, all or none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSettings {
    /// The settings.
    #[serde(default)]
    pub configs: Vec<SetSetting>,
}
