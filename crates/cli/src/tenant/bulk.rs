//! `tenantry tenant bulk`: one change for many tenants.

use crate::error::Error;
use crate::exit::examples;
use crate::follow;
use crate::request::Answer;
use crate::session::{Reader, Session, post};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};
use domain::{SuspensionForm, SuspensionReason, TenantState};
use wire::tenant::{BulkChange, BulkOutcome};

pub(super) const HELP: &str = examples!(
    "tenantry tenant bulk suspend --plan free --reason quota",
    "tenantry tenant bulk suspend acme globex --reason unpaid --note 'invoice 2041' --yes",
    "tenantry tenant bulk resume --suspended-for unpaid --reason unpaid --yes",
    "tenantry tenant bulk check --all-tenants --repair --yes",
);

/// Which tenants, and what happens to them. Every condition that is given must hold.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("which").required(true).multiple(true)
    .args(["subdomains", "all_tenants", "state", "suspended_for", "plan", "node", "search"]))]
pub struct Bulk {
    /// suspend, resume or check.
    #[arg(value_parser = PossibleValuesParser::new(["suspend", "resume", "check"]))]
    pub action: String,
    /// These tenants.
    #[arg(value_name = "SUBDOMAIN")]
    pub subdomains: Vec<String>,
    /// Every tenant.
    #[arg(long)]
    pub all_tenants: bool,
    /// Only in this state.
    #[arg(long, value_parser = PossibleValuesParser::new(TenantState::ALL.iter().map(|state| state.as_str())))]
    pub state: Option<String>,
    /// Only those suspended for this reason.
    #[arg(long, value_name = "REASON",
        value_parser = PossibleValuesParser::new(SuspensionReason::ALL.iter().map(|reason| reason.as_str())))]
    pub suspended_for: Option<String>,
    /// Only on this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// Only on this node.
    #[arg(long)]
    pub node: Option<String>,
    /// Only with this text in subdomain, company name or e-mail address.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// The reason that is added, or that falls.
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionReason::ALL.iter().map(|reason| reason.as_str())))]
    pub reason: Option<String>,
    /// A sentence for the record of suspensions.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How much a suspension closes.
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionForm::ALL.iter().map(|form| form.as_str())))]
    pub form: Option<String>,
    /// When checking, bring back what is missing.
    #[arg(long)]
    pub repair: bool,
    /// Do it. Without this, only say which tenants would be changed.
    #[arg(long)]
    pub yes: bool,
}

impl Bulk {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = BulkChange {
            action: Some(self.action.clone()),
            all: self.all_tenants,
            subdomains: (!self.subdomains.is_empty()).then(|| self.subdomains.clone()),
            state: self.state.clone(),
            suspended_for: self.suspended_for.clone(),
            plan: self.plan.clone(),
            node: self.node.clone(),
            search: self.search.clone(),
            reason: self.reason.clone(),
            note: self.note.clone(),
            form: self.form.clone(),
            repair: self.repair,
            dry_run: !self.yes,
        };
        let answer = session.client.send(&post(&["bulk"]).body(&body)?).await?;
        let outcome: BulkOutcome = answer.decode()?;
        let Some(operation) = outcome.operation.as_ref().filter(|_| !outcome.finished) else {
            return print(session, &answer, &outcome);
        };
        // Failures of its parts stand in the table, and make the command end as failed.
        let ended = follow::follow(session, operation).await;
        let answer = session.read(&["bulk", operation]).await?;
        let outcome = answer.decode()?;
        print(session, &answer, &outcome)?;
        ended.map(|_| ())
    }
}

fn print(session: &mut Session<'_>, answer: &Answer, outcome: &BulkOutcome) -> Result<(), Error> {
    let rows = outcome.tenants.iter().map(|tenant| {
        vec![
            tenant.subdomain.clone(),
            tenant.outcome.clone(),
            tenant.operation.clone().unwrap_or_default(),
            tenant.detail.clone().unwrap_or_default(),
        ]
    });
    let headings = ["Tenant", "Outcome", "Operation", "Detail"];
    session.print_rows(answer, &headings, rows.collect(), "No tenant is like that.")?;
    if outcome.dry_run && session.reader == Reader::Person {
        session.hint("Nothing was changed. With --yes it is done.")?;
    }
    Ok(())
}
