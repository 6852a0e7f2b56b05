//! Configuration files of the server and of a node: TOML, with secrets, so for their owner's eyes only.

mod key;
mod weak;

use weak::Guarded;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// `tenantry server --config FILE`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerFile {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The control database.
    pub(crate) database_url: String,
    /// The server's key: 64 hexadecimal digits, the same for every replica. It can also come from elsewhere (`key.rs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// A file that holds the server's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_file: Option<PathBuf>,
    /// Keys that the server had before, until `tenantry secrets rotate` has brought everything under the present one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) previous_keys: Vec<String>,
    /// The base address under which people reach it.
    pub(crate) panel: String,
    /// How it is reached: proxies before it, TLS, bounds.
    #[serde(default)]
    pub(crate) server: ServerSection,
}

/// How the server is reached.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSection {
    /// How many proxies of the operator's own stand before the server; without any, no `X-Forwarded-…` is believed.
    #[serde(default)]
    pub(crate) trusted_hops: usize,
    /// Requests that are worked on at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) requests: Option<usize>,
    /// Long polls and event streams that are held open at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<usize>,
    /// Connections at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connections: Option<usize>,
    /// Connections at once from one address, where no proxy stands before the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connections_per_address: Option<usize>,
    /// The folder for uploads; without it, none are taken. With several servers, all of them must see the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uploads_dir: Option<PathBuf>,
    /// The server's certificate; without it, plain HTTP is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<TlsSection>,
}

/// The server's certificate.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsSection {
    /// The file of the certificate and the chain behind it, in PEM form.
    pub(crate) certificate: PathBuf,
    /// The file of its private key, in PEM form.
    pub(crate) key: PathBuf,
    /// Where to listen in plain, to send browsers to https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect: Option<SocketAddr>,
}

impl ServerSection {
    /// The bounds of the front door.
    pub(crate) fn door(&self) -> web::DoorSettings {
        let usual = web::DoorSettings::default();
        web::DoorSettings {
            trusted_hops: self.trusted_hops,
            requests: self.requests.unwrap_or(usual.requests),
            waiting: self.waiting.unwrap_or(usual.waiting),
            connections: self.connections.unwrap_or(usual.connections),
            connections_per_address: self
                .connections_per_address
                .unwrap_or(usual.connections_per_address),
        }
    }
}

/// `tenantry node run --config FILE`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeFile {
    /// The server's base address.
    pub(crate) server: String,
    /// Who this node is.
    pub(crate) node: String,
    /// The name that it enrolled under.
    pub(crate) name: String,
    /// What it proves that with.
    pub(crate) credential: String,
    /// The server's public key, as the enrolment gave it; without it, no server is doubted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) server_key: Option<String>,
    /// Where the node keeps the credentials that it brings itself; without it, its credential stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) credential_file: Option<PathBuf>,
    /// Where its local API listens.
    pub(crate) local_api: SocketAddr,
    /// The markers that the edge reads.
    pub(crate) hosts_dir: PathBuf,
    /// Where dumps of purged tenants are kept.
    pub(crate) dumps_dir: PathBuf,
    /// The store of backups that is a folder; `backups` beside the dumps, if it is not said.
    #[serde(default)]
    pub(crate) backups_dir: Option<PathBuf>,
    /// Logs and configuration of Odoo runs that build templates.
    pub(crate) work_dir: PathBuf,
    /// The node's PostgreSQL.
    pub(crate) postgres: PostgresSection,
    /// The node's Odoo.
    pub(crate) odoo: OdooSection,
    /// The node's edge; without it, closed tenants are not looked at from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) edge: Option<EdgeSection>,
    /// How many clones are kept ready; without it, two to twenty by demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pool: Option<PoolSection>,
    /// How the log of its PostgreSQL is archived; without it, no tenant can be brought back to a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) point_in_time: Option<PointInTimeSection>,
}

/// How the log of the node's PostgreSQL is archived by pgBackRest.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointInTimeSection {
    /// pgBackRest.
    pub(crate) program: PathBuf,
    /// Its configuration; `pg1-user` in it is the node's role.
    pub(crate) config: PathBuf,
    /// What the configuration calls this cluster.
    pub(crate) stanza: String,
    /// A folder of the cluster's account, for clusters that are restored aside.
    pub(crate) aside_dir: PathBuf,
    /// Hours between base backups.
    pub(crate) backup_hours: u32,
    /// Hours between those that stand without others.
    pub(crate) full_hours: u32,
}

/// The node's edge.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EdgeSection {
    /// Where it listens for the node itself, such as `http://127.0.0.1:8080`.
    pub(crate) url: String,
    /// The domain of the tenants' hosts.
    pub(crate) domain: String,
}

/// How many clones of each template are kept ready.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoolSection {
    /// Always so many.
    pub(crate) least: u32,
    /// Never more, however great the demand.
    pub(crate) most: u32,
    /// The pause between two of them, in milliseconds.
    pub(crate) pause_ms: u64,
    /// On so many of each template's a session is kept open.
    #[serde(default = "pool_sessions")]
    pub(crate) sessions: u32,
}

fn pool_sessions() -> u32 {
    node::PoolPolicy::default().sessions
}

/// The node's PostgreSQL.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostgresSection {
    /// Host name, address or socket folder.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// The password of the node's role.
    pub(crate) password: String,
    /// Where `pg_dump` is.
    pub(crate) bin_dir: PathBuf,
}

/// The node's Odoo.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OdooSection {
    /// Where it answers.
    pub(crate) url: String,
    /// Its command.
    pub(crate) program: PathBuf,
    /// Its add-on folders, separated by commas.
    pub(crate) addons_path: String,
    /// Its `data_dir`.
    pub(crate) data_dir: PathBuf,
    /// The password of its role.
    pub(crate) password: String,
    /// How many workers it has.
    #[serde(default = "one_worker")]
    pub(crate) workers: u16,
}

fn one_worker() -> u16 {
    1
}

/// Reads a configuration file, after checking that nobody else can read it and that no published secret is in it.
pub(crate) fn read<T: DeserializeOwned + Guarded>(path: &Path) -> Result<T> {
    let metadata = std::fs::metadata(path).with_context(|| format!("reading {}", path.display()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!(
            "{} holds secrets and others may read it; run: chmod 600 {}",
            path.display(),
            path.display()
        );
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    // The parser's own message quotes the line, which may hold a secret.
    let complaint = |error: toml::de::Error| {
        let line = error.span().map_or(0, |span| {
            text.get(..span.start).map_or(0, |before| before.lines().count())
        });
        anyhow::anyhow!("{}, line {line}: {}", path.display(), error.message())
    };
    let table: toml::Table = toml::from_str(&text).map_err(complaint)?;
    if let Some(place) = weak::published(&table) {
        bail!(
            "{}: {place} is printed in public documents; choose another",
            path.display()
        );
    }
    let file: T = toml::from_str(&text).map_err(complaint)?;
    file.refuse_weak()
        .with_context(|| format!("{} cannot be used", path.display()))?;
    Ok(file)
}
