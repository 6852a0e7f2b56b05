//! What is sold: plans and products, written by the operator. What tenants have is not removed, but closed to new ones.

mod plan;
mod product;

use crate::{Caller, Control, ControlError};
use domain::{FieldErrors, PersonName, Rule};
use serde_json::Value;
use store::{TenantCount, Unit};

/// Largest number for a place in lists.
const LAST_POSITION: i64 = 10_000;

/// Two checked numbers, or the rule on `field`.
fn within(errors: &mut FieldErrors, field: &str, number: Option<i64>, max: i64) -> Option<i64> {
    let number = number?;
    if (0..=max).contains(&number) {
        return Some(number);
    }
    errors.push(field, Rule::Range { min: 0, max });
    None
}

fn position(errors: &mut FieldErrors, wanted: Option<i64>) -> Option<i32> {
    let position = within(errors, "position", wanted, LAST_POSITION)?;
    i32::try_from(position).ok()
}

/// A name for people: of another plan or product it may be, of another spelling of nothing.
fn display_name(errors: &mut FieldErrors, text: Option<&str>) -> Option<String> {
    let name: Option<PersonName> = errors.optional("display_name", text);
    name.map(|name| name.to_string())
}

/// The name of what is removed must be repeated.
fn check_confirmed(name: &str, confirm: Option<&str>) -> Result<(), ControlError> {
    match confirm {
        None => Err(ControlError::field("confirm", Rule::Required)),
        Some(typed) if typed == name => Ok(()),
        Some(_) => Err(ControlError::field("confirm", Rule::Confirmation)),
    }
}

/// How many tenants that are not deleted fit.
fn there(counts: &[TenantCount], fits: impl Fn(&TenantCount) -> bool) -> i64 {
    let fitting = counts.iter().filter(|one| one.state != "deleted" && fits(one));
    fitting.map(|one| one.count).sum()
}

impl Control {
    /// Ends a change: its audit entry is written, and the unit committed.
    async fn note_sold(
        &self,
        mut unit: Unit,
        caller: &Caller,
        (action, name): (&str, &str),
        detail: Value,
    ) -> Result<(), ControlError> {
        self.note(&mut unit, caller, action, name, detail).await?;
        Ok(unit.commit().await?)
    }
}
