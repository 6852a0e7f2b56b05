//! WebAuthn, as the library does it, for the panel's address.

use super::code::FactorFault;
use crate::{ConflictReason, Control, ControlError};
use domain::PasskeyId;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use store::PasskeyRecord;
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PublicKeyCredential,
    WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// What a passkey signed well.
pub(super) struct Signed {
    /// Which.
    pub(super) passkey: PasskeyId,
    /// What is known of it from now on.
    pub(super) credential: Value,
    /// How often it signed, if it counts.
    pub(super) counter: u32,
}

impl Control {
    /// The relying party: the panel's host name, to which browsers bind every passkey.
    pub(super) fn webauthn(&self) -> Result<Webauthn, ControlError> {
        let unavailable = || ControlError::Conflict(ConflictReason::PasskeysUnavailable);
        let panel = Url::parse(&self.settings.panel).map_err(|_| unavailable())?;
        let host = panel.domain().ok_or_else(unavailable)?;
        let life = Duration::try_from(super::CHALLENGE_LIFE).map_err(ControlError::internal)?;
        let builder = WebauthnBuilder::new(host, &panel).map_err(|_| unavailable())?;
        builder
            .rp_name("Tenantry")
            .timeout(life)
            .build()
            .map_err(|_| unavailable())
    }

    /// What a passkey of these is to sign, and what is kept of it until it did.
    pub(super) fn ask_passkeys(&self, passkeys: &[PasskeyRecord]) -> Result<(Value, Value), ControlError> {
        let known: Vec<Passkey> = passkeys.iter().map(read).collect::<Result<_, _>>()?;
        let asked = self.webauthn()?.start_passkey_authentication(&known);
        let (options, state) = asked.map_err(ControlError::internal)?;
        Ok((written(&options.public_key)?, written(&state)?))
    }

    /// Checks what a passkey of these signed.
    pub(super) fn check_signed(
        &self,
        state: Value,
        answer: &Value,
        passkeys: &[PasskeyRecord],
    ) -> Result<Result<Signed, FactorFault>, ControlError> {
        let state: PasskeyAuthentication = serde_json::from_value(state).map_err(ControlError::internal)?;
        let Some(answer) = answered(answer) else {
            return Ok(Err(FactorFault::Wrong));
        };
        match self.webauthn()?.finish_passkey_authentication(&answer, &state) {
            Ok(result) => signed(&result, passkeys),
            Err(error) => Ok(Err(fault(&error))),
        }
    }

    /// The same for a passkey that said itself whose it is.
    pub(super) fn check_discovered(
        &self,
        state: Value,
        answer: &PublicKeyCredential,
        passkeys: &[PasskeyRecord],
    ) -> Result<Result<Signed, FactorFault>, ControlError> {
        let state: DiscoverableAuthentication =
            serde_json::from_value(state).map_err(ControlError::internal)?;
        let known: Vec<Passkey> = passkeys.iter().map(read).collect::<Result<_, _>>()?;
        let wanted = answer.get_credential_id();
        let Some(known) = known.iter().find(|known| known.cred_id().as_slice() == wanted) else {
            return Ok(Err(FactorFault::Wrong));
        };
        let webauthn = self.webauthn()?;
        match webauthn.finish_discoverable_authentication_v2(answer, state, known) {
            Ok(result) => signed(&result, passkeys),
            Err(error) => Ok(Err(fault(&error))),
        }
    }
}

/// What a browser gave, if it is an answer at all.
pub(super) fn answered(answer: &Value) -> Option<PublicKeyCredential> {
    serde_json::from_value(answer.clone()).ok()
}

/// A passkey as the library knows it.
pub(super) fn read(record: &PasskeyRecord) -> Result<Passkey, ControlError> {
    serde_json::from_value(record.credential.clone()).map_err(ControlError::internal)
}

/// Something of the library's as it is kept.
pub(super) fn written(value: &impl Serialize) -> Result<Value, ControlError> {
    serde_json::to_value(value).map_err(ControlError::internal)
}

fn fault(error: &WebauthnError) -> FactorFault {
    match error {
        WebauthnError::CredentialPossibleCompromise => FactorFault::Counter,
        _ => FactorFault::Wrong,
    }
}

fn signed(
    result: &AuthenticationResult,
    passkeys: &[PasskeyRecord],
) -> Result<Result<Signed, FactorFault>, ControlError> {
    // A passkey that did not look at who holds it shows no more than a thing.
    if !result.user_verified() {
        return Ok(Err(FactorFault::Wrong));
    }
    for record in passkeys {
        let mut passkey = read(record)?;
        if passkey.update_credential(result).is_some() {
            return Ok(Ok(Signed {
                passkey: record.id,
                credential: written(&passkey)?,
                counter: result.counter(),
            }));
        }
    }
    Ok(Err(FactorFault::Wrong))
}
