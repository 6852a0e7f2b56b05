//! Retention: whole days that have ended lose their entries; their signed heads stay, and who dropped them is said.

use crate::{Control, ControlError};
use domain::chain;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde_json::json;
use store::{Actor, AuditEntry};
use wire::audit::day_of;

/// How many days are dropped in one transaction.
const AT_ONCE: usize = 31;

impl Control {
    /// Drops the days that are older than the setting allows; gives how many.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn drop_old_audit_days(&self) -> Result<usize, ControlError> {
        let kept = i64::from(self.live().audit_days);
        if kept == 0 {
            return Ok(0);
        }
        let now = self.world.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let before = today.checked_sub(kept.days()).map_err(ControlError::internal)?;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        if !unit.try_hold_chain().await? {
            return Ok(0);
        }
        let mut due = unit.droppable_audit_days(before).await?;
        due.truncate(AT_ONCE);
        let (Some(first), Some(last)) = (due.first(), due.last()) else {
            return Ok(0);
        };
        let subject = format!("{} to {}", first.day, last.day);
        let key = self.audit_key(&mut unit).await?;
        let mut heads = Vec::new();
        for record in &due {
            let Some((entries, hash, _)) = &record.head else {
                continue;
            };
            let day = day_of(record.day);
            let statement = chain::drop_statement(&day, *entries, *hash, &now.to_string());
            let signature = key.sign(statement.as_bytes());
            unit.drop_audit_day(record.day, now, signature.as_ref()).await?;
            heads.push(json!({ "day": day.text, "entries": entries, "last": hash.to_string() }));
        }
        unit.audit(AuditEntry {
            at: now,
            action: "audit.drop",
            subject: &subject,
            operation: None,
            request_id: None,
            detail: json!({ "days": heads, "kept_days": kept }),
        })
        .await?;
        unit.commit().await?;
        Ok(due.len())
    }
}
