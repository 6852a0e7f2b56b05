//! Who asked for something, by the names that people know them under.

use crate::{Control, ControlError};
use domain::Reach;
use std::collections::BTreeMap;
use store::Actor;

impl Control {
    /// The names of those of these actors who are persons or keys: a person without one is called by their address. Customers are not
    /// told who of the staff it was.
    pub(crate) async fn names<'a>(
        &self,
        reach: &Reach,
        actors: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, String>, ControlError> {
        let mut actors: Vec<&str> = actors.into_iter().collect();
        actors.sort_unstable();
        actors.dedup();
        let is_staff = reach.seen().is_everything();
        let known = self.store.on_behalf_of(Actor::System).askers(&actors).await?;
        let told = known.into_iter().filter(|one| is_staff || !one.is_staff);
        Ok(told
            .map(|one| match one.name.is_empty() {
                true => (one.actor, one.email.unwrap_or_default()),
                false => (one.actor, one.name),
            })
            .collect())
    }
}
