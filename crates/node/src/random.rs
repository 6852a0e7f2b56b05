//! Random bytes for salts, secrets and identities, from a generator fit for keys.

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes);
    bytes
}

/// A random UUID, as Odoo uses for `database.uuid` and `database.secret`.
pub(crate) fn uuid() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(bytes()).into_uuid()
}

/// A number from 0 to below 1.
pub(crate) fn fraction() -> f64 {
    rand::random_range(0.0..1.0)
}
