//! `local.json`: what the CLI and scripts need to reach this machine's installation.

use super::layout::{DOMAIN, Layout};
use super::secrets::Secrets;
use crate::files;
use anyhow::{Context as _, Result};
use control::{Caller, Control};
use serde::{Deserialize, Serialize};
use wire::apikey::CreateApiKey;

/// What the CLI and scripts need.
#[derive(Deserialize, Serialize)]
pub(crate) struct LocalFile {
    /// The server's base address.
    pub(crate) server: String,
    /// A staff key that may do everything.
    pub(crate) api_key: String,
    /// The edge's base address.
    pub(crate) edge: String,
    /// Odoo's base address.
    pub(crate) odoo: String,
    /// The node's local API.
    pub(crate) node: String,
    /// The domain of the tenants.
    pub(crate) domain: String,
    /// The nodes' cluster, as its superuser.
    pub(crate) postgres: String,
    /// The owner's one-time link.
    pub(crate) owner_link: String,
}

impl LocalFile {
    /// The key of a former run, or a new one.
    pub(crate) async fn api_key(layout: &Layout, control: &Control) -> Result<String> {
        if let Some(known) = Self::read(layout)?
            && control.authenticate_key(&known.api_key).await.is_ok()
        {
            return Ok(known.api_key);
        }
        let caller = Caller::system();
        // A run that was cut off may have left a key that nobody knows; it is replaced.
        for key in control.keys(&caller).await? {
            if key.name == "local" && key.revoked_at.is_none() {
                control.revoke_key(&caller, key.id.parse()?).await?;
            }
        }
        let request = CreateApiKey {
            name: Some("local".to_owned()),
            role: None,
            read_only: false,
            organizations: None,
            tenants: None,
            expires_in_days: None,
        };
        Ok(control
            .create_key(&caller, request)
            .await?
            .secret
            .expose()
            .to_owned())
    }

    /// Writes the file.
    pub(crate) async fn write(
        layout: &Layout,
        secrets: &Secrets,
        control: &Control,
        api_key: String,
    ) -> Result<Self> {
        let known = Self::read(layout)?.map(|known| known.owner_link);
        // A used link stays in the file: a new one would be a new way in that nobody asked for.
        let owner_link = match known {
            Some(link) => link,
            None => control.owner_link().await?,
        };
        let local = Self {
            server: layout.server_url(),
            api_key,
            edge: layout.edge_url(),
            odoo: layout.odoo_url(),
            node: format!("http://127.0.0.1:{}", layout.ports.node),
            domain: DOMAIN.to_owned(),
            postgres: secrets.superuser_url(layout, "postgres"),
            owner_link,
        };
        files::write(
            &layout.path("local.json"),
            &serde_json::to_string_pretty(&local)?,
            0o600,
            &layout.owner,
        )?;
        Ok(local)
    }

    /// Reads the file of a former run.
    pub(crate) fn read(layout: &Layout) -> Result<Option<Self>> {
        let path = layout.path("local.json");
        let text = files::read(&path)?;
        text.map(|text| serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display())))
            .transpose()
    }
}
