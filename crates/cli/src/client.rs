//! The HTTP client: one request, one answer, repeated once when the connection broke.

use crate::error::Error;
use crate::options::Spoken;
use crate::request::{Answer, Body, Request};
use crate::settings::Settings;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Certificate, Method, Response, redirect::Policy};
use serde::Serialize;
use std::error::Error as _;
use std::time::Duration;
use url::{Host, Url};
use wire::operation::Operation;
use wire::problem::Problem;

/// How long to wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an ordinary request may take; nothing here waits for an operation inside a request.
const REQUEST_LIMIT: Duration = Duration::from_secs(60);
/// How long a stream of events may be silent; the server sends a comment more often than that.
const SILENCE_LIMIT: Duration = Duration::from_secs(45);
/// Before a request is repeated, so that a server that is restarting has a moment.
const REPEAT_PAUSE: Duration = Duration::from_millis(250);

/// The API of one server.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: Url,
    api_key: HeaderValue,
    spoken: Spoken,
}

impl Client {
    pub(crate) fn new(settings: &Settings, spoken: Spoken) -> Result<Self, Error> {
        // Exposed to become a header, and marked so that nothing prints it.
        let mut api_key = HeaderValue::from_str(settings.api_key.expose()).map_err(|_| {
            Error::usage(
                "the API key holds characters that no key has",
                "Copy it again; it begins with tnt_.",
            )
        })?;
        api_key.set_sensitive(true);
        let http = http_client(&settings.server).map_err(|error| not_reachable(&settings.server, &error))?;
        Ok(Self {
            http,
            server: settings.server.clone(),
            api_key,
            spoken,
        })
    }

    /// The server's address for messages.
    pub(crate) fn server(&self) -> &Url {
        &self.server
    }

    /// Sends a request; once more when no answer came, which is safe because a change carries its idempotency key.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let first = self.exchange(request).await;
        let last = match first {
            Err(error) if !error.is_builder() && (error.is_connect() || !error.is_timeout()) => {
                tokio::time::sleep(REPEAT_PAUSE).await;
                self.exchange(request).await
            }
            other => other,
        };
        let answer = last.map_err(|error| not_reachable(&self.server, &error))?;
        self.judge(answer)
    }

    /// Opens an operation's events. `None` when the stream cannot be had and asking again and again must do.
    pub(crate) async fn events(&self, operation: &str) -> Result<Option<Response>, Error> {
        let request = Request::read(&["operations", operation, "events"]);
        let sent = self
            .prepare(&request)
            .header(ACCEPT, "text/event-stream")
            .send()
            .await;
        let Ok(response) = sent else { return Ok(None) };
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if response.status().is_success() && kind.starts_with("text/event-stream") {
            return Ok(Some(response));
        }
        if response.status().is_client_error() {
            let status = response.status().as_u16();
            let body = response.text().await.unwrap_or_default();
            return Err(problem(status, body));
        }
        Ok(None)
    }

    /// Opens a long answer, to be read piece by piece.
    pub(crate) async fn download(&self, request: &Request) -> Result<Response, Error> {
        let sent = self.prepare(request).send().await;
        let response = sent.map_err(|error| not_reachable(&self.server, &error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        Err(problem(status, response.text().await.unwrap_or_default()))
    }

    /// Opens a long answer to what a page of the server's would send; who one is is said by the body alone.
    pub(crate) async fn open_page(&self, path: &str, body: &impl Serialize) -> Result<Response, Error> {
        let mut url = self.server.clone();
        url.set_path(&format!("{}{path}", self.server.path().trim_end_matches('/')));
        let body = serde_json::to_vec(body).map_err(std::io::Error::from)?;
        let sent = self
            .http
            .post(url)
            .header(ACCEPT_LANGUAGE, self.spoken.tag())
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await;
        let response = sent.map_err(|error| not_reachable(&self.server, &error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        Err(problem(status, response.text().await.unwrap_or_default()))
    }

    /// The same for a short answer.
    pub(crate) async fn post_page(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        let response = self.open_page(path, body).await?;
        Ok(Answer {
            status: response.status().as_u16(),
            location: None,
            body: response
                .text()
                .await
                .map_err(|error| not_reachable(&self.server, &error))?,
            server: self.server.origin().ascii_serialization(),
        })
    }

    /// Sends a piece of a file, which begins at this offset.
    pub(crate) async fn send_piece(
        &self,
        path: &[&str],
        offset: u64,
        piece: Vec<u8>,
    ) -> Result<Answer, Error> {
        let request = Request {
            method: Method::PATCH,
            ..Request::read(path)
        };
        let sent = self
            .prepare(&request)
            .header("upload-offset", offset)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .body(piece)
            .send()
            .await;
        let response = sent.map_err(|error| not_reachable(&self.server, &error))?;
        let status = response.status().as_u16();
        let answer = Answer {
            status,
            location: None,
            body: response.text().await.unwrap_or_default(),
            server: self.server.origin().ascii_serialization(),
        };
        self.judge(answer)
    }

    /// The next piece of a long answer; nothing at its end.
    pub(crate) async fn piece(&self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        let piece = response.chunk().await;
        let piece = piece.map_err(|error| not_reachable(&self.server, &error))?;
        Ok(piece.map(|piece| piece.to_vec()))
    }

    /// The operation as it stands.
    pub(crate) async fn operation(&self, operation: &str) -> Result<(Operation, Answer), Error> {
        let answer = self.send(&Request::read(&["operations", operation])).await?;
        Ok((answer.decode()?, answer))
    }

    fn prepare(&self, request: &Request) -> reqwest::RequestBuilder {
        let mut url = self.server.clone();
        // Always Ok: `settings::checked` let only http and https through, which have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(&request.path);
        }
        url.set_query(None);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut builder = self
            .http
            .request(request.method.clone(), url)
            .header("x-api-key", self.api_key.clone())
            .header(ACCEPT_LANGUAGE, self.spoken.tag());
        if let Some(key) = &request.idempotency_key {
            builder = builder.header("idempotency-key", key).header("prefer", "wait=0");
        }
        if let Some(Body(body)) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        builder
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, reqwest::Error> {
        let response = self
            .prepare(request)
            .header(ACCEPT, "application/json, application/problem+json")
            .timeout(REQUEST_LIMIT)
            .send()
            .await?;
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Answer {
            status: response.status().as_u16(),
            location,
            body: response.text().await?,
            server: self.server.origin().ascii_serialization(),
        })
    }

    fn judge(&self, answer: Answer) -> Result<Answer, Error> {
        match answer.status {
            200..=299 => Ok(answer),
            // Not followed: the key would go wherever the answer says.
            300..=399 => Err(Error::Foreign {
                reason: format!(
                    "a redirection to {}",
                    answer.location.as_deref().unwrap_or("nowhere")
                ),
                server: answer.server,
            }),
            status => Err(problem(status, answer.body)),
        }
    }
}

/// Reads a problem; a proxy's page or an empty body becomes one that says the status.
fn problem(status: u16, body: String) -> Error {
    let problem = serde_json::from_str::<Problem>(&body).unwrap_or_else(|_| Problem {
        kind: "about:blank".to_owned(),
        title: format!("HTTP status {status}"),
        status,
        detail: format!("the server answered with HTTP status {status} and no explanation"),
        request_id: None,
        operation: None,
        block: None,
        methods: Vec::new(),
        errors: Vec::new(),
    });
    Error::Problem {
        problem: Box::new(Problem { status, ..problem }),
        body,
    }
}

fn not_reachable(server: &Url, error: &reqwest::Error) -> Error {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    let reason = match error.is_timeout() {
        true => "no answer in time".to_owned(),
        false => reason.to_string(),
    };
    // The innermost reason may be the error itself, whose text holds the address with its query.
    let reason = if error.source().is_none() {
        "the request could not be sent".to_owned()
    } else {
        reason
    };
    Error::NotReachable {
        server: server.origin().ascii_serialization(),
        reason,
    }
}

/// System certificates for https, the built-in ones where the system has none; none are loaded for plain http.
fn http_client(server: &Url) -> Result<reqwest::Client, reqwest::Error> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .read_timeout(SILENCE_LIMIT)
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")));
        if is_loopback(server) {
            builder.no_proxy()
        } else {
            builder
        }
    };
    if server.scheme() == "http" {
        return builder().tls_certs_only([]).build();
    }
    builder().build().or_else(|_| {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        builder()
            .tls_certs_only(roots.filter_map(|root| Certificate::from_der(root).ok()))
            .build()
    })
}

/// Whether requests stay on this machine.
pub(crate) fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
