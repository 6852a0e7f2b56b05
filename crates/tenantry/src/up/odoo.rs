//! The machine's Odoo: its configuration and its process.

use super::layout::Layout;
use super::secrets::Secrets;
use super::telling::Telling;
use crate::agent::ODOO_ROLE;
use crate::files;
use anyhow::{Context as _, Result};
use cluster::{ChildSpec, Ready, Signal, Supervisor};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many workers it has.
pub(crate) const WORKERS: u16 = 2;
const DEADLINE: Duration = Duration::from_secs(120);

/// Our add-on, which makes remote procedure calls obey the edge's filter and lets in by one-time links, as files of its
/// folder.
const GUARD: [(&str, &str); 4] = [
    (
        "__init__.py",
        include_str!("../../../../deploy/odoo/addons/tenantry_guard/__init__.py"),
    ),
    (
        "__manifest__.py",
        include_str!("../../../../deploy/odoo/addons/tenantry_guard/__manifest__.py"),
    ),
    (
        "enter.py",
        include_str!("../../../../deploy/odoo/addons/tenantry_guard/enter.py"),
    ),
    (
        "guard.py",
        include_str!("../../../../deploy/odoo/addons/tenantry_guard/guard.py"),
    ),
];

/// The part of it that keeps sessions when a tenant is closed.
const CLOSED: (&str, &str) = (
    "closed.py",
    include_str!("../../../../deploy/odoo/addons/tenantry_guard/closed.py"),
);

/// Writes our add-on where Odoo finds it; gives the folder for `addons_path`.
fn write_guard(layout: &Layout) -> Result<PathBuf> {
    let addons = layout.path("odoo/addons");
    let module = addons.join("tenantry_guard");
    for folder in [&addons, &module] {
        files::folder(folder, 0o700, &layout.account)?;
    }
    for (name, text) in GUARD.into_iter().chain([CLOSED]) {
        files::write(&module.join(name), text, 0o600, &layout.account)?;
    }
    Ok(addons)
}

/// Writes Odoo's configuration. The databases cannot be listed, and every answer obeys the edge's filter.
pub(crate) fn configure(layout: &Layout, secrets: &Secrets, addons_path: &str) -> Result<()> {
    // Odoo adds its own folder of add-ons by itself.
    let own = write_guard(layout)?;
    let addons = [addons_path, own.to_str().unwrap_or_default()]
        .into_iter()
        .filter(|part| !part.is_empty());
    let addons = addons.collect::<Vec<_>>().join(",");
    let text = format!(
        "[options]\n\
         addons_path = {addons}\n\
         data_dir = {data}\n\
         db_host = 127.0.0.1\n\
         db_port = {postgres}\n\
         db_user = {ODOO_ROLE}\n\
         db_password = {password}\n\
         list_db = False\n\
         proxy_mode = True\n\
         server_wide_modules = base,web,dbfilter_from_header,tenantry_guard\n\
         http_interface = 127.0.0.1\n\
         http_port = {http}\n\
         gevent_port = {gevent}\n\
         workers = {WORKERS}\n\
         max_cron_threads = 1\n",
        data = layout.path("odoo/data").display(),
        postgres = layout.ports.postgres,
        password = secrets.odoo_role,
        http = layout.ports.odoo,
        gevent = layout.ports.gevent,
    );
    files::write(&layout.path("odoo/odoo.conf"), &text, 0o600, &layout.account)
}

/// Starts Odoo and waits until it answers.
pub(crate) async fn start(
    supervisor: &mut Supervisor,
    layout: &Layout,
    program: &Path,
    telling: &Telling,
) -> Result<()> {
    let step = telling.step("Odoo");
    let program = std::path::absolute(program)?;
    let config = layout.path("odoo/odoo.conf");
    let spec = ChildSpec::new("odoo", program, layout.log("odoo"))
        .args(["-c".as_ref(), config.as_os_str()])
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", layout.path("odoo"))
        .env("LANG", "C.UTF-8")
        .run_as(layout.account.clone())
        .stop(Signal::TERM, Duration::from_secs(20))
        .ready(
            Ready::HttpGet {
                port: layout.ports.odoo,
                path: "/web/health".to_owned(),
            },
            DEADLINE,
        );
    supervisor.start(spec, |_| {}).await.context("starting Odoo")?;
    step.done();
    Ok(())
}
