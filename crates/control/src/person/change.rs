//! Changing what a person is, and shutting somebody out.

use super::list::PersonRef;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, Role, Rule, StaffRole};
use serde_json::json;
use store::EndReason;
use wire::person::{Person, UpdatePerson};

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Active,
    Disabled,
}

impl Control {
    /// Gives a person another role, or shuts them out: their sessions and links end at once.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for somebody or a role above the caller; [`ConflictReason::LastOwner`].
    pub async fn update_person(
        &self,
        caller: &Caller,
        who: &PersonRef,
        request: &UpdatePerson,
    ) -> Result<Person, ControlError> {
        caller.require(Action::ChangePerson)?;
        let mut errors = FieldErrors::default();
        let role: Option<StaffRole> = errors.optional("role", request.role.as_deref());
        let standing = match request.state.as_deref() {
            None => None,
            Some("active") => Some(Standing::Active),
            Some("disabled") => Some(Standing::Disabled),
            Some(_) => {
                let allowed = "active, disabled".to_owned();
                errors.push("state", Rule::OneOf { allowed });
                None
            }
        };
        if errors.is_empty() && role.is_none() && standing.is_none() {
            errors.push("body", Rule::Nothing);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let found = self.person_below(caller, who).await?;
        let own = caller.principal.role_over(None);
        if role.is_some_and(|role| !own.is_some_and(|own| own.covers(Role::Staff(role)))) {
            return Err(ControlError::Forbidden);
        }
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let owners = unit.lock_owners().await?;
        let before = unit
            .lock_person(found.id)
            .await?
            .ok_or(ControlError::NotFound("person"))?;
        // Looked at again under the lock: they may have risen in between.
        if before.staff != found.staff {
            return Err(ControlError::Forbidden);
        }
        let goes = standing == Some(Standing::Disabled) || role.is_some_and(|role| role != StaffRole::Owner);
        if goes && owners == [before.id] {
            return Err(ControlError::Conflict(ConflictReason::LastOwner));
        }
        if let Some(role) = role {
            unit.set_staff_role(before.id, Some(role)).await?;
        }
        match standing {
            Some(Standing::Disabled) => {
                unit.set_disabled(before.id, Some(now)).await?;
                unit.end_sessions(before.id, None, EndReason::Disabled, now)
                    .await?;
                unit.void_person_links(before.id, now).await?;
                unit.void_challenges(before.id).await?;
                unit.void_links_made_by(before.id, now).await?;
            }
            Some(Standing::Active) => unit.set_disabled(before.id, None).await?,
            None => {}
        }
        let detail = json!({
            "person": before.id,
            "before": { "role": before.staff, "disabled": before.disabled_at.is_some() },
            "after": { "role": role, "state": request.state },
        });
        self.note(&mut unit, caller, "person.change", before.email.as_str(), detail)
            .await?;
        unit.commit().await?;
        self.show_person(caller, &PersonRef::Id(before.id)).await
    }
}
