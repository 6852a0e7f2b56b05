//! A client that keeps asking, as a good one does: the same request with the same `Idempotency-Key` until it knows
//! what became of it.

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

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(150);
/// How long one request may stay without an outcome, faults included, before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(150);
/// Tenants that a client has at a time.
const MOST: usize = 5;

/// How a tenant must be found at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Active,
    Suspended,
    /// It comes back open.
    Deleted,
    /// It comes back suspended, as it was.
    DeletedSuspended,
}

/// What a client was told, added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Requests, each counted once however often it was sent.
    pub(crate) requests: usize,
    /// Times that one was sent again.
    pub(crate) repeats: usize,
    /// Told as done.
    pub(crate) done: usize,
    /// Told as failed and undone.
    pub(crate) failed: BTreeMap<String, usize>,
    /// Refused without a beginning.
    pub(crate) refused: BTreeMap<String, usize>,
    /// Answers that said "internal error", which nobody should meet.
    pub(crate) internal: usize,
    /// Operations that were accepted.
    pub(crate) operations: Vec<String>,
    /// What must be true at the end.
    pub(crate) tenants: BTreeMap<String, Wanted>,
    /// Promises that were broken on the way.
    pub(crate) violations: Vec<String>,
}

/// One client with names of its own, so that it alone decides what must become of them.
pub(crate) struct Client {
    number: usize,
    dice: StdRng,
    http: reqwest::Client,
    servers: Vec<SocketAddr>,
    nodes: Vec<String>,
    key: String,
    names: usize,
    told: Told,
}

enum Outcome {
    Done,
    NotDone,
}

impl Client {
    pub(crate) fn new(
        number: usize,
        seed: u64,
        http: reqwest::Client,
        servers: Vec<SocketAddr>,
        nodes: Vec<String>,
        key: String,
    ) -> Self {
        let own = seed.wrapping_mul(1_000_003).wrapping_add(number as u64);
        Self {
            number,
            dice: StdRng::seed_from_u64(own),
            http,
            servers,
            nodes,
            key,
            names: 0,
            told: Told::default(),
        }
    }

    /// Asks for one thing after the other until it is told to stop; what was begun is brought to its end.
    pub(crate) async fn run(mut self, stop: watch::Receiver<bool>) -> Told {
        while !*stop.borrow() {
            if let Err(error) = self.step().await {
                self.told
                    .violations
                    .push(format!("client {}: {error:#}", self.number));
                break;
            }
        }
        self.told
    }

    async fn step(&mut self) -> Result<()> {
        let known: Vec<(String, Wanted)> = self
            .told
            .tenants
            .iter()
            .map(|(name, state)| (name.clone(), *state))
            .collect();
        if known.is_empty() || (known.len() < MOST && self.dice.random_bool(0.4)) {
            return self.create().await;
        }
        let chosen = self.dice.random_range(0..known.len());
        let Some((name, state)) = known.get(chosen) else {
            return Ok(());
        };
        let path = format!("/api/tenants/{name}");
        let is_there = matches!(state, Wanted::Active | Wanted::Suspended);
        if is_there && self.dice.random_bool(0.2) {
            return self.relocate(name).await;
        }
        match (state, self.dice.random_range(0..10)) {
            (Wanted::Active, 0..=3) => {
                let body = json!({"reason": "unpaid"});
                self.change(
                    name,
                    Method::POST,
                    &format!("{path}/suspend"),
                    Some(body),
                    Some(Wanted::Suspended),
                )
                .await
            }
            (Wanted::Active, 4..=6) => self.rename(name).await,
            (Wanted::Suspended, 0..=6) => {
                let body = json!({"reason": "unpaid"});
                self.change(
                    name,
                    Method::POST,
                    &format!("{path}/resume"),
                    Some(body),
                    Some(Wanted::Active),
                )
                .await
            }
            (Wanted::Active | Wanted::Suspended, _) => {
                let then = match state {
                    Wanted::Suspended => Wanted::DeletedSuspended,
                    _ => Wanted::Deleted,
                };
                let path = format!("{path}?confirm={name}");
                self.change(name, Method::DELETE, &path, None, Some(then)).await
            }
            (Wanted::Deleted | Wanted::DeletedSuspended, 0..=4) => {
                let then = match state {
                    Wanted::DeletedSuspended => Wanted::Suspended,
                    _ => Wanted::Active,
                };
                let path = format!("{path}/undelete");
                self.change(name, Method::POST, &path, None, Some(then)).await
            }
            (Wanted::Deleted | Wanted::DeletedSuspended, _) => {
                self.change(
                    name,
                    Method::POST,
                    &format!("{path}/purge"),
                    Some(json!({"confirm": name})),
                    None,
                )
                .await
            }
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("c{}-n{}", self.number, self.names)
    }

    async fn create(&mut self) -> Result<()> {
        let name = self.name();
        let body = json!({
            "company_name": format!("Company {name}"), "admin_email": format!("ana@{name}.example.com"),
            "subdomain": name, "plan": "basic",
        });
        if let Outcome::Done = self.ask(Method::POST, "/api/tenants", Some(body)).await? {
            self.told.tenants.insert(name, Wanted::Active);
        }
        Ok(())
    }

    /// To some node, or, where it has moved before, done with what that left.
    async fn relocate(&mut self, name: &str) -> Result<()> {
        let path = format!("/api/tenants/{name}/move");
        if self.dice.random_bool(0.4) {
            self.ask(Method::POST, &format!("{path}/confirm"), None).await?;
            return Ok(());
        }
        let chosen = self.dice.random_range(0..self.nodes.len());
        let body = json!({ "node": self.nodes.get(chosen) });
        self.ask(Method::POST, &path, Some(body)).await?;
        Ok(())
    }

    async fn rename(&mut self, name: &str) -> Result<()> {
        let new = self.name();
        let path = format!("/api/tenants/{name}");
        if let Outcome::Done = self
            .ask(Method::PATCH, &path, Some(json!({"subdomain": new})))
            .await?
            && let Some(state) = self.told.tenants.remove(name)
        {
            self.told.tenants.insert(new, state);
        }
        Ok(())
    }

    async fn change(
        &mut self,
        name: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        then: Option<Wanted>,
    ) -> Result<()> {
        if let Outcome::Done = self.ask(method, path, body).await? {
            match then {
                Some(state) => self.told.tenants.insert(name.to_owned(), state),
                None => self.told.tenants.remove(name),
            };
        }
        Ok(())
    }

    /// Asks until there is an outcome.
    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Result<Outcome> {
        self.told.requests += 1;
        let key = format!("c{}-{}", self.number, self.told.requests);
        let end = Instant::now() + PATIENCE;
        let mut first = true;
        while Instant::now() < end {
            if !first {
                self.told.repeats += 1;
                sleep(PAUSE).await;
            }
            first = false;
            let sent = self
                .request(method.clone(), path)
                .header("Idempotency-Key", &key)
                .header("Prefer", "wait=5");
            let sent = match &body {
                Some(body) => sent.json(body),
                None => sent,
            };
            let Some((status, answer)) = received(sent).await else {
                continue;
            };
            if let Some(outcome) = self.judge(path, status, &answer, end).await? {
                return Ok(outcome);
            }
        }
        bail!("{method} {path} had no outcome within {} s", PATIENCE.as_secs())
    }

    /// What an answer means; nothing when it must be asked again.
    async fn judge(
        &mut self,
        path: &str,
        status: StatusCode,
        answer: &Value,
        end: Instant,
    ) -> Result<Option<Outcome>> {
        let operation = answer
            .get("operation_id")
            .or_else(|| answer.get("operation"))
            .and_then(Value::as_str)
            .or_else(|| {
                answer
                    .get("id")
                    .and_then(Value::as_str)
                    .filter(|id| id.starts_with("ope_"))
            });
        if let Some(id) = operation
            && !self.told.operations.iter().any(|known| known == id)
        {
            self.told.operations.push(id.to_owned());
        }
        match (status, operation) {
            (StatusCode::OK | StatusCode::CREATED, _) => {
                self.told.done += 1;
                Ok(Some(Outcome::Done))
            }
            (StatusCode::ACCEPTED, Some(id)) => self.follow(id, end).await.map(Some),
            (StatusCode::ACCEPTED, None) => bail!("{path} was accepted without an operation: {answer}"),
            // Whether it began is told by the same request once more.
            (StatusCode::SERVICE_UNAVAILABLE, None) => Ok(None),
            (StatusCode::INTERNAL_SERVER_ERROR, None) => {
                self.told.internal += 1;
                Ok(None)
            }
            (_, Some(id)) if kind(answer) != "busy" => self.follow(id, end).await.map(Some),
            (status, _) if status == StatusCode::TOO_MANY_REQUESTS || kind(answer) == "busy" => Ok(None),
            (status, _) => {
                *self
                    .told
                    .refused
                    .entry(format!(
                        "{} {} {}",
                        status.as_u16(),
                        kind(answer),
                        answer.get("detail").and_then(Value::as_str).unwrap_or("")
                    ))
                    .or_default() += 1;
                Ok(Some(Outcome::NotDone))
            }
        }
    }

    /// Follows an operation to its end.
    async fn follow(&mut self, id: &str, end: Instant) -> Result<Outcome> {
        let path = format!("/api/operations/{id}");
        while Instant::now() < end {
            let asked = self.request(Method::GET, &path);
            if let Some((StatusCode::OK, answer)) = received(asked).await {
                match answer.get("state").and_then(Value::as_str) {
                    Some("succeeded") => {
                        self.told.done += 1;
                        return Ok(Outcome::Done);
                    }
                    Some("failed") => {
                        let code = answer
                            .pointer("/failure/code")
                            .and_then(Value::as_str)
                            .unwrap_or("no code");
                        *self.told.failed.entry(code.to_owned()).or_default() += 1;
                        return Ok(Outcome::NotDone);
                    }
                    _ => {}
                }
            }
            sleep(PAUSE).await;
        }
        bail!("operation {id} had no outcome within {} s", PATIENCE.as_secs())
    }

    fn request(&mut self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let chosen = self.dice.random_range(0..self.servers.len());
        let server = self
            .servers
            .get(chosen)
            .map(ToString::to_string)
            .unwrap_or_default();
        self.http
            .request(method, format!("http://{server}{path}"))
            .header("X-API-KEY", &self.key)
    }
}

/// The answer, when there was one that could be read.
pub(crate) async fn received(request: reqwest::RequestBuilder) -> Option<(StatusCode, Value)> {
    let response = request.send().await.ok()?;
    let status = response.status();
    let body = response.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&body).ok()?))
}

/// The kind of a problem: the last part of its type.
pub(crate) fn kind(problem: &Value) -> &str {
    let text = problem.get("type").and_then(Value::as_str).unwrap_or_default();
    text.rsplit('/').next().unwrap_or_default()
}
