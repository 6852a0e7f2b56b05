//! Who may do what: the roles, the actions, and the one table of both.
//!
//! The table is rendered to `docs/permissions.txt`; a test compares, so that every change to it is read by somebody.

use crate::operation::{OperationKind, word_enum};
use crate::rule::Rule;
use std::{fmt, fmt::Write as _, str::FromStr};

word_enum!(
    /// What somebody of the operator's staff is, the most powerful first.
    StaffRole {
        /// Owns the installation: everything, other owners included.
        Owner = "owner",
        /// Runs the company: everything but what concerns owners.
        Admin = "admin",
        /// Runs tenants, nodes and templates.
        Operator = "operator",
        /// Helps customers: what can be taken back.
        Support = "support",
        /// Looks.
        Viewer = "viewer",
    }
);

word_enum!(
    /// What somebody is in a customer's organization, the most powerful first.
    OrganizationRole {
        /// Owns it: everything that a customer may do.
        Owner = "owner",
        /// Runs it: everything but what concerns owners.
        Admin = "admin",
        /// Works with its tenants.
        Member = "member",
        /// Looks.
        Viewer = "viewer",
    }
);

word_enum!(
    /// Everything that can be done through the API by somebody who was recognized.
    Action {
        /// Look at what is sold: plans and products.
        ReadCatalogue = "catalogue.read",
        /// Add, change and remove what is sold.
        ChangeCatalogue = "catalogue.change",
        /// Look at tenants.
        ReadTenants = "tenant.read",
        /// Make a tenant.
        CreateTenant = "tenant.create",
        /// Change company and plan, or rename it.
        UpdateTenant = "tenant.update",
        /// Set its administrator's password.
        SetTenantPassword = "tenant.password",
        /// Set its administrator's e-mail address.
        SetTenantEmail = "tenant.email",
        /// Shut it.
        SuspendTenant = "tenant.suspend",
        /// Open a suspended or paused one.
        ResumeTenant = "tenant.resume",
        /// Close it for a while, as its customer.
        PauseTenant = "tenant.pause",
        /// Make a tombstone of it.
        DeleteTenant = "tenant.delete",
        /// Bring a tombstone back.
        UndeleteTenant = "tenant.undelete",
        /// Drop a tombstone for good.
        PurgeTenant = "tenant.purge",
        /// Look whether it is whole, and mend it.
        CheckTenant = "tenant.check",
        /// Say which organization it belongs to.
        AssignTenant = "tenant.assign",
        /// Make a tenant of a database that is there.
        AdoptTenant = "tenant.adopt",
        /// Enter it as its administrator, by a one-time link.
        EnterTenant = "tenant.enter",
        /// Look at support accesses.
        ReadSupport = "support.read",
        /// Ask for a support access.
        RequestSupport = "support.request",
        /// Allow or refuse one: an organization's people for its own tenants, the staff for tenants of none.
        ApproveSupport = "support.approve",
        /// Enter with one's own.
        EnterSupport = "support.enter",
        /// End one.
        EndSupport = "support.end",
        /// Enter although nobody can be asked, where the organization did not forbid it.
        BreakGlass = "support.break_glass",
        /// Say what an organization wants of support accesses.
        ChangeSupportWish = "support.wish",
        /// Say what may happen to it by itself, or at all.
        SwitchTenant = "tenant.switch",
        /// Have it go to another node, and drop the copy that is left.
        MoveTenant = "tenant.move",
        /// Look at backups.
        ReadBackups = "backup.read",
        /// Take one, look whether it is whole.
        TakeBackup = "backup.take",
        /// Say that one stays, whatever the rules of its store say.
        HoldBackup = "backup.hold",
        /// Say when they are taken of the tenants on a plan by the clock.
        PlanBackups = "plan.backups",
        /// Say when they are taken of a tenant by the clock.
        ScheduleBackups = "backup.schedule",
        /// Bring a tenant back from one.
        RestoreBackup = "backup.restore",
        /// Take along what one holds, as a file.
        DownloadBackup = "backup.download",
        /// Upload a file, and make a tenant of it.
        ImportTenant = "tenant.import",
        /// Forget one before its time.
        ForgetBackup = "backup.forget",
        /// Look at where backups are kept.
        ReadBackupStores = "backup-store.read",
        /// Say where they are kept, and for how long.
        ChangeBackupStores = "backup-store.change",
        /// Look at how much a tenant's database and files hold, and held.
        ReadSizes = "size.read",
        /// Look into a tenant's database: tables, connections, hints, slow statements.
        ReadDatabase = "database.read",
        /// End a connection to it.
        EndConnection = "database.terminate",
        /// Vacuum, analyze and reindex it.
        MaintainDatabase = "database.maintain",
        /// Look at what nodes see otherwise than the control plane.
        ReadDrift = "drift.read",
        /// Have it mended.
        ApplyDrift = "drift.apply",
        /// Look at operations.
        ReadOperations = "operation.read",
        /// Look at nodes.
        ReadNodes = "node.read",
        /// Take an operation back that has not begun.
        CancelOperation = "operation.cancel",
        /// Have work that failed done again, or give it up.
        DecideOperation = "operation.decide",
        /// Look at jobs, schedules and reconcilers.
        ReadWork = "work.read",
        /// Have something regular done now.
        RunWork = "work.run",
        /// Say what a node may do and how much it may hold.
        ChangeNode = "node.change",
        /// Have all tenants of a node go to others, and drop the copies that are left.
        DrainNode = "node.drain",
        /// Take a node out for good.
        RemoveNode = "node.remove",
        /// Let a node enrol.
        EnrolNode = "node.enrol",
        /// Look at templates.
        ReadTemplates = "template.read",
        /// Build, warm, adopt and retire templates, size their pools.
        ChangeTemplates = "template.change",
        /// Look at settings and their history.
        ReadSettings = "setting.read",
        /// Change settings.
        ChangeSettings = "setting.change",
        /// Look at what the front door refused.
        ReadBlocks = "security.read",
        /// Let something pass that the front door refused.
        LiftBlock = "security.lift",
        /// Read the figures for monitoring.
        ReadMetrics = "metrics.read",
        /// Look at the staff's panel.
        ReadPanel = "panel.read",
        /// Read the description of the API.
        ReadDocument = "document.read",
        /// Look at the audit trail.
        ReadAudit = "audit.read",
        /// Take the audit trail along as a file.
        ExportAudit = "audit.export",
        /// Check the audit trail's chain, and take it along to check it elsewhere.
        VerifyAudit = "audit.verify",
        /// Look at API keys.
        ReadKeys = "key.read",
        /// Make and rotate API keys.
        CreateKey = "key.create",
        /// Revoke API keys.
        RevokeKey = "key.revoke",
        /// Look at the staff.
        ReadPeople = "person.read",
        /// Invite staff.
        InvitePerson = "person.invite",
        /// Change a person's role, or shut them out.
        ChangePerson = "person.change",
        /// Make a link with which a person sets another password or address.
        ResetPerson = "person.reset",
        /// Take all second factors of a person away who lost them.
        ResetFactors = "person.reset-factors",
        /// Look at organizations and their members.
        ReadOrganizations = "organization.read",
        /// Look at the identity providers.
        ReadProviders = "sso.read",
        /// Add, change, try and remove identity providers.
        ChangeProviders = "sso.change",
        /// Make an organization.
        CreateOrganization = "organization.create",
        /// Rename an organization.
        UpdateOrganization = "organization.update",
        /// Invite somebody into an organization.
        InviteMember = "member.invite",
        /// Change a member's role, or take somebody out.
        ChangeMember = "member.change",
    }
);

use Action as A;
use OrganizationRole as O;
use StaffRole as S;

const EVERYBODY: &[S] = S::ALL;
const OPERATORS: &[S] = &[S::Owner, S::Admin, S::Operator];
const HELPERS: &[S] = &[S::Owner, S::Admin, S::Operator, S::Support];
const ADMINS: &[S] = &[S::Owner, S::Admin];
const MEMBERS: &[O] = &[O::Owner, O::Admin, O::Member];
const HEADS: &[O] = &[O::Owner, O::Admin];
const NOBODY: &[O] = &[];
const OWNERS: &[S] = &[S::Owner];
const NO_STAFF: &[S] = &[];

/// The table: each action, the staff and the members of organizations who may do it.
#[rustfmt::skip]
const TABLE: &[(Action, &[StaffRole], &[OrganizationRole])] = &[
    (A::ReadCatalogue,      EVERYBODY,   NOBODY),
    (A::ChangeCatalogue,    ADMINS,      NOBODY),
    (A::ReadTenants,        EVERYBODY,   O::ALL),
    (A::CreateTenant,       OPERATORS,   NOBODY),
    (A::UpdateTenant,       OPERATORS,   NOBODY),
    (A::SetTenantPassword,  HELPERS,     HEADS),
    (A::SetTenantEmail,     HELPERS,     HEADS),
    (A::SuspendTenant,      OPERATORS,   NOBODY),
    (A::ResumeTenant,       OPERATORS,   NOBODY),
    (A::PauseTenant,        HELPERS,     HEADS),
    (A::DeleteTenant,       OPERATORS,   NOBODY),
    (A::UndeleteTenant,     OPERATORS,   NOBODY),
    (A::PurgeTenant,        ADMINS,      NOBODY),
    (A::CheckTenant,        HELPERS,     NOBODY),
    (A::AssignTenant,       ADMINS,      NOBODY),
    (A::AdoptTenant,        OPERATORS,   NOBODY),
    (A::EnterTenant,        NO_STAFF,    HEADS),
    (A::ReadSupport,        EVERYBODY,   O::ALL),
    (A::RequestSupport,     HELPERS,     NOBODY),
    (A::ApproveSupport,     ADMINS,      HEADS),
    (A::EnterSupport,       HELPERS,     NOBODY),
    (A::EndSupport,         HELPERS,     HEADS),
    (A::BreakGlass,         OWNERS,      NOBODY),
    (A::ChangeSupportWish,  NO_STAFF,    HEADS),
    (A::SwitchTenant,       OPERATORS,   NOBODY),
    (A::MoveTenant,         OPERATORS,   NOBODY),
    (A::ReadBackups,        EVERYBODY,   MEMBERS),
    (A::TakeBackup,         HELPERS,     HEADS),
    (A::HoldBackup,         HELPERS,     NOBODY),
    (A::PlanBackups,        ADMINS,      NOBODY),
    (A::ScheduleBackups,    OPERATORS,   NOBODY),
    (A::RestoreBackup,      OPERATORS,   HEADS),
    (A::DownloadBackup,     OPERATORS,   HEADS),
    (A::ImportTenant,       OPERATORS,   NOBODY),
    (A::ForgetBackup,       ADMINS,      NOBODY),
    (A::ReadBackupStores,   EVERYBODY,   NOBODY),
    (A::ChangeBackupStores, ADMINS,      NOBODY),
    (A::ReadSizes,          EVERYBODY,   O::ALL),
    (A::ReadDatabase,       EVERYBODY,   NOBODY),
    (A::EndConnection,      OPERATORS,   NOBODY),
    (A::MaintainDatabase,   OPERATORS,   NOBODY),
    (A::ReadDrift,          EVERYBODY,   NOBODY),
    (A::ApplyDrift,         OPERATORS,   NOBODY),
    (A::ReadOperations,     EVERYBODY,   MEMBERS),
    (A::ReadNodes,          EVERYBODY,   NOBODY),
    (A::CancelOperation,    OPERATORS,   NOBODY),
    (A::DecideOperation,    OPERATORS,   NOBODY),
    (A::ReadWork,           EVERYBODY,   NOBODY),
    (A::RunWork,            OPERATORS,   NOBODY),
    (A::ChangeNode,         OPERATORS,   NOBODY),
    (A::DrainNode,          OPERATORS,   NOBODY),
    (A::RemoveNode,         ADMINS,      NOBODY),
    (A::EnrolNode,          ADMINS,      NOBODY),
    (A::ReadTemplates,      EVERYBODY,   NOBODY),
    (A::ChangeTemplates,    OPERATORS,   NOBODY),
    (A::ReadSettings,       EVERYBODY,   NOBODY),
    (A::ChangeSettings,     ADMINS,      NOBODY),
    (A::ReadBlocks,         EVERYBODY,   NOBODY),
    (A::LiftBlock,          HELPERS,     NOBODY),
    (A::ReadMetrics,        EVERYBODY,   NOBODY),
    (A::ReadPanel,          EVERYBODY,   NOBODY),
    (A::ReadDocument,       EVERYBODY,   O::ALL),
    (A::ReadAudit,          EVERYBODY,   HEADS),
    (A::ExportAudit,        OPERATORS,   HEADS),
    (A::VerifyAudit,        ADMINS,      NOBODY),
    (A::ReadKeys,           EVERYBODY,   HEADS),
    (A::CreateKey,          ADMINS,      HEADS),
    (A::RevokeKey,          ADMINS,      HEADS),
    (A::ReadPeople,         EVERYBODY,   NOBODY),
    (A::InvitePerson,       ADMINS,      NOBODY),
    (A::ChangePerson,       ADMINS,      NOBODY),
    (A::ResetPerson,        ADMINS,      NOBODY),
    (A::ResetFactors,       OWNERS,      NOBODY),
    (A::ReadOrganizations,  EVERYBODY,   O::ALL),
    (A::ReadProviders,      EVERYBODY,   NOBODY),
    (A::ChangeProviders,    ADMINS,      NOBODY),
    (A::CreateOrganization, OPERATORS,   NOBODY),
    (A::UpdateOrganization, OPERATORS,   HEADS),
    (A::InviteMember,       OPERATORS,   HEADS),
    (A::ChangeMember,       OPERATORS,   HEADS),
];

/// A role of either kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Of the operator's staff.
    Staff(StaffRole),
    /// In an organization.
    Organization(OrganizationRole),
}

impl Role {
    /// Every role there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let staff = StaffRole::ALL.iter().copied().map(Self::Staff);
        staff.chain(OrganizationRole::ALL.iter().copied().map(Self::Organization))
    }

    /// Whether somebody of this role may do it, as the table says.
    pub fn allows(self, action: Action) -> bool {
        let row = TABLE.iter().find(|(listed, ..)| *listed == action);
        row.is_some_and(|(_, staff, organization)| match self {
            Self::Staff(role) => staff.contains(&role),
            Self::Organization(role) => organization.contains(&role),
        })
    }

    /// Whether this role may give, take and speak for the other: one of its own kind that is not above it, or, for
    /// staff, any of an organization.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Staff(own), Self::Staff(other)) => own <= other,
            (Self::Organization(own), Self::Organization(other)) => own <= other,
            (Self::Staff(_), Self::Organization(_)) => true,
            (Self::Organization(_), Self::Staff(_)) => false,
        }
    }

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff(role) => role.as_str(),
            Self::Organization(role) => role.as_str(),
        }
    }
}

impl Action {
    /// Whether it only looks, so that a read-only key may do it too.
    pub fn only_reads(self) -> bool {
        self.as_str().ends_with(".read") || matches!(self, Self::ExportAudit | Self::VerifyAudit)
    }

    /// What somebody must be allowed to do for this kind of operation to be begun.
    pub const fn of(kind: OperationKind) -> Self {
        match kind {
            OperationKind::CreateTenant => Self::CreateTenant,
            OperationKind::AdoptTenant => Self::AdoptTenant,
            OperationKind::SetPassword => Self::SetTenantPassword,
            OperationKind::SetEmail => Self::SetTenantEmail,
            OperationKind::CheckTenant | OperationKind::Bulk => Self::CheckTenant,
            OperationKind::MendTenant | OperationKind::ApplyDrift => Self::ApplyDrift,
            OperationKind::MoveTenant | OperationKind::ConfirmMove => Self::MoveTenant,
            OperationKind::BackUpTenant | OperationKind::VerifyBackup => Self::TakeBackup,
            OperationKind::RestoreTenant => Self::RestoreBackup,
            OperationKind::SendBackup => Self::DownloadBackup,
            OperationKind::PruneBackups => Self::ForgetBackup,
            OperationKind::DrainNode => Self::DrainNode,
            OperationKind::VacuumDatabase
            | OperationKind::AnalyzeDatabase
            | OperationKind::ReindexDatabase => Self::MaintainDatabase,
            OperationKind::EndConnection => Self::EndConnection,
            OperationKind::RenameTenant => Self::UpdateTenant,
            OperationKind::SuspendTenant => Self::SuspendTenant,
            OperationKind::PauseTenant => Self::PauseTenant,
            OperationKind::ResumeTenant => Self::ResumeTenant,
            OperationKind::DeleteTenant => Self::DeleteTenant,
            OperationKind::UndeleteTenant => Self::UndeleteTenant,
            OperationKind::PurgeTenant => Self::PurgeTenant,
            OperationKind::EnterTenant => Self::EnterTenant,
            OperationKind::EndSupport => Self::EndSupport,
            OperationKind::BuildTemplate
            | OperationKind::WarmTemplate
            | OperationKind::AdoptTemplate
            | OperationKind::RetireTemplate => Self::ChangeTemplates,
        }
    }
}

/// The table as a text for people: a row for each action, a column for each role.
pub fn rendered() -> String {
    let mut text = String::from(
        "Who may do what. The staff's roles reach every tenant, those of an organization its own tenants.\n\
         Made from crates/domain/src/permission.rs by its test: UPDATE_PERMISSIONS=1 cargo nextest run -p domain\n\n",
    );
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{:<21}{:<44}organization", "", "staff");
    let mut head = format!("{:<21}", "");
    for role in Role::all() {
        let _ = write!(head, "{:<9}", role.as_str());
        if role == Role::Staff(StaffRole::Viewer) {
            head.push_str("  ");
        }
    }
    text.push_str(head.trim_end());
    text.push('\n');
    for action in Action::ALL {
        let mut line = format!("{:<21}", action.as_str());
        for role in Role::all() {
            let _ = write!(line, "{:<9}", if role.allows(*action) { "yes" } else { "-" });
            if role == Role::Staff(StaffRole::Viewer) {
                line.push_str("  ");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reviewed_table_is_the_one_in_force() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.txt");
        if std::env::var_os("UPDATE_PERMISSIONS").is_some() {
            std::fs::write(path, rendered()).expect("docs/permissions.txt can be written");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            reviewed,
            rendered(),
            "look at the difference, then UPDATE_PERMISSIONS=1"
        );
    }

    #[test]
    fn every_action_stands_in_the_table_once() {
        for action in Action::ALL {
            assert_eq!(
                TABLE.iter().filter(|(listed, ..)| listed == action).count(),
                1,
                "{action}"
            );
        }
    }

    #[test]
    fn whoever_stands_higher_may_do_no_less() {
        for one in Role::all() {
            let same_kind = |other: &Role| matches!(one, Role::Staff(_)) == matches!(other, Role::Staff(_));
            for other in Role::all().filter(|other| same_kind(other) && one.covers(*other)) {
                for action in Action::ALL {
                    assert!(
                        one.allows(*action) || !other.allows(*action),
                        "{one:?} {other:?} {action}"
                    );
                }
            }
        }
    }

    #[test]
    fn nobody_covers_who_stands_above() {
        assert!(!Role::Staff(S::Admin).covers(Role::Staff(S::Owner)));
        assert!(!Role::Organization(O::Owner).covers(Role::Staff(S::Viewer)));
        assert!(Role::Staff(S::Operator).covers(Role::Organization(O::Owner)));
    }
}
