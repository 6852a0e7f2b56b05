//! Opening the control database's keys with the server's.

use crate::sealing::Ring;
use crate::{Control, ControlError};
use store::{Actor, DataKeyRecord, Unit};

impl Control {
    /// Takes the control database's keys in hand; makes the first one.
    ///
    /// # Errors
    /// [`ControlError::Internal`] when they were sealed with another server's key; nothing can be sealed or opened then.
    pub async fn open_keys(&self) -> Result<(), ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let mut records = scoped.data_keys().await?;
        if records.iter().all(|record| record.retired_at.is_some()) {
            let mut unit = scoped.begin().await?;
            records = unit.lock_data_keys().await?;
            // Another replica may have been faster.
            if records.iter().all(|record| record.retired_at.is_some()) {
                self.make_key(&mut unit).await?;
            }
            unit.commit().await?;
            records = scoped.data_keys().await?;
        }
        self.server_key.hold(self.ring(&records)?);
        Ok(())
    }

    /// Makes a key and takes it into use.
    pub(super) async fn make_key(&self, unit: &mut Unit) -> Result<(), ControlError> {
        let id = self.world.uuid();
        let wrapped = self
            .server_key
            .wrap(id.as_bytes(), &self.world.bytes(), self.world.bytes())?;
        let by = self.server_key.name();
        Ok(unit.insert_data_key(id, &wrapped, &by, self.world.now()).await?)
    }

    /// Opens the keys.
    pub(super) fn ring(&self, records: &[DataKeyRecord]) -> Result<Ring, ControlError> {
        let mut ring = Ring::default();
        for record in records {
            let name = record.id.into_bytes();
            let key = self
                .server_key
                .unwrap(&name, &record.sealed, &record.wrapped_by)?;
            ring.add(name, key, record.retired_at.is_none());
        }
        Ok(ring)
    }

    /// Looks for the key that a secret names, if another replica made it after this one looked.
    pub(crate) async fn look_for_key(&self, sealed: &[u8]) -> Result<(), ControlError> {
        match self.server_key.knows(sealed) {
            true => Ok(()),
            false => self.open_keys().await,
        }
    }
}
