//! `tenantry support …`: entering a customer's tenant, for a reason and a time.

use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::{Answer, Request};
use crate::session::{Changed, Session, post};
use clap::{Args, Subcommand};
use wire::support::{DecideSupport, RequestSupport, SupportAccess};

/// Support accesses.
#[derive(Args, Clone, Debug)]
pub struct Support {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with support accesses.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Ask to enter a tenant. Its organization allows it, unless it wants not to be asked.
    #[command(after_long_help = examples!(
        "tenantry support request acme --reason 'ticket 812: the invoice total' --minutes 60",
    ))]
    Request(Ask),
    /// List support accesses: all to one tenant, or those of every tenant that are not over.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry support list", "tenantry support list acme"))]
    List(List),
    /// Allow one. For an organization's tenant that is for its owners and admins, in the panel.
    #[command(after_long_help = examples!("tenantry support approve acme sup_0198c0ffee0000000000000000000001"))]
    Approve(Decide),
    /// Refuse one.
    #[command(after_long_help = examples!("tenantry support refuse acme sup_0198c0ffee0000000000000000000001 --note 'not today'"))]
    Refuse(Decide),
    /// Print a link that enters with your own access, once, within a minute.
    #[command(after_long_help = examples!("tenantry support enter acme sup_0198c0ffee0000000000000000000001"))]
    Enter(Named),
    /// End one, at once: whoever is inside is out.
    #[command(after_long_help = examples!("tenantry support end acme sup_0198c0ffee0000000000000000000001"))]
    End(Named),
}

/// What is asked for.
#[derive(Args, Clone, Debug)]
pub struct Ask {
    /// The tenant's subdomain.
    #[arg(value_parser = path_name)]
    pub subdomain: String,
    /// Why, in words that the customer reads.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// For how many minutes from the first entry on.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub minutes: i64,
    /// Enter without asking the customer, who sees that; for owners, where the organization did not forbid it.
    #[arg(long)]
    pub break_glass: bool,
}

/// Which to list.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only this tenant's, and those that are over too.
    #[arg(value_parser = path_name)]
    pub subdomain: Option<String>,
}

/// One access.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The tenant's subdomain.
    #[arg(value_parser = path_name)]
    pub subdomain: String,
    /// The access (`sup_…`).
    #[arg(value_name = "ACCESS", value_parser = path_name)]
    pub access: String,
}

/// One access, and words to it.
#[derive(Args, Clone, Debug)]
pub struct Decide {
    /// Which.
    #[command(flatten)]
    pub named: Named,
    /// Words to it.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Request(ask) => ask.run(session).await,
            Self::List(list) => list.run(session).await,
            Self::Approve(decide) => decide.run(session, "approve").await,
            Self::Refuse(decide) => decide.run(session, "refuse").await,
            Self::Enter(named) => enter(session, &named.path("enter")).await,
            Self::End(named) => send(session, &post(&named.path("end"))).await,
        }
    }
}

impl Named {
    fn path<'a>(&'a self, verb: &'a str) -> [&'a str; 5] {
        ["tenants", &self.subdomain, "support", &self.access, verb]
    }
}

impl Ask {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = RequestSupport {
            reason: Some(self.reason.clone()),
            minutes: Some(self.minutes),
            break_glass: self.break_glass,
        };
        let request = post(&["tenants", &self.subdomain, "support"]).body(&body)?;
        send(session, &request).await
    }
}

impl Decide {
    async fn run(&self, session: &mut Session<'_>, verb: &str) -> Result<(), Error> {
        let body = DecideSupport {
            note: self.note.clone(),
        };
        send(session, &post(&self.named.path(verb)).body(&body)?).await
    }
}

async fn send(session: &mut Session<'_>, request: &Request) -> Result<(), Error> {
    let answer = session.client.send(request).await?;
    let access: SupportAccess = answer.decode()?;
    let text = match access.state.as_str() {
        "requested" => format!("{} is asked for; the customer decides.", access.id),
        "approved" => format!(
            "{id} is approved: tenantry support enter {tenant} {id}",
            id = access.id,
            tenant = access.tenant
        ),
        state => format!("{} is {state}.", access.id),
    };
    session.print(&answer, &text)
}

/// Asks for a link, and once more when the node was not ready at once. The link stands alone on standard output.
pub(crate) async fn enter(session: &mut Session<'_>, path: &[&str]) -> Result<(), Error> {
    let request = post(path);
    let answer = match session.change(&request).await? {
        Changed::AtOnce(answer) => answer,
        Changed::Accepted(answer, operation) => return session.print_accepted(&answer, &operation),
        // The same request, by its key: the operation has ended, and the answer is its link.
        Changed::Followed(_) => session.client.send(&request).await?,
    };
    show_link(session, &answer)
}

fn show_link(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    #[derive(serde::Deserialize)]
    struct Link {
        url: wire::Plaintext,
        expires_at: jiff::Timestamp,
    }
    let link: Link = answer.decode()?;
    session.print(answer, link.url.expose())?;
    let until = session.terminal.time(link.expires_at);
    session.hint(&format!(
        "It works once, until {until}. Whoever has it is inside."
    ))?;
    Ok(())
}

impl List {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = match &self.subdomain {
            Some(name) => session.read(&["tenants", name, "support"]).await?,
            None => session.read(&["support"]).await?,
        };
        let accesses: Vec<SupportAccess> = answer.decode_items()?;
        let rows = accesses.iter().map(|access| row(session, access)).collect();
        let headings = [
            "Tenant",
            "State",
            "Who",
            "Why",
            "Asked",
            "Entered",
            "Ends",
            "Identifier",
        ];
        session.print_rows(&answer, &headings, rows, "No support accesses.")
    }
}

fn row(session: &Session<'_>, access: &SupportAccess) -> Vec<String> {
    let state = match access.break_glass {
        true => format!("{} (glass broken)", access.state),
        false => access.state.clone(),
    };
    vec![
        access.tenant.clone(),
        state,
        access.requester_name.clone(),
        access.reason.clone(),
        session.terminal.time(access.requested_at),
        session.terminal.time_or_dash(access.opened_at),
        session.terminal.time_or_dash(access.over_at.or(access.ends_at)),
        access.id.clone(),
    ]
}
