//! Plans: listed, added, changed, removed.

use super::{check_confirmed, display_name, position, there, within};
use crate::backup::{said, told_schedule};
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, PlanName, Rule};
use serde_json::{Value, json};
use store::PlanRecord;
use wire::backups::BackupSchedule;
use wire::catalogue::{CreatePlan, Plan, UpdatePlan};

const MOST_USERS: i64 = 1_000_000;
/// A pebibyte.
const MOST_BYTES: i64 = 1 << 50;

/// The limits of a plan as they were said, checked.
struct Limits {
    users: Option<i64>,
    bytes: Option<i64>,
}

impl Limits {
    fn of(errors: &mut FieldErrors, users: Option<i64>, bytes: Option<i64>) -> Self {
        Self {
            users: within(errors, "max_users", users, MOST_USERS),
            bytes: within(errors, "max_storage_bytes", bytes, MOST_BYTES),
        }
    }

    /// How many users there may be, where there might be so many before.
    fn users(&self, before: Option<i32>) -> Option<i32> {
        match self.users {
            None => before,
            Some(0) => None,
            Some(users) => i32::try_from(users).ok(),
        }
    }

    /// How much may be held, where it was so much before.
    const fn bytes(&self, before: Option<i64>) -> Option<i64> {
        match self.bytes {
            None => before,
            Some(0) => None,
            Some(bytes) => Some(bytes),
        }
    }
}

impl Control {
    /// The plans, in their order.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn plans(&self, caller: &Caller) -> Result<Vec<Plan>, ControlError> {
        caller.require(Action::ReadCatalogue)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let (counts, plans) = tokio::try_join!(scoped.tenant_counts(), scoped.plans())?;
        let seen = plans.into_iter().map(|plan| {
            let tenants = there(&counts, |one| one.plan == plan.name);
            view(plan, tenants)
        });
        seen.collect()
    }

    async fn plan_called(&self, caller: &Caller, name: &PlanName) -> Result<Plan, ControlError> {
        let plans = self.plans(caller).await?;
        let found = plans.into_iter().find(|plan| plan.name == name.as_str());
        found.ok_or(ControlError::NotFound("plan"))
    }

    /// Adds a plan.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ConflictReason::PlanNameTaken`].
    pub async fn create_plan(&self, caller: &Caller, request: &CreatePlan) -> Result<Plan, ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        let mut errors = FieldErrors::default();
        let name: Option<PlanName> = errors.required("name", request.name.as_deref());
        let shown = display_name(&mut errors, request.display_name.as_deref());
        if request.display_name.is_none() {
            errors.push("display_name", Rule::Required);
        }
        let limits = Limits::of(&mut errors, request.max_users, request.max_storage_bytes);
        let place = position(&mut errors, request.position);
        let (Some(name), Some(display_name), true) = (name, shown, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        let last = scoped.plans().await?.last().map_or(0, |plan| plan.position);
        let plan = PlanRecord {
            name: name.to_string(),
            display_name,
            max_users: limits.users(None),
            max_storage_bytes: limits.bytes(None),
            position: place.unwrap_or_else(|| last.saturating_add(1)),
            is_offered: request.is_offered.unwrap_or(true),
            backup_every_hours: None,
            backup_opens_hour: None,
        };
        let mut unit = scoped.begin().await?;
        unit.insert_plan(&plan).await?;
        let detail = json!({ "after": told(&plan) });
        self.note_sold(unit, caller, ("plan.create", name.as_str()), detail)
            .await?;
        self.plan_called(caller, &name).await
    }

    /// Changes a plan. Tenants have its limits from then on.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn update_plan(
        &self,
        caller: &Caller,
        name: &PlanName,
        request: &UpdatePlan,
    ) -> Result<Plan, ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        let mut errors = FieldErrors::default();
        let shown = display_name(&mut errors, request.display_name.as_deref());
        let limits = Limits::of(&mut errors, request.max_users, request.max_storage_bytes);
        let place = position(&mut errors, request.position);
        let said = [
            request.display_name.is_some(),
            request.max_users.is_some(),
            request.max_storage_bytes.is_some(),
            request.position.is_some(),
            request.is_offered.is_some(),
        ];
        if !said.contains(&true) {
            errors.push("body", Rule::Nothing);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_plan(name)
            .await?
            .ok_or(ControlError::NotFound("plan"))?;
        let after = PlanRecord {
            display_name: shown.unwrap_or_else(|| before.display_name.clone()),
            max_users: limits.users(before.max_users),
            max_storage_bytes: limits.bytes(before.max_storage_bytes),
            position: place.unwrap_or(before.position),
            is_offered: request.is_offered.unwrap_or(before.is_offered),
            ..before.clone()
        };
        unit.update_plan(&after).await?;
        let detail = json!({ "before": told(&before), "after": told(&after) });
        self.note_sold(unit, caller, ("plan.update", name.as_str()), detail)
            .await?;
        self.plan_called(caller, name).await
    }

    /// Says when the tenants of a plan are backed up; what is not said is as the settings say.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn set_plan_backups(
        &self,
        caller: &Caller,
        name: &PlanName,
        request: &BackupSchedule,
    ) -> Result<Plan, ControlError> {
        caller.require(Action::PlanBackups)?;
        let wanted = said(request)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_plan(name)
            .await?
            .ok_or(ControlError::NotFound("plan"))?;
        let was = told_schedule(before.backup_schedule()?);
        unit.update_plan(&before.with_backup_schedule(wanted)).await?;
        let detail = json!({ "before": was, "after": told_schedule(wanted) });
        self.note_sold(unit, caller, ("plan.backups", name.as_str()), detail)
            .await?;
        self.plan_called(caller, name).await
    }

    /// Removes a plan that no tenant is on, not even a deleted one that can come back.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Invalid`] on `confirm`; [`ConflictReason::SoldInUse`].
    pub async fn remove_plan(
        &self,
        caller: &Caller,
        name: &PlanName,
        confirm: Option<&str>,
    ) -> Result<(), ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        check_confirmed(name.as_str(), confirm)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_plan(name)
            .await?
            .ok_or(ControlError::NotFound("plan"))?;
        match unit.tenants_on_plan(name).await? {
            0 => unit.delete_plan(name).await?,
            tenants => return Err(ControlError::Conflict(ConflictReason::SoldInUse(tenants))),
        }
        let detail = json!({ "before": told(&before) });
        self.note_sold(unit, caller, ("plan.remove", name.as_str()), detail)
            .await
    }
}

fn view(plan: PlanRecord, tenants: i64) -> Result<Plan, ControlError> {
    Ok(Plan {
        backup_schedule: told_schedule(plan.backup_schedule()?),
        name: plan.name,
        display_name: plan.display_name,
        max_users: plan.max_users.map(i64::from),
        max_storage_bytes: plan.max_storage_bytes,
        position: i64::from(plan.position),
        is_offered: plan.is_offered,
        tenants,
    })
}

fn told(plan: &PlanRecord) -> Value {
    json!({ "display_name": plan.display_name, "max_users": plan.max_users, "max_storage_bytes": plan.max_storage_bytes,
        "position": plan.position, "is_offered": plan.is_offered })
}
