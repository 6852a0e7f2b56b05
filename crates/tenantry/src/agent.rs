//! `tenantry node run`: the agent of a node, and its local API.

use crate::configuration::{self, EdgeSection, NodeFile, PointInTimeSection};
use crate::server::told_to_stop;
use anyhow::{Context as _, Result};
use domain::Secret;
use node::{
    ClusterAccess, EdgeAccess, Faults, Identifier, NodeSettings, OdooProgram, PointInTime, PoolPolicy,
    ServerAccess,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The node's role and its journal's database.
pub(crate) const ROLE: &str = "tenantry_node";
/// The journal's database.
pub(crate) const JOURNAL: &str = "tenantry_journal";
/// Odoo's role.
pub(crate) const ODOO_ROLE: &str = "odoo";
/// Commands at once.
const PARALLEL: usize = 4;

/// Runs the agent until it is told to stop.
pub(crate) async fn run(config: &Path) -> Result<()> {
    crate::logging::start();
    let file: NodeFile = configuration::read(config)?;
    let server = access(&file)?;
    let facade = local::Facade::new(server.server.clone(), file.name.clone())?;
    let listener = TcpListener::bind(file.local_api)
        .await
        .with_context(|| format!("listening on {}", file.local_api))?;
    let node = node::Node::start(settings(&file)?)
        .await
        .context("opening the node's journal")?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(local::serve(listener, facade, look(&node)));
    tracing::info!(local_api = %file.local_api, "the node is ready");
    let told = told_to_stop()?;
    tokio::spawn({
        let stop = stop.clone();
        async move {
            told.await;
            stop.cancel();
        }
    });
    let ended = node::agent::run(node, server, stop).await;
    serving.abort();
    Ok(ended?)
}

/// What the local API says of the node's health.
fn look(node: &node::Node) -> local::Look {
    let node = node.clone();
    Arc::new(move || {
        let node = node.clone();
        Box::pin(async move {
            let checks = node
                .doctor()
                .await
                .map_err(|_| "The node's PostgreSQL does not answer.".to_owned())?;
            let finding = |check: node::Check| local::Finding {
                name: check.name.to_owned(),
                good: check.verdict == node::Verdict::Good,
                detail: check.detail,
            };
            Ok(checks.into_iter().map(finding).collect())
        })
    })
}

fn access(file: &NodeFile) -> Result<ServerAccess> {
    Ok(ServerAccess {
        server: file.server.parse().context("server is not an address")?,
        node: file.node.parse().context("node is not an identifier")?,
        credential: Secret::new(file.credential.clone()),
        server_key: file.server_key.clone(),
        credential_file: file.credential_file.clone(),
    })
}

/// How the node reaches its PostgreSQL.
pub(crate) fn cluster_access(host: &str, port: u16, password: &str) -> Result<ClusterAccess> {
    Ok(ClusterAccess {
        host: host.to_owned(),
        port,
        role: ROLE.parse::<Identifier>()?,
        password: Secret::new(password.to_owned()),
        journal: JOURNAL.parse::<Identifier>()?,
    })
}

/// The node's settings from its file.
pub(crate) fn settings(file: &NodeFile) -> Result<NodeSettings> {
    let faults: Faults = match std::env::var("TENANTRY_FAULT") {
        Ok(text) => text.parse().context("TENANTRY_FAULT")?,
        Err(_) => Faults::default(),
    };
    let pool = file.pool.as_ref().map(|pool| PoolPolicy {
        least: pool.least,
        most: pool.most,
        pause: Duration::from_millis(pool.pause_ms),
        sessions: pool.sessions,
    });
    let edge = file.edge.as_ref().map(edge_access).transpose()?;
    Ok(NodeSettings {
        edge,
        pool: pool.unwrap_or_default(),
        cluster: cluster_access(&file.postgres.host, file.postgres.port, &file.postgres.password)?,
        odoo_role: ODOO_ROLE.parse::<Identifier>()?,
        odoo_url: file.odoo.url.parse().context("odoo.url is not an address")?,
        odoo_workers: file.odoo.workers,
        filestore_dir: file.odoo.data_dir.join("filestore"),
        hosts_dir: file.hosts_dir.clone(),
        dumps_dir: file.dumps_dir.clone(),
        backups_dir: file
            .backups_dir
            .clone()
            .unwrap_or_else(|| file.dumps_dir.with_file_name("backups")),
        work_dir: file.work_dir.clone(),
        pg_bin_dir: file.postgres.bin_dir.clone(),
        odoo: OdooProgram {
            program: file.odoo.program.clone(),
            addons_path: file.odoo.addons_path.clone(),
            data_dir: file.odoo.data_dir.clone(),
            password: Secret::new(file.odoo.password.clone()),
            run_as: None,
        },
        point_in_time: file.point_in_time.as_ref().map(point_in_time),
        parallel: PARALLEL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        faults,
    })
}

/// How long the archive of the log may have a trouble before somebody has to look.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

fn point_in_time(section: &PointInTimeSection) -> PointInTime {
    let hours = |hours: u32| Duration::from_secs(u64::from(hours) * 3600);
    PointInTime {
        program: section.program.clone(),
        config: section.config.clone(),
        stanza: section.stanza.clone(),
        aside_dir: section.aside_dir.clone(),
        backup_every: hours(section.backup_hours),
        full_every: hours(section.full_hours),
        patience: PATIENCE,
    }
}

fn edge_access(section: &EdgeSection) -> Result<EdgeAccess> {
    Ok(EdgeAccess {
        url: section.url.parse().context("edge.url is not an address")?,
        domain: section.domain.parse().context("edge.domain is not a domain")?,
    })
}
