//! The registry of what an operator can set while the program runs: type, bounds, default and words of each.
//!
//! What a process needs before it reaches the control database (addresses, keys, certificates) is in its
//! configuration file and never here; the environment of the process is never a setting.

mod origin;
mod registry;

pub use origin::Origin;
pub use registry::SETTINGS;

use crate::rule::Rule;
use serde::{Deserialize, Serialize};

/// Most origins in one list.
const MOST_ORIGINS: usize = 50;

/// The value of a setting, as it stands in the API and in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// A whole number.
    Number(i64),
    /// A text or a word.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number within bounds, both included.
    Number {
        /// Smallest.
        least: i64,
        /// Largest.
        most: i64,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of origins (`https://panel.example.com`).
    Origins,
    /// A text for people; empty is none.
    Text {
        /// Most characters.
        longest: usize,
    },
}

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name, `category.word`.
    pub key: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// What holds while nothing is set, as text.
    pub default: &'static str,
    /// What it is for, in English.
    pub english: &'static str,
    /// What it is for, in Spanish.
    pub spanish: &'static str,
}

/// The setting of this name.
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The number that holds while nothing is set.
pub fn default_number(key: &str) -> Option<i64> {
    match find(key)?.default_value() {
        SettingValue::Number(number) => Some(number),
        _ => None,
    }
}

impl Setting {
    /// The part of its name before the point.
    pub fn category(&self) -> &'static str {
        self.key.split('.').next().unwrap_or(self.key)
    }

    /// What holds while nothing is set.
    pub fn default_value(&self) -> SettingValue {
        let default = SettingValue::Text(self.default.to_owned());
        // A test reads every default through its own door.
        self.check(default)
            .unwrap_or_else(|_| SettingValue::Text(self.default.to_owned()))
    }

    /// Checks a value. A number or a list may also come as text, as older clients and command lines send it.
    ///
    /// # Errors
    /// The rule that it broke.
    pub fn check(&self, value: SettingValue) -> Result<SettingValue, Rule> {
        match self.kind {
            SettingKind::Number { least, most } => number(value, least, most),
            SettingKind::Word(words) => match value {
                SettingValue::Text(text) if words.contains(&text.as_str()) => Ok(SettingValue::Text(text)),
                _ => Err(Rule::OneOf {
                    allowed: words.join(", "),
                }),
            },
            SettingKind::Origins => origins(value),
            SettingKind::Text { longest } => text(value, longest),
        }
    }
}

fn expected(what: &str) -> Rule {
    Rule::Type {
        expected: what.to_owned(),
    }
}

fn number(value: SettingValue, least: i64, most: i64) -> Result<SettingValue, Rule> {
    let number = match value {
        SettingValue::Number(number) => Some(number),
        SettingValue::Text(text) => text.trim().parse().ok(),
        SettingValue::List(_) => None,
    };
    let number = number.ok_or_else(|| expected("a number"))?;
    if (least..=most).contains(&number) {
        Ok(SettingValue::Number(number))
    } else {
        Err(Rule::Range {
            min: least,
            max: most,
        })
    }
}

fn text(value: SettingValue, longest: usize) -> Result<SettingValue, Rule> {
    let SettingValue::Text(text) = value else {
        return Err(expected("a text"));
    };
    if text.chars().any(char::is_control) {
        return Err(Rule::Control);
    }
    if text.chars().count() > longest {
        return Err(Rule::Length { min: 0, max: longest });
    }
    Ok(SettingValue::Text(text.trim().to_owned()))
}

fn origins(value: SettingValue) -> Result<SettingValue, Rule> {
    let given: Vec<String> = match value {
        SettingValue::List(list) => list,
        SettingValue::Text(text) => text
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(ToOwned::to_owned)
            .collect(),
        SettingValue::Number(_) => return Err(expected("a list")),
    };
    if given.len() > MOST_ORIGINS {
        return Err(Rule::Length {
            min: 0,
            max: MOST_ORIGINS,
        });
    }
    let mut origins = Vec::new();
    for origin in given {
        let origin = origin.parse::<Origin>()?.to_string();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(SettingValue::List(origins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> SettingValue {
        SettingValue::Text(text.to_owned())
    }

    #[test]
    fn every_default_passes_its_own_door_and_every_key_is_told_once() {
        for (at, setting) in SETTINGS.iter().enumerate() {
            assert!(setting.check(given(setting.default)).is_ok(), "{}", setting.key);
            assert!(!setting.english.is_empty() && !setting.spanish.is_empty());
            assert!(setting.key.contains('.'), "{}", setting.key);
            assert!(SETTINGS.iter().skip(at + 1).all(|other| other.key != setting.key));
        }
    }

    #[test]
    fn numbers_come_as_numbers_or_as_text_and_keep_their_bounds() -> Result<(), Rule> {
        let setting = find("password.shortest").ok_or(Rule::Unknown)?;
        assert_eq!(setting.check(given("12"))?, SettingValue::Number(12));
        assert_eq!(
            setting.check(SettingValue::Number(7)),
            Err(Rule::Range { min: 8, max: 64 })
        );
        assert_eq!(setting.check(given("many")), Err(expected("a number")));
        Ok(())
    }

    #[test]
    fn origins_are_a_list_without_repetitions() -> Result<(), Rule> {
        let setting = find("cors.origins").ok_or(Rule::Unknown)?;
        let two = setting.check(given(
            "https://a.example.com, https://b.example.com https://a.example.com",
        ))?;
        assert_eq!(
            two,
            SettingValue::List(vec![
                "https://a.example.com".to_owned(),
                "https://b.example.com".to_owned()
            ])
        );
        for bad in ["*", "null", "example.com", "https://a.example.com/path"] {
            assert_eq!(setting.check(given(bad)), Err(Rule::Origin), "{bad}");
        }
        Ok(())
    }
}
