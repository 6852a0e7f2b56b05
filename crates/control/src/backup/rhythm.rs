//! When a tenant is backed up by the clock: as it is said for the tenant, for its plan, and for the whole installation.

use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::backup::Rhythm;
use domain::{Action, BackupSchedule, FieldErrors, Rule, ScheduleSource, Subdomain};
use jiff::{SignedDuration, Timestamp};
use store::{BackupDue, FreshRule};
use wire::backups::{BackupSchedule as Said, BackupScheduleView};

/// A tenant that has just come to be has nothing to lose yet.
const GROWN: SignedDuration = SignedDuration::from_hours(1);
/// A backup is not fresh any more two days after it was taken, where none are taken by the clock.
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);

/// What was said, checked.
///
/// # Errors
/// [`ControlError::Invalid`].
pub(crate) fn said(request: &Said) -> Result<BackupSchedule, ControlError> {
    let mut errors = FieldErrors::default();
    let mut within = |field, number: Option<i64>, max| {
        let number = number?;
        if !(0..=max).contains(&number) {
            errors.push(field, Rule::Range { min: 0, max });
        }
        Some(number)
    };
    let every = within("every_hours", request.every_hours, BackupSchedule::MOST_HOURS);
    let opens = within("opens_hour", request.opens_hour, BackupSchedule::LAST_HOUR);
    if !errors.is_empty() {
        return Err(ControlError::fields(errors));
    }
    Ok(BackupSchedule {
        every_hours: every.and_then(|hours| u16::try_from(hours).ok()),
        opens_hour: opens.and_then(|hour| u8::try_from(hour).ok()),
    })
}

pub(crate) fn told_schedule(schedule: BackupSchedule) -> Said {
    Said {
        every_hours: schedule.every_hours.map(i64::from),
        opens_hour: schedule.opens_hour.map(i64::from),
    }
}

impl Control {
    /// When a tenant is backed up by the clock, and who says so.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn backup_schedule(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<BackupScheduleView, ControlError> {
        let reach = caller.reach(Action::ReadBackups)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let tenant = within(&reach, scoped.tenant(&reach, &name.database()).await?)?;
        let (own, of_plan) = scoped.backup_schedules(tenant.id).await?;
        let schedule = own.or(of_plan).or(self.usual_schedule());
        let now = self.world.now();
        let mut next: Option<i64> = None;
        for store in scoped
            .backup_stores()
            .await?
            .iter()
            .filter(|one| one.is_scheduled)
        {
            for due in scoped.backups_due(store.id, (now, now), Some(tenant.id)).await? {
                let at = self.next_backup_of(&due, now);
                next = [next, at].into_iter().flatten().min();
            }
        }
        let source = match (own.every_hours, of_plan.every_hours) {
            (Some(_), _) => ScheduleSource::Tenant,
            (None, Some(_)) => ScheduleSource::Plan,
            (None, None) => ScheduleSource::Installation,
        };
        Ok(BackupScheduleView {
            every_hours: schedule.every_hours.map_or(0, i64::from),
            opens_hour: schedule.opens_hour.map_or(0, i64::from),
            window_hours: i64::from(self.live().backup_window),
            decided_by: source.to_string(),
            own: told_schedule(own),
            next_at: next.and_then(|second| Timestamp::from_second(second).ok()),
        })
    }

    /// Says when a tenant is backed up by the clock; what is not said is as its plan says.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn set_backup_schedule(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &Said,
    ) -> Result<BackupScheduleView, ControlError> {
        let reach = caller.reach(Action::ScheduleBackups)?;
        let wanted = said(request)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = within(&reach, unit.lock_tenant(&reach, &name.database()).await?)?;
        let before = unit
            .set_backup_schedule(tenant.id, wanted, self.world.now())
            .await?;
        let detail = serde_json::json!({ "before": told_schedule(before), "after": told_schedule(wanted) });
        let action = Action::ScheduleBackups.as_str();
        self.note(&mut unit, caller, action, tenant.subdomain.as_str(), detail)
            .await?;
        unit.commit().await?;
        self.backup_schedule(caller, name).await
    }

    /// When tenants are backed up of which neither they nor their plan says it.
    fn usual_schedule(&self) -> BackupSchedule {
        let live = self.live();
        BackupSchedule {
            every_hours: u16::try_from(live.backup_hours).ok(),
            opens_hour: u8::try_from(live.backup_opens).ok(),
        }
    }

    /// When backups of whoever says this are taken by the clock; nothing if none are.
    fn rhythm(&self, said: BackupSchedule) -> Option<Rhythm> {
        let schedule = said.or(self.usual_schedule());
        let hours = schedule.every_hours.filter(|hours| *hours > 0)?;
        Some(Rhythm {
            period: i64::from(hours) * 3600,
            opens: schedule.opens_hour.map_or(0, i64::from) * 3600,
            window: i64::from(self.live().backup_window) * 3600,
        })
    }

    /// When the next backup of a tenant is due, in seconds of the Unix epoch; nothing if none are taken by the clock.
    pub(crate) fn next_backup_of(&self, due: &BackupDue, now: Timestamp) -> Option<i64> {
        let grown = due.created_at + GROWN;
        let last = due.begun_at.map_or(grown, |begun| begun.max(grown));
        let rhythm = self.rhythm(due.schedule)?;
        Some(rhythm.next(number_of(due.tenant.uuid()), last.as_second(), now.as_second()))
    }

    /// How old the newest backup of a tenant may be that says nothing of it, nor its plan: a period and a half.
    pub(crate) fn late(&self) -> SignedDuration {
        match self.rhythm(BackupSchedule::default()) {
            None => TWO_DAYS,
            Some(rhythm) => SignedDuration::from_secs(rhythm.period + rhythm.period / 2),
        }
    }

    /// Which backups are fresh now.
    pub(crate) fn fresh_rule(&self) -> FreshRule {
        FreshRule {
            now: self.world.now(),
            usual: self.late().as_secs_f64(),
        }
    }
}

/// A number that is spread evenly. Identities begin with the time; their end is random.
fn number_of(id: uuid::Uuid) -> u64 {
    let (_, low) = id.as_u64_pair();
    low
}
