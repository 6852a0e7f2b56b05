//! Operations: the durable pieces of work on a tenant or a template, and their states.

use crate::rule::Rule;
use std::{fmt, str::FromStr};

macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// Every value, in the order of the life that they describe.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the API and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = Rule;
            fn from_str(text: &str) -> Result<Self, Rule> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Rule::OneOf { allowed: [$($word),+].join(", ") }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Rule;
            fn try_from(text: String) -> Result<Self, Rule> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use word_enum;

word_enum!(
    /// What an operation does.
    OperationKind {
        /// A tenant comes to be.
        CreateTenant = "tenant.create",
        /// A database that was there becomes a tenant; nothing in it changes.
        AdoptTenant = "tenant.adopt",
        /// The administrator gets a new password.
        SetPassword = "tenant.password",
        /// The administrator gets another e-mail address.
        SetEmail = "tenant.email",
        /// Database, files and marker are looked at, and mended where that is possible.
        CheckTenant = "tenant.check",
        /// The tenant moves to another name.
        RenameTenant = "tenant.rename",
        /// Visitors and cron are shut out.
        SuspendTenant = "tenant.suspend",
        /// The customer closes it for a while.
        PauseTenant = "tenant.pause",
        /// They are let in again.
        ResumeTenant = "tenant.resume",
        /// The tenant becomes a tombstone.
        DeleteTenant = "tenant.delete",
        /// The tombstone becomes a tenant again.
        UndeleteTenant = "tenant.undelete",
        /// The tombstone is dumped and dropped for good.
        PurgeTenant = "tenant.purge",
        /// Somebody is let in once, by a link.
        EnterTenant = "tenant.enter",
        /// A support access ends inside the tenant too.
        EndSupport = "support.end",
        /// A template is built from nothing.
        BuildTemplate = "template.build",
        /// Its pages and bundles are compiled, in a copy that takes its place.
        WarmTemplate = "template.warm",
        /// A template is made of a copy of a database, without its people.
        AdoptTemplate = "template.adopt",
        /// A template and its ready clones go; tenants stay.
        RetireTemplate = "template.retire",
        /// A tenant is made what the control plane believes that it is.
        MendTenant = "tenant.mend",
        /// The tenant goes to another node.
        MoveTenant = "tenant.move",
        /// The copy that a move left is dropped.
        ConfirmMove = "tenant.confirm-move",
        /// A backup is taken, beside everything else.
        BackUpTenant = "tenant.backup",
        /// A backup is looked at.
        VerifyBackup = "backup.verify",
        /// The tenant becomes what a backup holds.
        RestoreTenant = "tenant.restore",
        /// What a backup holds is sent to somebody who came with a link.
        SendBackup = "backup.send",
        /// Backups that no rule keeps go from their store.
        PruneBackups = "backup.prune",
        /// The tables of a tenant's database are vacuumed, beside everything else.
        VacuumDatabase = "database.vacuum",
        /// Their figures are taken anew.
        AnalyzeDatabase = "database.analyze",
        /// Their indexes are built anew.
        ReindexDatabase = "database.reindex",
        /// One connection to a tenant's database is ended.
        EndConnection = "database.terminate",
        /// One change for many tenants, each with an operation of its own.
        Bulk = "tenant.bulk",
        /// What nodes see is made what the control plane believes, each tenant in an operation of its own.
        ApplyDrift = "drift.apply",
        /// The tenants of a node go to others, each in an operation of its own.
        DrainNode = "node.drain",
    }
);

word_enum!(
    /// Where an operation stands. Steps hold the detail.
    OperationState {
        /// Written down; the node has not taken it yet.
        Queued = "queued",
        /// The node works on it.
        Running = "running",
        /// Done, checked and recorded.
        Succeeded = "succeeded",
        /// Not done, and what had been done was undone.
        Failed = "failed",
    }
);

word_enum!(
    /// Where one step of an operation stands.
    StepState {
        /// Begun.
        Running = "running",
        /// Done.
        Done = "done",
        /// Failed; the operation fails with it.
        Failed = "failed",
        /// Not needed, or impossible without harm; the note says why.
        Skipped = "skipped",
    }
);

impl OperationKind {
    /// Whether it makes a template, new or in the place of one.
    pub const fn makes_template(self) -> bool {
        matches!(
            self,
            Self::BuildTemplate | Self::WarmTemplate | Self::AdoptTemplate
        )
    }

    /// Whether it goes beside whatever else is done with its tenant.
    pub const fn holds_no_tenant(self) -> bool {
        matches!(
            self,
            Self::BackUpTenant
                | Self::VerifyBackup
                | Self::SendBackup
                | Self::PruneBackups
                | Self::EndConnection
        ) || self.is_upkeep()
    }

    /// Whether it looks after the tables of a database, which may take long and can be stopped on the way.
    pub const fn is_upkeep(self) -> bool {
        matches!(
            self,
            Self::VacuumDatabase | Self::AnalyzeDatabase | Self::ReindexDatabase
        )
    }

    /// Whether a tenant comes to be by it, so that none is left when it fails.
    pub const fn makes_tenant(self) -> bool {
        matches!(self, Self::CreateTenant | Self::AdoptTenant)
    }
}

impl OperationState {
    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}
