//! Everything that a run attacks: a control database, servers before it, nodes.

use crate::member::{Member, start_cluster, superuser_url};
use crate::process::Process;
use crate::proxy::Proxy;
use anyhow::{Context as _, Result};
use cluster::{Cluster, free_port};
use control::{Caller, Control, ServerKey, Settings, World};
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Store;
use tempfile::TempDir;
use testkit::{eventually, fresh_name};
use wire::apikey::{BuildTemplate, CreateApiKey};

/// How long a process may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A replica of the server, with a line of its own to the control database.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) to_database: Proxy,
}

/// The whole of it. Its folder goes when it is dropped.
pub(crate) struct Site {
    pub(crate) servers: Vec<Server>,
    pub(crate) members: Vec<Member>,
    pub(crate) key: String,
    database: Cluster,
    folder: TempDir,
}

impl Site {
    /// Brings everything up, with a template on each node.
    ///
    /// # Errors
    /// When something does not come up in time.
    pub(crate) async fn start(program: &Path, servers: usize, nodes: usize) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tenantry-chaos-").tempdir()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let database = start_cluster(&folder.path().join("control")).await?;
        let password = fresh_name("c").replace('_', "");
        store::setup::prepare(superuser_url(&database, "postgres").as_str(), &password).await?;
        let url = |port: u16| {
            format!(
                "postgres://{}:{password}@127.0.0.1:{port}/{}",
                store::setup::ROLE,
                store::setup::DATABASE
            )
        };
        let port = database.settings().port;
        // Its own way to the database is past every line, so that it sees what is true while they are cut.
        let direct = url(port);
        let store = Store::open(&direct, 4)?;
        store.migrate().await?;
        let key = format!("{}{}", fresh_hex(), fresh_hex());
        let settings =
            Settings::with_panel("http://127.0.0.1:1").map_err(|rule| anyhow::anyhow!("{rule:?}"))?;
        let control = Control::new(store, ServerKey::from_hex(&key)?, settings, World::real());

        let mut started = Vec::new();
        for number in 1..=servers {
            let to_database = Proxy::to(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))]).await?;
            let url = url(to_database.address.port());
            started.push(start_server(
                folder.path(),
                program,
                number,
                &url,
                &key,
                to_database,
            )?);
        }
        let client = reqwest_client()?;
        for server in &started {
            ready(&client, server).await?;
        }
        let mut members = Vec::new();
        for number in 1..=nodes {
            let name = format!("node-{number}");
            let member = Member::start(folder.path(), program, &name, &started, &control).await;
            members.push(member.with_context(|| format!("starting {name}"))?);
        }
        for member in &members {
            build_template(&control, &member.name).await?;
        }
        let key = api_key(&control).await?;
        Ok(Self {
            servers: started,
            members,
            key,
            database,
            folder,
        })
    }

    /// Where the control database's cluster keeps its data.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.database.settings().data_dir
    }

    /// The control database as its superuser.
    pub(crate) fn superuser(&self) -> url::Url {
        superuser_url(&self.database, store::setup::DATABASE)
    }

    /// Where logs and files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends everything.
    ///
    /// # Errors
    /// When a process cannot be ended.
    pub(crate) async fn stop(self) -> Result<()> {
        for mut server in self.servers {
            server.process.kill().await?;
        }
        for member in self.members {
            member.stop().await?;
        }
        self.database.stop().await;
        Ok(())
    }
}

/// A client that gives up, as real ones do.
pub(crate) fn reqwest_client() -> Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(8));
    Ok(client.build()?)
}

/// A file for its owner's eyes only.
pub(crate) fn private_file(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
}

fn fresh_hex() -> String {
    fresh_name("")
        .chars()
        .filter(char::is_ascii_hexdigit)
        .chain("0".repeat(32).chars())
        .take(32)
        .collect()
}

fn start_server(
    folder: &Path,
    program: &Path,
    number: usize,
    url: &str,
    key: &str,
    to_database: Proxy,
) -> Result<Server> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    let file: PathBuf = folder.join(format!("server-{number}.toml"));
    let text = format!(
        "listen = \"{address}\"\ndatabase_url = \"{url}\"\nkey = \"{key}\"\npanel = \"http://{address}\"\n"
    );
    private_file(&file, &text)?;
    let file = file.display().to_string();
    let log = folder.join(format!("server-{number}.log"));
    let process = Process::start(program, &["server", "--config", &file], log)?;
    Ok(Server {
        process,
        address,
        to_database,
    })
}

async fn ready(client: &reqwest::Client, server: &Server) -> Result<()> {
    let url = format!("http://{}/ready", server.address);
    eventually(PATIENCE, || async {
        let answer = client.get(&url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    })
    .await
    .with_context(|| format!("waiting for {url}"))
}

async fn build_template(control: &Control, node: &str) -> Result<()> {
    let request = BuildTemplate {
        name: None,
        node: Some(node.to_owned()),
        modules: Some(vec!["web".to_owned(), "website".to_owned()]),
        languages: None,
    };
    let operation = control.build_template(&Caller::system(), request).await?;
    eventually(PATIENCE, || async {
        let record = control.operation(&Caller::system(), operation).await;
        record.is_ok_and(|record| record.state == domain::OperationState::Succeeded)
    })
    .await
    .with_context(|| format!("building a template on {node}"))
}

async fn api_key(control: &Control) -> Result<String> {
    let request = CreateApiKey {
        name: Some("chaos".to_owned()),
        role: Some("owner".to_owned()),
        read_only: false,
        organizations: None,
        tenants: None,
        expires_in_days: None,
    };
    let made = control.create_key(&Caller::system(), request).await?;
    Ok(made.secret.expose().to_owned())
}
