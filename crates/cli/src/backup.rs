//! `tenantry backup …`: backups, and where they are kept.

mod download;
mod import;
mod list;
mod moment;
mod schedule;
mod store;

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::output::{duration, size};
use crate::request::Request;
use crate::session::{Changed, Session, post};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use reqwest::Method;
use wire::backups::{BackupHealth, BackupView, HoldBackup, RestoreRequest, TakeBackup, VerifyRequest};

/// Backups.
#[derive(Args, Clone, Debug)]
pub struct Backup {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with backups.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Take a backup of a tenant now. The tenant stays in use.
    #[command(after_long_help = examples!("tenantry backup create acme", "tenantry backup create acme --store offsite"))]
    Create(Create),
    /// List backups, the newest first.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry backup list --tenant acme", "tenantry backup list --state failed --all"))]
    List(list::List),
    /// Show a backup: what is in it, and when it was restored for proof.
    #[command(after_long_help = examples!("tenantry backup show bak_0123456789abcdef0123456789abcdef"))]
    Show(Named),
    /// Look whether a backup is whole; with --restore, restore it into a scratch database for proof.
    #[command(after_long_help = examples!(
        "tenantry backup verify bak_0123456789abcdef0123456789abcdef",
        "tenantry backup verify bak_0123456789abcdef0123456789abcdef --restore",
    ))]
    Verify(Verify),
    /// Bring a tenant back from a backup or, with --at, to a moment; or make a new tenant of it with --as.
    #[command(after_long_help = examples!(
        "tenantry backup restore bak_0123456789abcdef0123456789abcdef acme",
        "tenantry backup restore acme --at 2026-11-29T10:00:00Z",
        "tenantry backup restore bak_0123456789abcdef0123456789abcdef acme --as acme-copy",
    ))]
    Restore(Restore),
    /// Download a backup, or a tenant as it is now, as Odoo's own zip or as a plain dump.
    #[command(after_long_help = examples!(
        "tenantry backup download acme -o acme.zip",
        "tenantry backup download bak_0123456789abcdef0123456789abcdef --format dump -o acme.dump",
        "tenantry backup download acme --link --hours 72",
    ))]
    Download(download::Download),
    /// Make a new tenant of Odoo's own zip, or of a dump.
    #[command(after_long_help = examples!(
        "tenantry backup import acme.zip acme",
        "tenantry backup import acme.dump acme --email ana@example.com",
        "tenantry backup import acme.zip acme --resume upl_0123456789abcdef0123456789abcdef",
    ))]
    Import(Box<import::Import>),
    /// List the uploads of which no tenant was made yet, or remove one.
    #[command(after_long_help = examples!("tenantry backup uploads", "tenantry backup uploads --remove upl_0123456789abcdef0123456789abcdef"))]
    Uploads(import::Uploads),
    /// Take one table, or attachments that fit, out of a backup.
    #[command(after_long_help = examples!(
        "tenantry backup extract bak_0123456789abcdef0123456789abcdef --table res_partner -o partners.csv",
        "tenantry backup extract bak_0123456789abcdef0123456789abcdef --name contract --model res.partner -o contracts.zip",
    ))]
    Extract(Box<download::Extract>),
    /// Have a backup stay, whatever its store's rules say.
    #[command(after_long_help = examples!("tenantry backup hold bak_0123456789abcdef0123456789abcdef"))]
    Hold(Named),
    /// Leave a backup to its store's rules again.
    #[command(after_long_help = examples!("tenantry backup release bak_0123456789abcdef0123456789abcdef"))]
    Release(Named),
    /// Forget a backup before its time.
    #[command(after_long_help = examples!("tenantry backup forget bak_0123456789abcdef0123456789abcdef acme"))]
    Forget(Forget),
    /// Forget now what the rules of its store no longer keep, and clear away what was left of backups that failed.
    #[command(after_long_help = examples!("tenantry backup prune"))]
    Prune,
    /// Say whether every tenant has a fresh backup and no archive is broken; the exit code is 0 only then.
    #[command(after_long_help = examples!("tenantry backup health", "tenantry backup health --json"))]
    Health,
    /// When backups are taken by the clock.
    #[command(subcommand, after_long_help = examples!("tenantry backup schedule show acme", "tenantry backup schedule set acme --every-hours 6"))]
    Schedule(schedule::Action),
    /// Where backups are kept, and for how long.
    #[command(subcommand, after_long_help = examples!("tenantry backup store list", "tenantry backup store set local --keep 1,7,4,12,2"))]
    Store(store::Action),
}

/// Of which tenant.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// The tenant's subdomain.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: String,
    /// The store; without it the first that backups are taken into by the clock.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
}

/// Which backup.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Its number (`bak_…`).
    #[arg(value_name = "BACKUP", value_parser = path_name)]
    pub id: String,
}

/// How closely.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// The backup.
    #[command(flatten)]
    pub named: Named,
    /// Restore it into a scratch database, look at it there and drop it.
    #[arg(long)]
    pub restore: bool,
}

/// What becomes of a backup.
#[derive(Args, Clone, Debug)]
pub struct Restore {
    /// The backup (`bak_…`); with --at, the tenant.
    #[arg(value_name = "BACKUP", value_parser = path_name)]
    pub what: String,
    /// The tenant that the backup is of.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name, required_unless_present = "at", conflicts_with = "at")]
    pub subdomain: Option<String>,
    /// The moment to which it is brought back, such as 2026-11-29T10:00:00Z; `tenantry node window` says which can be reached.
    #[arg(long, value_name = "TIME", conflicts_with = "node")]
    pub at: Option<Timestamp>,
    /// The subdomain of a new tenant; nothing that is there changes then.
    #[arg(long = "as", value_name = "SUBDOMAIN")]
    pub new: Option<String>,
    /// The new tenant's company.
    #[arg(long, value_name = "NAME", requires = "new")]
    pub company: Option<String>,
    /// The new tenant's node.
    #[arg(long, value_name = "NODE", requires = "new")]
    pub node: Option<String>,
    /// Leave the new tenant's mail servers switched on.
    #[arg(long, requires = "new")]
    pub keep_mail: bool,
    /// Take no backup of what is there before: for a tenant that is too broken for one.
    #[arg(long, conflicts_with = "new")]
    pub without_safety: bool,
    /// The subdomain again, instead of typing it when asked.
    #[arg(long, value_name = "SUBDOMAIN")]
    pub yes: Option<String>,
}

/// A backup to forget.
#[derive(Args, Clone, Debug)]
pub struct Forget {
    /// The backup.
    #[command(flatten)]
    pub named: Named,
    /// The tenant that it is of.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: String,
    /// The subdomain again, instead of typing it when asked.
    #[arg(long, value_name = "SUBDOMAIN")]
    pub yes: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Create(create) => {
                let body = TakeBackup {
                    store: create.store.clone(),
                };
                let request = post(&["tenants", &create.subdomain, "backups"]).body(&body)?;
                follow(session, &request, "The backup is whole.").await
            }
            Self::List(list) => list.run(session).await,
            Self::Show(named) => {
                let answer = session.read(&["backups", &named.id]).await?;
                let text = described(&answer.decode()?, session);
                session.print(&answer, &text)
            }
            Self::Verify(verify) => {
                let body = VerifyRequest {
                    restore: Some(verify.restore),
                };
                let request = post(&["backups", &verify.named.id, "verify"]).body(&body)?;
                follow(session, &request, "Nothing is wrong with it.").await
            }
            Self::Restore(restore) => restore.run(session).await,
            Self::Download(download) => download.run(session).await,
            Self::Extract(extract) => extract.run(session).await,
            Self::Import(import) => import.run(session).await,
            Self::Hold(named) => hold(session, &named.id, true).await,
            Self::Release(named) => hold(session, &named.id, false).await,
            Self::Forget(forget) => {
                let name = &forget.subdomain;
                ask::confirm(session.terminal, "forgotten", name, forget.yes.as_deref())?;
                let request = Request::change(Method::DELETE, &["backups", &forget.named.id]);
                let request = request.query("confirm", Some(name));
                let answer = session.client.send(&request).await?;
                session.print(&answer, &format!("{} is forgotten.", forget.named.id))
            }
            Self::Uploads(uploads) => uploads.run(session).await,
            Self::Prune => prune(session).await,
            Self::Health => health(session).await,
            Self::Schedule(action) => action.run(session).await,
            Self::Store(action) => action.run(session).await,
        }
    }
}

impl Restore {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let Some(subdomain) = &self.subdomain else {
            return moment::run(self, session).await;
        };
        let mut body = RestoreRequest {
            subdomain: self.new.clone(),
            company_name: self.company.clone(),
            node: self.node.clone(),
            keep_mail: self.keep_mail.then_some(true),
            without_safety: self.without_safety.then_some(true),
            ..RestoreRequest::default()
        };
        if self.new.is_none() {
            let name = subdomain;
            ask::confirm(
                session.terminal,
                "replaced by the backup",
                name,
                self.yes.as_deref(),
            )?;
            body.confirm = Some(name.clone());
        }
        let request = post(&["backups", &self.what, "restore"]).body(&body)?;
        let name = self.new.as_ref().unwrap_or(subdomain);
        follow(session, &request, &format!("{name} is what the backup holds.")).await
    }
}

async fn follow(session: &mut Session<'_>, request: &Request, done: &str) -> Result<(), Error> {
    match session.change(request).await? {
        Changed::AtOnce(answer) => session.print(&answer, done),
        Changed::Accepted(answer, operation) => session.print_accepted(&answer, &operation),
        Changed::Followed(operation) => {
            let (_, answer) = session.client.operation(&operation.id).await?;
            session.print(&answer, done)
        }
    }
}

/// What the clock does every hour, now.
async fn prune(session: &mut Session<'_>) -> Result<(), Error> {
    let request = post(&["schedules", "backup-retention", "run"]);
    let answer = session.client.send(&request).await?;
    let text = "The rules of the stores are gone through now; `tenantry backup list` shows what they keep.";
    session.print(&answer, text)
}

async fn health(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["backup-health"]).await?;
    let health: BackupHealth = answer.decode()?;
    let mut lines = vec![format!(
        "{} of {} tenants are overdue for a backup: none in {} hours, or in one and a half times what they or their plan say. \
         {} were restored for proof in the last 24 hours.",
        health.unguarded, health.tenants, health.fresh_hours, health.proven,
    )];
    if health.left_out > 0 {
        lines.push(format!(
            "{} more tenants are not backed up by the clock, as they or their plans say.",
            health.left_out
        ));
    }
    if !health.by_clock {
        lines.push("No backups are taken by the clock: see `tenantry backup store list`, `tenantry backup schedule` and the setting backup.every_hours.".to_owned());
    }
    lines.extend(health.without.iter().map(|one| {
        let last = session.terminal.time_or_dash(one.last_at);
        let why = one.failure.as_deref().unwrap_or_default();
        let store = one.store.as_deref().unwrap_or("-");
        format!("{}  {store}  {last}  {why}", one.subdomain)
            .trim_end()
            .to_owned()
    }));
    lines.extend(health.incomplete.iter().map(|one| {
        format!(
            "{}: the newest backup {} lacks {} files that the database names; fewer are missing of {}.",
            one.subdomain,
            one.backup,
            one.files_missing,
            session.terminal.time(one.better_at)
        )
    }));
    lines.extend(health.unproven.iter().map(|one| {
        format!(
            "{}: the backup {} could not be restored for proof at {}: {}",
            one.subdomain,
            one.backup,
            session.terminal.time(one.failed_at),
            one.failure
        )
    }));
    lines.extend(health.archives.iter().map(|one| {
        let since = one
            .since
            .map(|at| format!(" since {}", session.terminal.time(at)));
        let detail = one.detail.as_deref().map(|detail| format!("  {detail}"));
        let (since, detail) = (since.unwrap_or_default(), detail.unwrap_or_default());
        format!(
            "The archive of PostgreSQL's log on {} is broken: {}{since}.{detail}",
            one.node, one.kind
        )
    }));
    session.print(&answer, &lines.join("\n"))?;
    let nodes: Vec<&str> = health.archives.iter().map(|one| one.node.as_str()).collect();
    match (health.unguarded, nodes.is_empty()) {
        (0, true) => Ok(()),
        (0, false) => Err(Error::BrokenArchive {
            nodes: nodes.join(", "),
        }),
        (tenants, _) => Err(Error::Unguarded { tenants }),
    }
}

async fn hold(session: &mut Session<'_>, id: &str, held: bool) -> Result<(), Error> {
    let request = Request::change(Method::PUT, &["backups", id]).body(&HoldBackup { held: Some(held) })?;
    let answer = session.client.send(&request).await?;
    let text = match held {
        true => format!("{id} stays."),
        false => format!("{id} goes when its store's rules say so."),
    };
    session.print(&answer, &text)
}

fn bytes(count: u64) -> String {
    size(i64::try_from(count).unwrap_or(i64::MAX))
}

fn described(backup: &BackupView, session: &Session<'_>) -> String {
    let time = |moment| session.terminal.time(moment);
    let mut lines = vec![format!(
        "{} of {}: {}, {}, in {} by {}, taken {}",
        backup.id,
        backup.subdomain,
        backup.state,
        backup.kind,
        backup.store,
        backup.node,
        time(backup.moment()),
    )];
    let by = match (&backup.by_name, backup.by.as_str()) {
        (Some(name), _) => name.as_str(),
        (None, "system") => "the clock",
        (None, by) => by,
    };
    lines.push(format!("asked for by {by}"));
    lines.extend(backup.failure.clone());
    if let Some(content) = &backup.content {
        lines.push(format!(
            "database {}, {} files of {} ({} new), {} added to the store, {}",
            bytes(content.database_bytes),
            content.files,
            bytes(content.file_bytes),
            content.new_files,
            bytes(content.stored_bytes),
            duration(content.milliseconds),
        ));
        if content.files_missing > 0 {
            lines.push(format!(
                "warning: files that the database names and that were not there: {}",
                content.files_missing
            ));
        }
    }
    lines.push(match &backup.proof {
        Some(proof) if proof.restored => format!(
            "restored for proof on {} in {}{}",
            time(proof.at),
            duration(proof.milliseconds),
            match proof.login_status {
                Some(_) => "",
                None => "; its login page was not looked at: Odoo did not answer there",
            }
        ),
        Some(proof) => format!("read and found whole on {}", time(proof.at)),
        None => "not proven yet".to_owned(),
    });
    if backup.held {
        lines.push("held: it stays".to_owned());
    }
    lines.join("\n")
}
