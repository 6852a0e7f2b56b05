//! `tenantry sso …`: the identity providers that people sign in with.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::{Answer, Request};
use crate::session::{Session, post};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::Plaintext;
use wire::sso::{AddProvider, ChangeProvider, Provider, ProviderCheck};

/// The identity providers that people sign in with.
#[derive(Args, Clone, Debug)]
pub struct Sso {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with identity providers.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Add an identity provider, and print what has to be written down at it.
    #[command(after_long_help = examples!(
        "pass show sso | tenantry sso add Entra --issuer https://login.example.com/t --client-id panel --secret-stdin --domain example.com",
        "tenantry sso add Acme --issuer https://id.acme.example --client-id tenantry --secret-stdin --organization org_0198c0ffee… --domain acme.example --newcomers member",
    ))]
    Add(Add),
    /// List the identity providers.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry sso list"))]
    List,
    /// Show an identity provider.
    #[command(after_long_help = examples!("tenantry sso show Acme"))]
    Show(Named),
    /// Ask an identity provider for its description and its keys, and say what is wrong.
    #[command(after_long_help = examples!("tenantry sso test Acme"))]
    Test(Named),
    /// Change an identity provider.
    #[command(after_long_help = examples!("tenantry sso change Acme --policy enforced", "tenantry sso change Acme --state disabled"))]
    Change(Change),
    /// Remove an identity provider, with who is who at it and every session that it opened.
    #[command(after_long_help = examples!("tenantry sso remove Acme", "tenantry sso remove Acme --yes Acme"))]
    Remove(Remove),
}

/// A new identity provider.
#[derive(Args, Clone, Debug)]
pub struct Add {
    /// What stands behind "Continue with".
    pub name: String,
    /// The provider's own name and address, to the letter.
    #[arg(long, value_name = "ADDRESS")]
    pub issuer: String,
    /// What the provider calls us.
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// The organization whose members it speaks for (`org_…`); the staff without it.
    #[arg(long, value_name = "ORGANIZATION")]
    pub organization: Option<String>,
    /// The rest of it.
    #[command(flatten)]
    pub rest: Rest,
}

/// What can be said of a provider at any time.
#[derive(Args, Clone, Debug)]
pub struct Rest {
    /// Read the client's secret from standard input.
    #[arg(long)]
    pub secret_stdin: bool,
    /// An e-mail domain that it may speak for; may be given several times, and replaces those before.
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Vec<String>,
    /// What somebody becomes who has no account yet; `none` lets only known people in.
    #[arg(long, value_name = "ROLE")]
    pub newcomers: Option<String>,
    /// Whether passwords still open something where it speaks.
    #[arg(long, value_parser = PossibleValuesParser::new(["optional", "enforced"]))]
    pub policy: Option<String>,
}

/// An identity provider.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Its name or identifier (`idp_…`).
    #[arg(value_name = "PROVIDER", value_parser = path_name)]
    pub provider: String,
}

/// Changes to an identity provider.
#[derive(Args, Clone, Debug)]
pub struct Change {
    /// Its name or identifier (`idp_…`).
    #[arg(value_name = "PROVIDER", value_parser = path_name)]
    pub provider: String,
    /// Another name.
    #[arg(long)]
    pub name: Option<String>,
    /// Whether people can sign in with it. Disabling ends every session that it opened.
    #[arg(long, value_parser = PossibleValuesParser::new(["enabled", "disabled"]))]
    pub state: Option<String>,
    /// The rest of it.
    #[command(flatten)]
    pub rest: Rest,
}

/// An identity provider to remove.
#[derive(Args, Clone, Debug)]
pub struct Remove {
    /// Its name or identifier (`idp_…`).
    #[arg(value_name = "PROVIDER", value_parser = path_name)]
    pub provider: String,
    /// The same again, instead of typing it when asked.
    #[arg(long, value_name = "PROVIDER")]
    pub yes: Option<String>,
}

impl Rest {
    fn secret(&self, session: &mut Session<'_>) -> Result<Option<Plaintext>, Error> {
        match self.secret_stdin {
            true => ask::password_from_input(session.terminal).map(Some),
            false => Ok(None),
        }
    }

    fn domains(&self) -> Option<Vec<String>> {
        (!self.domain.is_empty()).then(|| self.domain.clone())
    }
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Add(add) => add.run(session).await,
            Self::List => list(session).await,
            Self::Show(named) => {
                let id = find(session, &named.provider).await?.id;
                let answer = session.read(&["sso", "providers", &id]).await?;
                show(session, &answer)
            }
            Self::Test(named) => test(session, &named.provider).await,
            Self::Change(change) => change.run(session).await,
            Self::Remove(remove) => remove.run(session).await,
        }
    }
}

impl Add {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = AddProvider {
            name: Some(self.name.clone()),
            issuer: Some(self.issuer.clone()),
            client_id: Some(self.client_id.clone()),
            client_secret: self.rest.secret(session)?,
            organization: self.organization.clone(),
            domains: self.rest.domains(),
            newcomers: self.rest.newcomers.clone(),
            policy: self.rest.policy.clone(),
        };
        let answer = session
            .client
            .send(&post(&["sso", "providers"]).body(&body)?)
            .await?;
        show(session, &answer)
    }
}

impl Change {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = ChangeProvider {
            name: self.name.clone(),
            client_secret: self.rest.secret(session)?,
            domains: self.rest.domains(),
            newcomers: self.rest.newcomers.clone(),
            policy: self.rest.policy.clone(),
            state: self.state.clone(),
        };
        let id = find(session, &self.provider).await?.id;
        let request = Request::change(Method::PATCH, &["sso", "providers", &id]).body(&body)?;
        let answer = session.client.send(&request).await?;
        show(session, &answer)
    }
}

impl Remove {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let found = find(session, &self.provider).await?;
        ask::confirm(session.terminal, "removed", &self.provider, self.yes.as_deref())?;
        let request = Request::change(Method::DELETE, &["sso", "providers", &found.id]);
        let answer = session.client.send(&request).await?;
        session.print(
            &answer,
            &format!(
                "{} is removed, and every session that it opened has ended.",
                found.name
            ),
        )
    }
}

/// The provider of this name or identifier.
async fn find(session: &Session<'_>, wanted: &str) -> Result<Provider, Error> {
    let all: Vec<Provider> = session.read(&["sso", "providers"]).await?.decode_items()?;
    let found = all
        .into_iter()
        .find(|one| one.id == wanted || one.name.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| Error::NotFound {
        what: format!("identity provider {wanted}"),
    })
}

async fn test(session: &mut Session<'_>, wanted: &str) -> Result<(), Error> {
    let id = find(session, wanted).await?.id;
    let answer = session
        .client
        .send(&post(&["sso", "providers", &id, "test"]))
        .await?;
    let check: ProviderCheck = answer.decode()?;
    let mut text = check.detail.clone();
    if check.ok {
        text.push_str(&format!(
            "\nSigns with: {}. Keys: {}.",
            check.algorithms.join(", "),
            check.keys
        ));
    }
    session.print(&answer, &text)
}

fn show(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    let provider: Provider = answer.decode()?;
    let of = provider.organization.as_deref().unwrap_or("staff");
    let text = format!(
        "{} ({}): {of}, {}, {}\nIssuer: {}\nDomains: {}\nNewcomers: {}\nRedirect address: {}\nBack-channel logout: {}",
        provider.name,
        provider.id,
        provider.policy,
        provider.state,
        provider.issuer,
        provider.domains.join(", "),
        provider.newcomers,
        provider.redirect_uri,
        provider.logout_uri,
    );
    session.print(answer, &text)
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["sso", "providers"]).await?;
    let providers: Vec<Provider> = answer.decode_items()?;
    let rows = providers.iter().map(|one| {
        vec![
            one.name.clone(),
            one.organization.clone().unwrap_or_else(|| "staff".to_owned()),
            one.issuer.clone(),
            one.domains.join(", "),
            one.policy.clone(),
            one.state.clone(),
            one.id.clone(),
        ]
    });
    let rows = rows.collect();
    let headings = [
        "Provider",
        "Of",
        "Issuer",
        "Domains",
        "Policy",
        "State",
        "Identifier",
    ];
    session.print_rows(&answer, &headings, rows, "No identity providers.")
}
