//! What the node must be told: its server, its cluster, its folders, its Odoo.

use crate::fault::Faults;
use crate::identifier::Identifier;
use domain::{DomainName, NodeId, Secret};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Everything that the node must be told. Files and variables are read by the binary, not here.
#[derive(Clone, Debug)]
pub struct NodeSettings {
    /// The node's own PostgreSQL.
    pub cluster: ClusterAccess,
    /// Odoo's role there; it owns the databases that Odoo may see. Usually `odoo`.
    pub odoo_role: Identifier,
    /// How the node looks at its own edge; without it, a closed tenant is not looked at from there.
    pub edge: Option<EdgeAccess>,
    /// How many clones are kept ready.
    pub pool: PoolPolicy,
    /// Where Odoo answers: scheme, loopback address and port.
    pub odoo_url: Url,
    /// Odoo's workers, each of which loads a database by itself.
    pub odoo_workers: u16,
    /// Odoo's `<data_dir>/filestore`. What the node makes in it gets this folder's owner.
    pub filestore_dir: PathBuf,
    /// The markers that the edge reads: `active`, `suspended`, `paused`, `maintenance` below it.
    pub hosts_dir: PathBuf,
    /// Where dumps of purged tenants are kept.
    pub dumps_dir: PathBuf,
    /// The store of backups that is a folder of this machine.
    pub backups_dir: PathBuf,
    /// Logs and configuration files of Odoo runs that build templates.
    pub work_dir: PathBuf,
    /// Where `pg_dump` and `pg_restore` of the cluster's version are.
    pub pg_bin_dir: PathBuf,
    /// How Odoo is run to build a template.
    pub odoo: OdooProgram,
    /// How the archive of the cluster's log is kept; without it, no tenant can be brought back to a moment.
    pub point_in_time: Option<PointInTime>,
    /// Commands at once; 4 is a good value.
    pub parallel: usize,
    /// The agent's version, as told to the server.
    pub version: String,
    /// Faults for tests; none otherwise.
    pub faults: Faults,
}

/// How the node reaches the control plane.
#[derive(Clone, Debug)]
pub struct ServerAccess {
    /// The server's base address.
    pub server: Url,
    /// Who this node is.
    pub node: NodeId,
    /// What it proves that with.
    pub credential: Secret<String>,
    /// The server's public key in hexadecimal digits, as it was learned at enrolment; without it, no server is doubted.
    pub server_key: Option<String>,
    /// Where the node keeps the credentials that follow; without it, its credential stays.
    pub credential_file: Option<PathBuf>,
}

/// How the node looks at its own edge.
#[derive(Clone, Debug)]
pub struct EdgeAccess {
    /// Where it listens: scheme, address and port.
    pub url: Url,
    /// The domain of the tenants' hosts.
    pub domain: DomainName,
}

/// How many clones of each template are kept ready for tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolPolicy {
    /// Always so many.
    pub least: u32,
    /// Never more, however great the demand.
    pub most: u32,
    /// The pause between two clones.
    pub pause: Duration,
    /// On so many clones of each template a session is kept open, for the tenants that come next. Each is a session of
    /// PostgreSQL's, with some ten megabytes.
    pub sessions: u32,
}

impl PoolPolicy {
    /// No clone is kept.
    pub const NONE: Self = Self {
        least: 0,
        most: 0,
        pause: Duration::from_secs(1),
        sessions: 0,
    };
}

impl Default for PoolPolicy {
    /// Two, and up to twenty when tenants come quickly; a session waits on two.
    fn default() -> Self {
        Self {
            least: 2,
            most: 20,
            pause: Duration::from_millis(250),
            sessions: 2,
        }
    }
}

/// How the archive of the cluster's log is kept, and where the cluster is restored aside.
#[derive(Clone, Debug)]
pub struct PointInTime {
    /// pgBackRest.
    pub program: PathBuf,
    /// Its configuration, which holds the archive's key: for the account of the cluster alone.
    pub config: PathBuf,
    /// What the configuration calls this cluster.
    pub stanza: String,
    /// Where the cluster is restored aside: a folder of the account of the cluster, which nobody else may enter. A node that is root
    /// runs pgBackRest and the cluster aside as this account.
    pub aside_dir: PathBuf,
    /// How old the newest base backup may become.
    pub backup_every: Duration,
    /// How old the newest one may become that stands without an earlier one.
    pub full_every: Duration,
    /// How long it may have a trouble that could pass by itself before that is an alarm.
    pub patience: Duration,
}

/// How the node reaches its cluster.
#[derive(Clone, Debug)]
pub struct ClusterAccess {
    /// Host name or address, or the folder of a Unix socket.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The node's role, usually `tenantry_node`.
    pub role: Identifier,
    /// The role's password.
    pub password: Secret<String>,
    /// The journal's database, usually `tenantry_journal`. One agent per journal.
    pub journal: Identifier,
}

/// How Odoo is run to build a template.
#[derive(Clone, Debug)]
pub struct OdooProgram {
    /// Odoo's command line.
    pub program: PathBuf,
    /// Odoo's `addons_path`, separated by commas; empty for Odoo's own default.
    pub addons_path: String,
    /// Odoo's `data_dir`, above the filestore.
    pub data_dir: PathBuf,
    /// The password of Odoo's role.
    pub password: Secret<String>,
    /// Who it runs as when the node is root; Odoo refuses root.
    pub run_as: Option<Account>,
}

/// A system account by its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}
