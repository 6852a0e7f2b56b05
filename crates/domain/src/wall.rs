//! What the front door refuses before anybody is asked who they are: the rules by name, and how each is applied.

use crate::rule::Rule;
use std::{fmt, str::FromStr};

/// What no legitimate request of this product looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WallRule {
    /// A path that climbs out of its folder, in any encoding.
    Traversal,
    /// A null byte in the path or in the query, in any encoding.
    NullByte,
    /// A header that decides who asks or where the request ends, given twice; or one far too long.
    Headers,
    /// An address of somebody else's program, which only scanners look for here.
    ScannerPath,
    /// A program that says itself that it looks for holes.
    ScannerAgent,
}

impl WallRule {
    /// All of them, in the order in which they are applied.
    pub const ALL: [Self; 5] = [
        Self::Traversal,
        Self::NullByte,
        Self::Headers,
        Self::ScannerPath,
        Self::ScannerAgent,
    ];

    /// The name in the API, the settings and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traversal => "traversal",
            Self::NullByte => "null-byte",
            Self::Headers => "headers",
            Self::ScannerPath => "scanner-path",
            Self::ScannerAgent => "scanner-agent",
        }
    }

    /// The setting that says how the rule is applied.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Traversal => "wall.traversal",
            Self::NullByte => "wall.null_byte",
            Self::Headers => "wall.headers",
            Self::ScannerPath => "wall.scanner_path",
            Self::ScannerAgent => "wall.scanner_agent",
        }
    }
}

impl FromStr for WallRule {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        let known = Self::ALL.into_iter().find(|rule| rule.as_str() == text);
        known.ok_or_else(|| Rule::OneOf {
            allowed: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

impl fmt::Display for WallRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a rule is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WallMode {
    /// What it finds is refused.
    Refuse,
    /// What it finds is written down and let through.
    Report,
    /// It is not applied.
    Off,
}

impl WallMode {
    /// The words of the setting.
    pub const WORDS: &'static [&'static str] = &["refuse", "report", "off"];
}

impl FromStr for WallMode {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "report" => Ok(Self::Report),
            "off" => Ok(Self::Off),
            _ => Err(Rule::OneOf {
                allowed: Self::WORDS.join(", "),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_setting() {
        for rule in WallRule::ALL {
            assert_eq!(rule.as_str().parse(), Ok(rule));
            assert!(setting::find(rule.setting()).is_some(), "{rule}");
        }
    }
}
