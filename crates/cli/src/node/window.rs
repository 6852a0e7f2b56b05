//! `tenantry node window`: to which moments tenants can be brought back.

use crate::error::Error;
use crate::options::path_name;
use crate::output::size;
use crate::session::Session;
use clap::Args;
use wire::apikey::{Node, NodeDetail};
use wire::point_in_time::PointInTimeView;

/// Of which node.
#[derive(Args, Clone, Debug)]
pub struct Window {
    /// The node's name; without it, of all.
    #[arg(value_parser = path_name)]
    pub name: Option<String>,
}

impl Window {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = match &self.name {
            Some(name) => session.read(&["nodes", name]).await?,
            None => session.read(&["nodes"]).await?,
        };
        let names: Vec<String> = match &self.name {
            Some(name) => vec![name.clone()],
            None => {
                let nodes: Vec<Node> = answer.decode_items()?;
                nodes.into_iter().map(|node| node.name).collect()
            }
        };
        let mut rows = Vec::new();
        for name in names {
            let detail: NodeDetail = session.read(&["nodes", &name]).await?.decode()?;
            rows.push(row(session, name, detail.point_in_time.as_ref()));
        }
        let headings = ["NODE", "EARLIEST", "LATEST", "BASE BACKUP", "ARCHIVE", "TROUBLE"];
        session.print_rows(&answer, &headings, rows, "There are no nodes.")
    }
}

fn row(session: &Session<'_>, name: String, window: Option<&PointInTimeView>) -> Vec<String> {
    let Some(window) = window else {
        let mut row = vec![name];
        row.extend(["-", "-", "-", "-", "keeps no archive"].map(ToOwned::to_owned));
        return row;
    };
    let time = |at| session.terminal.time_or_dash(at);
    let trouble = window.trouble.clone();
    let gap = window
        .broken_at
        .map(|at| format!("a gap at {}", session.terminal.time(at)));
    vec![
        name,
        time(window.earliest),
        time(window.latest),
        time(window.backed_up_at),
        size(i64::try_from(window.bytes).unwrap_or(i64::MAX)),
        trouble.or(gap).unwrap_or_else(|| "-".to_owned()),
    ]
}
