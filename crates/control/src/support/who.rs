//! Who stands behind a request: nobody approves their own, and no key of the staff's speaks for a customer.

use crate::{Caller, Control, ControlError};
use domain::{Principal, Role};

impl Control {
    /// The person behind the caller: the person who signed in, or who made the key. A key that nobody made is itself.
    pub(crate) async fn behind(&self, caller: &Caller) -> Result<String, ControlError> {
        let actor = caller.actor();
        let Principal::Key(key) = &caller.principal else {
            return Ok(actor.to_string());
        };
        let scoped = self.store.on_behalf_of(actor.clone());
        let person = scoped.person_behind_key(key.key).await?;
        Ok(person.unwrap_or_else(|| actor.to_string()))
    }

    /// Makes sure that the caller is a customer's own: no staff, and no key that staff made.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] otherwise, also where nobody knows who made a key.
    pub(crate) async fn require_customer(&self, caller: &Caller) -> Result<(), ControlError> {
        let own = match &caller.principal {
            Principal::Person(person) => person.staff.is_none(),
            Principal::Key(key) => {
                let scoped = self.store.on_behalf_of(caller.actor());
                match (key.role, scoped.person_behind_key(key.key).await?) {
                    (Role::Organization(_), Some(person)) => !scoped.is_staff(&person).await?,
                    _ => false,
                }
            }
            Principal::Link | Principal::System => false,
        };
        match own {
            true => Ok(()),
            false => Err(ControlError::Forbidden),
        }
    }
}
