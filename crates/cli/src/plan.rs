//! `tenantry plan …`: what tenants may hold, and which plans are offered.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::output::size;
use crate::request::Request;
use crate::session::{Session, post};
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::catalogue::{CreatePlan, Plan as Sold, UpdatePlan};

/// Bytes in one of what storage is given in.
const GIB: i64 = 1 << 30;

/// The plans.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with plans.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List the plans with their limits, and how many tenants are on each.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry plan list"))]
    List,
    /// Add a plan.
    #[command(after_long_help = examples!("tenantry plan create team --display-name Team --max-users 15 --storage-gb 30"))]
    Create(Create),
    /// Change a plan, or close it to new tenants. What is not said stays.
    #[command(after_long_help = examples!(
        "tenantry plan update team --max-users 0",
        "tenantry plan update lifetime --offered false",
    ))]
    Update(Update),
    /// Remove a plan that no tenant is on.
    #[command(after_long_help = examples!("tenantry plan remove team", "tenantry plan remove team --yes team"))]
    Remove(Remove),
}

/// A new plan.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// Its name in the API: 2 to 40 of a-z 0-9 - _.
    pub name: String,
    /// Its name for people.
    #[arg(long, value_name = "NAME")]
    pub display_name: String,
    /// What it holds.
    #[command(flatten)]
    pub limits: Limits,
}

/// Another name, other limits.
#[derive(Args, Clone, Debug)]
pub struct Update {
    /// The plan.
    #[arg(value_name = "PLAN", value_parser = path_name)]
    pub name: String,
    /// Its name for people.
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// What it holds.
    #[command(flatten)]
    pub limits: Limits,
}

/// What a plan holds.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// How many users a tenant may have; 0 is no limit.
    #[arg(long, value_name = "USERS", value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    pub max_users: Option<i64>,
    /// How many GB a tenant's database and files may hold together; 0 is no limit.
    #[arg(long, value_name = "GB", value_parser = clap::value_parser!(i64).range(0..=1_048_576))]
    pub storage_gb: Option<i64>,
    /// Its place in lists, the smallest first.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    pub position: Option<i64>,
    /// Whether tenants are put on it.
    #[arg(long)]
    pub offered: Option<bool>,
}

impl Limits {
    fn bytes(&self) -> Option<i64> {
        self.storage_gb.map(|storage| storage * GIB)
    }
}

/// A plan to remove.
#[derive(Args, Clone, Debug)]
pub struct Remove {
    /// The plan.
    #[arg(value_name = "PLAN", value_parser = path_name)]
    pub name: String,
    /// The same again, instead of typing it when asked.
    #[arg(long, value_name = "PLAN")]
    pub yes: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => list(session).await,
            Self::Create(create) => create.run(session).await,
            Self::Update(update) => update.run(session).await,
            Self::Remove(remove) => remove.run(session).await,
        }
    }
}

impl Create {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = CreatePlan {
            name: Some(self.name.clone()),
            display_name: Some(self.display_name.clone()),
            max_users: self.limits.max_users,
            max_storage_bytes: self.limits.bytes(),
            position: self.limits.position,
            is_offered: self.limits.offered,
        };
        let answer = session.client.send(&post(&["plans"]).body(&body)?).await?;
        session.print(&answer, &format!("{} is there.", self.name))
    }
}

impl Update {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = UpdatePlan {
            display_name: self.display_name.clone(),
            max_users: self.limits.max_users,
            max_storage_bytes: self.limits.bytes(),
            position: self.limits.position,
            is_offered: self.limits.offered,
        };
        let request = Request::change(Method::PATCH, &["plans", &self.name]).body(&body)?;
        let answer = session.client.send(&request).await?;
        session.print(&answer, &format!("{} is changed.", self.name))
    }
}

impl Remove {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        ask::confirm(session.terminal, "removed", &self.name, self.yes.as_deref())?;
        let request = Request::change(Method::DELETE, &["plans", &self.name]);
        let request = request.query("confirm", Some(&self.name));
        let answer = session.client.send(&request).await?;
        session.print(&answer, &format!("{} is gone.", self.name))
    }
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["plans"]).await?;
    let plans: Vec<Sold> = answer.decode_items()?;
    let rows = plans.iter().map(|plan| {
        vec![
            plan.name.clone(),
            plan.display_name.clone(),
            plan.max_users
                .map_or_else(|| "no limit".to_owned(), |users| users.to_string()),
            plan.max_storage_bytes.map_or_else(|| "no limit".to_owned(), size),
            match plan.backup_schedule.every_hours {
                None => "as everywhere".to_owned(),
                Some(0) => "none".to_owned(),
                Some(hours) => format!("every {hours} h"),
            },
            if plan.is_offered { "yes" } else { "no" }.to_owned(),
            plan.tenants.to_string(),
        ]
    });
    let rows = rows.collect();
    let headings = [
        "PLAN", "NAME", "USERS", "STORAGE", "BACKUPS", "OFFERED", "TENANTS",
    ];
    session.print_rows(&answer, &headings, rows, "There are no plans.")
}
