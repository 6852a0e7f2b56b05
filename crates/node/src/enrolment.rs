//! A new node presents its one-time token and gets a credential of its own.

use crate::client::{address, asked, away, make, read};
use crate::error::NodeError;
use crate::server_key::ServerKey;
use domain::{DomainName, NodeName};
use std::time::Duration;
use url::Url;
use wire::Plaintext;
use wire::handshake::CHALLENGE;
use wire::node::{Enrol, Enrolled};

const PATIENCE: Duration = Duration::from_secs(30);

/// Enrols this node, once.
///
/// `address_pattern` is the base of its tenants' addresses: scheme, `*` for the label, port if unusual.
///
/// # Errors
/// [`NodeError::ServerAway`] when the server does not answer, [`NodeError::ServerRefused`] when the token is used,
/// old or wrong, [`NodeError::ServerFalse`] when it is not the server that made the token.
pub async fn enrol(
    server: &Url,
    token: &Plaintext,
    name: &NodeName,
    domain: &DomainName,
    address_pattern: &str,
) -> Result<Enrolled, NodeError> {
    let enrol = Enrol {
        token: token.clone(),
        name: name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        domain: domain.clone(),
        address_pattern: address_pattern.to_owned(),
    };
    let http = make()?;
    // A token of an older server says nothing of its key.
    let key = match token.expose().split_once('.') {
        Some((_, fingerprint)) => Some(meet(&http, server, fingerprint).await?),
        None => None,
    };
    let path = "node/v1/enrol";
    let request = http.post(address(server, path)).json(&enrol).timeout(PATIENCE);
    read(&asked(request, path, key.as_ref()).await?)
}

/// Learns the server's key, which must be the one that the token names, before anything is shown.
async fn meet(http: &reqwest::Client, server: &Url, fingerprint: &str) -> Result<ServerKey, NodeError> {
    let path = "node/v1/identity";
    let ask = || http.get(address(server, path)).timeout(PATIENCE);
    let answer = ask()
        .header(CHALLENGE, "0".repeat(64))
        .send()
        .await
        .map_err(away)?;
    let key = ServerKey::named(answer.headers(), fingerprint).ok_or(NodeError::ServerFalse)?;
    asked(ask(), path, Some(&key)).await?;
    Ok(key)
}
