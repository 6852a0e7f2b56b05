//! Passing a request on to the control plane, with the caller's key and this node's name.

use crate::saying::Saying;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Longer than the control plane lets a caller wait for an operation.
const DEADLINE: Duration = Duration::from_secs(150);
/// Headers of a request that mean the same to the control plane.
const PASSED_ON: [&str; 5] = [
    "x-api-key",
    "authorization",
    "accept-language",
    "idempotency-key",
    "prefer",
];
/// Headers of an answer that mean the same to the caller.
const PASSED_BACK: [&str; 6] = [
    "content-type",
    "content-language",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    "location",
];

/// The HTTP client could not be made.
#[derive(Debug, Error)]
#[error("the HTTP client could not be made")]
pub struct ClientError(#[from] reqwest::Error);

/// The control plane as this node's callers meet it.
#[derive(Clone, Debug)]
pub struct Facade {
    client: reqwest::Client,
    server: Url,
    node: String,
}

impl Facade {
    /// A façade of `server` for the node called `node`.
    ///
    /// # Errors
    /// [`ClientError`] when there is no TLS to be had.
    pub fn new(server: Url, node: String) -> Result<Self, ClientError> {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots = roots.filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
        let client = reqwest::Client::builder()
            .tls_certs_merge(roots)
            .timeout(DEADLINE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, server, node })
    }

    /// Asks the control plane for the tenants of this node.
    pub(crate) async fn list(&self, headers: &HeaderMap) -> Response {
        let mut url = self.url("/api/provisioning/tenants");
        url.query_pairs_mut().append_pair("server", &self.node);
        self.send(Method::GET, url, headers, None).await
    }

    /// Asks the control plane for something without a body.
    pub(crate) async fn get(&self, path: &str, headers: &HeaderMap) -> Response {
        self.send(Method::GET, self.url(path), headers, None).await
    }

    /// Passes a change on, for this node.
    pub(crate) async fn change(
        &self,
        method: Method,
        path: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Response {
        // What is no JSON object goes on as it came: the control plane explains what is wrong with it.
        let body = match serde_json::from_slice::<Map<String, Value>>(body) {
            Ok(mut fields) => {
                if !fields.contains_key("node") {
                    fields
                        .entry("server")
                        .or_insert_with(|| Value::String(self.node.clone()));
                }
                Bytes::from(Value::Object(fields).to_string())
            }
            Err(_) => body.clone(),
        };
        self.send(method, self.url(path), headers, Some(body)).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.server.clone();
        url.set_path(path);
        url
    }

    async fn send(&self, method: Method, url: Url, headers: &HeaderMap, body: Option<Bytes>) -> Response {
        let mut request = self.client.request(method, url);
        for name in PASSED_ON {
            for value in headers.get_all(name) {
                request = request.header(name, value);
            }
        }
        if let Some(body) = body {
            let kind = headers.get(header::CONTENT_TYPE).cloned();
            request = request.header(
                header::CONTENT_TYPE,
                kind.unwrap_or(HeaderValue::from_static("application/octet-stream")),
            );
            request = request.body(body);
        }
        match request.send().await {
            Ok(answer) => pass_back(answer, headers).await,
            Err(error) => away(&error, headers),
        }
    }
}

async fn pass_back(answer: reqwest::Response, asked: &HeaderMap) -> Response {
    let status = answer.status();
    let mut headers = HeaderMap::new();
    for name in PASSED_BACK {
        if let Some(value) = answer.headers().get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    match answer.bytes().await {
        Ok(body) => (status, headers, body).into_response(),
        Err(error) => away(&error, asked),
    }
}

/// The control plane cannot be reached, or broke off: then nobody can say what became of a change.
fn away(error: &reqwest::Error, asked: &HeaderMap) -> Response {
    tracing::warn!(
        timeout = error.is_timeout(),
        connect = error.is_connect(),
        "the control plane does not answer"
    );
    Saying::Away.to(asked)
}
