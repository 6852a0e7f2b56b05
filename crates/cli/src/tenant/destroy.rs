//! `tenantry tenant delete` and `purge`: what asks for the name again.

use super::Named;
use super::change::apply;
use crate::ask;
use crate::error::Error;
use crate::request::Request;
use crate::session::{Session, post};
use clap::Args;
use jiff::Timestamp;
use reqwest::Method;
use wire::tenant::{Confirmation, Tenant};

/// A tenant to delete or purge.
#[derive(Args, Clone, Debug)]
pub struct Destroy {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// The subdomain again, instead of typing it when asked.
    #[arg(long, value_name = "SUBDOMAIN")]
    pub yes: Option<String>,
}

impl Destroy {
    pub(super) async fn delete(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let subdomain = self.confirmed(session, "deleted")?;
        let request =
            Request::change(Method::DELETE, &["tenants", subdomain]).query("confirm", Some(subdomain));
        let zone = session.terminal.time_zone.clone();
        let day = move |moment: Timestamp| moment.to_zoned(zone.clone()).date().to_string();
        apply(session, &request, subdomain, |tenant| deleted(tenant, &day)).await
    }

    pub(super) async fn purge(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let subdomain = self.confirmed(session, "dropped for good")?;
        let body = Confirmation {
            confirm: Some(subdomain.to_owned()),
        };
        let request = post(&["tenants", subdomain, "purge"]).body(&body)?;
        apply(session, &request, subdomain, |tenant| {
            format!("{} is gone.", tenant.subdomain)
        })
        .await
    }

    fn confirmed(&self, session: &mut Session<'_>, action: &str) -> Result<&str, Error> {
        ask::confirm(
            session.terminal,
            action,
            &self.named.subdomain,
            self.yes.as_deref(),
        )?;
        Ok(&self.named.subdomain)
    }
}

fn deleted(tenant: &Tenant, day: impl Fn(Timestamp) -> String) -> String {
    let kept = tenant
        .purge_after
        .map(|moment| format!(" It is kept until {}.", day(moment)))
        .unwrap_or_default();
    let name = &tenant.subdomain;
    format!(
        "{name} is {}.{kept} To bring it back: tenantry tenant undelete {name}",
        tenant.state
    )
}
