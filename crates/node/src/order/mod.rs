//! The orders, one file each, and the one list of them.

pub(crate) mod adopt;
pub(crate) mod back_up;
pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod discard;
pub(crate) mod email;
pub(crate) mod empty;
pub(crate) mod end_connection;
pub(crate) mod end_entries;
pub(crate) mod enter;
pub(crate) mod exchange;
pub(crate) mod gate;
pub(crate) mod hashing;
pub(crate) mod import;
pub(crate) mod maintain;
pub(crate) mod password;
pub(crate) mod prune;
pub(crate) mod purge;
pub(crate) mod receive;
pub(crate) mod rename;
pub(crate) mod restore;
pub(crate) mod resume;
pub(crate) mod retire;
pub(crate) mod rewind;
pub(crate) mod send;
pub(crate) mod send_backup;
pub(crate) mod shelve;
pub(crate) mod suspend;
pub(crate) mod template;
pub(crate) mod template_source;
pub(crate) mod template_swap;
pub(crate) mod undelete;
pub(crate) mod verify;

use crate::catalogue::{self, Ended};
use crate::error::{Code, NodeError, StepFailure, chain};
use crate::execution;
use crate::identifier::Identifier;
use crate::journal::Unfinished;
use crate::managed::{Managed, Subject};
use crate::plan::{Plan, Step};
use crate::room::Room;
use crate::run::Progress;
use domain::CommandId;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use wire::node::{Command, Order, Outcome};

/// How often undoing is tried at the start before it is given up, and the pause in between.
const RECOVERY_TRIES: u32 = 10;
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);

/// Every order with its steps.
pub const ORDERS: &[(&str, &[Step])] = &[
    (create::Creation::KIND, create::Creation::STEPS),
    (password::PasswordChange::KIND, password::PasswordChange::STEPS),
    (email::EmailChange::KIND, email::EmailChange::STEPS),
    (check::Check::KIND, check::Check::STEPS),
    (rename::Renaming::KIND, rename::Renaming::STEPS),
    (suspend::Suspension::KIND, suspend::Suspension::STEPS),
    (resume::Resumption::KIND, resume::Resumption::STEPS),
    (delete::Deletion::KIND, delete::Deletion::STEPS),
    (undelete::Undeletion::KIND, undelete::Undeletion::STEPS),
    (purge::Purge::KIND, purge::Purge::STEPS),
    (template::TemplateBuild::KIND, template::TemplateBuild::STEPS),
    (adopt::Adoption::KIND, adopt::Adoption::STEPS),
    (retire::Retirement::KIND, retire::Retirement::STEPS),
    (enter::Entering::KIND, enter::Entering::STEPS),
    (end_entries::Ending::KIND, end_entries::Ending::STEPS),
    (send::Sending::KIND, send::Sending::STEPS),
    (receive::Receiving::KIND, receive::Receiving::STEPS),
    (shelve::Shelving::KIND, shelve::Shelving::STEPS),
    (discard::Discarding::KIND, discard::Discarding::STEPS),
    (back_up::BackingUp::KIND, back_up::BackingUp::STEPS),
    (verify::Verification::KIND, verify::Verification::STEPS),
    (restore::Restoration::KIND, restore::Restoration::STEPS),
    (prune::Pruning::KIND, prune::Pruning::STEPS),
    (maintain::Maintenance::KIND, maintain::Maintenance::STEPS),
    (
        end_connection::ConnectionEnd::KIND,
        end_connection::ConnectionEnd::STEPS,
    ),
    (import::Importing::KIND, import::Importing::STEPS),
    (
        send_backup::SendingBackup::KIND,
        send_backup::SendingBackup::STEPS,
    ),
    (rewind::Rewinding::KIND, rewind::Rewinding::STEPS),
];

/// What an order is about.
pub(crate) fn subject(order: &Order) -> Subject {
    match order {
        Order::CreateTenant(order) => Subject::Tenant(order.tenant),
        Order::SetPassword(order) => Subject::Tenant(order.tenant),
        Order::SetEmail(order) => Subject::Tenant(order.tenant),
        Order::CheckTenant(order) => Subject::Tenant(order.tenant),
        Order::RenameTenant(order) => Subject::Tenant(order.tenant),
        Order::SuspendTenant(order) => Subject::Tenant(order.tenant),
        Order::ResumeTenant(order) => Subject::Tenant(order.tenant),
        Order::DeleteTenant(order) => Subject::Tenant(order.tenant),
        Order::UndeleteTenant(order) => Subject::Tenant(order.tenant),
        Order::PurgeTenant(order) => Subject::Tenant(order.tenant),
        Order::BuildTemplate(order) => Subject::Template(order.name.clone()),
        Order::AdoptTenant(order) => Subject::Tenant(order.tenant),
        Order::RetireTemplate(order) => Subject::Template(order.name.clone()),
        Order::EnterTenant(order) => Subject::Tenant(order.tenant),
        Order::EndEntries(order) => Subject::Tenant(order.tenant),
        Order::SendTenant(order) => Subject::Tenant(order.tenant),
        Order::ReceiveTenant(order) => Subject::Tenant(order.tenant),
        Order::ShelveTenant(order) => Subject::Tenant(order.tenant),
        Order::DiscardCopy(order) => Subject::Tenant(order.tenant),
        Order::BackUpTenant(order) => Subject::Backups(order.tenant),
        Order::VerifyBackup(order) => Subject::Backups(order.tenant),
        Order::RestoreTenant(order) => Subject::Tenant(order.tenant),
        Order::PruneBackups(order) => Subject::Backups(order.tenant),
        Order::MaintainDatabase(order) => Subject::Upkeep(order.tenant),
        Order::EndConnection(order) => Subject::Tenant(order.tenant),
        Order::SendBackup(order) => Subject::Download(order.transfer),
        Order::ImportTenant(order) => Subject::Tenant(order.tenant),
        Order::RewindTenant(order) => Subject::Tenant(order.tenant),
    }
}

/// The order's kind on the wire.
pub(crate) fn kind(order: &Order) -> &'static str {
    match order {
        Order::CreateTenant(_) => create::Creation::KIND,
        Order::SetPassword(_) => password::PasswordChange::KIND,
        Order::SetEmail(_) => email::EmailChange::KIND,
        Order::CheckTenant(_) => check::Check::KIND,
        Order::RenameTenant(_) => rename::Renaming::KIND,
        Order::SuspendTenant(_) => suspend::Suspension::KIND,
        Order::ResumeTenant(_) => resume::Resumption::KIND,
        Order::DeleteTenant(_) => delete::Deletion::KIND,
        Order::UndeleteTenant(_) => undelete::Undeletion::KIND,
        Order::PurgeTenant(_) => purge::Purge::KIND,
        Order::BuildTemplate(_) => template::TemplateBuild::KIND,
        Order::AdoptTenant(_) => adopt::Adoption::KIND,
        Order::RetireTemplate(_) => retire::Retirement::KIND,
        Order::EnterTenant(_) => enter::Entering::KIND,
        Order::EndEntries(_) => end_entries::Ending::KIND,
        Order::SendTenant(_) => send::Sending::KIND,
        Order::ReceiveTenant(_) => receive::Receiving::KIND,
        Order::ShelveTenant(_) => shelve::Shelving::KIND,
        Order::DiscardCopy(_) => discard::Discarding::KIND,
        Order::BackUpTenant(_) => back_up::BackingUp::KIND,
        Order::VerifyBackup(_) => verify::Verification::KIND,
        Order::RestoreTenant(_) => restore::Restoration::KIND,
        Order::PruneBackups(_) => prune::Pruning::KIND,
        Order::MaintainDatabase(_) => maintain::Maintenance::KIND,
        Order::EndConnection(_) => end_connection::ConnectionEnd::KIND,
        Order::SendBackup(_) => send_backup::SendingBackup::KIND,
        Order::ImportTenant(_) => import::Importing::KIND,
        Order::RewindTenant(_) => rewind::Rewinding::KIND,
    }
}

/// Plans an order and does it.
pub(crate) async fn execute(room: &Arc<Room>, command: Command, progress: &Progress) -> Outcome {
    let Command {
        id,
        generation,
        order,
    } = command;
    let subject = subject(&order);
    let begin = Begin {
        room,
        id,
        subject,
        progress,
    };
    match order {
        Order::CreateTenant(order) => {
            begin
                .run(create::Creation::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::SetPassword(order) => begin.run(password::PasswordChange::plan(order, room).await).await,
        Order::SetEmail(order) => begin.run(email::EmailChange::plan(order, room).await).await,
        Order::CheckTenant(order) => begin.run(check::Check::plan(order, room).await).await,
        Order::RenameTenant(order) => {
            begin
                .run(rename::Renaming::plan(order, generation, room).await)
                .await
        }
        Order::SuspendTenant(order) => {
            begin
                .run(suspend::Suspension::plan(order, generation, room).await)
                .await
        }
        Order::ResumeTenant(order) => {
            begin
                .run(resume::Resumption::plan(order, generation, room).await)
                .await
        }
        Order::DeleteTenant(order) => {
            begin
                .run(delete::Deletion::plan(order, generation, room).await)
                .await
        }
        Order::UndeleteTenant(order) => {
            begin
                .run(undelete::Undeletion::plan(order, generation, room).await)
                .await
        }
        Order::PurgeTenant(order) => begin.run(purge::Purge::plan(order, room).await).await,
        Order::AdoptTenant(order) => {
            begin
                .run(adopt::Adoption::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::RetireTemplate(order) => {
            begin
                .run(retire::Retirement::plan(order, id.uuid(), room).await)
                .await
        }
        Order::EnterTenant(order) => begin.run(enter::Entering::plan(order, room).await).await,
        Order::EndEntries(order) => begin.run(end_entries::Ending::plan(order, room).await).await,
        Order::SendTenant(order) => begin.run(send::Sending::plan(order, room).await).await,
        Order::ReceiveTenant(order) => {
            begin
                .run(receive::Receiving::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::ShelveTenant(order) => {
            begin
                .run(shelve::Shelving::plan(order, generation, room).await)
                .await
        }
        Order::DiscardCopy(order) => begin.run(discard::Discarding::plan(order, room).await).await,
        Order::BackUpTenant(order) => begin.run(back_up::BackingUp::plan(order, room).await).await,
        Order::VerifyBackup(order) => {
            begin
                .run(verify::Verification::plan(order, id.uuid(), room).await)
                .await
        }
        Order::RestoreTenant(order) => {
            begin
                .run(restore::Restoration::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::PruneBackups(order) => begin.run(prune::Pruning::plan(order, room)).await,
        Order::MaintainDatabase(order) => begin.run(maintain::Maintenance::plan(order, room).await).await,
        Order::EndConnection(order) => {
            begin
                .run(end_connection::ConnectionEnd::plan(order, room).await)
                .await
        }
        Order::ImportTenant(order) => {
            begin
                .run(import::Importing::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::SendBackup(order) => {
            begin
                .run(send_backup::SendingBackup::plan(order, room).await)
                .await
        }
        Order::RewindTenant(order) => {
            begin
                .run(rewind::Rewinding::plan(order, generation, id.uuid(), room).await)
                .await
        }
        Order::BuildTemplate(order) => {
            begin
                .run(template::TemplateBuild::plan(order, id.uuid(), room).await)
                .await
        }
    }
}

/// A command on its way from plan to journal.
struct Begin<'a> {
    room: &'a Arc<Room>,
    id: CommandId,
    subject: Subject,
    progress: &'a Progress,
}

impl Begin<'_> {
    async fn run<P: Plan>(self, plan: Result<P, StepFailure>) -> Outcome {
        let begun = match plan {
            Ok(plan) => self.write_down(&plan).await.map(|()| plan),
            Err(failure) => Err(failure),
        };
        match begun {
            Ok(plan) => execution::run(self.room, self.id, plan, self.progress).await,
            // Nothing was done, so the journal need not know of it: asked again, it is looked at again.
            Err(failure) => {
                execution::log_failure(self.id, P::KIND, &failure);
                execution::failed(Vec::new(), &failure)
            }
        }
    }

    async fn write_down<P: Plan>(&self, plan: &P) -> Result<(), StepFailure> {
        let intents = execution::intents(plan);
        Ok(self
            .room
            .journal
            .begin(self.id, P::KIND, &self.subject, &intents)
            .await?)
    }
}

/// Undoes a command that was cut off.
///
/// # Errors
/// [`NodeError::Recovery`] when it cannot be undone, [`NodeError::Record`] when it cannot be read.
pub(crate) async fn undo(room: &Room, command: &Unfinished) -> Result<(), NodeError> {
    match command.kind.as_str() {
        create::Creation::KIND => undo_as::<create::Creation>(room, command).await,
        password::PasswordChange::KIND => undo_as::<password::PasswordChange>(room, command).await,
        email::EmailChange::KIND => undo_as::<email::EmailChange>(room, command).await,
        check::Check::KIND => undo_as::<check::Check>(room, command).await,
        rename::Renaming::KIND => undo_as::<rename::Renaming>(room, command).await,
        suspend::Suspension::KIND => undo_as::<suspend::Suspension>(room, command).await,
        resume::Resumption::KIND => undo_as::<resume::Resumption>(room, command).await,
        delete::Deletion::KIND => undo_as::<delete::Deletion>(room, command).await,
        undelete::Undeletion::KIND => undo_as::<undelete::Undeletion>(room, command).await,
        purge::Purge::KIND => undo_as::<purge::Purge>(room, command).await,
        adopt::Adoption::KIND => undo_as::<adopt::Adoption>(room, command).await,
        retire::Retirement::KIND => undo_as::<retire::Retirement>(room, command).await,
        enter::Entering::KIND => undo_as::<enter::Entering>(room, command).await,
        end_entries::Ending::KIND => undo_as::<end_entries::Ending>(room, command).await,
        send::Sending::KIND => undo_as::<send::Sending>(room, command).await,
        receive::Receiving::KIND => undo_as::<receive::Receiving>(room, command).await,
        shelve::Shelving::KIND => undo_as::<shelve::Shelving>(room, command).await,
        discard::Discarding::KIND => undo_as::<discard::Discarding>(room, command).await,
        back_up::BackingUp::KIND => undo_as::<back_up::BackingUp>(room, command).await,
        verify::Verification::KIND => undo_as::<verify::Verification>(room, command).await,
        restore::Restoration::KIND => undo_as::<restore::Restoration>(room, command).await,
        prune::Pruning::KIND => undo_as::<prune::Pruning>(room, command).await,
        maintain::Maintenance::KIND => undo_as::<maintain::Maintenance>(room, command).await,
        end_connection::ConnectionEnd::KIND => undo_as::<end_connection::ConnectionEnd>(room, command).await,
        import::Importing::KIND => undo_as::<import::Importing>(room, command).await,
        send_backup::SendingBackup::KIND => undo_as::<send_backup::SendingBackup>(room, command).await,
        rewind::Rewinding::KIND => undo_as::<rewind::Rewinding>(room, command).await,
        template::TemplateBuild::KIND => undo_as::<template::TemplateBuild>(room, command).await,
        _ => Err(NodeError::Record {
            what: format!("command {}", command.id),
        }),
    }
}

async fn undo_as<P: Plan>(room: &Room, command: &Unfinished) -> Result<(), NodeError> {
    let intent: P::Intent =
        serde_json::from_value(command.intents.clone()).map_err(|_| NodeError::Record {
            what: format!("command {}", command.id),
        })?;
    for _ in 0..RECOVERY_TRIES {
        match execution::undo::<P>(room, &intent, &command.steps).await {
            Ok(()) => return Ok(()),
            Err(failure) => {
                tracing::error!(command = %command.id, failure = chain(&failure), "undoing failed");
            }
        }
        sleep(RECOVERY_PAUSE).await;
    }
    Err(NodeError::Recovery { command: command.id })
}

/// Ends the sessions that would hold up a change of name, then changes everything in one transaction.
///
/// # Errors
/// [`Code::DatabaseInUse`] when sessions do not end, and what PostgreSQL refuses.
pub(crate) async fn end_and_transfer(room: &Room, from: &Managed, to: &Managed) -> Result<(), StepFailure> {
    if let Some(oid) = from.oid.filter(|_| from.name != to.name) {
        catalogue::end_sessions(&room.journal.pool, oid, Ended::Everybody).await?;
    }
    Ok(room.journal.transfer(from, to).await?)
}

/// Makes sure that neither a database nor a filestore has this name.
///
/// # Errors
/// [`Code::DatabaseExists`], [`Code::FilestoreExists`].
pub(crate) async fn check_name_free(room: &Room, name: &Identifier) -> Result<(), StepFailure> {
    if catalogue::named(&room.journal.pool, name).await?.is_some() {
        let detail = format!("There is a database {name} on this node already. Choose another name.");
        return Err(StepFailure::new(Code::DatabaseExists, detail));
    }
    if room.filestores.exists(name) {
        let folder = room.filestores.folder(name);
        let detail = format!(
            "{} is in the way. Look whose it is and move it.",
            folder.display()
        );
        return Err(StepFailure::new(Code::FilestoreExists, detail));
    }
    Ok(())
}

/// The tenant is a tombstone, and the order is for the living.
pub(crate) fn not_alive(tenant: &Managed) -> StepFailure {
    let detail = format!("{} is deleted. Bring it back first.", tenant.subject);
    StepFailure::new(Code::TenantUnknown, detail)
}
