//! The throw-away installation that everything is measured on.

use crate::measure::Samples;
use crate::processes::Processes;
use anyhow::{Context as _, Result};
use e2e::{Api, Installation};
use serde::Deserialize;
use sqlx::{Connection as _, PgConnection};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

/// The template that everything is cloned from.
pub(crate) const TEMPLATE: &str = "template_tenant";
/// How many clones are kept ready where the size of the pool is not what is measured.
pub(crate) const POOL: u32 = 3;
/// The node's role in its cluster.
pub(crate) const NODE_ROLE: &str = "tenantry_node";

/// A running installation, and what is needed to reach all of it.
pub(crate) struct Ground {
    data: PathBuf,
    pub(crate) installation: Installation,
    pub(crate) api: Api,
    pub(crate) processes: Processes,
    secrets: Secrets,
    /// How many names were given.
    pub(crate) names: AtomicU32,
    /// Deleted tenants that are not purged yet.
    pub(crate) deleted: Mutex<Vec<String>>,
    /// Cores that others used, each time when the installation rested.
    pub(crate) others: Mutex<Samples>,
}

/// What of `secrets.json` is needed.
#[derive(Deserialize)]
struct Secrets {
    node_role: String,
}

impl Ground {
    pub(crate) fn open(data: &Path) -> Result<Self> {
        let installation = Installation::at(data.to_owned())?;
        let secrets = std::fs::read_to_string(data.join("secrets.json"))
            .context("only who brought the installation up can measure it")?;
        Ok(Self {
            data: data.to_owned(),
            api: installation.api()?,
            installation,
            processes: Processes::of(data),
            secrets: serde_json::from_str(&secrets)?,
            names: AtomicU32::default(),
            deleted: Mutex::default(),
            others: Mutex::default(),
        })
    }

    /// A path below the data folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.data.join(relative)
    }

    /// The password of the node's role.
    pub(crate) fn node_password(&self) -> &str {
        &self.secrets.node_role
    }

    /// The cluster's port.
    pub(crate) fn postgres_port(&self) -> u16 {
        let options = self.installation.postgres().options("postgres");
        options.map_or(5432, |options| options.get_port())
    }

    /// A connection to the cluster as the node has it.
    pub(crate) async fn as_node(&self) -> Result<PgConnection> {
        let options = self.installation.postgres().options("postgres")?;
        let options = options.username(NODE_ROLE).password(self.node_password());
        Ok(PgConnection::connect_with(&options).await?)
    }

    /// One number that a query gives.
    pub(crate) async fn number(&self, database: &str, query: &str) -> Result<u32> {
        let text = self
            .installation
            .postgres()
            .text(database, &format!("SELECT ({query})::text"))
            .await?;
        Ok(text.parse()?)
    }

    /// Cores, memory and versions, without names.
    pub(crate) async fn machine(&self) -> Result<String> {
        let cores = std::thread::available_parallelism()?;
        let memory = std::fs::read_to_string("/proc/meminfo")?;
        let kibibytes = memory
            .split_whitespace()
            .nth(1)
            .unwrap_or_default()
            .parse::<f64>()?;
        let version = "SELECT split_part(current_setting('server_version'), ' ', 1)";
        let postgres = self.installation.postgres().text("postgres", version).await?;
        Ok(format!(
            "{cores} cores, {:.0} GB of memory, PostgreSQL {postgres}.",
            kibibytes * 1024.0 / 1e9
        ))
    }
}
