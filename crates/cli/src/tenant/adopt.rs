//! `tenantry tenant adopt`: a database that is on a node already becomes a tenant.

use super::change::apply;
use super::show::state;
use crate::error::Error;
use crate::exit::examples;
use crate::options::path_name;
use crate::session::{Session, post};
use clap::Args;
use wire::apikey::AdoptTenant;

pub(super) const HELP: &str = examples!(
    "tenantry node show node-1",
    "tenantry tenant adopt old_shop --node node-1 --company 'Old Shop' --email eva@example.com --plan basic",
);

/// A database to take over. Nothing in it changes.
#[derive(Args, Clone, Debug)]
pub struct Adopt {
    /// The database, whose name becomes the tenant's subdomain.
    #[arg(value_parser = path_name)]
    pub database: String,
    /// The node that it is on.
    #[arg(long, value_parser = path_name)]
    pub node: String,
    /// The company's name in the control plane.
    #[arg(long, value_name = "NAME")]
    pub company: String,
    /// The administrator's e-mail address in the control plane.
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// The plan.
    #[arg(long)]
    pub plan: String,
}

impl Adopt {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = AdoptTenant {
            database: Some(self.database.clone()),
            company_name: Some(self.company.clone()),
            admin_email: Some(self.email.clone()),
            plan: Some(self.plan.clone()),
        };
        let request = post(&["nodes", &self.node, "adopt"]).body(&body)?;
        apply(session, &request, &self.database, |tenant| {
            format!(
                "{} is a tenant now, {}: {}",
                tenant.subdomain,
                state(tenant),
                tenant.url
            )
        })
        .await
    }
}
