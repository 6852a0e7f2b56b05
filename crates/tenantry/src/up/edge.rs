//! The machine's edge: nginx with the files that the pure crate renders.

use super::layout::{DOMAIN, Layout};
use super::telling::Telling;
use crate::files;
use anyhow::{Context as _, Result, bail};
use cluster::{Check, ChildSpec, Ready, Signal, Supervisor};
use edge::{
    BodyLimit, ClientAddressHeader, EdgeSettings, HostState, Listen, PageLanguage, PublicScheme, Upstream,
};
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(20);

/// Writes nginx's files, starts it and waits until it serves.
pub(crate) async fn start(supervisor: &mut Supervisor, layout: &Layout, telling: &Telling) -> Result<()> {
    let step = telling.step("Edge");
    let settings = settings(layout)?;
    for folder in settings.folders() {
        files::folder(Path::new(&folder), 0o700, &layout.account)?;
    }
    for state in HostState::ALL {
        files::folder(
            &layout.path("edge/hosts").join(state.folder()),
            0o700,
            &layout.account,
        )?;
    }
    for file in edge::render(&settings) {
        let path = Path::new(settings.config_dir.as_str()).join(&file.path);
        if let Some(above) = path.parent() {
            files::folder(above, 0o700, &layout.account)?;
        }
        files::write(&path, &file.content, 0o600, &layout.account)?;
    }
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

/// Where nginx is installed.
pub(crate) fn program() -> Result<PathBuf> {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
    match places.iter().map(PathBuf::from).find(|path| path.exists()) {
        Some(path) => Ok(path),
        None => bail!("nginx is not installed; on Debian and Ubuntu: apt-get install nginx-light"),
    }
}

fn settings(layout: &Layout) -> Result<EdgeSettings> {
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
        config_dir: path("edge/config")?,
        run_dir: path("edge/run")?,
        access_log: path("edge/access.log")?,
        error_log: path("edge/error.log")?,
        operator: "Tenantry".parse()?,
        operator_link: None,
        logo: None,
        portal: None,
        default_language: PageLanguage::Spanish,
        scheme: PublicScheme::Http,
        body_limit: BodyLimit::default(),
        trusted_proxies: Vec::new(),
        client_address_header: ClientAddressHeader::default(),
        workers: NonZeroU8::MIN,
    })
}
