//! A visitor of a tenant: a browser's cookies and headers, through the edge.

use crate::api::client;
use anyhow::{Context as _, Result};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Somebody with a browser.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: reqwest::Client,
    edge: String,
    host: String,
    cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
}

/// What a visitor got.
#[derive(Debug)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// Where it sends the visitor, if it does.
    pub location: Option<String>,
    /// What caches are told.
    pub cache: Option<String>,
    /// Whether it sets or takes away any cookie.
    pub sets_cookies: bool,
    /// The text.
    pub text: String,
}

impl Visitor {
    pub(crate) fn new(edge: &str, host: &str) -> Result<Self> {
        let edge_port = edge.rsplit(':').next().unwrap_or_default();
        let host = format!("{host}:{edge_port}");
        Ok(Self {
            client: client()?,
            edge: edge.to_owned(),
            host,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        })
    }

    /// Sends this header with every request, as an attacker might.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Goes to another tenant's address with the same cookies, as an attacker might.
    #[must_use]
    pub fn at(&self, label: &str) -> Self {
        let rest = self.host.split_once('.').map_or("", |(_, rest)| rest);
        Self {
            host: format!("{label}.{rest}"),
            ..self.clone()
        }
    }

    /// Opens a page, without following where it sends.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&mut self, path: &str) -> Result<Page> {
        self.send(Method::GET, path, None).await
    }

    /// Opens a page and follows up to five redirections on the same host.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn open(&mut self, path: &str) -> Result<Page> {
        let mut page = self.get(path).await?;
        for _ in 0..5 {
            let Some(location) = page.location.clone() else {
                break;
            };
            let path = location
                .split_once(&self.host)
                .map_or(location.as_str(), |(_, path)| path)
                .to_owned();
            page = self.get(if path.is_empty() { "/" } else { &path }).await?;
        }
        Ok(page)
    }

    /// Sends a body with its type.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&mut self, path: &str, kind: &str, body: String) -> Result<Page> {
        self.send(Method::POST, path, Some((kind, body))).await
    }

    /// Logs in to Odoo as a person does: opens the form, fills it in, follows. True when the back office opened.
    ///
    /// # Errors
    /// When a page does not answer, or there is no login form.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Result<bool> {
        let form = self.open("/web/login").await?;
        let token = between(&form.text, "name=\"csrf_token\" value=\"", "\"");
        let token = token.with_context(|| format!("no login form but {} {:.300}", form.status, form.text))?;
        let body = encode(&[
            ("csrf_token", token),
            ("login", login),
            ("password", password),
            ("redirect", ""),
        ]);
        let sent = self
            .post("/web/login", "application/x-www-form-urlencoded", body)
            .await?;
        Ok(sent.status == StatusCode::SEE_OTHER && self.is_inside().await?)
    }

    /// Calls a method of one of Odoo's models, as its web client does.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn call(&mut self, model: &str, method: &str, arguments: Value) -> Result<Page> {
        let body = json!({ "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": { "model": model, "method": method, "args": arguments, "kwargs": {} } });
        let path = format!("/web/dataset/call_kw/{model}/{method}");
        self.post(&path, "application/json", body.to_string()).await
    }

    /// Whether the visitor's session is a logged-in user's.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn is_inside(&mut self) -> Result<bool> {
        let body = r#"{"jsonrpc":"2.0","method":"call","params":{},"id":1}"#.to_owned();
        let page = self
            .post("/web/session/get_session_info", "application/json", body)
            .await?;
        Ok(page.status == StatusCode::OK
            && page.text.contains("\"uid\": ")
            && !page.text.contains("\"uid\": null"))
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<(&str, String)>) -> Result<Page> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.edge))
            .header(header::HOST, &self.host);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = body {
            request = request.header(header::CONTENT_TYPE, kind).body(body);
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        let headers = response.headers();
        let text = |name| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.map(ToOwned::to_owned)
        };
        Ok(Page {
            status: response.status(),
            location: text(header::LOCATION),
            cache: text(header::CACHE_CONTROL),
            sets_cookies: headers.contains_key(header::SET_COOKIE),
            text: response.text().await?,
        })
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found)
}

fn encode(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}
