//! An object store of a test's own, which can be killed.

use crate::{Api, eventually, unique};
use anyhow::{Context as _, Result, ensure};
use objects::{Objects, S3};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

const ACCESS: &str = "tests";
const SECRET: &str = "a-secret-of-the-tests";
/// Below this, everything of the installation lies in a bucket.
const PREFIX: &str = "site";
/// How long the store may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// The store listens on so many ports in a row.
const PORTS: u16 = 8;

/// A store with a folder of its own. It has two buckets: `backups`, and `locked`, which locks what lies in it.
#[derive(Debug)]
pub struct Bucket {
    folder: PathBuf,
    port: u16,
    child: Child,
}

impl Bucket {
    /// Starts one with a folder in this one.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(parent: &Path) -> Result<Self> {
        let folder = parent.join(unique("bucket"));
        let port = free().context("no free ports in a row")?;
        let bucket = Self {
            child: run(&folder, port)?,
            folder,
            port,
        };
        bucket.is_up().await?;
        Ok(bucket)
    }

    async fn is_up(&self) -> Result<()> {
        let ready = self.folder.join("ready");
        eventually(PATIENCE, "the store is up", || async { ready.exists() }).await
    }

    /// Ends it as a power cut does.
    ///
    /// # Errors
    /// When it runs no more.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_again(&mut self) -> Result<()> {
        fs::remove_file(self.folder.join("ready"))?;
        self.child = run(&self.folder, self.port)?;
        self.is_up().await
    }

    /// Ends it, and what it holds goes.
    ///
    /// # Errors
    /// When its folder cannot be removed.
    pub async fn remove(mut self) -> Result<()> {
        self.kill().await?;
        Ok(fs::remove_dir_all(&self.folder)?)
    }

    /// Has backups go to its bucket `backups` as this store.
    ///
    /// # Errors
    /// When the installation refuses it.
    pub async fn serve(&self, api: &Api, store: &str) -> Result<()> {
        self.serve_with(api, store, &json!({})).await
    }

    /// The same, with these fields in place of the usual ones.
    ///
    /// # Errors
    /// When the installation refuses it, or shows the secret.
    pub async fn serve_with(&self, api: &Api, store: &str, other: &Value) -> Result<()> {
        let mut body = json!({
            "kind": "s3", "endpoint": self.endpoint(), "bucket": "backups", "prefix": PREFIX,
            "access_key": ACCESS, "secret_key": SECRET, "scheduled": false, "lock_days": 0,
        });
        if let (Some(body), Some(other)) = (body.as_object_mut(), other.as_object()) {
            body.extend(other.clone());
        }
        let path = format!("/api/backup-stores/{store}");
        let shown = api.ask(Method::PUT, &path, Some(&body)).await?.expect(200)?;
        let secret = body["secret_key"].as_str().unwrap_or_default();
        ensure!(!shown.body.to_string().contains(secret), "the secret is shown");
        Ok(())
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One of its buckets as a client of it sees it.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn objects(&self, bucket: &str) -> Result<Objects> {
        Ok(Objects::s3(&S3 {
            endpoint: self.endpoint(),
            region: "us-east-1".to_owned(),
            bucket: bucket.to_owned(),
            prefix: PREFIX.to_owned(),
            path_style: true,
            storage_class: None,
            access_key: ACCESS.to_owned(),
            secret_key: SECRET.to_owned(),
        })?)
    }

    /// How many uploads to `backups` were begun and neither finished nor given up. The store keeps them beside what it lists.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unfinished(&self) -> Result<usize> {
        let address = format!("http://127.0.0.1:{}/buckets/backups/.uploads/", self.port + 5);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let asked = client.get(address).header("Accept", "application/json");
        let answer = asked.send().await?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(0);
        }
        let listed: Value = serde_json::from_str(&answer.error_for_status()?.text().await?)?;
        Ok(listed["Entries"].as_array().map_or(0, Vec::len))
    }

    /// The identities of the backups of this tenant of which there is something in `backups`, in their order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn held(&self, tenant: &str) -> Result<Vec<String>> {
        let folder = format!("tenants/{}", bare(tenant));
        let mut held = Vec::new();
        for object in self.objects("backups")?.list(&folder).await? {
            let below = object.name.strip_prefix(&folder).unwrap_or_default();
            held.extend(
                below
                    .split('/')
                    .find(|part| !part.is_empty())
                    .map(ToOwned::to_owned),
            );
        }
        held.sort_unstable();
        held.dedup();
        Ok(held)
    }
}

/// An identity as it stands in the names of objects.
pub fn bare(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, bare)| bare)
}

fn free() -> Option<u16> {
    let is_free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Two processes that begin at once look at other ports.
    let number = u16::try_from(std::process::id() % 300).unwrap_or_default();
    let mut rows = (0..300).map(|row| 30_000 + (number + row) % 300 * PORTS);
    rows.find(|first| (*first..*first + PORTS).all(is_free))
}

fn run(folder: &Path, port: u16) -> Result<Child> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/object-store");
    Ok(Command::new(script)
        .arg(folder)
        .arg(port.to_string())
        .args([ACCESS, SECRET])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?)
}
