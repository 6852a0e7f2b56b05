//! Who asks, and how the request can be told from its repetition.

use crate::error::ControlError;
use domain::{Action, Guarded, Principal, Reach, Rule, SignedIn};
use std::net::IpAddr;
use store::Behalf;

/// Who asks for something, as far as use cases need to know.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// The request, for the audit trail.
    pub request_id: Option<String>,
    /// What makes a repeated request the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Caller {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            principal: Principal::System,
            request_id: None,
            idempotency_key: None,
        }
    }

    /// The holder of a one-time link.
    pub(crate) fn link(request_id: Option<String>) -> Self {
        Self {
            principal: Principal::Link,
            request_id,
            idempotency_key: None,
        }
    }

    /// Who and in which role, for what is written down.
    pub fn actor(&self) -> Behalf {
        Behalf::from(&self.principal)
    }

    /// Whether the caller may do this to what belongs to no tenant.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] when not; [`ControlError::FactorRequired`] and [`ControlError::StepUpRequired`].
    pub fn require(&self, action: Action) -> Result<(), ControlError> {
        self.check_enrolled()?;
        if !self.principal.may_everywhere(action) {
            return Err(ControlError::Forbidden);
        }
        self.check_fresh(Guarded::of(action))
    }

    /// Refuses whoever has to set up a second factor before they do anything else.
    fn check_enrolled(&self) -> Result<(), ControlError> {
        match self.principal.must_enrol() {
            true => Err(ControlError::FactorRequired),
            false => Ok(()),
        }
    }

    /// Refuses a person who proved who they are too long ago for something of the table of `domain::step_up`.
    pub(crate) fn check_fresh(&self, guarded: Option<Guarded>) -> Result<(), ControlError> {
        match &self.principal {
            Principal::Person(person) if self.principal.must_step_up(guarded) => {
                Err(ControlError::StepUpRequired(person.assurance.serving.clone()))
            }
            _ => Ok(()),
        }
    }

    /// With which tenants the caller may do this. The store gives tenants for nothing else.
    ///
    /// # Errors
    /// As [`Caller::require`].
    pub fn reach(&self, action: Action) -> Result<Reach, ControlError> {
        self.check_enrolled()?;
        let reach = self.principal.reach(action).ok_or(ControlError::Forbidden)?;
        self.check_fresh(Guarded::of(action))?;
        Ok(reach)
    }

    /// The person who signed in, for what only a person has: sessions, a password.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys; [`ControlError::FactorRequired`].
    pub(crate) fn person(&self) -> Result<&SignedIn, ControlError> {
        self.check_enrolled()?;
        self.own_account()
    }

    /// The same for the little that is allowed before a second factor is set up, where one is wanted: setting it up,
    /// seeing who one is, proving it anew, going.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub(crate) fn own_account(&self) -> Result<&SignedIn, ControlError> {
        match &self.principal {
            Principal::Person(person) => Ok(person),
            Principal::Key(_) | Principal::Link | Principal::System => Err(ControlError::Forbidden),
        }
    }
}

/// From where a request comes, for limits and for what people are shown of their own sign-ins.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address, as far as trusted proxies can be believed.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request.
    pub request_id: Option<String>,
}

/// Longest name of a client that is kept, in characters.
const LONGEST_USER_AGENT: usize = 200;

impl Client {
    /// The address as limits are counted by it. Of IPv6 that is the network, which one customer of a provider has.
    pub(crate) fn network(&self) -> String {
        match self.address {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => address.to_string(),
                None => {
                    let [a, b, c, d, ..] = address.segments();
                    format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
                }
            },
        }
    }

    /// What it calls itself, short and without control characters.
    pub(crate) fn agent(&self) -> Option<String> {
        let agent = self.user_agent.as_deref()?;
        let readable = agent.chars().filter(|c| !c.is_control());
        Some(readable.take(LONGEST_USER_AGENT).collect())
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
