//! What was refused is written down, too.

use crate::{Client, Control, ControlError};
use serde_json::json;
use store::{Actor, AuditEntry, Behalf};

impl Control {
    /// Writes down that a request was refused, at most once a minute for each actor, route and reason.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn note_refusal(
        &self,
        actor: Option<Behalf>,
        client: &Client,
        route: &str,
        because: &str,
    ) -> Result<(), ControlError> {
        let network = client.network();
        let subject = match actor {
            Some(_) => route.to_owned(),
            // Whoever cannot be told apart by name is told apart by address.
            None => format!("{route} {network}"),
        };
        let scoped = self
            .store
            .on_behalf_of(actor.unwrap_or_else(|| Actor::Nobody.into()));
        Ok(scoped
            .audit_refusal(AuditEntry {
                at: self.world.now(),
                action: &format!("refused.{because}"),
                subject: &subject,
                operation: None,
                request_id: client.request_id.as_deref(),
                detail: json!({ "address": network }),
            })
            .await?)
    }
}
