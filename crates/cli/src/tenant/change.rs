//! Changes to a tenant that can be undone: company, plan, password, suspension, name.

use super::Named;
use super::show::{fetch, state};
use crate::ask;
use crate::error::Error;
use crate::exit::{Exit, examples};
use crate::options::path_name;
use crate::request::{Answer, Request};
use crate::session::{Changed, Reader, Session, post};
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::{SuspensionForm, SuspensionReason};
use reqwest::Method;
use wire::tenant::{ResumeTenant, SetPassword, SuspendTenant, Tenant, UpdateTenant};

pub(super) const PASSWORD_HELP: &str = examples!(
    "tenantry tenant password acme",
    "pass show customers/acme | tenantry tenant password acme --password-stdin --end-sessions",
);

/// Another company name, plan or end.
#[derive(Args, Clone, Debug)]
#[group(id = "changes", required = true, multiple = true, args = ["company", "plan", "expires"])]
pub struct Update {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// The company's name in the control plane; inside Odoo it belongs to the customer.
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,
    /// Another plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// When its time ends: a day such as 2026-12-31, a time such as 2026-12-31T18:00:00Z, or never.
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
}

impl Update {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = UpdateTenant {
            company_name: self.company.clone(),
            plan: self.plan.clone(),
            subdomain: None,
            expires_at: self.expires.clone(),
        };
        let request = patch(&self.named.subdomain).body(&body)?;
        apply(session, &request, &self.named.subdomain, |tenant| {
            let end = tenant.expires_at.map(|at| format!(", until {at}"));
            format!(
                "{} is {} on plan {}{}.",
                tenant.subdomain,
                tenant.company_name,
                tenant.plan,
                end.unwrap_or_default()
            )
        })
        .await
    }
}

/// A new password for the administrator.
#[derive(Args, Clone, Debug)]
pub struct Password {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Read the password from standard input instead of asking for it twice.
    #[arg(long)]
    pub password_stdin: bool,
    /// Also end the administrator's open sessions at once.
    #[arg(long)]
    pub end_sessions: bool,
}

impl Password {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let subdomain = &self.named.subdomain;
        let password = match self.password_stdin {
            true => ask::password_from_input(session.terminal)?,
            false => ask::new_password(session.terminal, subdomain)?,
        };
        let body = SetPassword {
            new_password: Some(password),
            end_sessions: self.end_sessions,
        };
        let request = post(&["tenants", subdomain, "password"]).body(&body)?;
        apply(session, &request, subdomain, |tenant| {
            format!("The administrator of {} has a new password.", tenant.subdomain)
        })
        .await
    }
}

/// Why a tenant is shut out.
#[derive(Args, Clone, Debug)]
pub struct Suspend {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Why; `manual` without it.
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionReason::BY_HAND.iter().map(|reason| reason.as_str())))]
    pub reason: Option<String>,
    /// A sentence for the record, at most 200 characters.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// `full` closes everything; `back-office` leaves the public website open.
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionForm::ALL.iter().map(|form| form.as_str())))]
    pub form: Option<String>,
}

/// What lets a tenant in again.
#[derive(Args, Clone, Debug)]
pub struct Resume {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Only this reason falls, and the others stand; all of them without it.
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionReason::ALL.iter().map(|reason| reason.as_str())))]
    pub reason: Option<String>,
}

impl Resume {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = ResumeTenant {
            reason: self.reason.clone(),
        };
        let request = post(&["tenants", &self.named.subdomain, "resume"]).body(&body)?;
        apply(session, &request, &self.named.subdomain, standing).await
    }
}

impl Suspend {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = SuspendTenant {
            reason: self.reason.clone(),
            note: self.note.clone(),
            form: self.form.clone(),
        };
        let request = post(&["tenants", &self.named.subdomain, "suspend"]).body(&body)?;
        apply(session, &request, &self.named.subdomain, standing).await
    }
}

/// Another subdomain.
#[derive(Args, Clone, Debug)]
pub struct Rename {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Its new subdomain.
    #[arg(value_name = "NEW", value_parser = path_name)]
    pub new_subdomain: String,
}

impl Rename {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = UpdateTenant {
            expires_at: None,
            subdomain: Some(self.new_subdomain.clone()),
            ..UpdateTenant::default()
        };
        let request = patch(&self.named.subdomain).body(&body)?;
        apply(session, &request, &self.new_subdomain, standing).await
    }
}

/// A change that needs nothing but its name: `pause`, `undelete`.
pub(super) async fn plain(session: &mut Session<'_>, subdomain: &str, verb: &str) -> Result<(), Error> {
    apply(session, &post(&["tenants", subdomain, verb]), subdomain, standing).await
}

/// Sends a change, follows it, and prints the tenant `afterwards`, as it is called then.
pub(super) async fn apply(
    session: &mut Session<'_>,
    request: &Request,
    afterwards: &str,
    sentence: impl Fn(&Tenant) -> String,
) -> Result<(), Error> {
    match session.change(request).await? {
        Changed::AtOnce(answer) => print(session, &answer, sentence),
        Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
        Changed::Followed(operation) => match fetch(session, afterwards).await {
            Ok(answer) => print(session, &answer, sentence),
            // What was purged is not there any more; then its operation is the answer.
            Err(error) if error.exit() == Exit::NotFound => {
                let (_, answer) = session.client.operation(&operation.id).await?;
                session.print(&answer, &format!("{afterwards} is gone."))
            }
            Err(error) => Err(error),
        },
    }
}

fn print(
    session: &mut Session<'_>,
    answer: &Answer,
    sentence: impl Fn(&Tenant) -> String,
) -> Result<(), Error> {
    let text = match session.reader {
        Reader::Machine => String::new(),
        Reader::Person => sentence(&answer.decode()?),
    };
    session.print(answer, &text)
}

fn standing(tenant: &Tenant) -> String {
    format!("{} is {}: {}", tenant.subdomain, state(tenant), tenant.url)
}

fn patch(subdomain: &str) -> Request {
    Request::change(Method::PATCH, &["tenants", subdomain])
}
