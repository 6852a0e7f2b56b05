//! `tenantry tenant list`.

use super::show::state;
use crate::csv;
use crate::error::Error;
use crate::exit::examples;
use crate::request::{Answer, Request};
use crate::session::{Reader, Session};
use crate::table::print_table;
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::TenantState;
use serde_json::{Value, json};
use wire::tenant::{Tenant, TenantPage};

pub(super) const HELP: &str = examples!(
    "tenantry tenant list --state suspended --sort subdomain",
    "tenantry tenant list --search acme",
    "tenantry tenant list --all --csv > tenants.csv",
    "tenantry tenant list --all --json | jq -r '.items[].url'",
);

/// The largest page that the server gives.
const LARGEST_PAGE: u8 = 200;

/// The columns of `--csv`, in the order of the API.
const CSV_COLUMNS: [&str; 19] = [
    "id",
    "subdomain",
    "company_name",
    "admin_email",
    "plan",
    "product",
    "state",
    "suspension_reasons",
    "node",
    "template",
    "database",
    "url",
    "language",
    "country",
    "timezone",
    "created_at",
    "updated_at",
    "deleted_at",
    "expires_at",
];

/// Which tenants, and how to print them.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only this state; `all` shows the deleted ones too, which are left out otherwise.
    #[arg(long, value_parser = PossibleValuesParser::new(
        TenantState::ALL.iter().map(|state| state.as_str()).chain(["all"])))]
    pub state: Option<String>,
    /// Only this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// Only this product.
    #[arg(long)]
    pub product: Option<String>,
    /// Only on this node.
    #[arg(long)]
    pub node: Option<String>,
    /// Only those whose time ends within so many days from now, such as 30d.
    #[arg(long, value_name = "DAYS")]
    pub expires_in: Option<String>,
    /// Part of the subdomain, the company's name or the e-mail address.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// created_at, subdomain or company_name; with - before it, descending.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// How many on a page, 1 to 200; 50 without it.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: Option<u8>,
    /// Go on where a page ended: its `next_cursor`.
    #[arg(long)]
    pub cursor: Option<String>,
    /// All pages.
    #[arg(long)]
    pub all: bool,
    /// Print comma-separated values, with times in UTC.
    #[arg(long)]
    pub csv: bool,
}

impl List {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        if self.csv && session.reader == Reader::Machine {
            return Err(Error::usage(
                "--csv and --json exclude each other",
                "Give one of them.",
            ));
        }
        let answer = self.page(session, self.cursor.as_deref()).await?;
        if session.reader == Reader::Machine && !self.all {
            return Ok(session.terminal.json(&answer.body)?);
        }
        if session.reader == Reader::Machine {
            return self.print_merged(session, answer).await;
        }
        self.print_pages(session, answer).await
    }

    async fn page(&self, session: &Session<'_>, cursor: Option<&str>) -> Result<Answer, Error> {
        let limit = self.limit.or(self.all.then_some(LARGEST_PAGE));
        let request = Request::read(&["tenants"])
            .query("state", self.state.as_ref())
            .query("plan", self.plan.as_ref())
            .query("product", self.product.as_ref())
            .query("node", self.node.as_ref())
            .query("expires_in", self.expires_in.as_ref())
            .query("search", self.search.as_ref())
            .query("sort", self.sort.as_ref())
            .query("limit", limit)
            .query("cursor", cursor);
        session.client.send(&request).await
    }

    /// The next page, when there is one and it is wanted.
    async fn next(&self, session: &Session<'_>, cursor: Option<&str>) -> Result<Option<Answer>, Error> {
        match cursor {
            Some(cursor) if self.all => self.page(session, Some(cursor)).await.map(Some),
            _ => Ok(None),
        }
    }

    /// One document of all pages, with every field that the server gave, known here or not.
    async fn print_merged(&self, session: &mut Session<'_>, first: Answer) -> Result<(), Error> {
        let mut items = Vec::new();
        let mut page = Some(first);
        while let Some(answer) = page {
            let mut document: Value = answer.decode()?;
            match document["items"].take() {
                Value::Array(found) => items.extend(found),
                _ => return Err(answer.foreign("a page without items")),
            }
            page = self.next(session, document["next_cursor"].as_str()).await?;
        }
        let total = items.len();
        let document = json!({ "items": items, "total": total, "total_is_exact": self.cursor.is_none(), "next_cursor": null });
        Ok(session.terminal.json(&document.to_string())?)
    }

    /// CSV goes out page by page; a table needs all its rows to know its widths.
    async fn print_pages(&self, session: &mut Session<'_>, first: Answer) -> Result<(), Error> {
        let (mut rows, mut shown, mut total, mut more) = (Vec::new(), 0, String::new(), false);
        if self.csv {
            session.terminal.text(&csv::line(CSV_COLUMNS))?;
        }
        let mut page = Some(first);
        while let Some(answer) = page {
            let found: TenantPage = answer.decode()?;
            (shown, total, more) = (
                shown + found.items.len(),
                match found.total_is_exact {
                    true => found.total.to_string(),
                    false => format!("more than {}", found.total),
                },
                found.next_cursor.is_some(),
            );
            match self.csv {
                true => session
                    .terminal
                    .text(&found.items.iter().map(csv_line).collect::<String>())?,
                false => rows.extend(found.items.iter().map(|tenant| row(session, tenant))),
            }
            page = self.next(session, found.next_cursor.as_deref()).await?;
        }
        if !self.csv {
            let headings = ["Tenant", "Company", "Plan", "State", "Node", "Address", "Created"];
            print_table(session.terminal, &headings, rows, "No tenants.")?;
        }
        if more && !self.all {
            session.hint(&format!("{shown} of {total}; --all shows the others too."))?;
        }
        Ok(())
    }
}

fn row(session: &Session<'_>, tenant: &Tenant) -> Vec<String> {
    vec![
        tenant.subdomain.clone(),
        tenant.company_name.clone(),
        tenant.plan.clone(),
        state(tenant),
        tenant.node.clone(),
        tenant.url.clone(),
        session.terminal.time(tenant.created_at),
    ]
}

fn csv_line(tenant: &Tenant) -> String {
    let moment =
        |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    let cells: [&str; 19] = [
        &tenant.id,
        &tenant.subdomain,
        &tenant.company_name,
        &tenant.admin_email,
        &tenant.plan,
        &tenant.product,
        &tenant.state,
        &tenant.suspension_reasons.join(" "),
        &tenant.node,
        &tenant.template,
        &tenant.database,
        &tenant.url,
        &tenant.language,
        tenant.country.as_deref().unwrap_or_default(),
        tenant.timezone.as_deref().unwrap_or_default(),
        &moment(Some(tenant.created_at)),
        &moment(Some(tenant.updated_at)),
        &moment(tenant.deleted_at),
        &moment(tenant.expires_at),
    ];
    csv::line(cells)
}
