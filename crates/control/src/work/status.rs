//! Looking at what is done regularly, and having it done now.

use crate::{Caller, Control, ControlError};
use domain::Action;
use operations::Description;
use store::{AuditEntry, ScheduleRecord, Signal};

/// Something regular: what the program says of it, and how it stands.
#[derive(Clone, Debug)]
pub struct Regular {
    /// What it keeps true, in English and in Spanish.
    pub keeps: [&'static str; 2],
    /// How it stands.
    pub record: ScheduleRecord,
}

impl Control {
    /// What is done regularly, by name; nothing that this version does not know.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn regular_work(&self, caller: &Caller) -> Result<Vec<Regular>, ControlError> {
        caller.require(Action::ReadWork)?;
        let records = self.store.on_behalf_of(caller.actor()).schedules().await?;
        let known = |record: ScheduleRecord| {
            let description = self.description(&record.name)?;
            Some(Regular {
                keeps: description.keeps,
                record,
            })
        };
        Ok(records.into_iter().filter_map(known).collect())
    }

    fn description(&self, name: &str) -> Option<&Description> {
        self.registry.regulars().iter().find(|one| one.name == name)
    }

    /// Has something regular done now. While it is under way it is not done twice.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn run_regular(&self, caller: &Caller, name: &str) -> Result<Regular, ControlError> {
        caller.require(Action::RunWork)?;
        let description = self.description(name).ok_or(ControlError::NotFound("schedule"))?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        if !unit.set_next_run(description.name, now).await? {
            return Err(ControlError::NotFound("schedule"));
        }
        unit.audit(AuditEntry {
            at: now,
            action: Action::RunWork.as_str(),
            subject: description.name,
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({}),
        })
        .await?;
        unit.signal(Signal::Jobs).await?;
        unit.commit().await?;
        let all = self.store.on_behalf_of(caller.actor()).schedules().await?;
        let record = all.into_iter().find(|record| record.name == name);
        record
            .map(|record| Regular {
                keeps: description.keeps,
                record,
            })
            .ok_or(ControlError::NotFound("schedule"))
    }
}
