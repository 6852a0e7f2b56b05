//! The program's own children: the server and the node, each this binary with a configuration file.

use super::enrolment::Enrolment;
use super::layout::{DOMAIN, Layout};
use super::secrets::Secrets;
use super::telling::Telling;
use crate::configuration::{
    EdgeSection, NodeFile, OdooSection, PointInTimeSection, PostgresSection, ServerFile, ServerSection,
};
use crate::files;
use anyhow::{Context as _, Result, bail};
use cluster::{ChildSpec, Ready, Supervisor};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long server and node may take to be ready; after a crash the node first undoes what was cut off.
const DEADLINE: Duration = Duration::from_secs(60);
/// Has the C library's allocator give large pieces back at once; by itself it learns to keep them.
const FRUGAL: [(&str, &str); 3] = [
    ("MALLOC_ARENA_MAX", "2"),
    ("MALLOC_MMAP_THRESHOLD_", "131072"),
    ("MALLOC_TRIM_THRESHOLD_", "131072"),
];
/// Variables that a child is given when `up` has them.
const PASSED_ON: [&str; 3] = ["TENANTRY_LOG", "TENANTRY_LOG_FORMAT", "TENANTRY_FAULT"];

/// Starts the server and waits until it is ready.
pub(crate) async fn server(
    supervisor: &mut Supervisor,
    layout: &Layout,
    secrets: &Secrets,
    telling: &Telling,
) -> Result<()> {
    let step = telling.step("Server");
    let config = layout.path("server/server.toml");
    let file = ServerFile {
        listen: ([127, 0, 0, 1], layout.ports.server).into(),
        database_url: secrets.control_url(layout),
        key: Some(secrets.server_key.clone()),
        key_file: None,
        previous_keys: Vec::new(),
        panel: layout.panel_url(),
        server: with_uploads(door(layout)?, layout),
    };
    files::write(&config, &toml::to_string(&file)?, 0o600, &layout.account)?;
    let ready = Ready::HttpGet {
        port: layout.ports.server,
        path: "/ready".to_owned(),
    };
    let spec = own_child(layout, "server", vec!["server".into()], &config)?.ready(ready, DEADLINE);
    supervisor
        .start(spec, |_| {})
        .await
        .context("starting the server")?;
    step.done();
    Ok(())
}

/// A machine of its own has a folder for uploads, if the operator names no other.
fn with_uploads(section: ServerSection, layout: &Layout) -> ServerSection {
    let own = || layout.path("server/uploads");
    ServerSection {
        uploads_dir: Some(section.uploads_dir.clone().unwrap_or_else(own)),
        ..section
    }
}

/// What the operator says of proxies and bounds. The parts of one machine talk in plain over loopback, so a
/// certificate belongs to the proxy before them.
fn door(layout: &Layout) -> Result<ServerSection> {
    let path = layout.path("door.toml");
    let Some(text) = files::read(&path)? else {
        return Ok(ServerSection::default());
    };
    let door: ServerSection =
        toml::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))?;
    if door.tls.is_some() {
        bail!(
            "{}: a machine of its own speaks plain HTTP on loopback; give the certificate to the proxy before it",
            path.display()
        );
    }
    Ok(door)
}

/// The programs of others that the node uses.
pub(crate) struct Programs<'a> {
    /// Where PostgreSQL's programs are.
    pub(crate) postgres: &'a Path,
    /// Odoo's command, when there is one.
    pub(crate) odoo: Option<&'a Path>,
    /// Odoo's add-on folders, separated by commas.
    pub(crate) odoo_addons: &'a str,
    /// How PostgreSQL's log is archived.
    pub(crate) point_in_time: Option<PointInTimeSection>,
}

/// Starts the node and waits until it is ready.
pub(crate) async fn node(
    supervisor: &mut Supervisor,
    layout: &Layout,
    secrets: &Secrets,
    enrolment: &Enrolment,
    programs: &Programs<'_>,
    telling: &Telling,
) -> Result<()> {
    let step = telling.step("Node");
    let config = layout.path("node/node.toml");
    let file = NodeFile {
        server: layout.server_url(),
        node: enrolment.node.clone(),
        name: enrolment.name.clone(),
        credential: enrolment.credential.clone(),
        server_key: enrolment.server_key.clone(),
        credential_file: Some(layout.path("node/credential.json")),
        local_api: ([127, 0, 0, 1], layout.ports.node).into(),
        hosts_dir: layout.path("edge/hosts"),
        dumps_dir: layout.path("dumps"),
        backups_dir: Some(layout.path("backups")),
        work_dir: layout.path("node/work"),
        postgres: PostgresSection {
            host: "127.0.0.1".to_owned(),
            port: layout.ports.postgres,
            password: secrets.node_role.clone(),
            bin_dir: programs.postgres.to_owned(),
        },
        odoo: OdooSection {
            url: layout.odoo_url(),
            program: programs.odoo.unwrap_or(Path::new("/nonexistent/odoo")).to_owned(),
            addons_path: programs.odoo_addons.to_owned(),
            data_dir: layout.path("odoo/data"),
            password: secrets.odoo_role.clone(),
            workers: super::odoo::WORKERS,
        },
        edge: Some(EdgeSection {
            url: format!("http://127.0.0.1:{}", layout.ports.edge),
            domain: DOMAIN.to_owned(),
        }),
        pool: None,
        point_in_time: programs.point_in_time.clone(),
    };
    files::write(&config, &toml::to_string(&file)?, 0o600, &layout.account)?;
    let ready = Ready::HttpGet {
        port: layout.ports.node,
        path: "/health".to_owned(),
    };
    let spec = own_child(layout, "node", vec!["node".into(), "run".into()], &config)?.ready(ready, DEADLINE);
    supervisor
        .start(spec, |_| {})
        .await
        .context("starting the node")?;
    step.done();
    Ok(())
}

fn own_child(layout: &Layout, name: &str, mut args: Vec<OsString>, config: &Path) -> Result<ChildSpec> {
    args.extend(["--config".into(), config.into()]);
    let mut spec = ChildSpec::new(name, own_program(layout)?, layout.log(name))
        .args(args)
        .run_as(layout.account.clone());
    // Otherwise each thread that ever hashed or copied keeps the memory that it had then.
    for (variable, value) in FRUGAL {
        spec = spec.env(variable, value);
    }
    for variable in PASSED_ON {
        if let Some(value) = std::env::var_os(variable) {
            spec = spec.env(variable, value);
        }
    }
    Ok(spec)
}

/// A copy of this program that the account of the children can reach, wherever this one was built.
fn own_program(layout: &Layout) -> Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program")?;
    let copy = layout.path("bin/tenantry");
    let fresh = layout.path("bin/tenantry.new");
    if !same(&own, &copy) {
        std::fs::copy(&own, &fresh)
            .with_context(|| format!("copying this program to {}", fresh.display()))?;
        std::fs::rename(&fresh, &copy)?;
    }
    Ok(copy)
}

/// Whether the copy was made from this very build.
fn same(own: &Path, copy: &Path) -> bool {
    let facts =
        |path: &Path| std::fs::metadata(path).and_then(|metadata| Ok((metadata.len(), metadata.modified()?)));
    match (facts(own), facts(copy)) {
        (Ok(own), Ok(copy)) => own.0 == copy.0 && own.1 <= copy.1,
        _ => false,
    }
}
