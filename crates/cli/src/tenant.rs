//! `tenantry tenant …`: the life of a tenant.

mod adopt;
mod bulk;
mod change;
mod create;
mod destroy;
mod list;
mod relocate;
mod show;
mod switch;

use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::session::Session;
use crate::settings::Environment;
use clap::{Args, Subcommand};

pub use adopt::Adopt;
pub use bulk::Bulk;
pub use change::{Password, Rename, Resume, Suspend, Update};
pub use create::Create;
pub use destroy::Destroy;
pub use list::List;
pub use relocate::Move;
pub use show::Open;
pub use switch::Switch;

/// The tenants.
#[derive(Args, Clone, Debug)]
pub struct Tenant {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// The tenant that a command is about.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The tenant's subdomain.
    #[arg(value_parser = path_name)]
    pub subdomain: String,
}

/// What can be done with tenants.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Make a tenant: its database, its address, its administrator.
    #[command(after_long_help = create::HELP)]
    Create(Create),
    /// Take a database over that is on a node already; nothing in it changes.
    #[command(after_long_help = adopt::HELP)]
    Adopt(Adopt),
    /// List tenants, newest first.
    #[command(visible_alias = "ls", after_long_help = list::HELP)]
    List(List),
    /// Show a tenant.
    #[command(after_long_help = examples!("tenantry tenant show acme", "tenantry tenant show acme --json | jq .state"))]
    Show(Named),
    /// Change a tenant's company name, its plan, or when its time ends.
    #[command(after_long_help = examples!(
        "tenantry tenant update acme --plan pro",
        "tenantry tenant update acme --expires 2026-12-31",
        "tenantry tenant update acme --expires never",
    ))]
    Update(Update),
    /// Set the password of a tenant's administrator; asked for on the terminal, never an argument.
    #[command(after_long_help = change::PASSWORD_HELP)]
    Password(Password),
    /// Shut a tenant's visitors and its scheduled work out; its data stay as they are.
    #[command(after_long_help = examples!("tenantry tenant suspend acme --reason unpaid --note 'invoice 2041'"))]
    Suspend(Suspend),
    /// Let a suspended or paused tenant's visitors in again.
    #[command(after_long_help = examples!("tenantry tenant resume acme", "tenantry tenant resume acme --reason unpaid"))]
    Resume(Resume),
    /// Close a tenant by its customer's own choice, until it is resumed.
    #[command(after_long_help = examples!("tenantry tenant pause acme"))]
    Pause(Named),
    /// Suspend, resume or check many tenants; without --yes, only say which.
    #[command(after_long_help = bulk::HELP)]
    Bulk(Bulk),
    /// Show or set what may happen to a tenant: everything, nothing by itself, or nothing at all.
    #[command(after_long_help = examples!("tenantry tenant switch acme", "tenantry tenant switch acme --to paused --reason 'a migration'"))]
    Switch(Switch),
    /// Move a tenant to another subdomain: database, filestore and address.
    #[command(after_long_help = examples!("tenantry tenant rename acme acme-group"))]
    Rename(Rename),
    /// Move a tenant to another node. It is closed for a moment, and a closed copy of it is left until the move is confirmed.
    #[command(after_long_help = relocate::HELP)]
    Move(Move),
    /// Drop the copy that a move left on the former node.
    #[command(after_long_help = examples!("tenantry tenant confirm-move acme"))]
    ConfirmMove(Named),
    /// Delete a tenant. It is kept for a while, and `undelete` brings it back.
    #[command(after_long_help = examples!("tenantry tenant delete acme", "tenantry tenant delete acme --yes acme"))]
    Delete(Destroy),
    /// Bring a deleted tenant back.
    #[command(after_long_help = examples!("tenantry tenant undelete acme"))]
    Undelete(Named),
    /// Drop a deleted tenant for good, now. A last dump is kept on its node.
    #[command(after_long_help = examples!("tenantry tenant purge acme", "tenantry tenant purge acme --yes acme"))]
    Purge(Destroy),
    /// Print a link that logs you in as a tenant's administrator, once; for its organization's owners and admins.
    #[command(after_long_help = examples!("tenantry tenant login acme"))]
    Login(Named),
    /// Print a tenant's address, and open it where there is a desktop.
    #[command(after_long_help = examples!("tenantry tenant open acme"))]
    Open(Open),
}

impl Action {
    pub(crate) async fn run(
        &self,
        session: &mut Session<'_>,
        environment: &Environment,
    ) -> Result<(), Error> {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::Adopt(adopt) => adopt.run(session).await,
            Self::List(list) => list.run(session).await,
            Self::Show(named) => show::show(session, &named.subdomain).await,
            Self::Update(update) => update.run(session).await,
            Self::Password(password) => password.run(session).await,
            Self::Suspend(suspend) => suspend.run(session).await,
            Self::Resume(resume) => resume.run(session).await,
            Self::Pause(named) => change::plain(session, &named.subdomain, "pause").await,
            Self::Bulk(bulk) => bulk.run(session).await,
            Self::Switch(switch) => switch.run(session).await,
            Self::Rename(rename) => rename.run(session).await,
            Self::Move(relocate) => relocate.run(session).await,
            Self::ConfirmMove(named) => relocate::confirm(session, &named.subdomain).await,
            Self::Delete(destroy) => destroy.delete(session).await,
            Self::Undelete(named) => change::plain(session, &named.subdomain, "undelete").await,
            Self::Purge(destroy) => destroy.purge(session).await,
            Self::Login(named) => {
                crate::support::enter(session, &["tenants", &named.subdomain, "login"]).await
            }
            Self::Open(open) => open.run(session, environment).await,
        }
    }
}
