//! Why somebody does not get in with a provider.

use crate::{Client, Control, ControlError};
use domain::ProviderId;
use oidc::Fault;
use serde_json::json;
use store::{Actor, AuditEntry};

/// Why a sign-in with a provider was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOnRefusal {
    /// Nobody began it, or it is over.
    State,
    /// It was finished before.
    Replayed,
    /// Another browser began it.
    Browser,
    /// The answer is another provider's.
    Mixed,
    /// The person or the provider broke it off.
    Denied,
    /// The provider does not work, or what it gave proves nothing.
    Provider(Fault),
    /// The provider does not vouch for an e-mail address.
    Unverified,
    /// It may not speak for the address's domain.
    Domain,
    /// Nobody has an account, and newcomers are not taken.
    Unknown,
    /// An account is there that only its person may join with the provider.
    Confirm,
    /// The account or the identity belongs together with another one already.
    Taken,
    /// The account does not belong where the provider speaks.
    Outside,
    /// The person is shut out.
    Disabled,
    /// The session may not add a provider: it is too old, or a provider's own.
    Session,
}

impl SignOnRefusal {
    /// A stable word for the audit trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Replayed => "replayed",
            Self::Browser => "browser",
            Self::Mixed => "mixed",
            Self::Denied => "denied",
            Self::Provider(fault) => fault.word(),
            Self::Unverified => "unverified",
            Self::Domain => "domain",
            Self::Unknown => "unknown",
            Self::Confirm => "confirm",
            Self::Taken => "taken",
            Self::Outside => "outside",
            Self::Disabled => "disabled",
            Self::Session => "session",
        }
    }
}

impl From<SignOnRefusal> for ControlError {
    fn from(refusal: SignOnRefusal) -> Self {
        Self::SignOn(refusal)
    }
}

impl From<Fault> for ControlError {
    fn from(fault: Fault) -> Self {
        Self::SignOn(SignOnRefusal::Provider(fault))
    }
}

impl Control {
    /// Writes down a refusal, and passes it on.
    pub(crate) async fn refused<T>(
        &self,
        client: &Client,
        provider: ProviderId,
        answer: Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        if let Err(ControlError::SignOn(refusal)) = &answer {
            let network = client.network();
            let scoped = self.store.on_behalf_of(Actor::Nobody);
            scoped
                .audit_refusal(AuditEntry {
                    at: self.world.now(),
                    action: "refused.sso",
                    // With the word, because the same refusal is written down once a minute.
                    subject: &format!("{provider} {network} {}", refusal.word()),
                    operation: None,
                    request_id: client.request_id.as_deref(),
                    detail: json!({ "because": refusal.word(), "provider": provider }),
                })
                .await?;
        }
        answer
    }
}
