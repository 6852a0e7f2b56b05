//! What server and node can do when nothing else is going on: requests a second, and a start.

use crate::arguments::Effort;
use crate::ground::Ground;
use crate::http;
use crate::measure::{Contest, Figure, interleaved};
use crate::rows::Findings;
use crate::table::{Goal, Row, Unit};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

/// One burst of requests.
const BURST: Duration = Duration::from_secs(1);
/// Requests a second of the described system's server and node.
const SERVER: f64 = 688.0;
const NODE: f64 = 2771.0;
/// How often it is looked whether a server answers.
const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Health,
    Tenant,
    Node,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    let rates = requests(ground, effort.samples(2, 5)).await?;
    let mut starts = Contest::new();
    let config = Replica::prepare(ground)?;
    for _ in 0..effort.samples(3, 10) {
        ground.rest(0).await?;
        starts.of(()).push_time(config.start().await?);
    }
    let rate = |what: &str, way: What, told: f64| -> Result<Row> {
        let row = Row::new(
            format!("requests a second: {what}"),
            Unit::PerSecond,
            rates.figure(&way)?,
        );
        Ok(row
            .beside("the described system", Figure::told(told))
            .goal(Goal::Times(20.0)))
    };
    let rows = vec![
        rate("`GET /health` of the server", What::Health, SERVER)?,
        rate("`GET /api/tenants/{one}` with a key", What::Tenant, SERVER)?,
        rate("`GET /health` of the node", What::Node, NODE)?,
        Row::time("server: start to first answer", starts.figure(&())?)
            .beside_words("the described system, as told: 3.2 to 5.1 s")
            .goal(Goal::Median(300.0)),
    ];
    Ok(Findings {
        rows,
        ..Findings::default()
    })
}

async fn requests(ground: &Ground, rounds: usize) -> Result<Contest<What>> {
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let (server, node) = (
        address(ground.installation.server()),
        address(ground.installation.node()),
    );
    let local: Local = serde_json::from_str(&std::fs::read_to_string(ground.path("local.json"))?)?;
    let key = format!("X-API-KEY: {}\r\n", local.api_key);
    let mut rates = Contest::new();
    for what in interleaved(rounds, &[What::Health, What::Tenant, What::Node]) {
        ground.rest(0).await?;
        let (address, request) = match what {
            What::Health => (&server, http::request("/health", "")),
            What::Tenant => (&server, http::request("/api/tenants/demo", &key)),
            What::Node => (&node, http::request("/health", "")),
        };
        rates.of(what).push(
            http::rate(address, &request, BURST)
                .await
                .with_context(|| format!("{what:?}"))?,
        );
    }
    Ok(rates)
}

#[derive(Deserialize)]
struct Local {
    api_key: String,
}

/// Another replica of the server, on the same control database.
struct Replica {
    program: PathBuf,
    config: PathBuf,
    address: String,
}

impl Replica {
    fn prepare(ground: &Ground) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut file: toml::Table = std::fs::read_to_string(ground.path("server/server.toml"))?.parse()?;
        file.insert("listen".to_owned(), address.clone().into());
        let config = ground.path("server/bench.toml");
        std::fs::write(&config, "")?;
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600))?;
        std::fs::write(&config, toml::to_string(&file)?)?;
        Ok(Self {
            program: ground.installation.program(),
            config,
            address,
        })
    }

    /// Starts it, waits for its first answer, and ends it again.
    async fn start(&self) -> Result<Duration> {
        let began = Instant::now();
        let mut child = Command::new(&self.program)
            .arg("server")
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let answered = async {
            while http::once(&self.address, &http::request("/ready", ""))
                .await
                .is_err()
            {
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, answered)
            .await
            .context("the server does not answer")?;
        let took = began.elapsed();
        ensure!(child.try_wait()?.is_none(), "the server has ended");
        child.kill().await?;
        Ok(took)
    }
}
