//! What needs a proof of identity that is not long ago: the one table.
//!
//! It stands beside that of `permission.rs` and says nothing of roles: whoever may do it must also have shown lately that
//! it is them. It is for people's sessions; API keys have no second factor. The table is rendered to `docs/step-up.txt`.

use crate::operation::word_enum;
use crate::permission::Action;
use crate::rule::Rule;
use std::{fmt, fmt::Write as _, str::FromStr};

word_enum!(
    /// What is guarded.
    Guarded {
        /// Making a tombstone of a tenant.
        DeleteTenant = "tenant.delete",
        /// Dropping a tombstone for good.
        PurgeTenant = "tenant.purge",
        /// Putting a backup in the place of what is there.
        RestoreBackup = "backup.restore",
        /// Taking along what a backup holds.
        DownloadBackup = "backup.download",
        /// Forgetting a backup.
        ForgetBackup = "backup.forget",
        /// Saying when backups are taken of a tenant.
        ScheduleBackups = "backup.schedule",
        /// Saying when backups are taken of the tenants on a plan.
        PlanBackups = "plan.backups",
        /// Saying where backups are kept.
        ChangeBackupStores = "backup-store.change",
        /// Shutting many tenants at once.
        CloseMany = "tenant.bulk-close",
        /// Taking a node out.
        RemoveNode = "node.remove",
        /// Letting a node in.
        EnrolNode = "node.enrol",
        /// Making and rotating API keys.
        CreateKey = "key.create",
        /// Revoking API keys.
        RevokeKey = "key.revoke",
        /// Inviting staff.
        InvitePerson = "person.invite",
        /// Changing a person's role, shutting them out.
        ChangePerson = "person.change",
        /// Links to another password or address.
        ResetPerson = "person.reset",
        /// Taking somebody's second factors away.
        ResetFactors = "person.reset-factors",
        /// Adding, changing and removing identity providers.
        ChangeProviders = "sso.change",
        /// Entering a tenant without its customer's approval.
        BreakGlass = "support.break_glass",
        /// Inviting into an organization.
        InviteMember = "member.invite",
        /// Changing a member's role, taking somebody out.
        ChangeMember = "member.change",
        /// Saying whether an organization wants a second factor of its members.
        OrganizationFactor = "organization.second-factor",
        /// Changing settings.
        ChangeSettings = "setting.change",
        /// One's own second factors: setting one up, taking one away, other recovery codes.
        OwnFactors = "factor.change",
    }
);

/// The table: what is guarded, by which permission it is asked for, and why. Without one, its use case asks by name.
#[rustfmt::skip]
const TABLE: &[(Guarded, Option<Action>, &str)] = &[
    (Guarded::DeleteTenant,       Some(Action::DeleteTenant),   "a customer's work ends"),
    (Guarded::PurgeTenant,        Some(Action::PurgeTenant),    "it cannot be taken back"),
    (Guarded::RestoreBackup,      Some(Action::RestoreBackup),  "what is there goes"),
    (Guarded::DownloadBackup,     Some(Action::DownloadBackup), "everything that a customer has leaves"),
    (Guarded::ForgetBackup,       Some(Action::ForgetBackup),   "it cannot be taken back"),
    (Guarded::ScheduleBackups,    Some(Action::ScheduleBackups), "none may be taken any more"),
    (Guarded::PlanBackups,        Some(Action::PlanBackups),    "none may be taken any more"),
    (Guarded::ChangeBackupStores, Some(Action::ChangeBackupStores), "customers' data goes there"),
    (Guarded::CloseMany,          None,                         "many customers' work ends at once"),
    (Guarded::RemoveNode,         Some(Action::RemoveNode),     "it cannot be taken back"),
    (Guarded::EnrolNode,          Some(Action::EnrolNode),      "a node sees its tenants' secrets"),
    (Guarded::CreateKey,          Some(Action::CreateKey),      "a key outlives the session"),
    (Guarded::RevokeKey,          Some(Action::RevokeKey),      "somebody's program stops"),
    (Guarded::InvitePerson,       Some(Action::InvitePerson),   "somebody new gets in"),
    (Guarded::ChangePerson,       Some(Action::ChangePerson),   "somebody rises, falls or is shut out"),
    (Guarded::ResetPerson,        Some(Action::ResetPerson),    "it opens somebody else's account"),
    (Guarded::ResetFactors,       Some(Action::ResetFactors),   "it weakens somebody else's account"),
    (Guarded::ChangeProviders,    Some(Action::ChangeProviders), "a provider opens everybody's account"),
    (Guarded::BreakGlass,         Some(Action::BreakGlass),     "a customer's data is opened unasked"),
    (Guarded::InviteMember,       Some(Action::InviteMember),   "somebody new gets in"),
    (Guarded::ChangeMember,       Some(Action::ChangeMember),   "somebody rises, falls or goes"),
    (Guarded::OrganizationFactor, None,                         "it weakens every member's account"),
    (Guarded::ChangeSettings,     Some(Action::ChangeSettings), "what protects the rest is among them"),
    (Guarded::OwnFactors,         None,                         "whoever changes them keeps the account"),
];

impl Guarded {
    /// What of the table doing this is, if anything.
    pub fn of(action: Action) -> Option<Self> {
        let row = TABLE.iter().find(|(_, by, _)| *by == Some(action));
        row.map(|(guarded, ..)| *guarded)
    }
}

/// The table as a text for people.
pub fn rendered() -> String {
    let mut text = String::from(
        "What a person's session may do only with a proof of identity that is not long ago (setting factor.fresh_minutes).\n\
         API keys are not concerned. Made from crates/domain/src/step_up.rs: UPDATE_PERMISSIONS=1 cargo nextest run -p domain\n\n",
    );
    for (guarded, by, why) in TABLE {
        let by = by.map_or("its use case", |_| "its permission");
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{:<28}{:<16}{why}", guarded.as_str(), by);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reviewed_table_is_the_one_in_force() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/step-up.txt");
        if std::env::var_os("UPDATE_PERMISSIONS").is_some() {
            std::fs::write(path, rendered()).expect("docs/step-up.txt can be written");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            reviewed,
            rendered(),
            "look at the difference, then UPDATE_PERMISSIONS=1"
        );
    }

    #[test]
    fn everything_guarded_stands_in_the_table_once_under_its_permission_s_name() {
        for guarded in Guarded::ALL {
            let rows: Vec<_> = TABLE.iter().filter(|(listed, ..)| listed == guarded).collect();
            assert_eq!(rows.len(), 1, "{guarded}");
            if let Some((_, Some(action), _)) = rows.first() {
                assert_eq!(action.as_str(), guarded.as_str());
                assert_eq!(Guarded::of(*action), Some(*guarded));
            }
        }
    }

    #[test]
    fn looking_needs_no_step_up() {
        for action in Action::ALL.iter().filter(|action| action.only_reads()) {
            assert_eq!(Guarded::of(*action), None, "{action}");
        }
    }
}
