//! Who asks, and how the request can be told from its repetition.

use crate::error::ControlError;
use domain::{Rule, access::Intent, access::Scope};
use store::Actor;

/// Who asks for something, as far as use cases need to know.
#[derive(Clone, Debug)]
pub struct Caller {
    /// On whose behalf.
    pub actor: Actor,
    /// What they may do.
    pub scope: Scope,
    /// The request, for the audit trail.
    pub request_id: Option<String>,
    /// What makes a repeated request the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Caller {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            actor: Actor::System,
            scope: Scope::Full,
            request_id: None,
            idempotency_key: None,
        }
    }

    /// Whether the caller may do this.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] when not.
    pub fn require(&self, intent: Intent) -> Result<(), ControlError> {
        if self.scope.allows(intent) {
            Ok(())
        } else {
            Err(ControlError::Forbidden)
        }
    }
}

/// The value of an `Idempotency-Key` header: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        if !(1..=128).contains(&text.len()) {
            return Err(Rule::Length { min: 1, max: 128 });
        }
        let visible = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if visible {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::Characters { allowed: "ASCII" })
        }
    }
}
