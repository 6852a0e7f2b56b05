//! Talks to the server: polls for commands, tells progress and outcomes.

use crate::error::NodeError;
use crate::settings::ServerAccess;
use domain::{CommandId, Secret};
use reqwest::{RequestBuilder, Response};
use std::time::Duration;
use url::Url;
use wire::node::{Command, Commands, Observed, ObservedAnswer, Outcome, Poll, Progress};
use wire::operation::OperationStep;

/// How long an ordinary request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much longer than it was asked for a long poll may take.
const POLL_GRACE: Duration = Duration::from_secs(15);
/// How much of a refusal is kept for the log.
const WORDS: usize = 200;

/// Makes an HTTP client that also works where the system has no store of certificates. It follows no redirects:
/// neither the server nor a login page sends any that matter.
pub(crate) fn make() -> Result<reqwest::Client, NodeError> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
    reqwest::Client::builder()
        .tls_certs_merge(roots)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .build()
        .map_err(|source| NodeError::Client { source })
}

/// The server as the node sees it.
pub(crate) struct ServerClient {
    http: reqwest::Client,
    server: Url,
    credential: Secret<String>,
}

impl ServerClient {
    pub(crate) fn new(access: &ServerAccess) -> Result<Self, NodeError> {
        Ok(Self {
            http: make()?,
            server: access.server.clone(),
            credential: access.credential.clone(),
        })
    }

    /// Waits for commands.
    pub(crate) async fn poll(&self, poll: &Poll) -> Result<Vec<Command>, NodeError> {
        let request = self
            .http
            .get(address(&self.server, "node/v1/commands"))
            .query(poll);
        let patience = Duration::from_secs(poll.wait.into()) + POLL_GRACE;
        let answer = self.send(request.timeout(patience)).await?;
        let commands: Commands = answer.json().await.map_err(away)?;
        Ok(commands.commands)
    }

    /// Tells the steps so far.
    pub(crate) async fn progress(&self, id: CommandId, steps: Vec<OperationStep>) -> Result<(), NodeError> {
        let path = format!("node/v1/commands/{id}/progress");
        let request = self
            .http
            .post(address(&self.server, &path))
            .json(&Progress { steps });
        self.send(request.timeout(PATIENCE)).await.map(drop)
    }

    /// Tells how a command ended.
    pub(crate) async fn outcome(&self, id: CommandId, outcome: &Outcome) -> Result<(), NodeError> {
        let path = format!("node/v1/commands/{id}/outcome");
        let request = self.http.post(address(&self.server, &path)).json(outcome);
        self.send(request.timeout(PATIENCE)).await.map(drop)
    }

    /// Tells what the node sees of itself.
    pub(crate) async fn observed(&self, observed: &Observed) -> Result<ObservedAnswer, NodeError> {
        let request = self
            .http
            .post(address(&self.server, "node/v1/observed"))
            .json(observed);
        let answer = self.send(request.timeout(PATIENCE)).await?;
        answer.json().await.map_err(away)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, NodeError> {
        // The header is marked as sensitive by the client, so that no log shows it.
        accepted(
            request
                .bearer_auth(self.credential.expose())
                .send()
                .await
                .map_err(away)?,
        )
        .await
    }
}

/// An address below the server's base.
pub(crate) fn address(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let whole = format!("{}/{path}", base.path().trim_end_matches('/'));
    url.set_path(&whole);
    url
}

pub(crate) fn away(source: reqwest::Error) -> NodeError {
    NodeError::ServerAway {
        source: source.without_url(),
    }
}

/// The answer, if its status is one of success.
pub(crate) async fn accepted(answer: Response) -> Result<Response, NodeError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let detail = answer
        .text()
        .await
        .unwrap_or_default()
        .chars()
        .take(WORDS)
        .collect();
    Err(NodeError::ServerRefused {
        status: status.as_u16(),
        detail,
    })
}
