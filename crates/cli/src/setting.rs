//! `tenantry settings …`: what the operator sets while the server runs.

use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::Session;
use clap::{Args, Subcommand};
use domain::SettingValue;
use reqwest::Method;
use serde::Deserialize;
use wire::setting::{SetSetting, SettingChangeView, SettingView};

/// The settings.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with settings.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List the settings with their values and bounds.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry settings list", "tenantry settings list --category wall"))]
    List(List),
    /// Show a setting.
    #[command(after_long_help = examples!("tenantry settings get limits.per_address"))]
    Get(Named),
    /// Set a setting; it is in force at once.
    #[command(after_long_help = examples!(
        "tenantry settings set password.shortest 12",
        "tenantry settings set cors.origins https://panel.example.com,https://app.example.com",
    ))]
    Set(Set),
    /// Take a setting back to its default.
    #[command(after_long_help = examples!("tenantry settings reset password.shortest"))]
    Reset(Named),
    /// Show who set a setting, when, and in place of what.
    #[command(after_long_help = examples!("tenantry settings history limits.per_address --limit 5"))]
    History(History),
}

/// Which settings.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those whose names begin with this word.
    #[arg(long)]
    pub category: Option<String>,
}

/// Which setting.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The setting's name, such as limits.per_address.
    #[arg(value_name = "SETTING", value_parser = path_name)]
    pub key: String,
}

/// A setting and its value.
#[derive(Args, Clone, Debug)]
pub struct Set {
    /// The setting.
    #[command(flatten)]
    pub named: Named,
    /// Its value; the parts of a list stand apart by commas.
    #[arg(allow_hyphen_values = true)]
    pub value: String,
}

/// How much of a setting's history.
#[derive(Args, Clone, Debug)]
pub struct History {
    /// The setting.
    #[command(flatten)]
    pub named: Named,
    /// 1 to 200 changes.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=200))]
    pub limit: i64,
}

/// The list as the API answers it.
#[derive(Deserialize)]
struct Listed {
    configs: Vec<SettingView>,
}

/// The history as the API answers it.
#[derive(Deserialize)]
struct Changes {
    items: Vec<SettingChangeView>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(which) => list(session, which).await,
            Self::Get(named) => one(session, &Request::read(&["settings", &named.key])).await,
            Self::Set(set) => {
                let body = SetSetting {
                    key: None,
                    value: Some(SettingValue::Text(set.value.clone())),
                };
                let request = Request::change(Method::PUT, &["settings", &set.named.key]);
                one(session, &request.body(&body)?).await
            }
            Self::Reset(named) => {
                let request = Request::change(Method::DELETE, &["settings", &named.key]);
                one(session, &request).await
            }
            Self::History(which) => history(session, which).await,
        }
    }
}

fn told(value: &SettingValue) -> String {
    match value {
        SettingValue::Number(number) => number.to_string(),
        SettingValue::Text(text) if text.is_empty() => "-".to_owned(),
        SettingValue::Text(text) => text.clone(),
        SettingValue::List(list) if list.is_empty() => "-".to_owned(),
        SettingValue::List(list) => list.join(","),
    }
}

fn bounds(setting: &SettingView) -> String {
    match (setting.least, setting.most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (_, Some(most)) => format!("up to {most} characters"),
        _ => setting.words.join(", "),
    }
}

async fn one(session: &mut Session<'_>, request: &Request) -> Result<(), Error> {
    let answer = session.client.send(request).await?;
    let setting: SettingView = answer.decode()?;
    session.print(&answer, &format!("{} = {}", setting.key, told(&setting.value)))
}

async fn list(session: &mut Session<'_>, which: &List) -> Result<(), Error> {
    let request = Request::read(&["settings"]).query("category", which.category.as_ref());
    let answer = session.client.send(&request).await?;
    let listed: Listed = answer.decode()?;
    let rows = listed.configs.iter().map(|setting| {
        vec![
            setting.key.clone(),
            told(&setting.value),
            told(&setting.default),
            bounds(setting),
            setting.description.clone(),
        ]
    });
    let headings = ["Setting", "Value", "Default", "Takes", "What for"];
    session.print_rows(&answer, &headings, rows.collect(), "No settings.")
}

async fn history(session: &mut Session<'_>, which: &History) -> Result<(), Error> {
    let request = Request::read(&["settings", &which.named.key, "history"]).query("limit", Some(which.limit));
    let answer = session.client.send(&request).await?;
    let changes: Changes = answer.decode()?;
    let shown = |value: &Option<SettingValue>| value.as_ref().map_or_else(|| "(default)".to_owned(), told);
    let rows = changes.items.iter().map(|change| {
        vec![
            session.terminal.time(change.at),
            change.actor.clone(),
            shown(&change.before),
            shown(&change.after),
        ]
    });
    let rows = rows.collect();
    session.print_rows(
        &answer,
        &["When", "Who", "Before", "After"],
        rows,
        "It was never set.",
    )
}
