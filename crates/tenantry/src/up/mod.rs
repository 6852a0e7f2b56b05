//! `tenantry up`: everything on one machine, from an empty folder to a customer's Odoo.
//!
//! Every step finds what is there and makes what is missing, so that a run that was cut off anywhere is
//! simply run again.

mod archive;
mod children;
mod database;
mod edge;
pub(crate) use edge::program as edge_program;
mod enrolment;
mod first_tenant;
mod layout;
mod local_file;
mod odoo;
mod secrets;
mod telling;

use crate::arguments::Up;
use crate::files;
use crate::server::told_to_stop;
use anyhow::{Context as _, Result, bail};
use children::Programs;
use cluster::{Durability, Supervisor};
use layout::Layout;
use local_file::LocalFile;
use secrets::Secrets;
use telling::Telling;

/// Brings everything up, then keeps it up until it is told to stop.
pub(crate) async fn run(arguments: Up) -> Result<()> {
    let told = told_to_stop()?;
    let mut up = Bringing::begin(&arguments)?;
    tokio::select! {
        done = up.bring(&arguments) => {
            if let Err(error) = done {
                up.stop().await;
                return Err(error);
            }
        }
        () = told => {
            up.telling.line("Stopping before everything was up; run it again to go on.");
            up.stop().await;
            return Ok(());
        }
    }
    let told = told_to_stop()?;
    tokio::select! {
        () = told => {}
        () = up.follow() => {}
    }
    up.telling.line("Stopping.");
    up.stop().await;
    Ok(())
}

/// What is being brought up.
struct Bringing {
    layout: Layout,
    secrets: Secrets,
    telling: Telling,
    cluster: Option<cluster::Cluster>,
    supervisor: Option<Supervisor>,
}

impl Bringing {
    fn begin(arguments: &Up) -> Result<Self> {
        let layout = Layout::prepare(&arguments.data, arguments.port)?;
        if !arguments.no_odoo && arguments.odoo_bin.is_none() {
            bail!(
                "no Odoo is named: run scripts/odoo, set ODOO_BIN (and ODOO_ADDONS_PATH), or use --no-odoo"
            );
        }
        let secrets = Secrets::load_or_make(&layout)?;
        Ok(Self {
            layout,
            secrets,
            telling: Telling::new(),
            cluster: None,
            supervisor: None,
        })
    }

    async fn bring(&mut self, arguments: &Up) -> Result<()> {
        let supervisor = Supervisor::open(&self.layout.run_dir())
            .await
            .context("another tenantry up runs on this folder")?;
        let supervisor = self.supervisor.insert(supervisor);
        files::write(
            &self.layout.path("up.pid"),
            &std::process::id().to_string(),
            0o644,
            &self.layout.owner,
        )?;
        let durability = match arguments.disposable {
            true => Durability::Disposable,
            false => Durability::Durable,
        };
        let archive = archive::Kept::prepare(&self.layout, &self.secrets, durability)?;
        let extra = archive
            .as_ref()
            .map(|kept| kept.settings.clone())
            .unwrap_or_default();
        let cluster = database::start(&self.layout, &self.secrets, durability, extra, &self.telling).await?;
        let pg_dump = cluster.binaries().program("pg_dump");
        self.cluster = Some(cluster);
        database::prepare(&self.layout, &self.secrets).await?;
        let control = database::control(&self.layout, &self.secrets)?;
        children::server(supervisor, &self.layout, &self.secrets, &self.telling).await?;
        control
            .open_keys()
            .await
            .context("opening the control database's keys")?;
        let api_key = LocalFile::api_key(&self.layout, &control).await?;
        let node = enrolment::enrol(&self.layout, &control, &self.telling).await?;
        if let (false, Some(program)) = (arguments.no_odoo, &arguments.odoo_bin) {
            odoo::configure(&self.layout, &self.secrets, &arguments.odoo_addons)?;
            odoo::start(supervisor, &self.layout, program, &self.telling).await?;
        }
        edge::start(supervisor, &self.layout, &self.telling).await?;
        let programs = Programs {
            postgres: pg_dump.parent().context("PostgreSQL's programs have no folder")?,
            odoo: arguments.odoo_bin.as_deref(),
            odoo_addons: &arguments.odoo_addons,
            point_in_time: archive.as_ref().map(archive::Kept::section),
        };
        children::node(
            supervisor,
            &self.layout,
            &self.secrets,
            &node,
            &programs,
            &self.telling,
        )
        .await?;
        let local = LocalFile::write(&self.layout, &self.secrets, &control, api_key).await?;
        let demo = match arguments.no_odoo {
            true => None,
            false => {
                first_tenant::template(&control, &self.telling).await?;
                first_tenant::demo(&control, &self.telling).await?
            }
        };
        let works = control.owner_link_works(&local.owner_link).await?;
        self.telling
            .ready(&self.layout, works.then_some(&local.owner_link), demo.as_ref());
        Ok(())
    }

    /// Follows what may change while everything is up; does not return.
    async fn follow(&self) {
        match &self.supervisor {
            Some(supervisor) => edge::follow(supervisor, &self.layout, &self.telling).await,
            None => std::future::pending().await,
        }
    }

    async fn stop(&mut self) {
        if let Some(mut supervisor) = self.supervisor.take() {
            supervisor.stop_all().await;
        }
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await;
        }
    }
}
