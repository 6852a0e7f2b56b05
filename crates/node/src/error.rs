//! What can go wrong outside of an order, and what an order's step fails with.

use crate::identifier::Identifier;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use wire::operation::Failure;

/// What can go wrong. Sources are not part of the text; whoever handles an error logs its chain once.
#[derive(Debug, Error)]
pub enum NodeError {
    /// PostgreSQL does not answer, or ended the connection.
    #[error("PostgreSQL does not answer")]
    Unavailable {
        /// What the driver said.
        source: sqlx::Error,
    },
    /// PostgreSQL refused a statement.
    #[error("PostgreSQL refused a statement")]
    Refused {
        /// What it said.
        source: sqlx::Error,
    },
    /// The journal's tables cannot be made or are newer than this program.
    #[error("the journal's tables cannot be brought up to date")]
    Migration {
        /// What the driver said.
        source: sqlx::migrate::MigrateError,
    },
    /// Another agent works with this journal.
    #[error("another agent works with the journal {journal}; only one may")]
    JournalHeld {
        /// The journal's database.
        journal: Identifier,
    },
    /// The journal holds what this program cannot read.
    #[error("the journal's record of {what} cannot be read")]
    Record {
        /// What it is about.
        what: String,
    },
    /// A command that was cut off cannot be undone.
    #[error(
        "command {command} was cut off and cannot be undone; see the log, mend the cause and start again"
    )]
    Recovery {
        /// The command.
        command: domain::CommandId,
    },
    /// The pool of ready clones cannot be tended.
    #[error("the pool of ready clones cannot be tended")]
    Pool {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The archive of the cluster's log cannot be kept.
    #[error("the archive of the cluster's log cannot be kept")]
    Archive {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The tenants of a node that was taken out cannot be closed.
    #[error("not every tenant could be closed")]
    Closing {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file or folder cannot be used.
    #[error("cannot {action} {path}", path = path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A stream to or from another node was cut.
    #[error("a stream to or from another node was cut")]
    Stream {
        /// What was said of it.
        source: io::Error,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client {
        /// Why not.
        source: reqwest::Error,
    },
    /// The server does not answer.
    #[error("the server does not answer")]
    ServerAway {
        /// What the client said.
        source: reqwest::Error,
    },
    /// The server does not prove that it is the one.
    #[error("what answers does not prove that it is the server at which this node enrolled")]
    ServerFalse,
    /// This node was taken out for good.
    #[error("the server says that this node was taken out for good")]
    Removed,
    /// The server refused a request.
    #[error("the server refused the request with status {status}: {detail}")]
    ServerRefused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
}

impl NodeError {
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    /// The SQLSTATE, when PostgreSQL gave one.
    pub(crate) fn sqlstate(&self) -> Option<String> {
        let (Self::Refused { source } | Self::Unavailable { source }) = self else {
            return None;
        };
        source.as_database_error()?.code().map(|code| code.into_owned())
    }

    fn is_disk_full(&self) -> bool {
        match self {
            Self::File { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            _ => self.sqlstate().as_deref() == Some("53100"),
        }
    }
}

impl From<sqlx::Error> for NodeError {
    fn from(source: sqlx::Error) -> Self {
        let class = source
            .as_database_error()
            .and_then(|error| error.code().map(|code| code.into_owned()));
        let away = match (&source, class.as_deref()) {
            // Shutting down, starting up, too many connections, or cut off by an administrator.
            (_, Some(code)) => ["57P", "08", "53300"].iter().any(|class| code.starts_with(class)),
            (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed, _) => true,
            (sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_), _) => true,
            _ => false,
        };
        if away {
            Self::Unavailable { source }
        } else {
            Self::Refused { source }
        }
    }
}

/// An error with all its causes on one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

/// The stable words that tell why an order failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    AdministratorNotFound,
    ArchiveFailed,
    BackupDamaged,
    BackupKeyWrong,
    BackupMissing,
    CheckFailed,
    ConnectionKept,
    CountryNotFound,
    DatabaseExists,
    DatabaseInUse,
    DiskFull,
    DumpFailed,
    EdgeStillClosed,
    EdgeStillOpen,
    FaultInjected,
    FileFailed,
    FilestoreExists,
    ImportActing,
    ImportDamaged,
    ImportForeign,
    ImportLarge,
    ImportRefused,
    ImportVersion,
    Internal,
    LanguageNotInstalled,
    LoginTaken,
    LookedTooLong,
    MomentOutOfReach,
    NotAdoptable,
    NothingFits,
    OdooFailed,
    PostgresFailed,
    PostgresUnavailable,
    StoreAway,
    StoreDenied,
    StoreFull,
    StoreRefused,
    StoreOfAnother,
    Superseded,
    TableBusy,
    TableUnknown,
    TemplateDamaged,
    TemplateMissing,
    TenantShut,
    TenantUnknown,
    TransferBroken,
    WorkStopped,
}

impl Code {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AdministratorNotFound => "administrator-not-found",
            Self::ArchiveFailed => "archive-failed",
            Self::BackupDamaged => "backup-damaged",
            Self::BackupKeyWrong => "backup-key-wrong",
            Self::BackupMissing => "backup-missing",
            Self::CheckFailed => "check-failed",
            Self::ConnectionKept => "connection-kept",
            Self::CountryNotFound => "country-not-found",
            Self::DatabaseExists => "database-exists",
            Self::DatabaseInUse => "database-in-use",
            Self::DiskFull => "disk-full",
            Self::DumpFailed => "dump-failed",
            Self::EdgeStillClosed => "edge-still-closed",
            Self::EdgeStillOpen => "edge-still-open",
            Self::FaultInjected => "fault-injected",
            Self::FileFailed => "file-failed",
            Self::FilestoreExists => "filestore-exists",
            Self::ImportActing => "import-acting",
            Self::ImportDamaged => "import-damaged",
            Self::ImportForeign => "import-foreign",
            Self::ImportLarge => "import-large",
            Self::ImportRefused => "import-refused",
            Self::ImportVersion => "import-version",
            Self::Internal => "internal",
            Self::LanguageNotInstalled => "language-not-installed",
            Self::LoginTaken => "login-taken",
            Self::LookedTooLong => "looked-too-long",
            Self::MomentOutOfReach => "moment-out-of-reach",
            Self::NotAdoptable => "not-adoptable",
            Self::NothingFits => "nothing-fits",
            Self::OdooFailed => "odoo-failed",
            Self::PostgresFailed => "postgres-failed",
            Self::PostgresUnavailable => "postgres-unavailable",
            Self::StoreAway => "store-away",
            Self::StoreDenied => "store-denied",
            Self::StoreFull => "store-full",
            Self::StoreRefused => "store-refused",
            Self::StoreOfAnother => "store-of-another",
            Self::Superseded => "superseded",
            Self::TableBusy => "table-busy",
            Self::TableUnknown => "table-unknown",
            Self::TemplateDamaged => "template-damaged",
            Self::TemplateMissing => "template-missing",
            Self::TenantShut => "tenant-shut",
            Self::TenantUnknown => "tenant-unknown",
            Self::TransferBroken => "transfer-broken",
            Self::WorkStopped => "work-stopped",
        }
    }
}

/// Why a step failed: what the server is told, and what only the log is told.
#[derive(Debug, Error)]
#[error("{}: {detail}", code.as_str())]
pub(crate) struct StepFailure {
    pub(crate) code: Code,
    pub(crate) detail: String,
    #[source]
    pub(crate) source: Option<NodeError>,
}

impl StepFailure {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            source: None,
        }
    }

    pub(crate) fn to_wire(&self) -> Failure {
        Failure {
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone(),
        }
    }
}

impl From<NodeError> for StepFailure {
    fn from(error: NodeError) -> Self {
        let state = error.sqlstate();
        let (code, detail) = match (&error, state.as_deref()) {
            _ if error.is_disk_full() => (
                Code::DiskFull,
                "The node's disk is full. Free some space and try again.".to_owned(),
            ),
            (NodeError::Unavailable { .. }, _) => (
                Code::PostgresUnavailable,
                "The node's PostgreSQL does not answer. Start it and try again.".to_owned(),
            ),
            (_, Some("42P04")) => (
                Code::DatabaseExists,
                "A database of this name appeared meanwhile. Choose another name.".to_owned(),
            ),
            (_, Some("55006")) => (
                Code::DatabaseInUse,
                "Somebody is connected to the database as a superuser. Close that session and try again."
                    .to_owned(),
            ),
            (NodeError::Refused { .. }, _) => (
                Code::PostgresFailed,
                "PostgreSQL refused a statement; the node's log holds its words.".to_owned(),
            ),
            (NodeError::Stream { .. }, _) => (
                Code::TransferBroken,
                "The stream was cut before its end. Nothing was changed for the tenant's users.".to_owned(),
            ),
            (NodeError::File { .. }, _) => (
                Code::FileFailed,
                format!("{error}. Check the folder's owner and rights on the node."),
            ),
            _ => (Code::Internal, format!("{error}; the node's log tells more.")),
        };
        Self {
            code,
            detail,
            source: Some(error),
        }
    }
}

impl From<sqlx::Error> for StepFailure {
    fn from(error: sqlx::Error) -> Self {
        NodeError::from(error).into()
    }
}
