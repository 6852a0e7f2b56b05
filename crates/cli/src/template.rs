//! `tenantry template …`: the prepared databases that tenants are cloned from.

use crate::error::Error;
use crate::exit::examples;
use crate::options::Options;
use crate::output::size;
use crate::session::{Changed, Session, post};
use clap::{Args, Subcommand};
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
    /// List the templates.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry template list"))]
    List,
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
        let request = post(&["templates"]).body(&body)?;
        match session.change(&request).await? {
            Changed::AtOnce(answer) => session.print(&answer, "Done."),
            Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
            Changed::Followed(operation) => {
                let (_, answer) = session.client.operation(&operation.id).await?;
                let text = format!(
                    "Template {} is ready on node {}.",
                    operation.subject,
                    operation.node.unwrap_or_default()
                );
                session.print(&answer, &text)
            }
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
                template.odoo_version.clone().unwrap_or_else(|| "-".to_owned()),
                template.languages.join(", "),
                template.modules.join(", "),
                template.size_bytes.map_or_else(|| "-".to_owned(), size),
                session.terminal.time_or_dash(template.built_at),
            ]
        })
        .collect();
    let headings = [
        "Template",
        "Node",
        "State",
        "Odoo",
        "Languages",
        "Modules",
        "Size",
        "Built",
    ];
    session.print_rows(
        &answer,
        &headings,
        rows,
        "No templates. Build one: tenantry template build",
    )
}
