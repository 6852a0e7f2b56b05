//! The machine's PostgreSQL, with the roles and databases of control plane and node in it.

use super::layout::Layout;
use super::secrets::Secrets;
use super::telling::Telling;
use crate::agent::{ODOO_ROLE, cluster_access};
use anyhow::{Context as _, Result};
use cluster::{Cluster, ClusterSettings, Durability, Password};
use control::{Control, ServerKey};
use domain::Secret;
use node::{Identifier, SuperuserAccess};

/// Odoo keeps connections per worker and database, the node and the server have some of their own.
const CONNECTIONS: u16 = 300;

/// Counts statements, so that the slow ones can be found.
const LIBRARY: &str = "pg_stat_statements";
/// Statements that set passwords are none of those that it keeps the text of.
const PLAIN: (&str, &str) = ("pg_stat_statements.track_utility", "off");

/// Starts PostgreSQL, making the cluster when it is missing.
pub(crate) async fn start(
    layout: &Layout,
    secrets: &Secrets,
    durability: Durability,
    mut extra: Vec<(String, String)>,
    telling: &Telling,
) -> Result<Cluster> {
    extra.push((PLAIN.0.to_owned(), PLAIN.1.to_owned()));
    let step = telling.step("PostgreSQL");
    let password = Password::new(secrets.superuser.clone());
    let settings = ClusterSettings {
        max_connections: CONNECTIONS,
        durability,
        extra,
        libraries: vec![LIBRARY.to_owned()],
        run_as: layout.owner.is_root().then(|| layout.account.name.clone()),
        log_file: layout.log("postgresql"),
        ..ClusterSettings::under(&layout.path("postgres"), layout.ports.postgres, password)
    };
    let cluster = Cluster::start(settings, |progress| step.note(progress.name))
        .await
        .context("starting PostgreSQL")?;
    step.done();
    Ok(cluster)
}

/// Makes the roles and databases that are missing.
pub(crate) async fn prepare(layout: &Layout, secrets: &Secrets) -> Result<()> {
    store::setup::prepare(&secrets.superuser_url(layout, "postgres"), &secrets.control_role)
        .await
        .context("preparing the control plane's role and database")?;
    let superuser = SuperuserAccess {
        host: "127.0.0.1".to_owned(),
        port: layout.ports.postgres,
        role: "postgres".to_owned(),
        password: Secret::new(secrets.superuser.clone()),
    };
    let access = cluster_access("127.0.0.1", layout.ports.postgres, &secrets.node_role)?;
    let odoo = ODOO_ROLE.parse::<Identifier>()?;
    node::prepare(
        &superuser,
        &access,
        &odoo,
        &Secret::new(secrets.odoo_role.clone()),
    )
    .await
    .context("preparing the node's roles and journal")
}

/// The use cases, for what only this machine's owner may do.
pub(crate) fn control(layout: &Layout, secrets: &Secrets) -> Result<Control> {
    crate::server::control(
        &secrets.control_url(layout),
        ServerKey::from_hex(&secrets.server_key)?,
        &layout.panel_url(),
    )
}
