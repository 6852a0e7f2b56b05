//! `tenantry user …`: the people who run the installation.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::{Answer, Request};
use crate::session::{Session, post};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::StaffRole;
use reqwest::Method;
use wire::person::{Invite as InviteBody, OneTimeLink, Person, PersonList, UpdatePerson};

/// The people who run the installation.
#[derive(Args, Clone, Debug)]
pub struct User {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with people.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Invite somebody, and print the link to hand to them. No mail is sent.
    #[command(after_long_help = examples!("tenantry user invite ana@example.com --role operator"))]
    Invite(Invite),
    /// List the people and the open invitations.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry user list"))]
    List,
    /// Show a person.
    #[command(after_long_help = examples!("tenantry user show ana@example.com"))]
    Show(Named),
    /// Give a person another role. It counts at once.
    #[command(after_long_help = examples!("tenantry user role ana@example.com admin"))]
    Role(Role),
    /// Shut a person out: they cannot sign in, and their sessions end at once.
    #[command(after_long_help = examples!(
        "tenantry user disable ana@example.com",
        "tenantry user disable ana@example.com --yes ana@example.com",
    ))]
    Disable(Disable),
    /// Let a person in again who was shut out.
    #[command(after_long_help = examples!("tenantry user enable ana@example.com"))]
    Enable(Named),
    /// Print a link with which a person sets another password, to hand to them. No mail is sent.
    #[command(after_long_help = examples!("tenantry user reset ana@example.com"))]
    Reset(Named),
    /// Take all second factors of a person away who lost them. Their sessions end, and they sign in with their password
    /// alone. Make sure that it is them who asks; only owners may.
    #[command(after_long_help = examples!(
        "tenantry user reset-factors ana@example.com",
        "tenantry user reset-factors ana@example.com --yes ana@example.com",
    ))]
    ResetFactors(Disable),
}

/// Somebody to invite.
#[derive(Args, Clone, Debug)]
pub struct Invite {
    /// Their e-mail address.
    pub email: String,
    /// What they will be.
    #[arg(long, value_parser = PossibleValuesParser::new(roles()))]
    pub role: String,
}

/// A person.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Their e-mail address or identifier (`per_…`).
    #[arg(value_name = "USER", value_parser = path_name)]
    pub user: String,
}

/// A person's new role.
#[derive(Args, Clone, Debug)]
pub struct Role {
    /// Their e-mail address or identifier (`per_…`).
    #[arg(value_name = "USER", value_parser = path_name)]
    pub user: String,
    /// What they will be.
    #[arg(value_parser = PossibleValuesParser::new(roles()))]
    pub role: String,
}

/// A person, named twice.
#[derive(Args, Clone, Debug)]
pub struct Disable {
    /// Their e-mail address or identifier (`per_…`).
    #[arg(value_name = "USER", value_parser = path_name)]
    pub user: String,
    /// The same again, instead of typing it when asked.
    #[arg(long, value_name = "USER")]
    pub yes: Option<String>,
}

fn roles() -> Vec<&'static str> {
    StaffRole::ALL.iter().map(|role| role.as_str()).collect()
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Invite(invite) => invite.run(session).await,
            Self::List => list(session).await,
            Self::Show(named) => {
                let answer = session.read(&["people", &named.user]).await?;
                show(session, &answer)
            }
            Self::Role(role) => {
                let body = UpdatePerson {
                    role: Some(role.role.clone()),
                    state: None,
                };
                update(session, &role.user, &body).await
            }
            Self::Disable(disable) => {
                ask::confirm(
                    session.terminal,
                    "shut out",
                    &disable.user,
                    disable.yes.as_deref(),
                )?;
                set_state(session, &disable.user, "disabled").await
            }
            Self::Enable(named) => set_state(session, &named.user, "active").await,
            Self::ResetFactors(person) => {
                let (user, yes) = (&person.user, person.yes.as_deref());
                ask::confirm(session.terminal, "without a second factor", user, yes)?;
                let request = Request::change(Method::DELETE, &["people", user, "second-factors"]);
                let answer = session.client.send(&request).await?;
                let text = format!("{user} has no second factor any more, and their sessions have ended.");
                session.print(&answer, &text)
            }
            Self::Reset(named) => {
                let answer = session
                    .client
                    .send(&post(&["people", &named.user, "reset"]))
                    .await?;
                show_link(session, &answer)
            }
        }
    }
}

impl Invite {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = InviteBody {
            email: Some(self.email.clone()),
            role: Some(self.role.clone()),
        };
        let request = post(&["people", "invitations"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        show_link(session, &answer)
    }
}

/// The link alone on standard output, so that it can be piped to where it is sent from.
fn show_link(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    let link: OneTimeLink = answer.decode()?;
    session.print(answer, link.link.expose())?;
    let until = session.terminal.time(link.expires_at);
    session.hint(&format!(
        "Hand this link to {}; nobody else is sent it. It works once, until {until}.",
        link.email
    ))?;
    Ok(())
}

async fn set_state(session: &mut Session<'_>, user: &str, state: &str) -> Result<(), Error> {
    let body = UpdatePerson {
        role: None,
        state: Some(state.to_owned()),
    };
    update(session, user, &body).await
}

async fn update(session: &mut Session<'_>, user: &str, body: &UpdatePerson) -> Result<(), Error> {
    let request = Request::change(Method::PATCH, &["people", user]).body(body)?;
    let answer = session.client.send(&request).await?;
    show(session, &answer)
}

fn show(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    let person: Person = answer.decode()?;
    let role = person.role.as_deref().unwrap_or("customer");
    let text = format!("{} ({}): {role}, {}", person.email, person.name, person.state);
    session.print(answer, &text)
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["people"]).await?;
    let people: PersonList = answer.decode()?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for person in &people.items {
        rows.push(vec![
            person.email.clone(),
            person.name.clone(),
            person.role.clone().unwrap_or_default(),
            person.state.clone(),
            session.terminal.time(person.created_at),
            person.id.clone(),
        ]);
    }
    for invitation in &people.invitations {
        rows.push(vec![
            invitation.email.clone(),
            "-".to_owned(),
            invitation.role.clone(),
            "invited".to_owned(),
            session.terminal.time(invitation.created_at),
            "-".to_owned(),
        ]);
    }
    let headings = ["Address", "Name", "Role", "State", "Since", "Identifier"];
    session.print_rows(
        &answer,
        &headings,
        rows,
        "Nobody yet. The owner's link makes the first one.",
    )
}
