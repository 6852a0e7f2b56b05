//! `tenantry node list`, `show` and `token`: the servers that run products, as the server knows them.

use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::output::size;
use crate::session::{Reader, Session, post};
use crate::table::{print_facts, print_table};
use clap::{Args, Subcommand};
use serde_json::json;
use wire::apikey;

/// The nodes.
#[derive(Args, Clone, Debug)]
pub struct Node {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with nodes.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List the nodes.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry node list"))]
    List,
    /// Show a node: its pools of ready clones, and the databases on it that nobody manages.
    #[command(after_long_help = examples!("tenantry node show node-1", "tenantry node show node-1 --json | jq .pools"))]
    Show(Named),
    /// Make a token with which one node can enrol itself, once.
    #[command(after_long_help = examples!("tenantry node token node-2", "tenantry node token node-2 --quiet > token"))]
    Token(Token),
}

/// Which node.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The node's name.
    #[arg(value_parser = path_name)]
    pub name: String,
}

/// A token for a new node.
#[derive(Args, Clone, Debug)]
pub struct Token {
    /// The name that the node will have.
    pub name: String,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => list(session).await,
            Self::Show(named) => show(session, &named.name).await,
            Self::Token(token) => token.run(session).await,
        }
    }
}

impl Token {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = post(&["nodes", "tokens"]).body(&json!({ "name": self.name }))?;
        let answer = session.client.send(&request).await?;
        let token: apikey::EnrolmentToken = answer.decode()?;
        // Shown on purpose, and alone on standard output, so that it can be piped to the node.
        session.print(&answer, token.token.expose())?;
        let end = session.terminal.time(token.expires_at);
        session.hint(&format!(
            "The token works once, until {end}; it is not shown again."
        ))?;
        Ok(())
    }
}

async fn show(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["nodes", name]).await?;
    if session.reader == Reader::Machine {
        return Ok(session.terminal.json(&answer.body)?);
    }
    let detail: apikey::NodeDetail = answer.decode()?;
    let time = |moment| session.terminal.time(moment);
    let rows = vec![
        ("Node", Some(detail.node.name.clone())),
        ("State", Some(detail.node.state.clone())),
        ("Domain", Some(detail.node.domain.clone())),
        ("Tenants", Some(detail.node.tenants.to_string())),
        ("Version", Some(detail.node.version.clone())),
        ("Enrolled", Some(time(detail.node.enrolled_at))),
        ("Last seen", detail.node.last_seen_at.map(time)),
        ("Edge", detail.edge_digest.clone()),
        ("Said this", detail.observed_at.map(time)),
    ];
    print_facts(session.terminal, &rows)?;
    let pools = detail.pools.iter().map(|pool| {
        let counts = [pool.ready, pool.wanted, pool.hits, pool.misses, pool.discarded];
        let mut row = vec![pool.template.to_string()];
        row.extend(counts.map(|count| count.to_string()));
        row
    });
    let headings = ["Pool", "Ready", "Wanted", "Hits", "Misses", "Discarded"];
    print_table(session.terminal, &headings, pools.collect(), "No pools.")?;
    let unmanaged = detail.unmanaged.iter().map(|database| {
        vec![
            database.database.clone(),
            database.owner.clone(),
            size(database.size_bytes),
            database.odoo_version.clone().unwrap_or_else(|| "-".to_owned()),
            database
                .users
                .map_or_else(|| "-".to_owned(), |users| users.to_string()),
            session.terminal.time_or_dash(database.last_login_at),
            database.obstacle.clone().unwrap_or_default(),
        ]
    });
    let unmanaged: Vec<Vec<String>> = unmanaged.collect();
    let headings = [
        "Unmanaged",
        "Owner",
        "Size",
        "Odoo",
        "Users",
        "Last login",
        "Obstacle",
    ];
    print_table(session.terminal, &headings, unmanaged, "No unmanaged databases.")?;
    Ok(())
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["nodes"]).await?;
    let nodes: Vec<apikey::Node> = answer.decode_items()?;
    let rows = nodes
        .iter()
        .map(|node| {
            vec![
                node.name.clone(),
                node.state.clone(),
                node.domain.clone(),
                node.tenants.to_string(),
                node.version.clone(),
                session.terminal.time_or_dash(node.last_seen_at),
                session.terminal.time(node.enrolled_at),
            ]
        })
        .collect();
    let headings = [
        "Node",
        "State",
        "Domain",
        "Tenants",
        "Version",
        "Last seen",
        "Enrolled",
    ];
    session.print_rows(
        &answer,
        &headings,
        rows,
        "No nodes. Make a token for one: tenantry node token NAME",
    )
}
