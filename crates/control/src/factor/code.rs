//! Codes that somebody types: six digits of an app, or one of their recovery codes.

use super::recovery;
use crate::person::sign_in::Attempt;
use crate::{Caller, Client, Control, ControlError};
use domain::{Method, PersonId, Rule, Secret};
use jiff::SignedDuration;
use serde_json::json;
use store::{Actor, AuditEntry, TotpRecord, Unit};
use totp_rs::{Builder, Totp};
use wire::Plaintext;

/// Wrong codes of six digits that are let through for each person: of a million, three are right at a time.
const MOST_WRONG: i64 = 10;
/// Within what.
const WRONG_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Longest code that is looked at, in characters.
pub(crate) const LONGEST: usize = 64;

/// A code, as what it can be.
#[derive(Debug)]
pub(crate) enum Code {
    /// Of an app.
    App(Secret<String>),
    /// Of the sheet of paper.
    Recovery(Secret<String>),
    /// Neither.
    Neither,
}

impl Code {
    /// Tells what a text is. Spaces and hyphens are for the eye.
    pub(crate) fn of(text: &str) -> Self {
        if text.chars().count() > LONGEST {
            return Self::Neither;
        }
        let bare = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let bare = bare.collect::<String>().to_ascii_lowercase();
        match bare.len() {
            6 if bare.bytes().all(|byte| byte.is_ascii_digit()) => Self::App(Secret::new(bare)),
            recovery::LENGTH if bare.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Self::Recovery(Secret::new(bare))
            }
            _ => Self::Neither,
        }
    }
}

/// Why a second factor is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactorFault {
    /// It is not right, or not any more.
    Wrong,
    /// It was, once.
    Replayed,
    /// A passkey's counter went back: there may be a copy of it.
    Counter,
}

impl FactorFault {
    /// The word for the audit trail.
    pub(super) const fn because(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Replayed => "replayed",
            Self::Counter => "counter",
        }
    }
}

/// The codes of a secret (RFC 6238): SHA-1, six digits, 30 s, one step of grace to either side.
pub(super) fn totp(secret: &[u8], account: &str) -> Result<Totp, ControlError> {
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some("Tenantry"))
        .with_account_name(account)
        .build()
        .map_err(ControlError::internal)
}

impl Control {
    /// The time step whose code this is, of a set-up's codes.
    pub(super) fn step_of(&self, record: &TotpRecord, digits: &str) -> Result<Option<i64>, ControlError> {
        let sealed_for = super::sealed_for(record.id);
        let secret = Secret::new(self.server_key.open(&record.sealed, &sealed_for)?);
        let secret = Secret::new(hex::decode(secret.expose()).map_err(ControlError::internal)?);
        let now = u64::try_from(self.world.now().as_second()).unwrap_or_default();
        let step = totp(secret.expose(), "")?.check(digits, now);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// Uses a code up, within a unit that the caller commits only if it was good.
    pub(crate) async fn use_code(
        &self,
        unit: &mut Unit,
        person: PersonId,
        code: &Code,
    ) -> Result<Result<Method, FactorFault>, ControlError> {
        match code {
            Code::App(digits) => {
                let record = unit.lock_totp(person).await?;
                let Some(record) = record.filter(|record| record.confirmed_at.is_some()) else {
                    return Ok(Err(FactorFault::Wrong));
                };
                let Some(step) = self.step_of(&record, digits.expose())? else {
                    return Ok(Err(FactorFault::Wrong));
                };
                match unit.use_totp_step(record.id, step).await? {
                    true => Ok(Ok(Method::Totp)),
                    false => Ok(Err(FactorFault::Replayed)),
                }
            }
            Code::Recovery(text) => {
                let hash = recovery::hash(person, text.expose());
                match unit.use_recovery_code(person, &hash, self.world.now()).await? {
                    true => Ok(Ok(Method::Recovery)),
                    false => Ok(Err(FactorFault::Wrong)),
                }
            }
            Code::Neither => Ok(Err(FactorFault::Wrong)),
        }
    }

    /// Counts a try of six digits and refuses it when too many were wrong. Recovery codes are too long to be guessed, and
    /// stay the way in when somebody else used up the tries.
    pub(crate) async fn limit_codes(
        &self,
        client: &Client,
        attempt: &Attempt,
        person: PersonId,
        code: &Code,
    ) -> Result<(), ControlError> {
        if !matches!(code, Code::App(_)) {
            return Ok(());
        }
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::System);
        // This one is among them.
        let wrong = scoped
            .attempt_by_code(attempt.id, person, now - WRONG_WITHIN, MOST_WRONG + 1)
            .await?;
        if wrong.count <= MOST_WRONG {
            return Ok(());
        }
        scoped.forget_attempt(attempt.id).await?;
        self.note_factor(client, person, "limit").await?;
        let oldest = wrong.oldest_that_counts.unwrap_or(now);
        let wait = (oldest + WRONG_WITHIN).duration_since(now).as_secs();
        let retry_after = u64::try_from(wait).unwrap_or(0) + 1;
        Err(ControlError::Limited { retry_after })
    }

    /// Takes a code of somebody who is signed in. It is used up once the caller commits the unit that this begins.
    pub(super) async fn take_code(
        &self,
        caller: &Caller,
        client: &Client,
        code: &Plaintext,
    ) -> Result<(Unit, Method), ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let person = scoped
            .person(own.person)
            .await?
            .ok_or(ControlError::Unauthenticated)?;
        let code = Code::of(code.expose());
        // Whoever sits down at an open browser does not get to try codes for ever.
        let attempt = self.begin_attempt(client, person.email.as_str()).await?;
        scoped.attempt_was_on(attempt.id, Some(person.id)).await?;
        self.limit_codes(client, &attempt, person.id, &code).await?;
        let mut unit = scoped.begin().await?;
        unit.lock_person(person.id).await?;
        match self.use_code(&mut unit, person.id, &code).await? {
            Ok(method) => {
                unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
                    .await?;
                Ok((unit, method))
            }
            Err(fault) => {
                drop(unit);
                self.note_factor(client, person.id, fault.because()).await?;
                Err(ControlError::field("code", Rule::WrongCode))
            }
        }
    }

    /// Writes down that a second factor was refused in a sign-in, and gives the answer.
    pub(crate) async fn refuse_factor(
        &self,
        client: &Client,
        person: PersonId,
        fault: FactorFault,
    ) -> Result<ControlError, ControlError> {
        self.note_factor(client, person, fault.because()).await?;
        Ok(ControlError::BadFactor)
    }

    /// Writes down that a second factor was refused, and why.
    pub(super) async fn note_factor(
        &self,
        client: &Client,
        person: PersonId,
        because: &str,
    ) -> Result<(), ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Nobody);
        Ok(scoped
            .audit_refusal(AuditEntry {
                at: self.world.now(),
                action: "factor.refused",
                subject: &person.to_string(),
                operation: None,
                request_id: client.request_id.as_deref(),
                detail: json!({ "because": because, "address": client.network() }),
            })
            .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_length_whatever_it_is_spaced_with() {
        assert!(matches!(Code::of("123 456"), Code::App(digits) if digits.expose() == "123456"));
        let sheet = "AB12C-34de5-678f9-01234";
        assert!(matches!(Code::of(sheet), Code::Recovery(text) if text.expose() == "ab12c34de5678f901234"));
        for other in [
            "",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "١٢٣٤٥٦",
            &"1".repeat(65),
        ] {
            assert!(matches!(Code::of(other), Code::Neither), "{other}");
        }
    }

    #[test]
    fn codes_are_those_of_the_standard() -> Result<(), ControlError> {
        // RFC 6238, appendix B, of eight digits of which the last six are ours.
        let codes = totp(b"12345678901234567890", "")?;
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(codes.check(code, time), Some(time / 30));
            assert_eq!(codes.check(code, time + 60), None);
        }
        Ok(())
    }
}
