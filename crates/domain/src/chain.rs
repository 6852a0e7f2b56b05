//! The chain of the audit trail: how entries are bound to each other, what is signed, and the walk that finds what was
//! changed afterwards. Servers and the offline check take the same steps.

mod walk;

pub use walk::{Broken, DayEnd, Finding, Link, Walk};

use sha2::{Digest as _, Sha256};
use std::fmt;

/// A hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first day.
    pub const ZERO: Self = Self([0; 32]);

    /// Reads one from bytes; nothing when there are not as many as it has.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads 64 hexadecimal digits.
    pub fn of_hex(text: &str) -> Option<Self> {
        let bytes = bytes_of_hex(text)?;
        Self::of_bytes(&bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Bytes written as pairs of hexadecimal digits.
pub fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

/// A day of the chain (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01, by which two are known to follow each other.
    pub number: i64,
    /// `2026-11-29`.
    pub text: String,
}

/// With what a day's chain begins: it names its day, and binds it to the day before.
pub fn start(day: &Day, before: Hash) -> Hash {
    digest(&format!("tenantry audit day begins\n{}\n{before}\n", day.text))
}

/// The hash of an entry: that before it, and the entry's own content.
pub fn link(previous: Hash, content: &str) -> Hash {
    digest(&format!("tenantry audit entry\n{previous}\n{content}"))
}

fn digest(text: &str) -> Hash {
    Hash(Sha256::digest(text.as_bytes()).into())
}

/// What is signed with the last of the entries that are sealed together.
pub fn entry_statement(day: &Day, number: i64, hash: Hash) -> String {
    format!("tenantry audit sealed\n{}\n{number}\n{hash}\n", day.text)
}

/// What is signed when a day has ended.
pub fn day_statement(day: &Day, entries: i64, last: Hash, before: Hash) -> String {
    format!(
        "tenantry audit day ended\n{}\n{entries}\n{last}\n{before}\n",
        day.text
    )
}

/// What is signed when retention drops a day's entries. `at` is the time as the head shows it.
pub fn drop_statement(day: &Day, entries: i64, last: Hash, at: &str) -> String {
    format!(
        "tenantry audit day dropped\n{}\n{entries}\n{last}\n{at}\n",
        day.text
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_are_read_as_they_are_written() {
        let hash = link(Hash::ZERO, "content");
        assert_eq!(Hash::of_hex(&hash.to_string()), Some(hash));
        for text in ["", "0", "zz", &"0".repeat(62), &"é".repeat(32)] {
            assert_eq!(Hash::of_hex(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_content_at_another_place_has_another_hash() {
        let day = Day {
            number: 1,
            text: "1970-01-02".to_owned(),
        };
        let begin = start(&day, Hash::ZERO);
        let first = link(begin, "content");
        assert_ne!(first, link(first, "content"));
        assert_ne!(begin, start(&day, first));
    }
}
