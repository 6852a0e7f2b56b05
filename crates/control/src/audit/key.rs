//! The keys that sign the chain: made when there is none that can be opened, kept for ever.

use crate::{Caller, Control, ControlError};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use domain::{Action, Secret};
use serde_json::json;
use store::{AuditEntry, AuditKeyRecord, Unit};
use uuid::Uuid;
use wire::audit::AuditKeyView;

/// For what the private half of this key is sealed.
pub(crate) fn sealed_for(id: Uuid) -> String {
    format!("audit-key:{}", id.simple())
}

/// Whether one of these public keys signed the statement.
pub(super) fn signed(keys: &[Vec<u8>], statement: &str, signature: &[u8]) -> bool {
    let by = |key: &Vec<u8>| {
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(statement.as_bytes(), signature).is_ok()
    };
    keys.iter().any(by)
}

impl Control {
    /// The key that signs now, within a unit that holds the chain. One is made when none can be opened.
    pub(super) async fn audit_key(&self, unit: &mut Unit) -> Result<Ed25519KeyPair, ControlError> {
        for record in unit.audit_keys().await?.iter().rev() {
            if let Some(pair) = self.opened(record).await? {
                return Ok(pair);
            }
        }
        self.make_audit_key(unit).await
    }

    /// The private half of a key; nothing when another server's key sealed it.
    async fn opened(&self, record: &AuditKeyRecord) -> Result<Option<Ed25519KeyPair>, ControlError> {
        self.look_for_key(&record.sealed).await?;
        let private = self.server_key.open(&record.sealed, &sealed_for(record.id));
        let private = private
            .ok()
            .and_then(|text| hex::decode(text).ok())
            .map(Secret::new);
        Ok(private.and_then(|private| Ed25519KeyPair::from_pkcs8(private.expose()).ok()))
    }

    async fn make_audit_key(&self, unit: &mut Unit) -> Result<Ed25519KeyPair, ControlError> {
        let unusable = |why: String| {
            ControlError::internal(std::io::Error::other(format!(
                "no key for the audit trail: {why}"
            )))
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.world.bytes::<32>())
            .map_err(|error| unusable(error.to_string()))?;
        let private = pair.to_pkcs8().map_err(|error| unusable(error.to_string()))?;
        let id = self.world.uuid();
        let plain = Secret::new(hex::encode(private.as_ref()));
        let sealed = self
            .server_key
            .seal(plain.expose(), &sealed_for(id), self.world.bytes())?;
        let now = self.world.now();
        let public = pair.public_key().as_ref().to_vec();
        let public_key = hex::encode(&public);
        unit.insert_audit_key(&AuditKeyRecord {
            id,
            public,
            sealed,
            created_at: now,
        })
        .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "audit.key",
            subject: &public_key,
            operation: None,
            request_id: None,
            detail: json!({}),
        })
        .await?;
        tracing::info!(public_key, "a key was made that signs the audit trail");
        Ok(pair)
    }

    /// The public halves of the keys whose private halves this server can open. Those of others prove nothing: whoever
    /// writes into the database could have put them there.
    pub(super) async fn own_audit_keys(&self, caller: &Caller) -> Result<Vec<Vec<u8>>, ControlError> {
        let records = self.store.on_behalf_of(caller.actor()).audit_keys().await?;
        let mut own = Vec::new();
        for record in &records {
            let pair = self.opened(record).await?;
            own.extend(pair.map(|pair| pair.public_key().as_ref().to_vec()));
        }
        Ok(own)
    }

    /// The keys that sign and signed the chain, the oldest first.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn audit_keys(&self, caller: &Caller) -> Result<Vec<AuditKeyView>, ControlError> {
        caller.require(Action::VerifyAudit)?;
        let records = self.store.on_behalf_of(caller.actor()).audit_keys().await?;
        let own = self.own_audit_keys(caller).await?;
        let signs = own.last();
        let view = |record: &AuditKeyRecord| AuditKeyView {
            id: record.id.simple().to_string(),
            public_key: hex::encode(&record.public),
            created_at: record.created_at,
            signs: signs == Some(&record.public),
        };
        let known = records.iter().filter(|record| own.contains(&record.public));
        Ok(known.map(view).collect())
    }
}
