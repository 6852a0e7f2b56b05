//! The keys of the control database, opened: one in use, those before it for what they sealed.

use domain::Secret;
use std::collections::HashMap;
use std::fmt;

/// The name of a key: 16 bytes, a UUID's.
pub(crate) type KeyName = [u8; 16];

/// The keys at hand.
#[derive(Default)]
pub(crate) struct Ring {
    keys: HashMap<KeyName, Secret<[u8; 32]>>,
    in_use: Option<KeyName>,
}

impl fmt::Debug for Ring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ring({} keys)", self.keys.len())
    }
}

impl Ring {
    /// Adds a key.
    pub(crate) fn add(&mut self, name: KeyName, key: Secret<[u8; 32]>, in_use: bool) {
        self.keys.insert(name, key);
        if in_use {
            self.in_use = Some(name);
        }
    }

    /// The key of this name.
    pub(crate) fn key(&self, name: &KeyName) -> Option<Secret<[u8; 32]>> {
        self.keys.get(name).cloned()
    }

    /// The key that new secrets are sealed with.
    pub(crate) fn in_use(&self) -> Option<(KeyName, Secret<[u8; 32]>)> {
        let name = self.in_use?;
        Some((name, self.key(&name)?))
    }
}
