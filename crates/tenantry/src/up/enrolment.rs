//! The machine's own node enrols as any other would: with a one-time token, over HTTP.

use super::layout::{DOMAIN, Layout};
use super::telling::Telling;
use crate::files;
use anyhow::{Context as _, Result};
use control::{Caller, Control};
use serde::{Deserialize, Serialize};

/// The name of the machine's own node.
const NAME: &str = "node-1";

/// What the node got when it enrolled.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrolment {
    /// Who it is.
    pub(crate) node: String,
    /// Its name.
    pub(crate) name: String,
    /// Its credential.
    pub(crate) credential: String,
    /// The server's public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) server_key: Option<String>,
}

/// Finds the enrolment, or enrols. Cut off in between, it enrols again and stays the same node.
pub(crate) async fn enrol(layout: &Layout, control: &Control, telling: &Telling) -> Result<Enrolment> {
    let path = layout.path("node/enrolment.json");
    if let Some(text) = files::read(&path)? {
        return serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()));
    }
    let step = telling.step("Enrolment of the node");
    let token = control
        .create_enrolment_token(&Caller::system(), Some(NAME))
        .await?;
    let server = layout.server_url().parse()?;
    let enrolled = node::enrol(
        &server,
        &token.token,
        &NAME.parse()?,
        &DOMAIN.parse()?,
        &layout.address_pattern(),
    )
    .await;
    let enrolled = enrolled.context("enrolling the node")?;
    let enrolment = Enrolment {
        node: enrolled.node.to_string(),
        name: NAME.to_owned(),
        credential: enrolled.credential.expose().to_owned(),
        server_key: enrolled.server_key,
    };
    files::write(&path, &serde_json::to_string(&enrolment)?, 0o600, &layout.account)?;
    step.done();
    Ok(enrolment)
}
