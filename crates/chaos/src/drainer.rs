//! Somebody who drains one node after the other while everything breaks: pauses, goes on, cancels now and then, and confirms
//! what has moved. In the end no node is drained any more, and each takes tenants again.

use crate::client::{kind, received};
use anyhow::{Result, bail};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a drain is followed before it is cancelled.
const FOLLOWED: Duration = Duration::from_secs(40);
/// How long one request, or the end of a cancelled drain, may take, faults included.
const PATIENCE: Duration = Duration::from_secs(240);

/// What became of the drains.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drained {
    /// Drains that were begun, by how they ended.
    pub(crate) ended: BTreeMap<String, usize>,
    /// Plans that were another one by the time they were to be begun.
    pub(crate) stale: usize,
    /// Tenants that drains moved.
    pub(crate) moved: usize,
    /// Tenants whose move failed in a drain, by code.
    pub(crate) failed: BTreeMap<String, usize>,
    /// Promises that were broken on the way.
    pub(crate) violations: Vec<String>,
}

/// Somebody with the nodes' names.
pub(crate) struct Drainer {
    dice: StdRng,
    http: reqwest::Client,
    servers: Vec<SocketAddr>,
    nodes: Vec<String>,
    key: String,
    told: Drained,
}

impl Drainer {
    pub(crate) fn new(
        seed: u64,
        http: reqwest::Client,
        servers: Vec<SocketAddr>,
        nodes: Vec<String>,
        key: String,
    ) -> Self {
        Self {
            dice: StdRng::seed_from_u64(seed.wrapping_mul(7_000_003)),
            http,
            servers,
            nodes,
            key,
            told: Drained::default(),
        }
    }

    /// Drains until it is told to stop.
    pub(crate) async fn run(mut self, stop: watch::Receiver<bool>) -> Drained {
        let mut turn = 0;
        // Where there is no other node, nobody can go.
        while !*stop.borrow() && self.nodes.len() > 1 {
            let Some(node) = self.nodes.get(turn % self.nodes.len()).cloned() else {
                break;
            };
            turn += 1;
            if let Err(error) = self.drain(&node, &stop).await {
                self.told.violations.push(format!("draining {node}: {error:#}"));
                break;
            }
            sleep(PAUSE).await;
        }
        self.told
    }

    async fn drain(&mut self, node: &str, stop: &watch::Receiver<bool>) -> Result<()> {
        let path = format!("/api/nodes/{node}/drain");
        let terms = "any_domain=true&pinned=true&parallel=2";
        let (status, plan) = self
            .ask(Method::GET, &format!("{path}/plan?{terms}"), None)
            .await?;
        if status != StatusCode::OK {
            return Ok(());
        }
        let body = json!({ "plan": plan["plan"], "any_domain": true, "pinned": true, "parallel": 2 });
        let (status, begun) = self.ask(Method::POST, &path, Some(body)).await?;
        match (status, kind(&begun)) {
            (StatusCode::ACCEPTED, _) => {}
            // An answer was lost, and the drain it told of goes on.
            (_, "drain-under-way") => {}
            (_, "plan-changed") => {
                self.told.stale += 1;
                return Ok(());
            }
            _ => return Ok(()),
        }
        self.follow(&path, stop).await?;
        self.ask(
            Method::POST,
            &format!("/api/nodes/{node}/confirm-moves"),
            Some(json!({ "confirm": node })),
        )
        .await?;
        self.ask(
            Method::PATCH,
            &format!("/api/nodes/{node}"),
            Some(json!({ "mode": "active" })),
        )
        .await?;
        Ok(())
    }

    async fn follow(&mut self, path: &str, stop: &watch::Receiver<bool>) -> Result<()> {
        let began = Instant::now();
        let mut is_cancelled = false;
        while began.elapsed() < PATIENCE {
            let (status, drain) = self.ask(Method::GET, path, None).await?;
            if status == StatusCode::OK && drain["ended_at"].is_string() {
                self.note(&drain);
                return Ok(());
            }
            if !is_cancelled && (*stop.borrow() || began.elapsed() > FOLLOWED) {
                let body = json!({ "reason": "long enough" });
                let (status, _) = self
                    .ask(Method::POST, &format!("{path}/cancel"), Some(body))
                    .await?;
                is_cancelled = status == StatusCode::OK;
            } else if !is_cancelled {
                let verb = match self.dice.random_range(0..8) {
                    0 => "pause",
                    1..=3 => "resume",
                    _ => "",
                };
                if !verb.is_empty() {
                    self.ask(Method::POST, &format!("{path}/{verb}"), None).await?;
                }
            }
            sleep(PAUSE).await;
        }
        bail!("it did not end within {} s", PATIENCE.as_secs())
    }

    fn note(&mut self, drain: &Value) {
        let how = match drain.pointer("/failure/code").and_then(Value::as_str) {
            Some(code) => code.to_owned(),
            None => "empty".to_owned(),
        };
        *self.told.ended.entry(how).or_default() += 1;
        for tenant in drain["tenants"].as_array().into_iter().flatten() {
            match tenant["state"].as_str() {
                Some("moved") => self.told.moved += 1,
                Some("failed") => {
                    let code = tenant.pointer("/failure/code").and_then(Value::as_str);
                    *self
                        .told
                        .failed
                        .entry(code.unwrap_or("no code").to_owned())
                        .or_default() += 1;
                }
                _ => {}
            }
        }
    }

    /// Asks until somebody answers.
    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Result<(StatusCode, Value)> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let chosen = self.dice.random_range(0..self.servers.len());
            if let Some(server) = self.servers.get(chosen) {
                let request = self
                    .http
                    .request(method.clone(), format!("http://{server}{path}"))
                    .header("X-API-KEY", &self.key);
                let request = match &body {
                    Some(body) => request.json(body),
                    None => request,
                };
                match received(request).await {
                    Some((status, answer)) if !status.is_server_error() => return Ok((status, answer)),
                    _ => {}
                }
            }
            sleep(PAUSE).await;
        }
        bail!("{method} {path} had no answer within {} s", PATIENCE.as_secs())
    }
}
