//! `tenantry key …`: the API keys.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::{Answer, Request};
use crate::session::{Session, post};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::{OrganizationRole, StaffRole};
use reqwest::Method;
use wire::apikey::{ApiKey, CreateApiKey, NewApiKey, RotateApiKey};

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
        "tenantry key create monitoring --role viewer --read-only --expires 90 --quiet",
        "tenantry key create acme-erp --organization org_0198c0ffee… --role member --tenant acme",
    ))]
    Create(Create),
    /// List the API keys, without their secrets.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry key list"))]
    List,
    /// Make a key that takes the place of another one, which goes on for a while.
    #[command(after_long_help = examples!("tenantry key rotate billing", "tenantry key rotate billing --overlap 2 --quiet"))]
    Rotate(Rotate),
    /// Make an API key useless, at once and for good.
    #[command(after_long_help = examples!("tenantry key revoke billing", "tenantry key revoke billing --yes billing"))]
    Revoke(Revoke),
}

/// A new API key.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// What it is for.
    pub name: String,
    /// What it may do; as much as you without it. With --organization one of owner, admin, member, viewer.
    #[arg(long, value_parser = PossibleValuesParser::new(roles()))]
    pub role: Option<String>,
    /// Of that, only looking.
    #[arg(long)]
    pub read_only: bool,
    /// An organization whose key it is (`org_…`); may be given several times.
    #[arg(long, value_name = "ORGANIZATION")]
    pub organization: Vec<String>,
    /// A tenant that it reaches, and no others but those named like this; may be given several times.
    #[arg(long, value_name = "SUBDOMAIN")]
    pub tenant: Vec<String>,
    /// Days until it ends, 1 to 3650; never without it.
    #[arg(long, alias = "expires-in-days", value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub expires: Option<i64>,
}

/// A key to take another one's place.
#[derive(Args, Clone, Debug)]
pub struct Rotate {
    /// The key's name or its identifier (`key_…`).
    #[arg(value_name = "KEY", value_parser = path_name)]
    pub key: String,
    /// How many hours the old key goes on, 0 to 720; 24 without it.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(0..=720))]
    pub overlap: Option<i64>,
    /// Days until the new key ends, 1 to 3650; as long as the old one was made for without it.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub expires: Option<i64>,
}

/// The words of both kinds of role, each once.
fn roles() -> Vec<&'static str> {
    let staff = StaffRole::ALL.iter().map(|role| role.as_str());
    let mut words: Vec<&str> = staff.collect();
    for role in OrganizationRole::ALL {
        if !words.contains(&role.as_str()) {
            words.push(role.as_str());
        }
    }
    words
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
            Self::Rotate(rotate) => rotate.run(session).await,
            Self::Revoke(revoke) => revoke.run(session).await,
        }
    }
}

impl Create {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = CreateApiKey {
            name: Some(self.name.clone()),
            role: self.role.clone(),
            read_only: self.read_only,
            organizations: (!self.organization.is_empty()).then(|| self.organization.clone()),
            tenants: (!self.tenant.is_empty()).then(|| self.tenant.clone()),
            expires_in_days: self.expires,
        };
        let answer = session.client.send(&post(&["keys"]).body(&body)?).await?;
        show_secret(session, &answer)
    }
}

/// Shown on purpose, and alone on standard output, so that it can be piped to where it is kept.
fn show_secret(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    let key: NewApiKey = answer.decode()?;
    session.print(answer, key.secret.expose())?;
    session.hint("This is the key; it is not shown again. Programs read it from TENANTRY_API_KEY.")?;
    Ok(())
}

impl Rotate {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let key = find(session, &self.key).await?;
        let body = RotateApiKey {
            overlap_hours: self.overlap,
            expires_in_days: self.expires,
        };
        let request = post(&["keys", &key.id, "rotate"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        show_secret(session, &answer)
    }
}

/// The key of this name or identifier.
async fn find(session: &Session<'_>, wanted: &str) -> Result<ApiKey, Error> {
    let keys: Vec<ApiKey> = session.read(&["keys"]).await?.decode_items()?;
    // A name is free again after its key was revoked or rotated, so a key in force comes first.
    let named = keys
        .into_iter()
        .filter(|key| key.id == wanted || key.name == wanted);
    named
        .min_by_key(|key| (key.revoked_at.is_some(), key.superseded_at.is_some()))
        .ok_or_else(|| Error::NotFound {
            what: format!("API key {wanted}"),
        })
}

impl Revoke {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let key = find(session, &self.key).await?;
        ask::confirm(session.terminal, "revoked", &self.key, self.yes.as_deref())?;
        let answer = session
            .client
            .send(&Request::change(Method::DELETE, &["keys", &key.id]))
            .await?;
        session.print(&answer, &format!("{} ({}…) is revoked.", key.name, key.prefix))
    }
}

/// What a key may do, in few words.
fn may(key: &ApiKey) -> String {
    let mut words = key.role.clone();
    if key.read_only {
        words.push_str(", reads only");
    }
    if !key.organizations.is_empty() {
        words.push_str(", of an organization");
    }
    if let Some(tenants) = &key.tenants {
        words.push_str(&format!(", {} tenants", tenants.len()));
    }
    words
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["keys"]).await?;
    let keys: Vec<ApiKey> = answer.decode_items()?;
    let rows = keys
        .iter()
        .map(|key| {
            let end = match key.revoked_at {
                Some(moment) => format!("revoked {}", session.terminal.time(moment)),
                None if key.expires_soon => {
                    format!("soon: {}", session.terminal.time_or_dash(key.expires_at))
                }
                None => session.terminal.time_or_dash(key.expires_at),
            };
            vec![
                key.name.clone(),
                format!("{}…", key.prefix),
                may(key),
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
        "May",
        "Made",
        "Last used",
        "Ends",
        "Identifier",
    ];
    session.print_rows(&answer, &headings, rows, "No API keys.")
}
