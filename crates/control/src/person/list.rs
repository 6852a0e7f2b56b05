//! Looking at the staff, and finding one of them.

use super::view::{invitation_view, person_view};
use crate::{Caller, Control, ControlError};
use domain::{Action, EmailAddress, PersonId, Role, Rule};
use std::str::FromStr;
use store::PersonRecord;
use wire::person::{Person, PersonList};

/// A person, by identifier or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonRef {
    /// By identifier.
    Id(PersonId),
    /// By what they sign in with.
    Email(EmailAddress),
}

impl FromStr for PersonRef {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        if text.contains('@') {
            text.parse().map(Self::Email)
        } else {
            text.parse().map(Self::Id)
        }
    }
}

impl Control {
    /// The staff, and who is invited into it.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn people(&self, caller: &Caller) -> Result<PersonList, ControlError> {
        caller.require(Action::ReadPeople)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let invitations = scoped.open_invitations(None, self.world.now()).await?;
        Ok(PersonList {
            items: scoped.staff().await?.into_iter().map(person_view).collect(),
            invitations: invitations.into_iter().map(invitation_view).collect(),
        })
    }

    /// One person, of the staff or a customer.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn show_person(&self, caller: &Caller, who: &PersonRef) -> Result<Person, ControlError> {
        caller.require(Action::ReadPeople)?;
        Ok(person_view(self.find_person(caller, who).await?))
    }

    async fn find_person(&self, caller: &Caller, who: &PersonRef) -> Result<PersonRecord, ControlError> {
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = match who {
            PersonRef::Id(id) => scoped.person(*id).await?,
            PersonRef::Email(email) => scoped.person_by_email(email).await?,
        };
        found.ok_or(ControlError::NotFound("person"))
    }

    /// A person who does not stand above the caller.
    pub(crate) async fn person_below(
        &self,
        caller: &Caller,
        who: &PersonRef,
    ) -> Result<PersonRecord, ControlError> {
        let person = self.find_person(caller, who).await?;
        let own = caller.principal.role_over(None);
        let other = person.staff.map(Role::Staff);
        match own {
            Some(own) if other.is_none_or(|other| own.covers(other)) => Ok(person),
            _ => Err(ControlError::Forbidden),
        }
    }
}
