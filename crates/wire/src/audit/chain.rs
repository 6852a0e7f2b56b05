//! The file in which the chain is taken along: JSON, a line for each day's beginning, entry and end.

use domain::chain::{Day, DayEnd, Hash, Link, Walk, bytes_of_hex};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ChainLine {
    /// The first line.
    Chain {
        /// The version of this format.
        version: u32,
        /// When the file was made.
        made_at: Timestamp,
    },
    /// A day begins.
    Day {
        /// The day (UTC).
        day: String,
        /// The last hash of the day before.
        before: String,
    },
    /// An entry of that day.
    Entry {
        /// Its place in the day, from 1.
        number: i64,
        /// Its identity.
        entry: i64,
        /// All that it says, as JSON, in the very bytes that were sealed.
        content: String,
        /// Its hash.
        hash: String,
        /// The signature of the seal, with the last one of each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// The day has ended.
    End {
        /// How many entries it had.
        entries: i64,
        /// The last hash.
        last: String,
        /// The signature of that.
        signature: String,
        /// When its entries were dropped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dropped_at: Option<String>,
        /// The signature of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drop_signature: Option<String>,
    },
    /// The day goes on.
    Open,
    /// The last line, without which the file was cut off.
    Done,
}

/// A line that cannot be read as what it says to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine;

/// The version of the format.
pub const VERSION: u32 = 1;

/// A day by its date.
pub fn day_of(date: Date) -> Day {
    let since = Date::ZERO.until(date).map(|span| span.get_days());
    Day {
        number: since.map_or(0, i64::from),
        text: date.to_string(),
    }
}

impl ChainLine {
    /// The first line of a file.
    pub const fn first(made_at: Timestamp) -> Self {
        Self::Chain {
            version: VERSION,
            made_at,
        }
    }

    /// Takes the step along the chain that this line is.
    ///
    /// # Errors
    /// [`BadLine`].
    pub fn step<V: Fn(&str, &[u8]) -> bool>(&self, walk: &mut Walk<V>) -> Result<(), BadLine> {
        let hash = |text: &str| Hash::of_hex(text).ok_or(BadLine);
        let bytes = |text: &str| bytes_of_hex(text).ok_or(BadLine);
        match self {
            Self::Chain { version, .. } if *version == VERSION => {}
            Self::Chain { .. } => return Err(BadLine),
            Self::Day { day, before } => {
                let date: Date = day.parse().map_err(|_| BadLine)?;
                walk.day(day_of(date), hash(before)?);
            }
            Self::Entry {
                number,
                entry,
                content,
                hash: own,
                signature,
            } => {
                let signature = signature.as_deref().map(bytes).transpose()?;
                walk.entry(&Link {
                    number: *number,
                    entry: *entry,
                    content,
                    hash: hash(own)?,
                    signature: signature.as_deref(),
                });
            }
            Self::End {
                entries,
                last,
                signature,
                dropped_at,
                drop_signature,
            } => {
                let (signature, dropping) = (
                    bytes(signature)?,
                    drop_signature.as_deref().map(bytes).transpose()?,
                );
                walk.end(&DayEnd::Closed {
                    entries: *entries,
                    last: hash(last)?,
                    signature: &signature,
                    dropped: dropped_at.as_deref().zip(dropping.as_deref()),
                });
            }
            Self::Open => walk.end(&DayEnd::Open),
            Self::Done => {}
        }
        Ok(())
    }
}
