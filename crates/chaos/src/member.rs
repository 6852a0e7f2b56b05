//! A node: its own cluster, its folders on a small file system, its agent behind a line of its own.

use crate::process::Process;
use crate::proxy::Proxy;
use crate::site::{Server, private_file};
use anyhow::{Context as _, Result};
use cluster::{Cluster, ClusterSettings, Durability, Password, free_port};
use control::{Caller, Control};
use domain::{NodeName, Secret};
use node::{ClusterAccess, SuperuserAccess};
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use testkit::{Volume, fresh_name};

/// What stands in for Odoo's command line, and the tables that a real Odoo 19 makes.
const FAKE_ODOO: &str = include_str!("../../node/tests/node/fake_odoo.sh");
const ODOO_TABLES: &str = include_str!("../../node/tests/node/odoo19.sql");
const CONNECTIONS: u16 = 120;
/// MiB of its disk; what tenants keep there are some kilobytes, but a node keeps a reserve.
const DISK: usize = 160;

/// A node and what is its own.
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Its agent.
    pub(crate) agent: Process,
    /// The line from its agent to the servers.
    pub(crate) to_servers: Proxy,
    /// The line from its agent to its PostgreSQL.
    pub(crate) to_postgres: Proxy,
    /// Where its files are, when it could be mounted.
    pub(crate) volume: Option<Volume>,
    /// Filestores, markers, dumps.
    pub(crate) folder: PathBuf,
    cluster: Cluster,
}

impl Member {
    /// Makes the cluster and the folders, enrols over HTTP as any node does, and starts the agent.
    pub(crate) async fn start(
        site: &Path,
        program: &Path,
        name: &str,
        servers: &[Server],
        control: &Control,
    ) -> Result<Self> {
        let base = site.join(name);
        fs::create_dir_all(&base)?;
        fs::set_permissions(&base, Permissions::from_mode(0o755))?;
        let cluster = start_cluster(&base.join("postgres")).await?;
        let folder = base.join("files");
        let volume = Volume::mount(&folder, DISK)?;
        for part in ["odoo/filestore", "hosts", "dumps", "work"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let passwords = [fresh_name("n"), fresh_name("o")].map(|text| text.replace('_', ""));
        let [node_password, odoo_password] = &passwords;
        let access = cluster.superuser("postgres");
        let to_postgres = Proxy::to(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, access.port))]).await?;
        prepare(&cluster, node_password, odoo_password).await?;
        let bin_dir = program_folder(&cluster);
        write_fake_odoo(&base, &bin_dir)?;

        let to_servers = Proxy::to(servers.iter().map(|server| server.address).collect()).await?;
        let url = format!("http://{}", to_servers.address);
        let node_name: NodeName = name.parse().map_err(|rule| anyhow::anyhow!("{rule:?}"))?;
        let token = control
            .create_enrolment_token(&Caller::system(), Some(name))
            .await?;
        let domain = format!("{name}.localhost");
        let pattern = format!("http://*.{domain}:80");
        let enrolled = node::enrol(
            &url.parse()?,
            &token.token,
            &node_name,
            &domain.parse().map_err(|rule| anyhow::anyhow!("{rule:?}"))?,
            &pattern,
        )
        .await
        .context("enrolling")?;

        let config = NodeConfig {
            server: &url,
            node: &enrolled.node.to_string(),
            name,
            credential: enrolled.credential.expose(),
            folder: &folder,
            base: &base,
            postgres_port: to_postgres.address.port(),
            node_password,
            odoo_password,
            bin_dir: &bin_dir,
        };
        let file = base.join("node.toml");
        private_file(&file, &config.text()?)?;
        let file = file.display().to_string();
        let arguments = ["node", "run", "--config", &file];
        let agent = Process::start(program, &arguments, site.join(format!("{name}.log")))?;
        Ok(Self {
            name: name.to_owned(),
            agent,
            to_servers,
            to_postgres,
            volume,
            folder,
            cluster,
        })
    }

    /// How its cluster's superuser is reached, past every line.
    pub(crate) fn superuser(&self, database: &str) -> url::Url {
        superuser_url(&self.cluster, database)
    }

    /// Where its cluster keeps its data.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.cluster.settings().data_dir
    }

    /// Ends the cluster.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.agent.kill().await?;
        self.cluster.stop().await;
        Ok(())
    }
}

/// A cluster for a control database or a node.
pub(crate) async fn start_cluster(base: &Path) -> Result<Cluster> {
    fs::create_dir_all(base)?;
    fs::set_permissions(base, Permissions::from_mode(0o755))?;
    let password = Password::new(fresh_name("p").replace('_', ""));
    let settings = ClusterSettings {
        max_connections: CONNECTIONS,
        // A machine does not crash here, and PostgreSQL finds what it had promised without forcing it to disk.
        durability: Durability::Disposable,
        ..ClusterSettings::under(base, free_port()?, password)
    };
    Ok(Cluster::start(settings, |_| {}).await?)
}

/// The superuser's URL of a database.
pub(crate) fn superuser_url(cluster: &Cluster, database: &str) -> url::Url {
    #[expect(clippy::expect_used, reason = "the cluster's own URL is one")]
    cluster.superuser(database).url().parse().expect("a URL")
}

async fn prepare(cluster: &Cluster, node_password: &str, odoo_password: &str) -> Result<()> {
    let access = cluster.superuser("postgres");
    let secret = |text: &str| Secret::new(text.to_owned());
    let superuser = SuperuserAccess {
        host: access.host.clone(),
        port: access.port,
        role: access.user.clone(),
        password: secret(access.password.expose()),
    };
    let role = |text: &str| {
        text.parse()
            .map_err(|_| anyhow::anyhow!("{text} is no identifier"))
    };
    let node = ClusterAccess {
        host: access.host,
        port: access.port,
        role: role("tenantry_node")?,
        password: secret(node_password),
        journal: role("tenantry_journal")?,
    };
    node::prepare(&superuser, &node, &role("odoo")?, &secret(odoo_password)).await?;
    Ok(())
}

fn program_folder(cluster: &Cluster) -> PathBuf {
    let program = cluster.binaries().program("psql");
    program.parent().map(Path::to_owned).unwrap_or_default()
}

fn write_fake_odoo(base: &Path, bin_dir: &Path) -> Result<()> {
    let tables = base.join("odoo19.sql");
    fs::write(&tables, ODOO_TABLES)?;
    let script = FAKE_ODOO
        .replace("@psql@", &bin_dir.join("psql").display().to_string())
        .replace("@sql@", &tables.display().to_string());
    let program = base.join("odoo");
    fs::write(&program, script)?;
    Ok(fs::set_permissions(&program, Permissions::from_mode(0o755))?)
}

/// What stands in a node's configuration file.
struct NodeConfig<'a> {
    server: &'a str,
    node: &'a str,
    name: &'a str,
    credential: &'a str,
    folder: &'a Path,
    base: &'a Path,
    postgres_port: u16,
    node_password: &'a str,
    odoo_password: &'a str,
    bin_dir: &'a Path,
}

impl NodeConfig<'_> {
    fn text(&self) -> Result<String> {
        let folder = self.folder.display();
        let Self {
            server,
            node,
            name,
            credential,
            postgres_port,
            node_password,
            odoo_password,
            ..
        } = self;
        let (base, bin_dir, local) = (self.base.display(), self.bin_dir.display(), free_port()?);
        Ok(format!(
            r#"server = "{server}"
node = "{node}"
name = "{name}"
credential = "{credential}"
local_api = "127.0.0.1:{local}"
hosts_dir = "{folder}/hosts"
dumps_dir = "{folder}/dumps"
work_dir = "{folder}/work"
[postgres]
host = "127.0.0.1"
port = {postgres_port}
password = "{node_password}"
bin_dir = "{bin_dir}"
[odoo]
url = "http://127.0.0.1:1"
program = "{base}/odoo"
addons_path = ""
data_dir = "{folder}/odoo"
password = "{odoo_password}"
[pool]
least = 1
most = 3
pause_ms = 50
"#
        ))
    }
}
