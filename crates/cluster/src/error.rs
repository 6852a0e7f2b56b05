//! What can go wrong, one variant per thing that a caller may treat differently.

use crate::state::Ending;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A system account that cannot be used.
#[derive(Debug, Error)]
pub enum AccountError {
    /// No such account.
    #[error("there is no system account {name}")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// Only root may run children as somebody else.
    #[error("running as {from}, which may not run a program as {to}: only root may")]
    CannotSwitch {
        /// Our own account.
        from: String,
        /// The account that was asked for.
        to: String,
    },
    /// PostgreSQL was to run as root.
    #[error("PostgreSQL refuses to run as root; name an unprivileged account")]
    Root,
    /// The list of accounts cannot be read.
    #[error("cannot read /etc/passwd")]
    Read {
        /// Why.
        source: io::Error,
    },
}

/// PostgreSQL's programs cannot be found or used.
#[derive(Debug, Error)]
pub enum BinariesError {
    /// Nothing usable is installed.
    #[error(
        "no PostgreSQL {wanted} found{seen}; install it (on Debian: apt install {package}) \
         or set TENANTRY_PG_BIN to the folder of initdb and postgres"
    )]
    NotFound {
        /// The version that is needed, in words.
        wanted: String,
        /// What was found instead, in words; may be empty.
        seen: String,
        /// The Debian package that brings it.
        package: String,
    },
    /// `TENANTRY_PG_BIN`, or a folder given by the caller, does not hold what is needed.
    #[error("{folder} is not a folder with PostgreSQL's initdb and postgres", folder = folder.display())]
    NotThere {
        /// The folder.
        folder: PathBuf,
    },
    /// The programs are of a version that cannot be used.
    #[error("{folder} holds PostgreSQL {found}, but PostgreSQL {wanted} is needed", folder = folder.display())]
    WrongVersion {
        /// The folder.
        folder: PathBuf,
        /// The version there.
        found: String,
        /// The version that is needed, in words.
        wanted: String,
    },
}

/// A supervised child cannot be started, signalled or stopped.
#[derive(Debug, Error)]
pub enum ChildError {
    /// The name is empty or holds other characters than small letters, digits and `-`.
    #[error("{name:?} cannot be a child's name: small letters, digits and - only")]
    Name {
        /// The name.
        name: String,
    },
    /// A child of this name is supervised already.
    #[error("a child named {name} is supervised already")]
    Twice {
        /// The name.
        name: String,
    },
    /// No child of this name is supervised, or it was stopped.
    #[error("no child named {name} is supervised")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The child is between two lives, so there is nothing to signal.
    #[error("{name} is not running at the moment")]
    NotRunning {
        /// The name.
        name: String,
    },
    /// The program is not an absolute path of a file.
    #[error("{program} is not a program's absolute path", program = program.display())]
    Program {
        /// The path.
        program: PathBuf,
    },
    /// Another program answers on the port that the child is to answer on.
    #[error("cannot start {name}: port {port} of 127.0.0.1 is in use by another program")]
    PortTaken {
        /// The child's name.
        name: String,
        /// The port.
        port: u16,
    },
    /// The child ended again and again, or was not ready in time.
    #[error("{name} {ending}; the end of {log_file}:\n{log}", log_file = log_file.display())]
    NotReady {
        /// The child's name.
        name: String,
        /// How its last life ended.
        ending: Ending,
        /// Where its output is.
        log_file: PathBuf,
        /// The last lines that it wrote.
        log: String,
    },
    /// Another live supervisor uses the run folder.
    #[error("{folder} is in use by another running program", folder = folder.display())]
    InUse {
        /// The run folder.
        folder: PathBuf,
    },
    /// The account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A file or folder of the supervisor cannot be used.
    #[error("cannot {action} {path}", path = path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The background thread cannot be made.
    #[error("cannot start the thread that watches children")]
    Background {
        /// Why.
        source: io::Error,
    },
}

/// A private cluster cannot be made, started or changed.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// PostgreSQL's programs.
    #[error(transparent)]
    Binaries(#[from] BinariesError),
    /// The account that PostgreSQL runs as.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// initdb or the server.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// The account cannot reach the data folder.
    #[error("{account} may not enter {folder}, which leads to the data folder", folder = folder.display())]
    Unreachable {
        /// The folder that is closed to it.
        folder: PathBuf,
        /// The account's name.
        account: String,
    },
    /// The data folder holds something else.
    #[error("{folder} is not empty and is not a PostgreSQL data folder", folder = folder.display())]
    NotACluster {
        /// The folder.
        folder: PathBuf,
    },
    /// A socket's path may not be longer than 107 bytes.
    #[error("{folder} is too long a path for a socket folder", folder = folder.display())]
    SocketPath {
        /// The folder.
        folder: PathBuf,
    },
    /// No free port can be found.
    #[error("cannot find a free port of 127.0.0.1")]
    Port {
        /// Why.
        source: io::Error,
    },
    /// A setting's name or value cannot be written.
    #[error("{name:?} cannot be set: its name or value is not allowed")]
    Setting {
        /// The setting's name.
        name: String,
    },
    /// A process of a former run could not be ended.
    #[error("process {pid} of a former run still uses {folder} and cannot be ended", folder = folder.display())]
    Leftover {
        /// Process id.
        pid: u32,
        /// The data folder.
        folder: PathBuf,
    },
    /// A file or folder of the cluster cannot be used.
    #[error("cannot {action} {path}", path = path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
