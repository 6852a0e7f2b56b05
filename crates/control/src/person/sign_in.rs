//! Signing in with address and password.
//!
//! Every answer but success is the same and takes as long: whether somebody has the address is not to be learned here.

pub(crate) use super::proof::Proof;
use crate::factor::code::{Code, LONGEST as LONGEST_CODE};
use crate::factor::second_step::SecondStepAsked;
use crate::token::Tokens;
use crate::{Client, Control, ControlError};
use domain::{
    Duty, EmailAddress, FieldErrors, Method, PersonId, Rule, Secret, SessionId, StaffRole, Subdomain,
};
use jiff::SignedDuration;
use serde_json::json;
use store::{Actor, AuditEntry, NewAttempt, NewSession, PersonRecord, Unit};
use uuid::Uuid;
use wire::person::SignIn;

/// How long somebody stays signed in, however busy they are.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a refresh token waits for its use.
pub(crate) const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What every refresh token begins with.
pub(crate) const REFRESH_PREFIX: &str = "tnr_";

/// Failures that are let through: on an account from an address, from an address on any account, and on an account from
/// anywhere; the last is high, so that nobody locks out somebody else by being wrong on purpose.
pub(crate) const LIMITS: [Limit; 3] = [
    Limit {
        of: Counted::Pair,
        most: 5,
        within: SignedDuration::from_mins(15),
    },
    Limit {
        of: Counted::Address,
        most: 30,
        within: SignedDuration::from_mins(15),
    },
    Limit {
        of: Counted::Account,
        most: 100,
        within: SignedDuration::from_hours(1),
    },
];

/// How many failures are let through.
pub(crate) struct Limit {
    pub(crate) of: Counted,
    pub(crate) most: i64,
    pub(crate) within: SignedDuration,
}

/// Whose failures are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Pair,
    Address,
    Account,
}

/// As what somebody wants to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// As one of the staff.
    Staff,
    /// As a member of an organization.
    Customer,
}

/// A request to sign in whose fields are all there.
#[derive(Debug)]
pub struct Credentials {
    email: String,
    password: Secret<String>,
    code: Option<Code>,
    side: Option<Side>,
}

/// What a sign-in came to.
#[derive(Debug)]
pub enum SignInCame {
    /// Somebody is signed in.
    Done(SignInDone),
    /// The password is right, and a second factor is wanted.
    Asked(SecondStepAsked),
}

/// Somebody signed in.
#[derive(Debug)]
pub struct SignInDone {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub side: Side,
    /// Whether a second factor has to be set up before anything else is allowed.
    pub duty: Duty,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Credentials {
    /// Reads a request.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for fields that are missing or no role.
    pub fn of(request: &SignIn) -> Result<Self, ControlError> {
        let mut errors = FieldErrors::default();
        let email = errors.keep("email", given(request.email.as_deref(), 254));
        let password = request.password.as_ref().map(|password| password.expose());
        let password = errors.keep("password", given(password, domain::password::LONGEST));
        let code = request.totp_code.as_ref().map(|code| code.expose());
        let code = code.map(|code| given(Some(code), LONGEST_CODE)).transpose();
        let code = errors.keep("totp_code", code).flatten();
        let side = match request.role.as_deref() {
            None => None,
            Some("admin") => Some(Side::Staff),
            Some("tenant") => Some(Side::Customer),
            Some(_) => {
                let allowed = "admin, tenant".to_owned();
                errors.push("role", Rule::OneOf { allowed });
                None
            }
        };
        match (email, password) {
            (Some(email), Some(password)) if errors.is_empty() => Ok(Self {
                email: whole(email.trim()),
                password: Secret::new(password),
                code: code.map(|code| Code::of(&code)),
                side,
            }),
            _ => Err(ControlError::fields(errors)),
        }
    }

    /// The password alone, for somebody who is known.
    pub(crate) fn password(
        field: &str,
        password: Option<&wire::Plaintext>,
    ) -> Result<Secret<String>, ControlError> {
        let text = password.map(|password| password.expose());
        let text = given(text, domain::password::LONGEST).map_err(|rule| ControlError::field(field, rule))?;
        Ok(Secret::new(text))
    }
}

/// The address of an account. Whoever registered and whose address nobody has confirmed signs in by the address of their
/// workspace alone (ADR 0033).
fn whole(typed: &str) -> String {
    match typed.to_lowercase().parse::<Subdomain>() {
        Ok(workspace) => EmailAddress::unconfirmed(&workspace).to_string(),
        Err(_) => typed.to_owned(),
    }
}

fn given(text: Option<&str>, max: usize) -> Result<String, Rule> {
    let text = text.ok_or(Rule::Required)?;
    if (1..=max).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(Rule::Length { min: 1, max })
    }
}

impl Control {
    /// Signs somebody in. A new session is made in any case: no token that was there before becomes worth more by it.
    ///
    /// # Errors
    /// [`ControlError::BadCredentials`]; [`ControlError::BadFactor`] for a wrong code with the right password;
    /// [`ControlError::Limited`] after too many failures, whatever the password.
    pub async fn sign_in(&self, client: &Client, wanted: Credentials) -> Result<SignInCame, ControlError> {
        let attempt = self.begin_attempt(client, &wanted.email).await?;
        let scoped = self.store.on_behalf_of(Actor::System);
        let found = match wanted.email.parse::<EmailAddress>() {
            Ok(email) => scoped.person_by_email(&email).await?,
            Err(_) => None,
        };
        scoped
            .attempt_was_on(attempt.id, found.as_ref().map(|person| person.id))
            .await?;
        let hash = found.as_ref().and_then(|person| person.password_hash.clone());
        let fits = self.passwords.fits(wanted.password, hash).await?;
        let person = found
            .as_ref()
            .filter(|person| fits && person.disabled_at.is_none());
        let side = match person {
            Some(person) => side(person, wanted.side),
            None => None,
        };
        let (Some(person), Some(side)) = (person, side) else {
            let known = found.map(|person| person.id);
            self.note_refused_sign_in(client, known, "credentials").await?;
            return Err(ControlError::BadCredentials);
        };
        self.check_password_opens(client, person.id).await?;
        if let Some(code) = &wanted.code {
            self.limit_codes(client, &attempt, person.id, code).await?;
        }
        self.ready_to_sign().await?;
        let mut unit = self.store.on_behalf_of(Actor::Person(person.id)).begin().await?;
        // Between the look and now the password may have been changed, or the person shut out.
        let still = unit.lock_person(person.id).await?;
        let same =
            |now: &PersonRecord| now.password_hash == person.password_hash && now.disabled_at.is_none();
        if !still.as_ref().is_some_and(same) {
            return Err(ControlError::BadCredentials);
        }
        let mut methods = vec![Method::Password];
        match (unit.factors(person.id).await?.any(), wanted.code) {
            (false, _) => {}
            (true, None) => {
                let asked = self
                    .ask_second_step(&mut unit, client, (person.id, side), &attempt)
                    .await?;
                unit.commit().await?;
                return Ok(SignInCame::Asked(asked));
            }
            (true, Some(code)) => match self.use_code(&mut unit, person.id, &code).await? {
                Ok(method) => methods.push(method),
                Err(fault) => {
                    drop(unit);
                    return Err(self.refuse_factor(client, person.id, fault).await?);
                }
            },
        }
        let done = self
            .admit(&mut unit, client, (person, side), &methods, &attempt)
            .await?;
        unit.commit().await?;
        Ok(SignInCame::Done(done))
    }

    /// Ends an attempt well: its session begins, within a unit that the caller commits.
    pub(crate) async fn admit(
        &self,
        unit: &mut Unit,
        client: &Client,
        (person, side): (&PersonRecord, Side),
        methods: &[Method],
        attempt: &Attempt,
    ) -> Result<SignInDone, ControlError> {
        unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
            .await?;
        let tokens = self
            .begin_session_with(unit, client, person.id, &Proof::own(methods))
            .await?;
        let factors = unit.factors(person.id).await?;
        Ok(SignInDone {
            person: person.id,
            side,
            duty: self.duty(person.staff, factors),
            tokens,
        })
    }

    /// Begins a session and gives its first tokens, within a unit that the caller commits.
    pub(crate) async fn begin_session(
        &self,
        unit: &mut Unit,
        client: &Client,
        person: PersonId,
        method: &str,
    ) -> Result<Tokens, ControlError> {
        self.begin_session_with(unit, client, person, &Proof::of(method))
            .await
    }

    /// The one place where sessions begin, however somebody proved who they are.
    pub(crate) async fn begin_session_with(
        &self,
        unit: &mut Unit,
        client: &Client,
        person: PersonId,
        proof: &Proof,
    ) -> Result<Tokens, ControlError> {
        let session = SessionId::from_uuid(self.world.uuid());
        let now = self.world.now();
        let address = client.address.map(|address| address.to_string());
        unit.insert_session(NewSession {
            id: session,
            person,
            methods: &proof.methods,
            address: address.as_deref(),
            user_agent: client.agent().as_deref(),
            now,
            expires_at: now + SESSION_LIFE,
        })
        .await?;
        if let Some((provider, provider_session)) = &proof.provider {
            unit.session_opened_by(session, *provider, provider_session.as_deref())
                .await?;
        }
        unit.audit(AuditEntry {
            at: now,
            action: "session.begin",
            subject: &session.to_string(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: proof.told(address.as_deref()),
        })
        .await?;
        self.give_tokens(unit, person, session, now + SESSION_LIFE).await
    }

    /// New tokens of a session, within a unit that the caller commits.
    pub(crate) async fn give_tokens(
        &self,
        unit: &mut Unit,
        person: PersonId,
        session: SessionId,
        session_expires_at: jiff::Timestamp,
    ) -> Result<Tokens, ControlError> {
        let now = self.world.now();
        let refresh = format!("{REFRESH_PREFIX}{}", hex::encode(self.world.bytes::<32>()));
        let expires_at = session_expires_at.min(now + REFRESH_LIFE);
        let hash = crate::sealing::token_hash(&refresh);
        unit.insert_refresh_token(&hash, session, now, expires_at).await?;
        Ok(Tokens {
            access: self.access_token(person, session).await?,
            refresh: wire::Plaintext::new(refresh),
            refresh_expires_in: expires_at.duration_since(now).as_secs(),
            csrf: self.csrf_token(session),
        })
    }

    /// Counts an attempt and refuses it when there were too many. It is written down before it is counted, so that of a
    /// thousand at once no more are let through than of a thousand one after the other.
    pub(crate) async fn begin_attempt(
        &self,
        client: &Client,
        account: &str,
    ) -> Result<Attempt, ControlError> {
        let attempt = Attempt {
            id: self.world.uuid(),
            account: self.server_key.keyed_hash("account", &account.to_lowercase()),
            network: client.network(),
        };
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::System);
        scoped
            .insert_attempt(NewAttempt {
                id: attempt.id,
                at: now,
                account: &attempt.account,
                address: &attempt.network,
                user_agent: client.agent().as_deref(),
            })
            .await?;
        let mut wait: Option<u64> = None;
        for limit in &LIMITS {
            let account = (limit.of != Counted::Address).then_some(attempt.account.as_slice());
            let network = (limit.of != Counted::Account).then_some(attempt.network.as_str());
            // This attempt is among them.
            let failures = scoped
                .failures(account, network, now - limit.within, limit.most + 1)
                .await?;
            if failures.count > limit.most {
                let frees = failures
                    .oldest_that_counts
                    .map_or(limit.within, |at| (at + limit.within).duration_since(now));
                wait = wait.max(Some(u64::try_from(frees.as_secs()).unwrap_or(0) + 1));
            }
        }
        let Some(retry_after) = wait else {
            return Ok(attempt);
        };
        scoped.forget_attempt(attempt.id).await?;
        self.note_refused_sign_in(client, None, "limit").await?;
        Err(ControlError::Limited { retry_after })
    }

    async fn note_refused_sign_in(
        &self,
        client: &Client,
        person: Option<PersonId>,
        why: &str,
    ) -> Result<(), ControlError> {
        let network = client.network();
        // Nobody signed in, so the actor is nobody; whose account it was is the subject, where that is known.
        let subject = person.map_or_else(|| network.clone(), |person| person.to_string());
        let scoped = self.store.on_behalf_of(Actor::Nobody);
        Ok(scoped
            .audit_refusal(AuditEntry {
                at: self.world.now(),
                action: "session.refused",
                subject: &subject,
                operation: None,
                request_id: client.request_id.as_deref(),
                detail: json!({ "because": why, "address": network }),
            })
            .await?)
    }

    /// Whether attempts from this address are refused now, whatever the account.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn sign_in_limit(
        &self,
        client: &Client,
    ) -> Result<wire::person::RateLimitStatus, ControlError> {
        let [pair, address, _] = &LIMITS;
        let since = self.world.now() - address.within;
        let scoped = self.store.on_behalf_of(Actor::System);
        let failures = scoped
            .failures(None, Some(&client.network()), since, address.most)
            .await?;
        Ok(wire::person::RateLimitStatus {
            blocked: failures.count >= address.most,
            max_requests: pair.most,
            window_seconds: pair.within.as_secs(),
        })
    }
}

/// An attempt that may be looked at.
pub(crate) struct Attempt {
    pub(crate) id: Uuid,
    pub(crate) account: Vec<u8>,
    pub(crate) network: String,
}

/// As what somebody of this role signs in, if nothing else was asked for.
pub(crate) const fn own_side(staff: Option<StaffRole>) -> Side {
    match staff {
        Some(_) => Side::Staff,
        None => Side::Customer,
    }
}

/// As what the person signs in: as what they want, if they are it.
fn side(person: &PersonRecord, wanted: Option<Side>) -> Option<Side> {
    let own = own_side(person.staff);
    wanted.is_none_or(|wanted| wanted == own).then_some(own)
}

/// As what somebody of this role signs in.
pub(crate) const fn word(staff: Option<StaffRole>) -> &'static str {
    match staff {
        Some(_) => "admin",
        None => "tenant",
    }
}
