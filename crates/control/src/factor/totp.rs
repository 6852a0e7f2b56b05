//! Codes of an app: set up with a picture, confirmed with a code, taken away again.

use super::code::{Code, totp};
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Method, Rule, Secret, SignedIn};
use fast_qr::QRBuilder;
use fast_qr::convert::{Builder as _, svg::SvgBuilder};
use serde_json::json;
use store::{EndReason, RecoveryStanding, Unit};
use totp_rs::Secret as Shared;
use wire::Plaintext;
use wire::factor::{CodeAgain, CodeGiven, TotpSetup};

impl Control {
    /// Begins a set-up of codes, in the place of one that nobody confirmed. It counts once a code has confirmed it.
    ///
    /// # Errors
    /// [`ConflictReason::FactorThere`]; [`ControlError::StepUpRequired`]; [`ControlError::Forbidden`] for keys, and in a
    /// session that an organization's provider opened.
    pub async fn begin_totp(&self, caller: &Caller) -> Result<TotpSetup, ControlError> {
        let own = self.own_factors(caller).await?;
        let secret = Secret::new(self.world.bytes::<20>());
        let id = self.world.uuid();
        let plain = Secret::new(hex::encode(secret.expose()));
        let sealed = self
            .server_key
            .seal(plain.expose(), &super::sealed_for(id), self.world.bytes())?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let person = unit.lock_person(own.person).await?;
        let person = person.ok_or(ControlError::Unauthenticated)?;
        if !unit.begin_totp(person.id, id, &sealed, self.world.now()).await? {
            return Err(ControlError::Conflict(ConflictReason::FactorThere));
        }
        let backup_codes = self
            .make_recovery_codes(&mut unit, person.id, RecoveryStanding::Pending)
            .await?;
        let detail = json!({ "kind": Method::Totp });
        self.note(&mut unit, caller, "factor.begin", &person.id.to_string(), detail)
            .await?;
        unit.commit().await?;
        let uri = totp(secret.expose(), person.email.as_str())?
            .to_url()
            .map_err(ControlError::internal)?;
        Ok(TotpSetup {
            message: String::new(),
            secret: Plaintext::new(Shared::from(*secret.expose()).to_base32()),
            qr_code: Plaintext::new(picture(&uri)?),
            otpauth_uri: Plaintext::new(uri),
            backup_codes,
        })
    }

    /// Confirms a set-up with a code of it. From then on a second factor is asked for, and every other session ends.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `code`; [`ConflictReason::FactorThere`] when it was confirmed before;
    /// [`ConflictReason::FactorMissing`] when none was begun.
    pub async fn confirm_totp(
        &self,
        caller: &Caller,
        client: &Client,
        request: &CodeGiven,
    ) -> Result<(), ControlError> {
        let own = self.own_factors(caller).await?;
        let code = request.code.as_ref();
        let code = code.ok_or_else(|| ControlError::field("code", Rule::Required))?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.lock_person(own.person).await?;
        let record = match unit.lock_totp(own.person).await? {
            Some(record) if record.confirmed_at.is_none() => record,
            Some(_) => return Err(ControlError::Conflict(ConflictReason::FactorThere)),
            None => return Err(ControlError::Conflict(ConflictReason::FactorMissing)),
        };
        let step = match Code::of(code.expose()) {
            Code::App(digits) => self.step_of(&record, digits.expose())?,
            Code::Recovery(_) | Code::Neither => None,
        };
        let Some(step) = step else {
            drop(unit);
            self.note_factor(client, own.person, "wrong").await?;
            return Err(ControlError::field("code", Rule::WrongCode));
        };
        if !unit.confirm_totp(record.id, step, now).await? {
            return Err(ControlError::Conflict(ConflictReason::FactorThere));
        }
        unit.activate_recovery_codes(own.person).await?;
        self.added(&mut unit, caller, own, (Method::Totp, None)).await?;
        Ok(unit.commit().await?)
    }

    /// Takes the codes away: with a code, or with a proof that is not long ago.
    ///
    /// # Errors
    /// [`ConflictReason::FactorWanted`] for the last factor of somebody of whom one is wanted;
    /// [`ConflictReason::FactorMissing`]; [`ControlError::Invalid`] for a wrong code.
    pub async fn remove_totp(
        &self,
        caller: &Caller,
        client: &Client,
        request: &CodeAgain,
    ) -> Result<(), ControlError> {
        let own = self.whole_account(caller).await?;
        let (mut unit, person) = self.unit_of_proof(caller, client, request).await?;
        if !unit.remove_totp(person).await? {
            return Err(ControlError::Conflict(ConflictReason::FactorMissing));
        }
        self.removed(&mut unit, caller, own, (Method::Totp, None)).await?;
        Ok(unit.commit().await?)
    }

    /// What goes with a factor that was added: this session has shown it, every other one ends.
    pub(super) async fn added(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        own: &SignedIn,
        (method, name): (Method, Option<&str>),
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        unit.void_challenges(own.person).await?;
        let ended = unit
            .end_sessions(own.person, Some(own.session), EndReason::Factor, now)
            .await?;
        if !unit.session_proved(own.person, own.session, method, now).await? {
            return Err(ControlError::Unauthenticated);
        }
        let detail = json!({ "kind": method, "name": name, "sessions_ended": ended });
        self.note(unit, caller, "factor.add", &own.person.to_string(), detail)
            .await
    }

    /// What goes with a factor that was taken away: whether one has to stay, and that recovery codes go with the last.
    pub(super) async fn removed(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        own: &SignedIn,
        (method, name): (Method, Option<&str>),
    ) -> Result<(), ControlError> {
        let left = unit.factors(own.person).await?;
        if !left.any() {
            if self.wanted(own.staff, left) {
                return Err(ControlError::Conflict(ConflictReason::FactorWanted));
            }
            unit.remove_recovery_codes(own.person).await?;
        }
        unit.void_challenges(own.person).await?;
        let detail = json!({ "kind": method, "name": name });
        self.note(unit, caller, "factor.remove", &own.person.to_string(), detail)
            .await
    }
}

/// A picture for an app to read, as a `data:` address.
fn picture(uri: &str) -> Result<String, ControlError> {
    let code = QRBuilder::new(uri).build();
    let code = code.map_err(|error| ControlError::internal(std::io::Error::other(format!("{error:?}"))))?;
    let picture = SvgBuilder::default().margin(4).to_str(&code);
    Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(picture)))
}
