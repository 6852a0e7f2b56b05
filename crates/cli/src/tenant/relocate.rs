//! `tenantry tenant move` and `confirm-move`: another node, and the copy that is left on the one before.

use super::Named;
use crate::error::Error;
use crate::exit::examples;
use crate::options::path_name;
use crate::session::{Changed, Session, post};
use clap::Args;
use wire::operation::Operation;
use wire::transfer::MoveTenant;

pub(super) const HELP: &str = examples!(
    "tenantry tenant move acme --to node-2",
    "tenantry tenant move acme --label ssd --label eu",
    "tenantry tenant confirm-move acme"
);

/// Where a tenant goes.
#[derive(Args, Clone, Debug)]
pub struct Move {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// The node; without it the one with the least load.
    #[arg(long, value_name = "NODE", value_parser = path_name)]
    pub to: Option<String>,
    /// Only a node with this label; can be repeated.
    #[arg(long = "label", value_name = "LABEL")]
    pub labels: Vec<String>,
}

impl Move {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let subdomain = &self.named.subdomain;
        let body = MoveTenant {
            node: self.to.clone(),
            node_labels: (!self.labels.is_empty()).then(|| self.labels.clone()),
        };
        let request = post(&["tenants", subdomain, "move"]).body(&body)?;
        match session.change(&request).await? {
            Changed::AtOnce(answer) => session.print(&answer, &format!("{subdomain} has moved.")),
            Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
            Changed::Followed(operation) => {
                let (_, answer) = session.client.operation(&operation.id).await?;
                session.print(&answer, &told(subdomain, &operation))
            }
        }
    }
}

/// Where the tenant is, and for how long it was closed.
fn told(subdomain: &str, operation: &Operation) -> String {
    let fact = |name: &str| {
        operation
            .facts
            .as_ref()
            .and_then(|facts| facts.get(name))
            .cloned()
    };
    let text = |name: &str| fact(name).and_then(|value| value.as_str().map(ToOwned::to_owned));
    let (node, address) = (
        text("node").unwrap_or_default(),
        text("address").unwrap_or_default(),
    );
    let lead = match text("address_before").is_some_and(|before| before == address) {
        true => format!(
            "Its address is the same: see that DNS, or what stands before the nodes, leads it to {node}.\n"
        ),
        false => String::new(),
    };
    let stop = fact("stop_ms")
        .and_then(|value| value.as_i64())
        .unwrap_or_default();
    format!(
        "{subdomain} is on node {node} now: {address}\n{lead}It was closed for {}.{} s. To drop the copy that is left: tenantry tenant confirm-move {subdomain}",
        stop / 1000,
        stop % 1000 / 100,
    )
}

/// Drops the copy that a move left.
pub(super) async fn confirm(session: &mut Session<'_>, subdomain: &str) -> Result<(), Error> {
    let request = post(&["tenants", subdomain, "move", "confirm"]);
    let gone = format!("The copy of {subdomain} that its move left is gone.");
    match session.change(&request).await? {
        Changed::AtOnce(answer) => session.print(&answer, &gone),
        Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
        Changed::Followed(operation) => {
            let (_, answer) = session.client.operation(&operation.id).await?;
            session.print(&answer, &gone)
        }
    }
}
