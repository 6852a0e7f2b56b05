//! The installation under test, as its `local.json` describes it.

use crate::{Api, Postgres, Visitor};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A running `tenantry up`.
#[derive(Clone, Debug)]
pub struct Installation {
    data: PathBuf,
    local: LocalFile,
}

#[derive(Clone, Debug, Deserialize)]
struct LocalFile {
    server: String,
    api_key: String,
    edge: String,
    node: String,
    odoo: String,
    domain: String,
    postgres: String,
    owner_link: String,
}

impl Installation {
    /// The installation that `TENANTRY_E2E` names.
    ///
    /// # Errors
    /// When the variable is missing: these tests are run by `scripts/test`.
    pub fn under_test() -> Result<Self> {
        let data = std::env::var_os("TENANTRY_E2E").context("TENANTRY_E2E is not set; run scripts/test")?;
        Self::at(data.into())
    }

    /// The installation on a data folder.
    ///
    /// # Errors
    /// When its `local.json` is not there.
    pub fn at(data: PathBuf) -> Result<Self> {
        let text =
            std::fs::read_to_string(data.join("local.json")).context("the installation has no local.json")?;
        Ok(Self {
            local: serde_json::from_str(&text)?,
            data,
        })
    }

    /// The API with the staff key.
    pub fn api(&self) -> Result<Api> {
        Api::new(&self.local.server, Some(&self.local.api_key))
    }

    /// The API with another key, or none.
    pub fn api_as(&self, key: Option<&str>) -> Result<Api> {
        Api::new(&self.local.server, key)
    }

    /// The node's local API with the staff key.
    pub fn local_api(&self) -> Result<Api> {
        Api::new(&self.local.node, Some(&self.local.api_key))
    }

    /// A new visitor of a tenant's address, through the edge.
    pub fn visitor(&self, label: &str) -> Result<Visitor> {
        Visitor::new(&self.local.edge, &format!("{label}.{}", self.local.domain))
    }

    /// A new visitor of any host, through the edge.
    pub fn visitor_of_host(&self, host: &str) -> Result<Visitor> {
        Visitor::new(&self.local.edge, host)
    }

    /// A new visitor of a database at Odoo itself, as the edge would let it in.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn visitor_behind_edge(&self, database: &str) -> Result<Visitor> {
        let visitor = Visitor::new(&self.local.odoo, &self.local.domain)?;
        Ok(visitor.with_header("X-Odoo-dbfilter", &format!("^{database}$")))
    }

    /// The nodes' cluster as its superuser.
    pub fn postgres(&self) -> Postgres {
        Postgres::new(&self.local.postgres)
    }

    /// A path below the data folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.data.join(relative)
    }

    /// The owner's link of `local.json`.
    pub fn owner_link(&self) -> &str {
        &self.local.owner_link
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.local.server
    }

    /// The address of the node's local API.
    pub fn node(&self) -> &str {
        &self.local.node
    }

    /// Odoo's own address, behind the edge.
    pub fn odoo(&self) -> &str {
        &self.local.odoo
    }

    /// The program under test.
    pub fn program(&self) -> PathBuf {
        self.path("bin/tenantry")
    }

    /// Runs the program as an operator does; gives exit code, standard output and standard error.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn run(&self, arguments: &[&str], input: Option<&str>) -> Result<(i32, String, String)> {
        use tokio::io::AsyncWriteExt as _;
        let mut child = tokio::process::Command::new(self.program())
            .args(arguments)
            .env("TENANTRY_DATA", &self.data)
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            stdin.write_all(input.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((
            output.status.code().unwrap_or(-1),
            text(output.stdout),
            text(output.stderr),
        ))
    }

    /// The process id of a supervised child: `node`, `edge`, `odoo` or `server`.
    ///
    /// # Errors
    /// When it does not run.
    pub fn child(&self, name: &str) -> Result<String> {
        let text = std::fs::read_to_string(self.path("run").join(format!("{name}.pid")))?;
        let pid = text.lines().find_map(|line| line.strip_prefix("pid="));
        Ok(pid.with_context(|| format!("{name} does not run"))?.to_owned())
    }

    /// `pg_dump` of a database to standard output, as backups take it: by the node's own role.
    ///
    /// # Errors
    /// When the installation's secrets cannot be read.
    pub fn backup(&self, database: &str) -> Result<tokio::process::Command> {
        let secrets: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(self.path("secrets.json"))?)?;
        let password = secrets["node_role"]
            .as_str()
            .context("no password of the node's role")?;
        let address = self.local.postgres.rsplit_once('@').context("no address")?.1;
        let (host, port) = address
            .split_once('/')
            .and_then(|(address, _)| address.split_once(':'))
            .context("no port")?;
        let mut command = tokio::process::Command::new("pg_dump");
        command
            .args([
                "--no-password",
                "-h",
                host,
                "-p",
                port,
                "-U",
                "tenantry_node",
                database,
            ])
            .env("PGPASSWORD", password)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// The filestore folder of a database.
    pub fn filestore(&self, database: &str) -> PathBuf {
        self.path("odoo/data/filestore").join(database)
    }

    /// Every entry of a folder, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn entries(folder: &Path) -> Result<Vec<String>> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }
}
