//! `tenantry audit …`: who changed what, and whether it is still as it was written.

mod export;
mod list;
mod verify;

use crate::error::Error;
use crate::exit::examples;
use crate::options::Options;
use crate::session::Session;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::AuditOutcome;
use wire::audit::AuditKeyList;

/// The audit trail.
#[derive(Args, Clone, Debug)]
pub struct Audit {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with the audit trail.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List what was changed and what was refused, the newest first.
    #[command(after_long_help = examples!(
        "tenantry audit list --tenant acme",
        "tenantry audit list --outcome refused --from 2026-11-01",
        "tenantry audit list --action 'tenant.*' --all --json | jq -r '.items[].subject'",
    ))]
    List(list::List),
    /// Show one entry with all that it says.
    #[command(after_long_help = examples!("tenantry audit show 4711"))]
    Show(list::Show),
    /// List the actions that the trail speaks of.
    #[command(after_long_help = examples!("tenantry audit actions --spoken es"))]
    Actions,
    /// Write entries into a file: as comma-separated values, or as the chain that can be checked without the server.
    #[command(after_long_help = examples!(
        "tenantry audit export --from 2026-11-01 --to 2026-11-30 --chain november.ndjson",
        "tenantry audit export --action 'session.*' --csv - | less",
    ))]
    Export(export::Export),
    /// Check that nothing was changed, removed or added since it was sealed: at the server, or in a file without it.
    #[command(after_long_help = examples!(
        "tenantry audit verify",
        "tenantry audit verify november.ndjson --key audit.pub",
    ))]
    Verify(verify::Verify),
    /// Print the public keys that sign the chain, one a line, for `verify --key`.
    #[command(after_long_help = examples!("tenantry audit keys > audit.pub"))]
    Keys,
}

/// Which entries.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// Only of this action, such as tenant.suspend; with a * at its end, of all that begin so.
    #[arg(long)]
    pub action: Option<String>,
    /// Only by this actor: the id of a person, an API key or a node, or link, nobody, system.
    #[arg(long)]
    pub actor: Option<String>,
    /// Only of this subject, as the entries write it.
    #[arg(long)]
    pub subject: Option<String>,
    /// Only about this tenant: its name, or its id, which outlives a renaming.
    #[arg(long)]
    pub tenant: Option<String>,
    /// Only those that this organization's members may see.
    #[arg(long)]
    pub organization: Option<String>,
    /// Only from this address.
    #[arg(long)]
    pub address: Option<String>,
    /// Only what went like this.
    #[arg(long, value_parser = PossibleValuesParser::new(AuditOutcome::ALL.iter().map(|outcome| outcome.as_str())))]
    pub outcome: Option<String>,
    /// Only of this operation.
    #[arg(long)]
    pub operation: Option<String>,
    /// Part of subject, actor, reason or request id.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// at, action, actor or subject; with - before it, descending.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
}

/// From when to when.
#[derive(Args, Clone, Debug)]
pub struct Span {
    /// The first day (UTC), such as 2026-11-01, or a moment.
    #[arg(long)]
    pub from: Option<String>,
    /// The last day (UTC), or the moment before which.
    #[arg(long)]
    pub to: Option<String>,
}

impl Audit {
    /// The check that needs no server, if it is that.
    pub(crate) fn without_server(&self) -> Option<&verify::Verify> {
        match &self.action {
            Action::Verify(check) if check.file.is_some() => Some(check),
            _ => None,
        }
    }
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Show(show) => show.run(session).await,
            Self::Actions => list::actions(session).await,
            Self::Export(export) => export.run(session).await,
            Self::Verify(check) => check.online(session).await,
            Self::Keys => keys(session).await,
        }
    }
}

async fn keys(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["audit", "keys"]).await?;
    let known: AuditKeyList = answer.decode()?;
    let lines: Vec<String> = known
        .items
        .iter()
        .map(|key| format!("{} {} made {}", key.public_key, key.id, key.created_at))
        .collect();
    session.print(&answer, &lines.join("\n"))
}
