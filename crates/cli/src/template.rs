//! `tenantry template …`: the prepared databases that tenants are cloned from.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::output::size;
use crate::request::Request;
use crate::session::{Changed, Session, post};
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::apikey;

/// The templates.
#[derive(Args, Clone, Debug)]
pub struct Template {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with templates.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Build a template from nothing; takes minutes.
    #[command(after_long_help = examples!(
        "tenantry template build",
        "tenantry template build --name shop --modules web,website_sale --languages es_DO,en_US",
        "tenantry template build --wait 0",
    ))]
    Build(Build),
    /// Build a template anew, with the modules and languages that it has; it serves until the new one is ready.
    #[command(after_long_help = examples!("tenantry template rebuild template_tenant"))]
    Rebuild(Named),
    /// Compile a template's pages and bundles anew, so that no clone has to.
    #[command(after_long_help = examples!("tenantry template warm template_tenant"))]
    Warm(Named),
    /// Make a template of a copy of a database, without its people. The database stays as it is.
    #[command(after_long_help = examples!("tenantry template adopt shop --from acme"))]
    Adopt(Adopt),
    /// Drop a template and its ready clones. Tenants that were made of it stay.
    #[command(after_long_help = examples!("tenantry template retire shop --yes shop"))]
    Retire(Retire),
    /// Say how many clones of a template are kept ready; without a size, demand decides.
    #[command(after_long_help = examples!("tenantry template pool template_tenant --size 10",
        "tenantry template pool template_tenant"))]
    Pool(Pool),
    /// List the templates.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry template list"))]
    List,
}

/// Which template.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The template's name.
    #[arg(value_parser = path_name)]
    pub name: String,
    /// The node; needed when several have it.
    #[arg(long)]
    pub node: Option<String>,
}

/// A template of a copy.
#[derive(Args, Clone, Debug)]
pub struct Adopt {
    /// The new template.
    #[command(flatten)]
    pub named: Named,
    /// The database to copy.
    #[arg(long, value_name = "DATABASE")]
    pub from: String,
}

/// A template to retire.
#[derive(Args, Clone, Debug)]
pub struct Retire {
    /// The template.
    #[command(flatten)]
    pub named: Named,
    /// Its name again, instead of being asked for it.
    #[arg(long, value_name = "NAME")]
    pub yes: Option<String>,
}

/// The size of a pool.
#[derive(Args, Clone, Debug)]
pub struct Pool {
    /// The template.
    #[command(flatten)]
    pub named: Named,
    /// 0 to 1000.
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..=1000))]
    pub size: Option<i32>,
}

/// A template to build.
#[derive(Args, Clone, Debug)]
pub struct Build {
    /// Its name, which is its database's too; template_tenant without it.
    #[arg(long)]
    pub name: Option<String>,
    /// The node; needed when there are several.
    #[arg(long)]
    pub node: Option<String>,
    /// Odoo modules, separated by commas; web, website, mail and website_mail without it.
    #[arg(long, value_delimiter = ',')]
    pub modules: Option<Vec<String>>,
    /// Languages as Odoo names them, separated by commas; es_ES and en_US without it.
    #[arg(long, value_delimiter = ',')]
    pub languages: Option<Vec<String>>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Build(build) => build.run(session).await,
            Self::Rebuild(named) => named.again(session, "rebuild").await,
            Self::Warm(named) => named.again(session, "warm").await,
            Self::Adopt(adopt) => adopt.run(session).await,
            Self::Retire(retire) => retire.run(session).await,
            Self::Pool(pool) => pool.run(session).await,
            Self::List => list(session).await,
        }
    }
}

impl Build {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = apikey::BuildTemplate {
            name: self.name.clone(),
            node: self.node.clone(),
            modules: self.modules.clone(),
            languages: self.languages.clone(),
        };
        follow(session, &post(&["templates"]).body(&body)?, "is ready").await
    }
}

impl Named {
    async fn again(&self, session: &mut Session<'_>, verb: &str) -> Result<(), Error> {
        let body = apikey::TemplateOnNode {
            node: self.node.clone(),
        };
        let request = post(&["templates", &self.name, verb]).body(&body)?;
        follow(session, &request, "is ready").await
    }
}

impl Adopt {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = apikey::AdoptTemplate {
            node: self.named.node.clone(),
            database: Some(self.from.clone()),
        };
        let request = post(&["templates", &self.named.name, "adopt"]).body(&body)?;
        follow(session, &request, "is ready").await
    }
}

impl Retire {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = &self.named.name;
        let action = "dropped with its ready clones";
        ask::confirm(session.terminal, action, name, self.yes.as_deref())?;
        let body = apikey::RetireTemplate {
            node: self.named.node.clone(),
            confirm: Some(name.clone()),
        };
        let request = post(&["templates", name, "retire"]).body(&body)?;
        follow(session, &request, "is retired").await
    }
}

impl Pool {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = apikey::SetPool {
            node: self.named.node.clone(),
            size: self.size,
        };
        let request = Request::change(Method::PUT, &["templates", &self.named.name, "pool"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        let text = match self.size {
            Some(size) => format!("{size} clones of {} are kept ready.", self.named.name),
            None => format!(
                "Demand decides how many clones of {} are kept ready.",
                self.named.name
            ),
        };
        session.print(&answer, &text)
    }
}

async fn follow(session: &mut Session<'_>, request: &Request, done: &str) -> Result<(), Error> {
    match session.change(request).await? {
        Changed::AtOnce(answer) => session.print(&answer, "Done."),
        Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
        Changed::Followed(operation) => {
            let (_, answer) = session.client.operation(&operation.id).await?;
            let node = operation.node.unwrap_or_default();
            session.print(
                &answer,
                &format!("Template {} {done} on node {node}.", operation.subject),
            )
        }
    }
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["templates"]).await?;
    let templates: Vec<apikey::Template> = answer.decode_items()?;
    let rows = templates
        .iter()
        .map(|template| {
            vec![
                template.name.clone(),
                template.node.clone(),
                template.state.clone(),
                template.version.to_string(),
                template.odoo_version.clone().unwrap_or_else(|| "-".to_owned()),
                template.languages.join(", "),
                template.modules.join(", "),
                template.size_bytes.map_or_else(|| "-".to_owned(), size),
                session.terminal.time_or_dash(template.built_at),
                session.terminal.time_or_dash(template.warmed_at),
            ]
        })
        .collect();
    let headings = [
        "Template",
        "Node",
        "State",
        "Version",
        "Odoo",
        "Languages",
        "Modules",
        "Size",
        "Built",
        "Warmed",
    ];
    session.print_rows(
        &answer,
        &headings,
        rows,
        "No templates. Build one: tenantry template build",
    )
}
