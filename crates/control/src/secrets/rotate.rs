//! Exchanging keys: the server's own, the one that secrets are sealed with, and on demand what it had sealed.

use crate::sealing::ServerKey;
use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::CommandId;
use jiff::SignedDuration;
use std::collections::HashSet;
use store::{AuditEntry, DataKeyRecord, SealedPlace, SealedValue, Signal, Unit};

/// For how long a retired key is kept although nothing names it: a replica may just be using it.
const AFTERGLOW: SignedDuration = SignedDuration::from_hours(1);

/// Whether what was sealed before is sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reencrypt {
    /// It stays as it is; the keys that it names are kept.
    Leave,
    /// All of it, with the new key.
    All,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Keys that a former server's key had sealed, and that this one seals now.
    pub rewrapped: usize,
    /// Secrets that were sealed anew.
    pub resealed: usize,
    /// Keys that nothing needed any more.
    pub forgotten: usize,
    /// Secrets that a server's key itself seals, as it was before there were keys in the database.
    pub direct: usize,
    /// Secrets that no key at hand opens; they stay as they are.
    pub unreadable: usize,
}

impl Control {
    /// Takes a new key into use, and brings everything under the server's own key.
    ///
    /// # Errors
    /// As for [`Control::open_keys`]; nothing has changed then.
    pub async fn rotate_keys(&self, caller: &Caller, reencrypt: Reencrypt) -> Result<Rotation, ControlError> {
        caller.require(Action::ChangeSettings)?;
        let rotated = self.exchange(caller, reencrypt).await;
        // What was not committed must not stay in hand.
        self.open_keys().await?;
        rotated
    }

    async fn exchange(&self, caller: &Caller, reencrypt: Reencrypt) -> Result<Rotation, ControlError> {
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let records = unit.lock_data_keys().await?;
        let mut rotation = Rotation {
            rewrapped: self.rewrap(&mut unit, &records).await?,
            ..Rotation::default()
        };
        self.make_key(&mut unit).await?;
        let records = unit.lock_data_keys().await?;
        self.server_key.hold(self.ring(&records)?);
        let mut values = unit.lock_sealed_values().await?;
        if reencrypt == Reencrypt::All {
            for value in &mut values {
                match self.reseal(&mut unit, value).await {
                    Ok(sealed) => {
                        value.sealed = sealed;
                        rotation.resealed += 1;
                    }
                    Err(ControlError::Internal(_)) => rotation.unreadable += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        let named: HashSet<_> = values
            .iter()
            .filter_map(|value| ServerKey::name_in(&value.sealed))
            .collect();
        let known: HashSet<_> = records.iter().map(|record| record.id.into_bytes()).collect();
        rotation.direct = values
            .iter()
            .filter(|value| ServerKey::name_in(&value.sealed).is_none_or(|name| !known.contains(&name)))
            .count();
        for record in &records {
            let long_retired = record.retired_at.is_some_and(|at| at + AFTERGLOW <= now);
            if long_retired && !named.contains(record.id.as_bytes()) {
                unit.delete_data_key(record.id).await?;
                rotation.forgotten += 1;
            }
        }
        self.note_rotation(&mut unit, caller, rotation).await?;
        unit.commit().await?;
        Ok(rotation)
    }

    /// Seals with the server's key what a former one had sealed.
    async fn rewrap(&self, unit: &mut Unit, records: &[DataKeyRecord]) -> Result<usize, ControlError> {
        let own = self.server_key.name();
        let mut rewrapped = 0;
        for record in records.iter().filter(|record| record.wrapped_by != own) {
            let name = record.id.into_bytes();
            let key = self
                .server_key
                .unwrap(&name, &record.sealed, &record.wrapped_by)?;
            let wrapped = self.server_key.wrap(&name, key.expose(), self.world.bytes())?;
            unit.rewrap_data_key(record.id, &wrapped, &own).await?;
            rewrapped += 1;
        }
        Ok(rewrapped)
    }

    async fn reseal(&self, unit: &mut Unit, value: &SealedValue) -> Result<Vec<u8>, ControlError> {
        let context = match value.place {
            SealedPlace::AuditKey => crate::audit::sealed_for(value.row),
            SealedPlace::BackupKey => crate::backup::key_sealed_for(value.row),
            SealedPlace::BackupStore => crate::backup::store_sealed_for(value.row),
            SealedPlace::Order => CommandId::from_uuid(value.row).to_string(),
            SealedPlace::Totp => crate::factor::sealed_for(value.row),
            SealedPlace::ServerIdentity => crate::node::server_identity::SEALED_FOR.to_owned(),
            SealedPlace::SigningKey => crate::token::sealed_for(value.row),
            SealedPlace::Provider => crate::sso::sealed_for(value.row),
        };
        let plain = domain::Secret::new(self.server_key.open(&value.sealed, &context)?);
        let sealed = self
            .server_key
            .seal(plain.expose(), &context, self.world.bytes())?;
        unit.reseal(value, &sealed).await?;
        Ok(sealed)
    }

    async fn note_rotation(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        rotation: Rotation,
    ) -> Result<(), ControlError> {
        unit.audit(AuditEntry {
            at: self.world.now(),
            action: "secrets.rotate",
            subject: "data_key",
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({
                "rewrapped": rotation.rewrapped,
                "resealed": rotation.resealed,
                "forgotten": rotation.forgotten,
                "direct": rotation.direct,
                "unreadable": rotation.unreadable,
            }),
        })
        .await?;
        Ok(unit.signal(Signal::Settings).await?)
    }
}
