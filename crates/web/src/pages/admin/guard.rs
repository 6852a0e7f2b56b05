//! How a tenant's backups stand, for its pages.

use crate::App;
use crate::problem::Answer;
use crate::words::told_backups;
use control::{BackupQuery, Caller, ControlError};
use domain::{Action, BackupState, Subdomain};
use jiff::Timestamp;
use serde_json::json;
use wire::backups::{BackupProof, BackupSchedule, BackupScheduleView, BackupView};
use wire::export::DownloadView;
use wire::tenant::Tenant;

/// Among how many of the newest backups it is looked up how they stand, and as many of those that are whole: a hundred that failed
/// since leave what was there before.
const NEWEST: i64 = 100;
/// Links to downloads on a tenant's page, and among how many of the newest they are looked for.
const LINKS: usize = 10;
const NEWEST_LINKS: i64 = 50;

/// How a tenant's backups stand.
pub(crate) struct Guard {
    /// The newest ones.
    pub(crate) newest: Vec<BackupView>,
    /// To where it can be brought back: what came later would be lost.
    pub(crate) point: Option<Point>,
    /// How one was last restored for proof.
    pub(crate) proven: Option<Proven>,
    /// When they are taken by the clock.
    pub(crate) schedule: BackupScheduleView,
    /// The newest links to downloads that work, or that somebody came with.
    pub(crate) links: Vec<DownloadView>,
    /// The names of the stores, one of which can be chosen for a backup; none for whoever may not look at them.
    pub(crate) stores: Vec<String>,
}

/// The whole backup that holds the latest moment.
pub(crate) struct Point {
    /// That moment.
    pub(crate) at: Timestamp,
    /// Files that the database names and that are not in it.
    pub(crate) files_missing: u64,
}

/// A backup that was restored for proof.
pub(crate) struct Proven {
    /// When, and how that went.
    pub(crate) proof: BackupProof,
    /// The moment that the backup holds.
    pub(crate) of: Timestamp,
}

impl Guard {
    /// Of this tenant, as far as the caller may see; nothing for whoever may see none.
    pub(crate) async fn of(app: &App, caller: &Caller, t: &Tenant, limit: usize) -> Answer<Option<Self>> {
        if caller.reach(Action::ReadBackups).is_err() {
            return Ok(None);
        }
        let query = BackupQuery {
            subdomain: Some(t.subdomain.clone()),
            limit: Some(NEWEST),
            ..BackupQuery::default()
        };
        let whole = BackupQuery {
            subdomain: Some(t.subdomain.clone()),
            state: Some(BackupState::Kept.to_string()),
            limit: Some(NEWEST),
            ..BackupQuery::default()
        };
        let name: Subdomain = t
            .subdomain
            .parse()
            .map_err(|_| ControlError::NotFound("tenant"))?;
        let (found, mut whole, schedule, links, stores) = tokio::try_join!(
            app.control.backups(caller, &query),
            app.control.backups(caller, &whole),
            app.control.backup_schedule(caller, &name),
            app.control
                .downloads(caller, Some(&t.subdomain), Some(NEWEST_LINKS)),
            store_names(app, caller),
        )?;
        let mut newest = told_backups(found);
        // Another tenant may have had the name before.
        newest.retain(|one| one.tenant == t.id);
        whole.retain(|one| one.tenant == t.id);
        let point = Point::of(&whole);
        let proven = Proven::of(newest.iter().chain(&whole));
        newest.retain(|one| one.state != "forgotten");
        newest.truncate(limit);
        Ok(Some(Self {
            newest,
            point,
            proven,
            schedule,
            links: links
                .into_iter()
                .filter(|link| is_shown(link, t))
                .take(LINKS)
                .collect(),
            stores,
        }))
    }

    /// What the dialog of its schedule needs to know.
    pub(crate) fn schedule_values(&self, t: &Tenant) -> String {
        let BackupSchedule {
            every_hours,
            opens_hour,
        } = self.schedule.own;
        json!({ "subdomain": t.subdomain, "company": t.company_name, "every_hours": every_hours, "opens_hour": opens_hour })
            .to_string()
    }
}

impl Point {
    fn of(whole: &[BackupView]) -> Option<Self> {
        let latest = whole.iter().max_by_key(|one| one.moment())?;
        let content = latest.content.as_ref();
        Some(Self {
            at: latest.moment(),
            files_missing: content.map_or(0, |content| content.files_missing),
        })
    }
}

impl Proven {
    /// The one that this was done with last.
    fn of<'a>(backups: impl Iterator<Item = &'a BackupView>) -> Option<Self> {
        let restored = backups.filter_map(|one| {
            let proof = one.proof.clone().filter(|proof| proof.restored)?;
            let of = one.moment();
            Some(Self { proof, of })
        });
        restored.max_by_key(|proven| proven.proof.at)
    }
}

async fn store_names(app: &App, caller: &Caller) -> Result<Vec<String>, ControlError> {
    if caller.require(Action::ReadBackupStores).is_err() {
        return Ok(Vec::new());
    }
    let stores = app.control.backup_stores(caller).await?;
    Ok(stores.into_iter().map(|store| store.name).collect())
}

/// Whether a page of this tenant shows the link: while it works, or once somebody came with it.
fn is_shown(link: &DownloadView, t: &Tenant) -> bool {
    let works = matches!(link.state.as_str(), "preparing" | "ready");
    link.tenant == t.id && (works || !link.fetches.is_empty())
}
