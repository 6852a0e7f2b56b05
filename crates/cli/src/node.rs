//! `tenantry node list`, `show` and `token`: the servers that run products, as the server knows them.

mod drain;
mod window;

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::output::{Terminal, size};
use crate::request::Request;
use crate::session::{Reader, Session, post};
use crate::table::{print_facts, print_table};
use clap::{Args, Subcommand};
use reqwest::Method;
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
    /// Show to which moments the tenants of a node, or of all nodes, can be brought back.
    #[command(after_long_help = examples!("tenantry node window", "tenantry node window node-1"))]
    Window(window::Window),
    /// Say what a node may do, how many tenants it may have, what it is known by.
    #[command(after_long_help = examples!("tenantry node set node-1 --mode draining --reason 'new disks'",
        "tenantry node set node-1 --mode active", "tenantry node set node-1 --max-tenants 200 --label ssd --label eu"))]
    Set(Set),
    /// Have all tenants of a node go to others, a few at a time, by a plan that you see first.
    ///
    /// Without any of --plan, --yes, --show, --pause, --resume and --cancel, it shows the plan and asks.
    #[command(after_long_help = drain::HELP)]
    Drain(drain::DrainNode),
    /// Drop every copy that moves left on a node, once you have seen that all is well where the tenants are now.
    #[command(after_long_help = examples!("tenantry node confirm-moves node-1 --yes node-1"))]
    ConfirmMoves(drain::Confirm),
    /// Take a node out for good, once nothing is left on it.
    ///
    /// A lost node can be taken out with everything on it. Should it come back, it closes all of that.
    #[command(after_long_help = examples!("tenantry node remove node-1 --yes node-1",
        "tenantry node remove node-1 --lost --tenants acme,beta --yes node-1"))]
    Remove(Remove),
    /// Have a node bring itself another credential; the one in force ends when the new one is first used.
    #[command(after_long_help = examples!("tenantry node rotate node-1"))]
    Rotate(Named),
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

/// What the operator says of a node.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true, args = ["mode", "max_tenants", "unlimited", "labels", "no_labels"])]
pub struct Set {
    /// The node's name.
    #[arg(value_parser = path_name)]
    pub name: String,
    /// active, draining (no new tenants), paused (nor what nobody asked for) or stopped (work for it waits).
    #[arg(long)]
    pub mode: Option<String>,
    /// Why; wanted for every mode but active.
    #[arg(long, requires = "mode")]
    pub reason: Option<String>,
    /// The most tenants that it may have, tombstones among them.
    #[arg(long, value_name = "N")]
    pub max_tenants: Option<u32>,
    /// As many tenants as there is room for.
    #[arg(long, conflicts_with = "max_tenants")]
    pub unlimited: bool,
    /// What it is known by, such as ssd; say all of them.
    #[arg(long = "label", value_name = "LABEL")]
    pub labels: Vec<String>,
    /// Known by nothing.
    #[arg(long, conflicts_with = "labels")]
    pub no_labels: bool,
}

/// The node to be taken out.
#[derive(Args, Clone, Debug)]
pub struct Remove {
    /// The node's name.
    #[arg(value_parser = path_name)]
    pub name: String,
    /// Its name again, instead of being asked for it.
    #[arg(long, value_name = "NAME")]
    pub yes: Option<String>,
    /// The node is lost: give up all that is on it.
    #[arg(long)]
    pub lost: bool,
    /// The subdomains of all tenants that go with a lost node, tombstones among them.
    #[arg(long, requires = "lost", value_delimiter = ',', value_name = "NAME")]
    pub tenants: Vec<String>,
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
            Self::Window(window) => window.run(session).await,
            Self::Set(set) => set.run(session).await,
            Self::Drain(drain) => drain.run(session).await,
            Self::ConfirmMoves(confirm) => confirm.run(session).await,
            Self::Remove(remove) => remove.run(session).await,
            Self::Rotate(named) => rotate(session, &named.name).await,
            Self::Token(token) => token.run(session).await,
        }
    }
}

impl Set {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = apikey::UpdateNode {
            mode: self.mode.clone(),
            reason: self.reason.clone(),
            max_tenants: match (self.max_tenants, self.unlimited) {
                (Some(most), _) => Some(Some(i64::from(most))),
                (None, true) => Some(None),
                (None, false) => None,
            },
            labels: (self.no_labels || !self.labels.is_empty()).then(|| self.labels.clone()),
        };
        let request = Request::change(Method::PATCH, &["nodes", &self.name]).body(&body)?;
        let answer = session.client.send(&request).await?;
        if session.reader == Reader::Machine {
            return Ok(session.terminal.json(&answer.body)?);
        }
        let node: apikey::Node = answer.decode()?;
        Ok(print_facts(session.terminal, &facts(session.terminal, &node))?)
    }
}

impl Remove {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let action = match self.lost {
            true => "taken out for good with everything on it",
            false => "taken out for good",
        };
        ask::confirm(session.terminal, action, &self.name, self.yes.as_deref())?;
        let request =
            Request::change(Method::DELETE, &["nodes", &self.name]).query("confirm", Some(&self.name));
        let tenants = self.tenants.join(",");
        let request = match self.lost {
            true => request
                .query("lost", Some("true"))
                .query("tenants", Some(&tenants)),
            false => request,
        };
        session.client.send(&request).await?;
        session.hint(&format!("{} is out.", self.name))?;
        Ok(())
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

async fn rotate(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    session.client.send(&post(&["nodes", name, "rotate"])).await?;
    session.hint(&format!(
        "{name} is asked for another credential the next time that it is heard of."
    ))?;
    Ok(())
}

async fn show(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["nodes", name]).await?;
    if session.reader == Reader::Machine {
        return Ok(session.terminal.json(&answer.body)?);
    }
    let detail: apikey::NodeDetail = answer.decode()?;
    let time = |moment| session.terminal.time(moment);
    let mut rows = facts(session.terminal, &detail.node);
    rows.push(("Edge", detail.edge_digest.clone()));
    if let Some(has) = detail.capacity {
        let of = |left: u64, whole: u64| Some(format!("{} of {} left", bytes(left), bytes(whole)));
        rows.push(("Disk", of(has.disk_free_bytes, has.disk_bytes)));
        rows.push(("Memory", of(has.memory_available_bytes, has.memory_bytes)));
        let sessions = format!("{} of {} used", has.connections_used, has.connections);
        rows.push(("Sessions", Some(sessions)));
    }
    rows.push(("Credential since", detail.credential_at.map(time)));
    rows.push(("PostgreSQL", detail.postgres.clone()));
    rows.push((
        "Clock ahead",
        detail.clock_ahead_ms.map(|ahead| format!("{ahead} ms")),
    ));
    rows.push(("Said this", detail.observed_at.map(time)));
    let damaged = detail.pools.iter().filter_map(|pool| pool.damage.clone());
    rows.extend(damaged.map(|words| ("Damaged", Some(words))));
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

fn bytes(count: u64) -> String {
    size(i64::try_from(count).unwrap_or(i64::MAX))
}

fn facts(terminal: &Terminal, node: &apikey::Node) -> Vec<(&'static str, Option<String>)> {
    let tenants = match node.max_tenants {
        Some(most) => format!("{} (at most {most})", node.tenants),
        None => node.tenants.to_string(),
    };
    vec![
        ("Node", Some(node.name.clone())),
        ("State", Some(node.state.clone())),
        ("Mode", Some(node.mode.clone())),
        ("Why", node.mode_reason.clone()),
        ("Said by", node.mode_by.clone()),
        (
            "Labels",
            Some(node.labels.join(" ")).filter(|labels| !labels.is_empty()),
        ),
        ("Domain", Some(node.domain.clone())),
        ("Tenants", Some(tenants)),
        ("Version", Some(node.version.clone())),
        ("Enrolled", Some(terminal.time(node.enrolled_at))),
        ("Last seen", node.last_seen_at.map(|moment| terminal.time(moment))),
    ]
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
                node.mode.clone(),
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
        "Mode",
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
