//! The operator's commands over the HTTP API: `tenantry tenant`, `backup`, `db`, `template`, `node`, `plan`, `product`, `key`, `user`, `operation`,
//! `settings`, `security`, `audit`, `support`, `reconciler`, `drift`, `sso`.
//!
//! The binary flattens [`Command`] into its own parser and calls [`run`]. Nothing here decides
//! anything about tenants: a command asks the server, follows the operation and prints the answer, for
//! people on a terminal or, with `--json`, for machines as the server gave it.

mod ask;
pub mod audit;
pub mod backup;
mod client;
mod csv;
pub mod db;
mod error;
mod events;
mod exit;
mod follow;
pub mod key;
pub mod node;
pub mod operation;
mod options;
mod output;
pub mod plan;
pub mod product;
mod progress;
mod request;
pub mod security;
mod session;
pub mod setting;
mod settings;
pub mod sso;
pub mod support;
mod table;
pub mod template;
pub mod tenant;
pub mod user;
pub mod work;

pub use clap_complete::Shell;
pub use error::Error;
pub use exit::{EXIT_CODES, Exit};
pub use options::{Options, Spoken};
pub use output::{AskSecret, Interactive, Terminal};
pub use settings::Environment;

use session::Session;
use std::io;

// `concat!` hides the text from clap, which would put a plain doc comment in place of the binary's own description.
#[doc = concat!("The commands, to be flattened into the binary's: `#[command(flatten)] Operator(Box<cli::Command>)`.")]
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Tenants: create, list, suspend, rename, delete and the rest of their life.
    #[command(after_help = EXIT_CODES)]
    Tenant(tenant::Tenant),
    /// Templates, the prepared databases that tenants are cloned from.
    #[command(after_help = EXIT_CODES)]
    Template(template::Template),
    /// Nodes, the servers that run products.
    #[command(after_help = EXIT_CODES)]
    Node(node::Node),
    /// Plans: what tenants may hold, and which of them are offered.
    #[command(after_help = EXIT_CODES)]
    Plan(plan::Plan),
    /// Products: what is sold.
    #[command(after_help = EXIT_CODES)]
    Product(product::Product),
    /// API keys.
    #[command(after_help = EXIT_CODES)]
    Key(key::Key),
    /// People: the operator's staff.
    #[command(after_help = EXIT_CODES)]
    User(user::User),
    /// Backups: taken, proven, restored, and where they are kept.
    #[command(after_help = EXIT_CODES)]
    Backup(backup::Backup),
    /// Databases: sizes, tables, connections, hints, and looking after them.
    #[command(after_help = EXIT_CODES)]
    Db(db::Db),
    /// Operations: what is being done, what was done, and how it ended.
    #[command(after_help = EXIT_CODES)]
    Operation(operation::Operation),
    /// Settings that are in force at once, without a restart.
    #[command(after_help = EXIT_CODES)]
    Settings(setting::Settings),
    /// The audit trail: who changed what, and whether it is still as it was written.
    #[command(after_help = EXIT_CODES)]
    Audit(audit::Audit),
    /// What is kept true by itself, and what is done by the clock.
    #[command(after_help = EXIT_CODES)]
    Reconciler(work::Reconciler),
    /// What nodes see otherwise than the control plane believes, and mending it.
    #[command(after_help = EXIT_CODES)]
    Drift(work::Drift),
    /// Single sign-on: the identity providers that people sign in with.
    #[command(after_help = EXIT_CODES)]
    Sso(sso::Sso),
    /// What the server's front door refused, and letting it pass.
    #[command(after_help = EXIT_CODES)]
    Security(security::Security),
    /// Support accesses: entering a customer's tenant, for a reason and a time.
    #[command(after_help = EXIT_CODES)]
    Support(support::Support),
}

impl Command {
    fn options(&self) -> &Options {
        match self {
            Self::Tenant(tenant) => &tenant.options,
            Self::Template(template) => &template.options,
            Self::Node(node) => &node.options,
            Self::Plan(plan) => &plan.options,
            Self::Product(product) => &product.options,
            Self::Key(key) => &key.options,
            Self::User(user) => &user.options,
            Self::Backup(backup) => &backup.options,
            Self::Db(db) => &db.options,
            Self::Operation(operation) => &operation.options,
            Self::Settings(settings) => &settings.options,
            Self::Audit(audit) => &audit.options,
            Self::Reconciler(reconciler) => &reconciler.options,
            Self::Drift(drift) => &drift.options,
            Self::Security(security) => &security.options,
            Self::Support(support) => &support.options,
            Self::Sso(sso) => &sso.options,
        }
    }
}

/// Runs a command to its end, errors told; the answer is the process's exit code.
pub async fn run(command: &Command, environment: &Environment, terminal: &mut Terminal) -> Exit {
    let Err(error) = perform(command, environment, terminal).await else {
        return Exit::Done;
    };
    let told = match command.options().json {
        true => error.tell_json(terminal),
        false => error.tell(terminal),
    };
    // When standard error is gone too, the exit code is all that can be said.
    drop(told);
    error.exit()
}

async fn perform(command: &Command, environment: &Environment, terminal: &mut Terminal) -> Result<(), Error> {
    if let Command::Audit(audit) = command
        && let Some(check) = audit.without_server()
    {
        return check.offline(&audit.options, terminal);
    }
    let mut session = Session::open(command.options(), environment, terminal)?;
    match command {
        Command::Tenant(tenant) => tenant.action.run(&mut session, environment).await,
        Command::Template(template) => template.action.run(&mut session).await,
        Command::Node(node) => node.action.run(&mut session).await,
        Command::Plan(plan) => plan.action.run(&mut session).await,
        Command::Product(product) => product.action.run(&mut session).await,
        Command::Key(key) => key.action.run(&mut session).await,
        Command::User(user) => user.action.run(&mut session).await,
        Command::Backup(backup) => backup.action.run(&mut session).await,
        Command::Db(db) => db.action.run(&mut session).await,
        Command::Operation(operation) => operation.action.run(&mut session).await,
        Command::Settings(settings) => settings.action.run(&mut session).await,
        Command::Audit(audit) => audit.action.run(&mut session).await,
        Command::Reconciler(reconciler) => reconciler.action.run(&mut session).await,
        Command::Drift(drift) => drift.action.run(&mut session).await,
        Command::Sso(sso) => sso.action.run(&mut session).await,
        Command::Security(security) => security.action.run(&mut session).await,
        Command::Support(support) => support.action.run(&mut session).await,
    }
}

/// Writes the completions of the whole program for a shell.
///
/// # Errors
/// When `output` cannot be written.
pub fn completions(shell: Shell, program: &mut clap::Command, output: &mut dyn io::Write) -> io::Result<()> {
    let name = program.get_name().to_owned();
    // Into memory first: clap_complete panics when a pipe is closed on it.
    let mut script = Vec::new();
    clap_complete::generate(shell, program, name, &mut script);
    output.write_all(&script)
}
