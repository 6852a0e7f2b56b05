//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The control plane of companies that sell hosted web applications, Odoo first.
#[derive(Debug, Parser)]
#[command(name = "tenantry", version, after_help = cli::EXIT_CODES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Run everything on this machine: PostgreSQL, server, node, Odoo and the edge.
    Up(Box<Up>),
    /// Run the control plane.
    Server(Config),
    /// Nodes: run the agent of one, list them, make an enrolment token.
    #[command(after_help = cli::EXIT_CODES)]
    Node(Node),
    /// The keys that secrets are sealed with.
    Secrets(Secrets),
    /// Check what an installation needs, and say what to mend.
    Doctor(Doctor),
    /// Print the OpenAPI document.
    Openapi,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: cli::Shell,
    },
    /// Tenants: create, list, suspend, rename, delete and the rest of their life.
    #[command(after_help = cli::EXIT_CODES)]
    Tenant(Box<cli::tenant::Tenant>),
    /// Templates, the prepared databases that tenants are cloned from.
    #[command(after_help = cli::EXIT_CODES)]
    Template(cli::template::Template),
    /// Backups: taken, proven, restored, and where they are kept.
    #[command(after_help = cli::EXIT_CODES)]
    Backup(Box<cli::backup::Backup>),
    /// Databases: sizes, tables, connections, hints, and looking after them.
    #[command(after_help = cli::EXIT_CODES)]
    Db(cli::db::Db),
    /// Plans: what tenants may hold, and which of them are offered.
    #[command(after_help = cli::EXIT_CODES)]
    Plan(cli::plan::Plan),
    /// Products: what is sold.
    #[command(after_help = cli::EXIT_CODES)]
    Product(cli::product::Product),
    /// API keys.
    #[command(after_help = cli::EXIT_CODES)]
    Key(cli::key::Key),
    /// People: the operator's staff.
    #[command(after_help = cli::EXIT_CODES)]
    User(cli::user::User),
    /// Single sign-on: the identity providers that people sign in with.
    #[command(after_help = cli::EXIT_CODES)]
    Sso(cli::sso::Sso),
    /// Operations: what is being done, what was done, and how it ended.
    #[command(after_help = cli::EXIT_CODES)]
    Operation(cli::operation::Operation),
    /// Settings that are in force at once, without a restart.
    #[command(after_help = cli::EXIT_CODES)]
    Settings(cli::setting::Settings),
    /// What is kept true by itself, and what is done by the clock.
    #[command(after_help = cli::EXIT_CODES)]
    Reconciler(cli::work::Reconciler),
    /// What nodes see otherwise than the control plane believes, and mending it.
    #[command(after_help = cli::EXIT_CODES)]
    Drift(cli::work::Drift),
    /// What the server's front door refused, and letting it pass.
    #[command(after_help = cli::EXIT_CODES)]
    Security(cli::security::Security),
    /// The audit trail: who changed what, and whether it is still as it was written.
    #[command(after_help = cli::EXIT_CODES)]
    Audit(cli::audit::Audit),
    /// Support accesses: entering a customer's tenant, for a reason and a time.
    #[command(after_help = cli::EXIT_CODES)]
    Support(cli::support::Support),
}

/// What `up` can be told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Up {
    /// The folder that holds everything; made when it is missing.
    #[arg(long, value_name = "DIR", default_value = ".data")]
    pub(crate) data: PathBuf,
    /// The server's port; the others follow it. Without it: server 4443, edge 8080, node 8070, Odoo 8069 and
    /// 8072, PostgreSQL 5433.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1024..=65530))]
    pub(crate) port: Option<u16>,
    /// Without Odoo: no template is built and no tenant created.
    #[arg(long)]
    pub(crate) no_odoo: bool,
    /// For tests: PostgreSQL forces nothing to disk, so that a crash of the machine loses everything.
    #[arg(long)]
    pub(crate) disposable: bool,
    /// Odoo's command.
    #[arg(long, value_name = "FILE", env = "ODOO_BIN", conflicts_with = "no_odoo")]
    pub(crate) odoo_bin: Option<PathBuf>,
    /// Odoo's add-on folders, separated by commas.
    #[arg(long, value_name = "DIRS", env = "ODOO_ADDONS_PATH", default_value = "")]
    pub(crate) odoo_addons: String,
}

/// A configuration file.
#[derive(Args, Clone, Debug)]
pub(crate) struct Config {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// The keys that secrets are sealed with.
#[derive(Args, Clone, Debug)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    pub(crate) action: SecretsAction,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SecretsAction {
    /// Seal with a new key from now on, and bring every key under the server's present one.
    ///
    /// Servers may go on running. To exchange the server's own key, first put the present one into previous_keys of
    /// every server's configuration and a new one in its place, and restart them one by one.
    Rotate(Rotate),
}

/// How to exchange keys.
#[derive(Args, Clone, Debug)]
pub(crate) struct Rotate {
    /// The server's configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Also seal anew everything that was sealed before.
    #[arg(long)]
    pub(crate) reencrypt: bool,
}

/// What `doctor` looks at.
#[derive(Args, Clone, Debug)]
pub(crate) struct Doctor {
    /// The folder of `tenantry up`.
    #[arg(long, value_name = "DIR", default_value = ".data")]
    pub(crate) data: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Nodes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Node {
    #[command(flatten)]
    pub(crate) options: cli::Options,
    #[command(subcommand)]
    pub(crate) action: NodeAction,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum NodeAction {
    /// Run the agent of this node.
    Run(Config),
    #[command(flatten)]
    Operator(cli::node::Action),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_of_the_operator_s_is_one_of_the_program_s() {
        let program = Arguments::command();
        let operator = cli::Command::augment_subcommands(clap::Command::new("operator"));
        for command in operator.get_subcommands() {
            assert!(
                program.find_subcommand(command.get_name()).is_some(),
                "{}",
                command.get_name()
            );
        }
    }
}
