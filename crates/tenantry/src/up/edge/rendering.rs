//! The edge's files: one folder for each rendering, and one name for the one that serves.

use super::operator::Operator;
use super::program;
use crate::files;
use crate::up::layout::{DOMAIN, Layout};
use anyhow::{Context as _, Result, bail};
use cluster::Account;
use edge::{BodyLimit, ClientAddressHeader, EdgeSettings, Listen, PublicScheme, Upstream};
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where renderings lie, in folders named by their digests.
const FOLDER: &str = "edge/config";
/// Leads to the one that serves.
const SERVING: &str = "edge/config/serving";

/// One rendering.
pub(super) struct Rendering {
    name: String,
    settings: EdgeSettings,
}

impl Rendering {
    /// What the operator's file says now. Nothing is written yet.
    pub(super) fn of(layout: &Layout) -> Result<Self> {
        let operator = Operator::read(layout)?;
        let base = settings(layout, &operator, FOLDER)?;
        let name = edge::digest(&edge::render(&base));
        let settings = settings(layout, &operator, &format!("{FOLDER}/{name}"))?;
        Ok(Self { name, settings })
    }

    /// One that nginx refuses: it would listen at an address that no machine has.
    #[cfg(test)]
    pub(super) fn refused(layout: &Layout) -> Result<Self> {
        let name = "0".repeat(64);
        let mut settings = settings(layout, &Operator::default(), &format!("{FOLDER}/{name}"))?;
        settings.listen = Listen::try_from(vec![SocketAddr::from(([192, 0, 2, 1], layout.ports.edge))])?;
        Ok(Self { name, settings })
    }

    /// What `/.edge-digest` tells when nginx has loaded it.
    pub(super) fn digest(&self) -> String {
        edge::digest(&edge::render(&self.settings))
    }

    /// Whether it is the one that serves.
    pub(super) fn is_serving(&self, layout: &Layout) -> bool {
        serving(layout).as_deref() == Some(&self.name)
    }

    /// Writes it and has nginx look at it, which changes nothing for visitors.
    ///
    /// # Errors
    /// With nginx's words, when it refuses.
    pub(super) fn try_out(&self, layout: &Layout) -> Result<()> {
        // Each by itself: a folder that is made on the way to another stays its maker's.
        for folder in ["edge", FOLDER] {
            files::folder(&layout.path(folder), 0o700, &layout.account)?;
        }
        write(layout, &self.settings)?;
        accepted(layout, &self.settings)
    }

    /// Makes it the one that serves, from the next start or reload on. Returns the one before.
    pub(super) fn serve(&self, layout: &Layout) -> Result<Option<String>> {
        let before = serving(layout);
        lead(layout, &self.name)?;
        Ok(before)
    }

    /// Removes all others.
    pub(super) fn remove_others(&self, layout: &Layout) -> Result<()> {
        for entry in std::fs::read_dir(layout.path(FOLDER))?.flatten() {
            // Not the name for the one that serves, which is no folder of its own.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && entry.file_name().to_str() != Some(&self.name) {
                std::fs::remove_dir_all(entry.path())
                    .with_context(|| format!("removing {}", entry.path().display()))?;
            }
        }
        Ok(())
    }
}

/// The rendering that serves, if it is still there.
pub(super) fn serving(layout: &Layout) -> Option<String> {
    let name = std::fs::read_link(layout.path(SERVING)).ok()?;
    let name = name.to_str()?.to_owned();
    layout
        .path(FOLDER)
        .join(&name)
        .join("nginx.conf")
        .exists()
        .then_some(name)
}

/// Has the name for the one that serves lead to this one.
pub(super) fn lead(layout: &Layout, name: &str) -> Result<()> {
    let (path, beside) = (layout.path(SERVING), layout.path("edge/config/serving.new"));
    let led = || -> std::io::Result<()> {
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        symlink(name, &beside)?;
        std::fs::rename(&beside, &path)
    };
    led().with_context(|| format!("changing {}", path.display()))
}

/// What nginx is started with, whichever rendering serves.
pub(super) fn nginx_arguments(layout: &Layout) -> Result<[String; 6]> {
    Ok(settings(layout, &Operator::default(), SERVING)?.nginx_arguments())
}

/// Where nginx notes its process.
pub(super) fn pid_file(layout: &Layout) -> PathBuf {
    layout.path("edge/run/nginx.pid")
}

fn write(layout: &Layout, settings: &EdgeSettings) -> Result<()> {
    for folder in settings.folders() {
        files::folder(Path::new(&folder), 0o700, &layout.account)?;
    }
    for file in edge::render(settings) {
        let path = Path::new(settings.config_dir.as_str()).join(&file.path);
        if let Some(above) = path.parent() {
            files::folder(above, 0o700, &layout.account)?;
        }
        files::write(&path, &file.content, 0o600, &layout.account)?;
    }
    Ok(())
}

/// Has nginx read the files without serving them.
fn accepted(layout: &Layout, settings: &EdgeSettings) -> Result<()> {
    let mut command = Command::new(program()?);
    command.arg("-t").args(settings.nginx_arguments());
    if Account::current().is_root() {
        command.uid(layout.account.uid).gid(layout.account.gid);
    }
    let output = command.output().context("running nginx -t")?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let words: Vec<&str> = words.lines().take(3).collect();
    bail!("nginx refuses its new configuration: {}", words.join(" "))
}

fn settings(layout: &Layout, operator: &Operator, config: &str) -> Result<EdgeSettings> {
    let loopback = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let path = |relative: &str| -> Result<edge::AbsolutePath> {
        Ok(layout.path(relative).display().to_string().parse()?)
    };
    Ok(EdgeSettings {
        domain: DOMAIN.parse()?,
        listen: Listen::try_from(vec![
            loopback(layout.ports.edge),
            SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], layout.ports.edge)),
        ])?,
        http_upstream: Upstream::try_from(loopback(layout.ports.odoo))?,
        websocket_upstream: Upstream::try_from(loopback(layout.ports.gevent))?,
        hosts_dir: path("edge/hosts")?,
        config_dir: path(config)?,
        run_dir: path("edge/run")?,
        access_log: path("edge/access.log")?,
        error_log: path("edge/error.log")?,
        operator: operator.name.as_deref().unwrap_or("Tenantry").parse()?,
        operator_link: operator.link.as_deref().map(str::parse).transpose()?,
        logo: operator.logo(layout)?,
        portal: operator.portal.as_deref().map(str::parse).transpose()?,
        default_language: operator.language.as_deref().unwrap_or("es").parse()?,
        scheme: PublicScheme::Http,
        body_limit: BodyLimit::default(),
        trusted_proxies: Vec::new(),
        client_address_header: ClientAddressHeader::default(),
        workers: NonZeroU8::MIN,
    })
}
