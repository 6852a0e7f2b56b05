//! `tenantry tenant show` and `open`.

use super::Named;
use crate::error::Error;
use crate::output::Terminal;
use crate::request::Answer;
use crate::session::{Reader, Session};
use crate::settings::Environment;
use crate::table::print_facts;
use clap::Args;
use std::process::Stdio;
use url::Url;
use wire::tenant::{Suspension, Tenant};

/// The address of a tenant.
#[derive(Args, Clone, Debug)]
pub struct Open {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Only print the address.
    #[arg(long)]
    pub no_browser: bool,
}

impl Open {
    pub(super) async fn run(
        &self,
        session: &mut Session<'_>,
        environment: &Environment,
    ) -> Result<(), Error> {
        let answer = fetch(session, &self.named.subdomain).await?;
        let tenant: Tenant = answer.decode()?;
        session.print(&answer, &tenant.url)?;
        let has_display = ["WAYLAND_DISPLAY", "DISPLAY"]
            .iter()
            .any(|name| environment.variable(name).is_some());
        if session.reader == Reader::Person && has_display && !self.no_browser {
            open(session, &tenant.url)?;
        }
        Ok(())
    }
}

/// Hands an address to the desktop. Only a web address: xdg-open would run other things too.
fn open(session: &mut Session<'_>, address: &str) -> Result<(), Error> {
    let Some(url) = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
    else {
        return Ok(());
    };
    let started = std::process::Command::new("xdg-open")
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = started {
        session.hint(&format!("It could not be opened here: xdg-open: {error}"))?;
    }
    Ok(())
}

/// The tenant as the server tells it.
pub(super) async fn fetch(session: &Session<'_>, subdomain: &str) -> Result<Answer, Error> {
    session.read(&["tenants", subdomain]).await
}

pub(super) async fn show(session: &mut Session<'_>, subdomain: &str) -> Result<(), Error> {
    let answer = fetch(session, subdomain).await?;
    match session.reader {
        Reader::Machine => session.terminal.json(&answer.body)?,
        Reader::Person => {
            let rows = facts(session.terminal, &answer.decode()?);
            print_facts(session.terminal, &rows)?;
        }
    }
    Ok(())
}

/// The state with its reasons: `suspended (unpaid, abuse)`.
pub(super) fn state(tenant: &Tenant) -> String {
    match tenant.suspension_reasons.as_slice() {
        [] => tenant.state.clone(),
        reasons => format!("{} ({})", tenant.state, reasons.join(", ")),
    }
}

/// Why, how, since when and by whom it is suspended.
fn suspensions(terminal: &Terminal, tenant: &Tenant) -> Option<String> {
    let one = |suspension: &Suspension| {
        let note = suspension.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!(": {note}"));
        format!(
            "{} ({}) since {} by {}{note}",
            suspension.reason,
            suspension.form,
            terminal.time(suspension.since),
            suspension.by,
        )
    };
    let all: Vec<String> = tenant.suspensions.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// What a person wants to know of a tenant.
pub(super) fn facts(terminal: &Terminal, tenant: &Tenant) -> Vec<(&'static str, Option<String>)> {
    let time = |moment| terminal.time(moment);
    vec![
        ("Tenant", Some(tenant.subdomain.clone())),
        ("State", Some(state(tenant))),
        ("Suspended", suspensions(terminal, tenant)),
        ("Paused since", tenant.paused_at.map(time)),
        ("Address", Some(tenant.url.clone())),
        ("Company", Some(tenant.company_name.clone())),
        ("Administrator", Some(tenant.admin_email.clone())),
        ("Plan", Some(tenant.plan.clone())),
        ("Product", Some(tenant.product.clone())),
        ("Node", Some(tenant.node.clone())),
        ("Template", Some(tenant.template.clone())),
        ("Database", Some(tenant.database.clone())),
        ("Language", Some(tenant.language.clone())),
        ("Country", tenant.country.clone()),
        ("Time zone", tenant.timezone.clone()),
        ("Created", Some(time(tenant.created_at))),
        ("Ends", tenant.expires_at.map(time)),
        ("Changed", Some(time(tenant.updated_at))),
        ("Deleted", tenant.deleted_at.map(time)),
        ("Purged after", tenant.purge_after.map(time)),
        ("Under way", tenant.operation.clone()),
        ("Identifier", Some(tenant.id.clone())),
    ]
}
