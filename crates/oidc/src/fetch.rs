//! The HTTP client: bounded in size and time, without redirects and proxies, and never led into a private network.

use crate::address::Reach;
use crate::fault::Fault;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(3);
/// How long a request may take in all.
const PATIENCE: Duration = Duration::from_secs(6);
/// Largest answer, in bytes. Descriptions have some kilobytes, sets of keys rarely more.
const LARGEST: usize = 128 * 1024;

/// The client, made when it is first needed.
#[derive(Clone, Debug)]
pub(crate) struct Fetch {
    reach: Reach,
    client: Arc<OnceLock<Option<Client>>>,
}

/// A name leads nowhere but into private networks.
#[derive(Debug, Error)]
#[error("the name leads into a private network")]
struct LedAside;

/// Resolves names and forgets addresses that may not be asked. What is connected to is what was looked at here, so
/// that no second answer of a name server counts.
#[derive(Clone, Copy, Debug)]
struct Outwards(Reach);

impl Resolve for Outwards {
    fn resolve(&self, name: Name) -> Resolving {
        let Self(reach) = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            match allowed.is_empty() {
                true => Err(LedAside.into()),
                false => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

impl Fetch {
    pub(crate) fn new(reach: Reach) -> Self {
        Self {
            reach,
            client: Arc::default(),
        }
    }

    pub(crate) const fn reach(&self) -> Reach {
        self.reach
    }

    fn client(&self) -> Result<&Client, Fault> {
        let made = self.client.get_or_init(|| {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
            let roots = roots.filter_map(|root| reqwest::Certificate::from_der(root).ok());
            let client = Client::builder()
                .tls_certs_merge(roots)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECTING)
                .timeout(PATIENCE)
                .pool_max_idle_per_host(0)
                .dns_resolver(Arc::new(Outwards(self.reach)));
            client.build().ok()
        });
        made.as_ref().ok_or(Fault::Unreachable)
    }

    /// Reads a JSON document.
    pub(crate) async fn document<T: DeserializeOwned>(
        &self,
        address: &str,
        what: &'static str,
    ) -> Result<T, Fault> {
        let url = self.checked(address, what)?;
        let request = self.client()?.get(url).header("accept", "application/json");
        let (status, body) = self.send(request).await?;
        success(status)?;
        serde_json::from_slice(&body).map_err(|_| Fault::NotJson)
    }

    /// A request that sends something, to an address that was looked at.
    pub(crate) fn request(
        &self,
        method: reqwest::Method,
        address: &str,
        what: &'static str,
    ) -> Result<RequestBuilder, Fault> {
        let url = self.checked(address, what)?;
        Ok(self
            .client()?
            .request(method, url)
            .header("accept", "application/json"))
    }

    fn checked(&self, address: &str, what: &'static str) -> Result<Url, Fault> {
        let url = Url::parse(address).map_err(|_| Fault::Address(what))?;
        self.reach.check(&url, what)?;
        Ok(url)
    }

    /// Sends a request; gives status and body, neither of them judged but by size.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<(u16, Vec<u8>), Fault> {
        let response = request.send().await.map_err(|error| meaning(&error))?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) {
            return Err(Fault::Redirected);
        }
        Ok((status, read(response).await?))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let told = response.content_length().unwrap_or(0);
    if told > u64::try_from(LARGEST).unwrap_or(u64::MAX) {
        return Err(Fault::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| meaning(&error))? {
        if body.len() + part.len() > LARGEST {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Whether a status is a success.
pub(crate) const fn success(status: u16) -> Result<(), Fault> {
    match status {
        200..=299 => Ok(()),
        other => Err(Fault::Status(other)),
    }
}

fn meaning(error: &reqwest::Error) -> Fault {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        if one.is::<LedAside>() {
            return Fault::Private;
        }
        cause = one.source();
    }
    match error.is_timeout() {
        true => Fault::Slow,
        false => Fault::Unreachable,
    }
}
