//! `tenantry db …`: how much tenants hold, what is seen in their databases, and looking after those.

mod look;

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::{Changed, Session, post};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use wire::database::{Maintained, MaintenanceRequest, TerminateRequest};

/// Databases.
#[derive(Args, Clone, Debug)]
pub struct Db {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with databases.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Show how much a tenant holds, and held; without one, how much all do.
    #[command(after_long_help = examples!("tenantry db size", "tenantry db size acme"))]
    Size(Sized),
    /// List the largest tables of a tenant's database.
    #[command(after_long_help = examples!("tenantry db tables acme"))]
    Tables(Named),
    /// List who is connected to it.
    #[command(after_long_help = examples!("tenantry db connections acme"))]
    Connections(Named),
    /// List what should be looked at in it: lost room, indexes that are missing, unused, there twice or broken.
    #[command(after_long_help = examples!("tenantry db hints acme"))]
    Hints(Named),
    /// List what takes most time in it, where pg_stat_statements is there.
    #[command(after_long_help = examples!("tenantry db statements acme"))]
    Statements(Named),
    /// End one connection, named as `db connections` lists it.
    #[command(after_long_help = examples!("tenantry db terminate acme 4711 2026-11-29T10:00:00.123456Z"))]
    Terminate(Terminate),
    /// Have dead rows make room for new ones; with --full, write tables anew, which shuts each meanwhile.
    #[command(after_long_help = examples!(
        "tenantry db vacuum acme",
        "tenantry db vacuum acme --analyze --table res_partner",
        "tenantry db vacuum acme --full",
    ))]
    Vacuum(Vacuum),
    /// Have the planner's figures taken anew.
    #[command(after_long_help = examples!("tenantry db analyze acme"))]
    Analyze(Table),
    /// Have indexes built anew, beside those in use.
    #[command(after_long_help = examples!("tenantry db reindex acme --table mail_message"))]
    Reindex(Table),
}

/// Whose size.
#[derive(Args, Clone, Debug)]
pub struct Sized {
    /// The tenant's subdomain; nothing is all of them.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: Option<String>,
}

/// Which tenant.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The tenant's subdomain.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: String,
}

/// Which tables.
#[derive(Args, Clone, Debug)]
pub struct Table {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Only this table of the schema public.
    #[arg(long, value_name = "TABLE")]
    pub table: Option<String>,
}

/// Which connection.
#[derive(Args, Clone, Debug)]
pub struct Terminate {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// The number of its process.
    #[arg(value_name = "PID")]
    pub pid: i32,
    /// When it was opened: another process may have the number by now.
    #[arg(value_name = "OPENED")]
    pub started_at: Timestamp,
}

/// How to vacuum.
#[derive(Args, Clone, Debug)]
pub struct Vacuum {
    /// Tenant and table.
    #[command(flatten)]
    pub table: Table,
    /// Also take the planner's figures anew.
    #[arg(long)]
    pub analyze: bool,
    /// Write tables anew; nobody can use each meanwhile.
    #[arg(long, conflicts_with = "analyze")]
    pub full: bool,
    /// With --full: do it although the tenant is in use.
    #[arg(long, requires = "full")]
    pub force: bool,
    /// With --full: the subdomain again, instead of typing it when asked.
    #[arg(long, value_name = "SUBDOMAIN", requires = "full")]
    pub yes: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Size(sized) => match &sized.subdomain {
                Some(name) => look::size_of(session, name).await,
                None => look::total(session).await,
            },
            Self::Tables(named) => look::tables(session, &named.subdomain).await,
            Self::Connections(named) => look::connections(session, &named.subdomain).await,
            Self::Hints(named) => look::hints(session, &named.subdomain).await,
            Self::Statements(named) => look::statements(session, &named.subdomain).await,
            Self::Terminate(terminate) => terminate.run(session).await,
            Self::Vacuum(vacuum) => vacuum.run(session).await,
            Self::Analyze(table) => table.maintain(session, "analyze").await,
            Self::Reindex(table) => table.maintain(session, "reindex").await,
        }
    }
}

impl Terminate {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = TerminateRequest {
            pid: Some(self.pid),
            started_at: Some(self.started_at),
        };
        let request = post(&["tenants", &self.named.subdomain, "database", "terminate"]).body(&body)?;
        let done = format!(
            "There is no connection {} any more that was opened then.",
            self.pid
        );
        follow(session, &request, &done).await
    }
}

impl Vacuum {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = &self.table.named.subdomain;
        let mut body = self.table.body(match (self.full, self.analyze) {
            (true, _) => "vacuum-full",
            (false, true) => "vacuum-analyze",
            (false, false) => "vacuum",
        });
        if self.full {
            ask::confirm(
                session.terminal,
                "written anew, table by table",
                name,
                self.yes.as_deref(),
            )?;
            body.confirm = Some(name.clone());
            body.force = self.force.then_some(true);
        }
        maintain(session, name, &body).await
    }
}

impl Table {
    fn body(&self, work: &str) -> MaintenanceRequest {
        MaintenanceRequest {
            work: Some(work.to_owned()),
            table: self.table.clone(),
            ..MaintenanceRequest::default()
        }
    }

    async fn maintain(&self, session: &mut Session<'_>, work: &str) -> Result<(), Error> {
        maintain(session, &self.named.subdomain, &self.body(work)).await
    }
}

async fn maintain(session: &mut Session<'_>, name: &str, body: &MaintenanceRequest) -> Result<(), Error> {
    let request = post(&["tenants", name, "database", "maintenance"]).body(body)?;
    follow(session, &request, "Its tables are looked after.").await
}

async fn follow(session: &mut Session<'_>, request: &Request, done: &str) -> Result<(), Error> {
    let answer = match session.change(request).await? {
        Changed::AtOnce(answer) => answer,
        Changed::Accepted(answer, operation) => return session.print_accepted(&answer, &operation),
        Changed::Followed(operation) => session.client.operation(&operation.id).await?.1,
    };
    let told = answer
        .decode::<wire::operation::Operation>()
        .ok()
        .and_then(|operation| operation.facts);
    let found =
        told.and_then(|facts| serde_json::from_value::<Maintained>(facts.get("maintained")?.clone()).ok());
    let text = found.map_or_else(|| done.to_owned(), |found| look::maintained(&found));
    session.print(&answer, &text)
}
