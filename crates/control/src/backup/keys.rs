//! The keys of backups: one for each tenant, made with its first backup, and the operator's own for the day on which all else is lost.

use crate::{Control, ControlError};
use age::secrecy::ExposeSecret;
use age::x25519;
use domain::TenantId;
use store::{BackupKeyRecord, BackupStoreRecord, Unit};
use uuid::Uuid;
use wire::Plaintext;
use wire::backup::BackupKeys;

/// What a tenant's secret key is sealed for.
pub(crate) fn key_sealed_for(tenant: Uuid) -> String {
    format!("backup-key:{tenant}")
}

/// What a store's secret key is sealed for.
pub(crate) fn store_sealed_for(store: Uuid) -> String {
    format!("backup-store:{store}")
}

/// Whether this is somebody's public key in age's form.
pub(crate) fn is_recipient(text: &str) -> bool {
    text.parse::<x25519::Recipient>().is_ok()
}

impl Control {
    /// The key of a tenant's backups; made now if there is none.
    pub(crate) async fn backup_key_of(
        &self,
        unit: &mut Unit,
        tenant: TenantId,
    ) -> Result<BackupKeyRecord, ControlError> {
        let fresh = x25519::Identity::generate();
        let secret = fresh.to_string();
        let context = key_sealed_for(tenant.uuid());
        let sealed = self
            .server_key
            .seal(secret.expose_secret(), &context, self.world.bytes())?;
        let recipient = fresh.to_public().to_string();
        Ok(unit
            .keep_backup_key(tenant, &recipient, &sealed, self.world.now())
            .await?)
    }

    /// What opens a tenant's backups and their store, for an order.
    pub(crate) fn backup_keys(
        &self,
        tenant: TenantId,
        key: &BackupKeyRecord,
        store: &BackupStoreRecord,
    ) -> Result<Option<Plaintext>, ControlError> {
        let open = |sealed: &[u8], context: &str| self.server_key.open(sealed, context);
        let keys = BackupKeys {
            identity: open(&key.sealed, &key_sealed_for(tenant.uuid()))?,
            secret_key: store
                .sealed
                .as_deref()
                .map(|sealed| open(sealed, &store_sealed_for(store.id)))
                .transpose()?,
        };
        let text = serde_json::to_string(&keys).map_err(ControlError::internal)?;
        Ok(Some(Plaintext::new(text)))
    }

    /// Who may read a tenant's backups.
    pub(crate) fn backup_recipients(&self, key: &BackupKeyRecord) -> Vec<String> {
        let recovery = self.live().recovery_key.clone();
        let mut recipients = vec![key.recipient.clone()];
        recipients.extend(recovery.filter(|recovery| is_recipient(recovery)));
        recipients
    }
}
