//! `tenantry backup schedule …`: when backups are taken by the clock.

use crate::error::Error;
use crate::exit::examples;
use crate::options::path_name;
use crate::request::Request;
use crate::session::Session;
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::backups::{BackupSchedule, BackupScheduleView};
use wire::catalogue::Plan;

/// What can be done with schedules.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Show when a tenant is backed up, who says so, and when the next backup is due.
    #[command(after_long_help = examples!("tenantry backup schedule show acme"))]
    Show(Named),
    /// Say when a tenant is backed up. What is not said is as its plan says.
    #[command(after_long_help = examples!(
        "tenantry backup schedule set acme --every-hours 6",
        "tenantry backup schedule set acme --every-hours 24 --opens-hour 22",
        "tenantry backup schedule set acme",
    ))]
    Set(Set),
    /// Say when the tenants of a plan are backed up. What is not said is as the settings say.
    #[command(after_long_help = examples!(
        "tenantry backup schedule plan business --every-hours 6",
        "tenantry backup schedule plan business",
    ))]
    Plan(OfPlan),
}

/// Which tenant.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The tenant's subdomain.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: String,
}

/// When a tenant is backed up.
#[derive(Args, Clone, Debug)]
pub struct Set {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// When.
    #[command(flatten)]
    pub when: When,
}

/// When the tenants of a plan are backed up.
#[derive(Args, Clone, Debug)]
pub struct OfPlan {
    /// The plan.
    #[arg(value_name = "PLAN", value_parser = path_name)]
    pub name: String,
    /// When.
    #[command(flatten)]
    pub when: When,
}

/// When backups are taken.
#[derive(Args, Clone, Debug)]
pub struct When {
    /// Hours from one backup to the next; 0 takes none by the clock.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(0..=720))]
    pub every_hours: Option<i64>,
    /// The hour at which they begin to be taken, UTC.
    #[arg(long, value_name = "HOUR", value_parser = clap::value_parser!(i64).range(0..=23))]
    pub opens_hour: Option<i64>,
}

impl When {
    const fn body(&self) -> BackupSchedule {
        BackupSchedule {
            every_hours: self.every_hours,
            opens_hour: self.opens_hour,
        }
    }
}

impl Action {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Show(named) => {
                let answer = session
                    .read(&["tenants", &named.subdomain, "backup-schedule"])
                    .await?;
                let text = told(&named.subdomain, &answer.decode()?, session);
                session.print(&answer, &text)
            }
            Self::Set(set) => {
                let name = &set.named.subdomain;
                let request = Request::change(Method::PUT, &["tenants", name, "backup-schedule"])
                    .body(&set.when.body())?;
                let answer = session.client.send(&request).await?;
                let text = told(name, &answer.decode()?, session);
                session.print(&answer, &text)
            }
            Self::Plan(of) => {
                let request = Request::change(Method::PUT, &["plans", &of.name, "backup-schedule"])
                    .body(&of.when.body())?;
                let answer = session.client.send(&request).await?;
                let plan: Plan = answer.decode()?;
                let how = match plan.backup_schedule.every_hours {
                    None => "as often as the settings say".to_owned(),
                    Some(0) => "not by the clock".to_owned(),
                    Some(hours) => format!("every {hours} hours"),
                };
                let tenants = format!("Tenants on {} are backed up {how}", plan.name);
                let text = match plan.backup_schedule.opens_hour {
                    None => format!("{tenants}."),
                    Some(hour) => format!("{tenants}, from {hour}:00 UTC on."),
                };
                session.print(&answer, &text)
            }
        }
    }
}

fn told(name: &str, schedule: &BackupScheduleView, session: &Session<'_>) -> String {
    let source = match schedule.decided_by.as_str() {
        "tenant" => "as was said for it",
        "plan" => "as its plan says",
        _ => "as everywhere",
    };
    if schedule.every_hours == 0 {
        return format!("{name} is not backed up by the clock, {source}.");
    }
    let next = match schedule.next_at {
        Some(at) => format!("the next is due {}", session.terminal.time(at)),
        None => "none is due now".to_owned(),
    };
    format!(
        "{name} is backed up every {} hours, from {}:00 UTC on and spread over {} hours, {source}; {next}.",
        schedule.every_hours, schedule.opens_hour, schedule.window_hours
    )
}
