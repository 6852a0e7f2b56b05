//! The passwords and keys of one machine: random, made once, in one file that only its owner can read.

use super::layout::Layout;
use crate::files;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Made at the first start.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    /// PostgreSQL's superuser.
    pub(crate) superuser: String,
    /// The control plane's role.
    pub(crate) control_role: String,
    /// The node's role.
    pub(crate) node_role: String,
    /// Odoo's role.
    pub(crate) odoo_role: String,
    /// The server's key.
    pub(crate) server_key: String,
    /// What the archive of PostgreSQL's log is encrypted with; machines that are older than archives get theirs later.
    #[serde(default)]
    pub(crate) archive_key: Option<String>,
}

impl Secrets {
    /// Reads the secrets, or makes them and writes them down before anything uses one.
    pub(crate) fn load_or_make(layout: &Layout) -> Result<Self> {
        let path = layout.path("secrets.json");
        if let Some(text) = files::read(&path)? {
            let mut secrets: Self =
                serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
            if secrets.archive_key.is_none() {
                secrets.archive_key = Some(random());
                secrets.write(layout)?;
            }
            return Ok(secrets);
        }
        let secrets = Self {
            superuser: random(),
            control_role: random(),
            node_role: random(),
            odoo_role: random(),
            server_key: random(),
            archive_key: Some(random()),
        };
        secrets.write(layout)?;
        Ok(secrets)
    }

    fn write(&self, layout: &Layout) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        files::write(&layout.path("secrets.json"), &text, 0o600, &layout.owner)
    }

    /// The control database's address for the control plane.
    pub(crate) fn control_url(&self, layout: &Layout) -> String {
        let (role, database) = (store::setup::ROLE, store::setup::DATABASE);
        format!(
            "postgres://{role}:{}@127.0.0.1:{}/{database}",
            self.control_role, layout.ports.postgres
        )
    }

    /// A database's address for the superuser.
    pub(crate) fn superuser_url(&self, layout: &Layout, database: &str) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/{database}",
            self.superuser, layout.ports.postgres
        )
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the secrets of a machine must follow from nothing"
)]
/// 256 random bits as 64 hexadecimal digits.
fn random() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}
