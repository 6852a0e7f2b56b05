//! The API as a script uses it.

use anyhow::{Context as _, Result};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// The API under one key.
#[derive(Clone, Debug)]
pub struct Api {
    client: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; null when it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The text of a field.
    pub fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The answer itself when it has this status.
    ///
    /// # Errors
    /// When the status is another; the body is in the error.
    pub fn expect(self, status: u16) -> Result<Self> {
        anyhow::ensure!(
            self.status.as_u16() == status,
            "{} in place of {status}: {}",
            self.status,
            self.body
        );
        Ok(self)
    }
}

pub(crate) fn client() -> Result<reqwest::Client> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let roots = roots.filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
    let client = reqwest::Client::builder()
        .tls_certs_merge(roots)
        .redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_secs(180)).build()?)
}

impl Api {
    pub(crate) fn new(base: &str, key: Option<&str>) -> Result<Self> {
        Ok(Self {
            client: client()?,
            base: base.to_owned(),
            key: key.map(ToOwned::to_owned),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.header("X-API-KEY", key),
            None => request,
        }
    }

    /// A page, whole.
    ///
    /// # Errors
    /// When there is none.
    pub async fn page(&self, path: &str) -> Result<String> {
        let answer = self.request(Method::GET, path).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// Sends a request with these headers.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        Ok(Answer {
            status,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        })
    }

    /// Sends a request and waits up to two minutes for its operation.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        self.send(method, path, &[("Prefer", "wait=120")], body).await
    }

    /// Makes a tenant with this password.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn create(&self, subdomain: &str, password: &str) -> Result<Answer> {
        let body = json!({
            "company_name": format!("Company {subdomain}"),
            "admin_email": format!("ana@{subdomain}.example.com").replace('_', "-"),
            "subdomain": subdomain,
            "plan": "basic",
            "admin_password": password,
        });
        self.ask(Method::POST, "/api/tenants", Some(&body))
            .await?
            .expect(201)
    }

    /// Deletes a tenant, so that Odoo is not kept busy with it.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn remove(&self, subdomain: &str) -> Result<()> {
        let path = format!("/api/tenants/{subdomain}?confirm={subdomain}");
        self.ask(Method::DELETE, &path, None)
            .await?
            .expect(200)
            .context("deleting")?;
        Ok(())
    }

    /// Deletes a tenant and purges it.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn purge(&self, subdomain: &str) -> Result<()> {
        let path = format!("/api/tenants/{subdomain}?confirm={subdomain}");
        self.ask(Method::DELETE, &path, None)
            .await?
            .expect(200)
            .context("deleting")?;
        let body = json!({ "confirm": subdomain });
        let path = format!("/api/tenants/{subdomain}/purge");
        self.ask(Method::POST, &path, Some(&body))
            .await?
            .expect(200)
            .context("purging")?;
        Ok(())
    }
}
