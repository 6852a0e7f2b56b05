//! How somebody proved who they are, as their session remembers it.

use crate::{Client, Control, ControlError};
use domain::{Method, PersonId, ProviderId};
use oidc::Identity;
use serde_json::{Value, json};
use store::{Actor, AuditEntry};

/// What a session begins with.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The methods, in words.
    pub(crate) methods: Vec<String>,
    /// The identity provider that vouched, and its own session.
    pub(crate) provider: Option<(ProviderId, Option<String>)>,
    /// How strongly the provider says that it looked.
    strength: Option<String>,
}

impl Proof {
    /// One of our own methods.
    pub(crate) fn of(method: &str) -> Self {
        Self {
            methods: vec![method.to_owned()],
            provider: None,
            strength: None,
        }
    }

    /// Our own methods, in the order in which they were shown.
    pub(crate) fn own(methods: &[Method]) -> Self {
        Self {
            methods: methods.iter().map(ToString::to_string).collect(),
            provider: None,
            strength: None,
        }
    }

    /// A provider's word: `sso`, and what it says of how it looked as `sso:…`, which is never taken for a method of ours.
    pub(crate) fn provider(provider: ProviderId, identity: &Identity) -> Self {
        let own = identity.methods.iter().map(|word| format!("sso:{word}"));
        Self {
            methods: std::iter::once("sso".to_owned()).chain(own).collect(),
            provider: Some((provider, identity.session.clone())),
            strength: identity.strength.clone(),
        }
    }

    /// What the audit trail is told.
    pub(crate) fn told(&self, address: Option<&str>) -> Value {
        let method = self.methods.first();
        match &self.provider {
            None if self.methods.len() > 1 => {
                json!({ "method": method, "methods": self.methods, "address": address })
            }
            None => json!({ "method": method, "address": address }),
            Some((provider, _)) => json!({ "method": method, "methods": self.methods, "address": address,
                "provider": provider, "acr": self.strength }),
        }
    }
}

impl Control {
    /// Refuses a password that is right where an identity provider is enforced in its place. Whoever is told so had the
    /// password, so that nobody learns from it who has an account.
    pub(crate) async fn check_password_opens(
        &self,
        client: &Client,
        person: PersonId,
    ) -> Result<(), ControlError> {
        if !self
            .store
            .on_behalf_of(Actor::System)
            .password_is_barred(person)
            .await?
        {
            return Ok(());
        }
        let scoped = self.store.on_behalf_of(Actor::Nobody);
        scoped
            .audit_refusal(AuditEntry {
                at: self.world.now(),
                action: "session.refused",
                subject: &person.to_string(),
                operation: None,
                request_id: client.request_id.as_deref(),
                detail: json!({ "because": "sso-enforced", "address": client.network() }),
            })
            .await?;
        Err(ControlError::PasswordBarred)
    }
}
