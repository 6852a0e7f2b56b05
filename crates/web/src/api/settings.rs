//! `/api/settings`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::extract::State;
use control::{Caller, Named};
use domain::{FieldError, Rule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use wire::setting::{SetSetting, SetSettings, SettingChangeView, SettingView};

/// Which settings.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SettingQuery {
    /// Only of this category, the part of their names before the point.
    #[serde(default)]
    category: Option<String>,
}

/// How much of the history.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingList {
    /// The settings.
    configs: Vec<SettingView>,
    /// Their names by category.
    by_category: BTreeMap<String, Vec<String>>,
    /// How many there are.
    total: usize,
}

/// The changes of a setting, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingHistory {
    /// The changes.
    items: Vec<SettingChangeView>,
}

/// Settings that were set, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsSet {
    /// They as they are now.
    results: Vec<SettingView>,
    /// How many there are.
    total: usize,
    /// As many.
    success_count: usize,
}

/// A setting's name in an address; whether there is such a one, the use case says.
pub(crate) struct Key(String);

impl std::str::FromStr for Key {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        Ok(Self(text.to_owned()))
    }
}

/// The language of descriptions.
fn spoken() -> Answer<domain::Language> {
    let tag = Language::current().tag();
    tag.parse()
        .map_err(|rule| Failure::fields(vec![FieldError::new("Accept-Language", rule)]))
}

async fn shown(app: &App, caller: &Caller, key: &str) -> Answer<Json<SettingView>> {
    Ok(Json(app.control.show_setting(caller, key, &spoken()?).await?))
}

/// Lists the settings with their types, bounds and defaults.
#[utoipa::path(get, path = "/api/settings", tag = "settings", params(SettingQuery),
    responses((status = 200, body = SettingList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<SettingQuery>,
) -> Answer<Json<SettingList>> {
    let category = query.category.as_deref();
    let configs = app.control.list_settings(&caller, category, &spoken()?).await?;
    let mut by_category = BTreeMap::<String, Vec<String>>::new();
    for setting in &configs {
        let names = by_category.entry(setting.category.clone()).or_default();
        names.push(setting.key.clone());
    }
    Ok(Json(SettingList {
        total: configs.len(),
        configs,
        by_category,
    }))
}

/// Shows a setting.
#[utoipa::path(get, path = "/api/settings/{key}", tag = "settings", params(("key" = String, Path)),
    responses((status = 200, body = SettingView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(key): Segment<Key>,
) -> Answer<Json<SettingView>> {
    shown(&app, &caller, &key.0).await
}

/// Sets a setting. It is in force at once, on other servers within a moment.
#[utoipa::path(put, path = "/api/settings/{key}", tag = "settings", params(("key" = String, Path)),
    request_body = SetSetting, responses((status = 200, body = SettingView), Problems))]
pub(crate) async fn set(
    State(app): State<App>,
    Known(caller): Known,
    Segment(key): Segment<Key>,
    Body(request): Body<SetSetting>,
) -> Answer<Json<SettingView>> {
    if request.key.is_some_and(|repeated| repeated != key.0) {
        let rule = Rule::OneOf { allowed: key.0 };
        return Err(Failure::fields(vec![FieldError::new("key", rule)]));
    }
    if request.value.is_none() {
        return Err(Failure::fields(vec![FieldError::new("value", Rule::Required)]));
    }
    let change = vec![(key.0.clone(), request.value)];
    app.control
        .change_settings(&caller, change, Named::AsValue)
        .await?;
    shown(&app, &caller, &key.0).await
}

/// Takes a setting back to its default.
#[utoipa::path(delete, path = "/api/settings/{key}", tag = "settings", params(("key" = String, Path)),
    responses((status = 200, body = SettingView), Problems))]
pub(crate) async fn reset(
    State(app): State<App>,
    Known(caller): Known,
    Segment(key): Segment<Key>,
) -> Answer<Json<SettingView>> {
    let change = vec![(key.0.clone(), None)];
    app.control
        .change_settings(&caller, change, Named::AsValue)
        .await?;
    shown(&app, &caller, &key.0).await
}

/// Sets several settings, all of them or none.
#[utoipa::path(post, path = "/api/settings/bulk", tag = "settings", request_body = SetSettings,
    responses((status = 200, body = SettingsSet), Problems))]
pub(crate) async fn bulk(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<SetSettings>,
) -> Answer<Json<SettingsSet>> {
    let mut changes = Vec::new();
    let mut errors = Vec::new();
    for (place, config) in request.configs.into_iter().enumerate() {
        match (config.key, config.value) {
            (Some(key), Some(value)) => changes.push((key, Some(value))),
            (None, _) => errors.push(FieldError::new(format!("configs[{place}].key"), Rule::Required)),
            (Some(_), None) => {
                errors.push(FieldError::new(format!("configs[{place}].value"), Rule::Required))
            }
        }
    }
    if !errors.is_empty() {
        return Err(Failure::fields(errors));
    }
    let keys: Vec<String> = changes.iter().map(|(key, _)| key.clone()).collect();
    app.control
        .change_settings(&caller, changes, Named::ByKey)
        .await?;
    let all = app.control.list_settings(&caller, None, &spoken()?).await?;
    let results: Vec<SettingView> = all.into_iter().filter(|one| keys.contains(&one.key)).collect();
    Ok(Json(SettingsSet {
        total: results.len(),
        success_count: results.len(),
        results,
    }))
}

/// Who set a setting, when, and in place of what.
#[utoipa::path(get, path = "/api/settings/{key}/history", tag = "settings",
    params(("key" = String, Path), HistoryQuery), responses((status = 200, body = SettingHistory), Problems))]
pub(crate) async fn history(
    State(app): State<App>,
    Known(caller): Known,
    Segment(key): Segment<Key>,
    Query(query): Query<HistoryQuery>,
) -> Answer<Json<SettingHistory>> {
    let limit = query.limit.unwrap_or(50);
    Ok(Json(SettingHistory {
        items: app.control.setting_history(&caller, &key.0, limit).await?,
    }))
}
