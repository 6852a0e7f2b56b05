//! `tenantry tenant create`.

use super::show::{facts, fetch};
use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::request::{Answer, Request};
use crate::session::{Changed, Reader, Session, post};
use crate::table::print_facts;
use clap::Args;
use wire::tenant::{CreateTenant, TenantChange};

pub(super) const HELP: &str = examples!(
    "tenantry tenant create acme --company Acme --email ana@example.com --plan pro",
    "pass show acme | tenantry tenant create acme --password-stdin --plan basic \\",
    "    --company 'Acme S.R.L.' --email ana@example.com \\",
    "    --admin-language es_DO --country DO --timezone America/Santo_Domingo",
);

/// A new tenant.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// Its subdomain: 3 to 40 of a-z 0-9 - _, letters or digits at both ends.
    pub subdomain: String,
    /// The company's name.
    #[arg(long, value_name = "NAME")]
    pub company: String,
    /// The administrator's e-mail address, which is the login too.
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// Its plan.
    #[arg(long)]
    pub plan: String,
    /// Its product; odoo without it.
    #[arg(long)]
    pub product: Option<String>,
    /// The node to place it on; the least used one without it.
    #[arg(long)]
    pub node: Option<String>,
    /// Only on a node that serves this domain.
    #[arg(long)]
    pub domain: Option<String>,
    /// Only on a node that is known by this; may be repeated.
    #[arg(long = "node-label", value_name = "LABEL")]
    pub node_labels: Vec<String>,
    /// The template to clone; template_tenant without it.
    #[arg(long)]
    pub template: Option<String>,
    /// The administrator's language: es, en, or one of them with a country, as es_DO.
    #[arg(long, value_name = "LANGUAGE")]
    pub admin_language: Option<String>,
    /// The company's country, by its two letters.
    #[arg(long, value_name = "COUNTRY")]
    pub country: Option<String>,
    /// The administrator's time zone, such as America/Santo_Domingo.
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// When its time ends: a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z; never without it.
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Read the administrator's password from standard input. Without it a one-time link to set one is printed.
    #[arg(long)]
    pub password_stdin: bool,
    /// The key of an earlier, interrupted request: gives that request's answer, and makes nothing twice.
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}

impl Create {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = self.request(session)?;
        let changed = session
            .change(&request)
            .await
            .map_err(|error| with_key(error, &request))?;
        match changed {
            Changed::AtOnce(answer) => print(session, &answer),
            Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
            Changed::Followed(_) => self.print_final(session, &request).await,
        }
    }

    fn request(&self, session: &mut Session<'_>) -> Result<Request, Error> {
        let password = match self.password_stdin {
            true => Some(ask::password_from_input(session.terminal)?),
            false => None,
        };
        let body = CreateTenant {
            company_name: Some(self.company.clone()),
            admin_email: Some(self.email.clone()),
            subdomain: Some(self.subdomain.clone()),
            plan: Some(self.plan.clone()),
            product: self.product.clone(),
            node: self.node.clone(),
            domain: self.domain.clone(),
            node_labels: (!self.node_labels.is_empty()).then(|| self.node_labels.clone()),
            template: self.template.clone(),
            admin_password: password,
            language: self.admin_language.clone(),
            country: self.country.clone(),
            timezone: self.timezone.clone(),
            expires_at: self.expires.clone(),
        };
        post(&["tenants"])
            .under_key(self.idempotency_key.as_ref())
            .body(&body)
    }

    /// The same request again has the final answer now, with the one-time link. The tenant exists, so a failure of
    /// this is no failure of the command.
    async fn print_final(&self, session: &mut Session<'_>, request: &Request) -> Result<(), Error> {
        let error = match session.client.send(request).await {
            Ok(answer) => return print(session, &answer),
            Err(error) => error,
        };
        let answer = fetch(session, &self.subdomain).await?;
        print(session, &answer)?;
        if !self.password_stdin {
            session.hint(&format!(
                "The link to set a password could not be had ({error}). Set one: tenantry tenant password {}",
                self.subdomain
            ))?;
        }
        Ok(())
    }
}

/// Whoever stops waiting needs the key, because only this request's answer holds the link.
fn with_key(error: Error, request: &Request) -> Error {
    match error {
        Error::Interrupted { operation, .. } => Error::Interrupted {
            operation,
            idempotency_key: request.idempotency_key().map(str::to_owned),
        },
        other => other,
    }
}

fn print(session: &mut Session<'_>, answer: &Answer) -> Result<(), Error> {
    if session.reader == Reader::Machine {
        return Ok(session.terminal.json(&answer.body)?);
    }
    let change: TenantChange = answer.decode()?;
    let mut rows = facts(session.terminal, &change.tenant);
    // Shown on purpose: it is what the operator passes on to the customer.
    rows.push(("Set password", change.set_password_link.clone()));
    print_facts(session.terminal, &rows)?;
    if change.set_password_link.is_some() {
        session.hint("The link works once; it is not shown again.")?;
    }
    Ok(())
}
