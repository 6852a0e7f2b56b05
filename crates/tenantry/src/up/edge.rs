//! The machine's edge: nginx with the files that the pure crate renders.

use super::layout::{DOMAIN, Layout};
use super::telling::Telling;
use crate::files;
use anyhow::{Context as _, Result, bail};
use cluster::{Account, Check, ChildSpec, Ready, Signal, Supervisor};
use edge::{BodyLimit, ClientAddressHeader, EdgeSettings, Listen, OperatorLogo, PublicScheme, Upstream};
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(20);
/// Where renderings lie, one folder each.
const CONFIG: &str = "edge/config";
/// Names the rendering that worked last.
const CURRENT: &str = "edge/current";

/// Writes nginx's files, starts it and waits until it serves.
///
/// Each rendering gets a folder of its own, named by its digest, and nginx looks at it before it is used: one that
/// nginx refuses never takes the place of the one that worked.
pub(crate) async fn start(supervisor: &mut Supervisor, layout: &Layout, telling: &Telling) -> Result<()> {
    let step = telling.step("Edge");
    let operator = Operator::read(layout)?;
    let base = settings(layout, &operator, CONFIG)?;
    // Each by itself: a folder that is made on the way to another stays its maker's.
    for folder in ["edge", CONFIG] {
        files::folder(&layout.path(folder), 0o700, &layout.account)?;
    }
    for folder in base.folders() {
        files::folder(Path::new(&folder), 0o700, &layout.account)?;
    }
    let rendered = format!("{CONFIG}/{}", edge::digest(&edge::render(&base)));
    let settings = settings(layout, &operator, &rendered)?;
    write(layout, &settings)?;
    let settings = match accepted(layout, &settings) {
        Ok(()) => {
            remember(layout, &rendered)?;
            settings
        }
        Err(refusal) => match before(layout)? {
            Some(before) => {
                telling.line(&format!("{refusal:#}; the edge goes on with the one that worked"));
                self::settings(layout, &operator, &before)?
            }
            None => return Err(refusal),
        },
    };
    let pid_file = PathBuf::from(settings.run_dir.as_str()).join("nginx.pid");
    let serves =
        move |pid: u32| std::fs::read_to_string(&pid_file).is_ok_and(|text| text.trim() == pid.to_string());
    let spec = ChildSpec::new("edge", program()?, layout.log("edge"))
        .args(settings.nginx_arguments())
        .run_as(layout.account.clone())
        .stop(Signal::TERM, Duration::from_secs(10))
        .ready(Ready::Check(Check::new(serves)), DEADLINE);
    supervisor.start(spec, |_| {}).await.context("starting nginx")?;
    step.done();
    Ok(())
}

/// Who runs the company, as the edge's pages show it: `operator.toml` in the data folder, where there is one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    /// The company's name.
    name: Option<String>,
    /// The company's own site.
    link: Option<String>,
    /// Where customers pay and resume.
    portal: Option<String>,
    /// An SVG, PNG or WebP file of at most 8 kB, beside this file.
    logo: Option<PathBuf>,
    /// `es` or `en`, for visitors who accept neither.
    language: Option<String>,
}

impl Operator {
    fn read(layout: &Layout) -> Result<Self> {
        let path = layout.path("operator.toml");
        match files::read(&path)? {
            Some(text) => toml::from_str(&text).with_context(|| format!("reading {}", path.display())),
            None => Ok(Self::default()),
        }
    }

    fn logo(&self, layout: &Layout) -> Result<Option<OperatorLogo>> {
        let Some(logo) = &self.logo else { return Ok(None) };
        let path = layout.path("").join(logo);
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let logo = OperatorLogo::try_from(bytes.as_slice());
        Ok(Some(logo.with_context(|| {
            format!("{} cannot be the logo", path.display())
        })?))
    }
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

/// The rendering that worked last, if it is still there.
fn before(layout: &Layout) -> Result<Option<String>> {
    let name = files::read(&layout.path(CURRENT))?;
    Ok(name.filter(|name| layout.path(name).join("nginx.conf").exists()))
}

/// Notes the rendering that works, and removes the others.
fn remember(layout: &Layout, rendered: &str) -> Result<()> {
    files::write(&layout.path(CURRENT), rendered, 0o600, &layout.account)?;
    let keep = Path::new(rendered).file_name();
    for entry in std::fs::read_dir(layout.path(CONFIG))?.flatten() {
        // `pages` is the folder of renderings before they had one each.
        let is_old = entry.path().is_dir() && Some(entry.file_name().as_os_str()) != keep;
        if is_old {
            std::fs::remove_dir_all(entry.path())
                .with_context(|| format!("removing {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Where nginx is installed.
pub(crate) fn program() -> Result<PathBuf> {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
    match places.iter().map(PathBuf::from).find(|path| path.exists()) {
        Some(path) => Ok(path),
        None => bail!("nginx is not installed; on Debian and Ubuntu: apt-get install nginx-light"),
    }
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
