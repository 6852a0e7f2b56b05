//! Talks to the server: polls for commands, tells progress and outcomes.

use crate::credential::Credentials;
use crate::error::{NodeError, chain};
use crate::random;
use crate::server_key::{Answered, ServerKey};
use crate::settings::ServerAccess;
use domain::{CommandId, QuestionId, Secret};
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use url::Url;
use wire::database::{Listen, Question, Questions, Reply};
use wire::handshake::{CHALLENGE, Hello, HelloAnswer, NextCredential};
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
    credentials: Credentials,
    key: Option<ServerKey>,
    /// Whether the server proved itself since it was last away: only then it is shown the credential.
    is_met: AtomicBool,
}

impl ServerClient {
    pub(crate) fn new(access: &ServerAccess) -> Result<Self, NodeError> {
        Ok(Self {
            http: make()?,
            server: access.server.clone(),
            credentials: Credentials::open(access)?,
            key: access.server_key.as_deref().map(ServerKey::read).transpose()?,
            is_met: AtomicBool::new(false),
        })
    }

    /// Says what the node is and can do. A server of before there was such a greeting answers nothing.
    pub(crate) async fn hello(&self, hello: &Hello) -> Result<Option<HelloAnswer>, NodeError> {
        let told = self.post("node/v1/hello", hello).await;
        match told {
            Ok(body) => read(&body).map(Some),
            Err(NodeError::ServerRefused {
                status: 404 | 405, ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for commands.
    pub(crate) async fn poll(&self, poll: &Poll) -> Result<Vec<Command>, NodeError> {
        let patience = Duration::from_secs(poll.wait.into()) + POLL_GRACE;
        let make = |url: Url| self.http.get(url).query(poll).timeout(patience);
        let commands: Commands = read(&self.send("node/v1/commands", make).await?)?;
        Ok(commands.commands)
    }

    /// Tells the steps so far.
    pub(crate) async fn progress(&self, id: CommandId, steps: Vec<OperationStep>) -> Result<(), NodeError> {
        let path = format!("node/v1/commands/{id}/progress");
        self.post(&path, &Progress { steps }).await.map(drop)
    }

    /// Tells how a command ended.
    pub(crate) async fn outcome(&self, id: CommandId, outcome: &Outcome) -> Result<(), NodeError> {
        let path = format!("node/v1/commands/{id}/outcome");
        self.post(&path, outcome).await.map(drop)
    }

    /// Tells what the node sees of itself.
    pub(crate) async fn observed(&self, observed: &Observed) -> Result<ObservedAnswer, NodeError> {
        read(&self.post("node/v1/observed", observed).await?)
    }

    /// Waits for questions.
    pub(crate) async fn questions(&self, listen: &Listen) -> Result<Vec<Question>, NodeError> {
        let patience = Duration::from_secs(listen.wait.into()) + POLL_GRACE;
        let make = |url: Url| self.http.get(url).query(listen).timeout(patience);
        let questions: Questions = read(&self.send("node/v1/questions", make).await?)?;
        Ok(questions.questions)
    }

    /// Answers one.
    pub(crate) async fn answer(&self, id: QuestionId, reply: &Reply) -> Result<(), NodeError> {
        let path = format!("node/v1/questions/{id}/answer");
        self.post(&path, reply).await.map(drop)
    }

    /// Brings another credential. It is used from the next request on, and the one before ends with that.
    pub(crate) async fn rotate(&self) -> Result<(), NodeError> {
        let Some(sha256) = self.credentials.offer()? else {
            return Ok(());
        };
        self.post("node/v1/credential", &NextCredential { sha256 })
            .await
            .map(drop)
    }

    /// Sends a request whose body or answer is a stream, without a challenge: no proof can be made of what has not ended.
    /// The server has proved itself before.
    pub(crate) async fn open(
        &self,
        path: &str,
        make: impl FnOnce(&reqwest::Client, Url) -> RequestBuilder,
    ) -> Result<reqwest::Response, NodeError> {
        self.meet().await?;
        let request = make(&self.http, address(&self.server, path));
        let credential = self
            .credentials
            .next()
            .unwrap_or_else(|| self.credentials.current());
        let answer = request.bearer_auth(credential.expose()).send().await;
        answer.map_err(away)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Vec<u8>, NodeError> {
        self.send(path, |url| self.http.post(url).json(body).timeout(PATIENCE))
            .await
    }

    /// Sends with the credential that follows, if there is one, and with the present one if the server does not know it.
    async fn send(&self, path: &str, make: impl Fn(Url) -> RequestBuilder) -> Result<Vec<u8>, NodeError> {
        self.meet().await?;
        if let Some(next) = self.credentials.next() {
            match self.once(path, &make, Some(&next)).await {
                Err(NodeError::ServerRefused { status: 401, .. }) => {}
                Err(error) => return Err(error),
                Ok(body) => {
                    if let Err(error) = self.credentials.settle(&next) {
                        tracing::warn!(
                            error = chain(&error),
                            "the new credential could not be noted as used"
                        );
                    }
                    return Ok(body);
                }
            }
        }
        self.once(path, &make, Some(&self.credentials.current())).await
    }

    /// Has the server prove itself before it is shown the credential.
    async fn meet(&self) -> Result<(), NodeError> {
        if self.key.is_some() && !self.is_met.load(Ordering::Relaxed) {
            let make = |url: Url| self.http.get(url).timeout(PATIENCE);
            self.once("node/v1/identity", make, None).await?;
            self.is_met.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn once(
        &self,
        path: &str,
        make: impl Fn(Url) -> RequestBuilder,
        credential: Option<&Secret<String>>,
    ) -> Result<Vec<u8>, NodeError> {
        let request = make(address(&self.server, path));
        let result = match credential {
            // The header is marked as sensitive by the client, so that no log shows it.
            Some(credential) => {
                asked(request.bearer_auth(credential.expose()), path, self.key.as_ref()).await
            }
            None => asked(request, path, self.key.as_ref()).await,
        };
        if matches!(result, Err(NodeError::ServerAway { .. } | NodeError::ServerFalse)) {
            self.is_met.store(false, Ordering::Relaxed);
        }
        result
    }
}

/// Sends a request with a challenge, and gives the answer's body if it is one of success by the server itself.
pub(crate) async fn asked(
    request: RequestBuilder,
    path: &str,
    key: Option<&ServerKey>,
) -> Result<Vec<u8>, NodeError> {
    let challenge = hex::encode(random::bytes::<32>());
    let answer = request.header(CHALLENGE, &challenge).send().await.map_err(away)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(away)?;
    let is_proven = key.is_some_and(|key| {
        key.proves(&Answered {
            challenge: &challenge,
            path,
            status: status.as_u16(),
            headers: &headers,
            body: &body,
        })
    });
    let decides = status.is_success() || matches!(status.as_u16(), 401 | 404 | 409 | 410);
    if key.is_some() && !is_proven && decides {
        return Err(NodeError::ServerFalse);
    }
    if status.is_success() {
        return Ok(body.into());
    }
    let words = String::from_utf8_lossy(&body);
    if is_proven && status.as_u16() == 410 && words.contains("node-removed") {
        return Err(NodeError::Removed);
    }
    Err(NodeError::ServerRefused {
        status: status.as_u16(),
        detail: words.chars().take(WORDS).collect(),
    })
}

/// Reads an answer.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(body).map_err(|_| NodeError::Record {
        what: "the server's answer".to_owned(),
    })
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
