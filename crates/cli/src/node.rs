//! `tenantry node list` and `token`: the servers that run products, as the server knows them.

use crate::error::Error;
use crate::exit::examples;
use crate::options::Options;
use crate::session::{Session, post};
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
    /// Make a token with which one node can enrol itself, once.
    #[command(after_long_help = examples!("tenantry node token node-2", "tenantry node token node-2 --quiet > token"))]
    Token(Token),
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
