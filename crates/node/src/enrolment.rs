//! A new node presents its one-time token and gets a credential of its own.

use crate::client::{accepted, address, away, make};
use crate::error::NodeError;
use domain::{DomainName, NodeName};
use std::time::Duration;
use url::Url;
use wire::Plaintext;
use wire::node::{Enrol, Enrolled};

const PATIENCE: Duration = Duration::from_secs(30);

/// Enrols this node, once.
///
/// `address_pattern` is the base of its tenants' addresses: scheme, `*` for the label, port if unusual.
///
/// # Errors
/// [`NodeError::ServerAway`] when the server does not answer, [`NodeError::ServerRefused`] when the token is used,
/// old or wrong.
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
    let request = make()?
        .post(address(server, "node/v1/enrol"))
        .json(&enrol)
        .timeout(PATIENCE);
    let answer = accepted(request.send().await.map_err(away)?).await?;
    answer.json().await.map_err(away)
}
