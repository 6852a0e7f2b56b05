//! `tenantry key …`: the API keys.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::{Session, post};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::Scope;
use reqwest::Method;
use wire::apikey::{ApiKey, CreateApiKey, NewApiKey};

/// The API keys.
#[derive(Args, Clone, Debug)]
pub struct Key {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with API keys.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Make an API key and print it, this once.
    #[command(after_long_help = examples!(
        "tenantry key create billing",
        "tenantry key create monitoring --scope read-only --expires-in-days 90 --quiet",
    ))]
    Create(Create),
    /// List the API keys, without their secrets.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry key list"))]
    List,
    /// Make an API key useless, at once and for good.
    #[command(after_long_help = examples!("tenantry key revoke billing", "tenantry key revoke billing --yes billing"))]
    Revoke(Revoke),
}

/// A new API key.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// What it is for.
    pub name: String,
    /// What it may do; `full` without it.
    #[arg(long, value_parser = PossibleValuesParser::new([Scope::Full.as_str(), Scope::ReadOnly.as_str()]))]
    pub scope: Option<String>,
    /// Days until it ends, 1 to 3650; never without it.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub expires_in_days: Option<i64>,
}

/// An API key to revoke.
#[derive(Args, Clone, Debug)]
pub struct Revoke {
    /// The key's name or its identifier (`key_…`).
    #[arg(value_name = "KEY", value_parser = path_name)]
    pub key: String,
    /// The same again, instead of typing it when asked.
    #[arg(long, value_name = "KEY")]
    pub yes: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List => list(session).await,
            Self::Revoke(revoke) => revoke.run(session).await,
        }
    }
}

impl Create {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = CreateApiKey {
            name: Some(self.name.clone()),
            scope: self.scope.clone(),
            expires_in_days: self.expires_in_days,
        };
        let answer = session.client.send(&post(&["keys"]).body(&body)?).await?;
        let key: NewApiKey = answer.decode()?;
        // Shown on purpose, and alone on standard output, so that it can be piped to where it is kept.
        session.print(&answer, key.secret.expose())?;
        session.hint("This is the key; it is not shown again. Programs read it from TENANTRY_API_KEY.")?;
        Ok(())
    }
}

impl Revoke {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let keys: Vec<ApiKey> = session.read(&["keys"]).await?.decode_items()?;
        // A name is free again after its key was revoked, so a key in force comes first.
        let named = keys
            .iter()
            .filter(|key| key.id == self.key || key.name == self.key);
        let key = named
            .min_by_key(|key| key.revoked_at.is_some())
            .ok_or_else(|| Error::NotFound {
                what: format!("API key {}", self.key),
            })?;
        ask::confirm(session.terminal, "revoked", &self.key, self.yes.as_deref())?;
        let answer = session
            .client
            .send(&Request::change(Method::DELETE, &["keys", &key.id]))
            .await?;
        session.print(&answer, &format!("{} ({}…) is revoked.", key.name, key.prefix))
    }
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["keys"]).await?;
    let keys: Vec<ApiKey> = answer.decode_items()?;
    let rows = keys
        .iter()
        .map(|key| {
            let end = match key.revoked_at {
                Some(moment) => format!("revoked {}", session.terminal.time(moment)),
                None => session.terminal.time_or_dash(key.expires_at),
            };
            vec![
                key.name.clone(),
                format!("{}…", key.prefix),
                key.scope.clone(),
                session.terminal.time(key.created_at),
                session.terminal.time_or_dash(key.last_used_at),
                end,
                key.id.clone(),
            ]
        })
        .collect();
    let headings = [
        "Key",
        "Begins with",
        "Scope",
        "Made",
        "Last used",
        "Ends",
        "Identifier",
    ];
    session.print_rows(&answer, &headings, rows, "No API keys.")
}
