//! Where everything of one machine lies, on which ports it answers, and as whom it runs.

use crate::files;
use anyhow::{Context as _, Result, bail};
use cluster::Account;
use std::path::{Path, PathBuf};

/// The domain of a machine's own tenants: every browser takes `*.localhost` for this machine.
pub(crate) const DOMAIN: &str = "localhost";

/// The ports of one installation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) edge: u16,
    pub(crate) node: u16,
    pub(crate) odoo: u16,
    pub(crate) gevent: u16,
    pub(crate) postgres: u16,
}

impl Ports {
    /// The usual ports, or six in a row from `first`.
    pub(crate) fn from(first: Option<u16>) -> Self {
        match first {
            None => Self {
                server: 4443,
                edge: 8080,
                node: 8070,
                odoo: 8069,
                gevent: 8072,
                postgres: 5433,
            },
            Some(n) => Self {
                server: n,
                edge: n + 1,
                node: n + 2,
                odoo: n + 3,
                gevent: n + 4,
                postgres: n + 5,
            },
        }
    }
}

/// Where everything of one machine lies.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    data: PathBuf,
    /// Who PostgreSQL, Odoo, nginx, server and node run as.
    pub(crate) account: Account,
    /// Who runs `up`.
    pub(crate) owner: Account,
    pub(crate) ports: Ports,
}

impl Layout {
    /// Makes the folders that are missing. As root, everything runs as the account `postgres`.
    pub(crate) fn prepare(data: &Path, port: Option<u16>) -> Result<Self> {
        let owner = Account::current();
        let account = match owner.is_root() {
            true => Account::by_name("postgres")
                .context("as root, PostgreSQL's account is needed; install postgresql")?,
            false => owner.clone(),
        };
        files::folder(data, 0o755, &owner)?;
        let data = data
            .canonicalize()
            .with_context(|| format!("finding {}", data.display()))?;
        let layout = Self {
            data,
            account,
            owner,
            ports: Ports::from(port),
        };
        layout.check_path()?;
        for (folder, mode) in [
            ("server", 0o700),
            ("odoo", 0o700),
            ("odoo/data", 0o700),
            ("odoo/data/filestore", 0o700),
        ] {
            files::folder(&layout.path(folder), mode, &layout.account)?;
        }
        for folder in [
            "node",
            "node/work",
            "dumps",
            "backups",
            "edge",
            "edge/run",
            "edge/hosts",
        ] {
            files::folder(&layout.path(folder), 0o700, &layout.account)?;
        }
        files::folder(&layout.path("bin"), 0o755, &layout.owner)?;
        files::folder(&layout.path("log"), 0o755, &layout.owner)?;
        Ok(layout)
    }

    /// nginx and the account that things run as both put limits on where the folder may lie.
    fn check_path(&self) -> Result<()> {
        let text = self
            .data
            .to_str()
            .context("the data folder's path is not UTF-8")?;
        if let Err(error) = text.parse::<edge::AbsolutePath>() {
            bail!("the data folder cannot lie at {text}: {error}");
        }
        if self.owner.is_root() {
            let hidden = self.data.ancestors().find(|above| !can_enter(above));
            if let Some(above) = hidden {
                bail!(
                    "everything runs as the account {}, which cannot enter {}; choose another --data folder or run: chmod o+x {}",
                    self.account.name,
                    above.display(),
                    above.display()
                );
            }
        }
        Ok(())
    }

    /// A path below the data folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.data.join(relative)
    }

    /// Where pid files of the children are.
    pub(crate) fn run_dir(&self) -> PathBuf {
        self.path("run")
    }

    /// The log of a child.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.path("log").join(format!("{name}.log"))
    }

    /// The server's base address.
    pub(crate) fn server_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.server)
    }

    /// The edge's base address.
    pub(crate) fn edge_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.edge)
    }

    /// Odoo's base address.
    pub(crate) fn odoo_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.odoo)
    }

    /// The address under which people open the panel.
    pub(crate) fn panel_url(&self) -> String {
        format!("http://{DOMAIN}:{}", self.ports.server)
    }

    /// The address of a tenant, with `*` for its label.
    pub(crate) fn address_pattern(&self) -> String {
        format!("http://*.{DOMAIN}:{}", self.ports.edge)
    }
}

/// Whether everybody may pass through a folder.
fn can_enter(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
}
