//! How somebody proved who they are, how long ago, and what is still wanted of them.

use crate::operation::word_enum;
use crate::rule::Rule;
use std::{fmt, str::FromStr};

word_enum!(
    /// A way to prove who one is, as a session remembers it.
    Method {
        /// What they know.
        Password = "password",
        /// A code of an app, each time step once.
        Totp = "totp",
        /// A passkey that verified its holder: what they have, and what they know or are.
        Passkey = "passkey",
        /// A one-time code from a sheet of paper.
        Recovery = "recovery",
        /// An identity provider's word: proving it anew is signing in there again.
        Provider = "sso",
    }
);

impl Method {
    /// Whether it shows more than the knowledge of a password.
    pub const fn is_second_factor(self) -> bool {
        !matches!(self, Self::Password)
    }
}

/// Whether a session may be used for more than getting a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Duty {
    /// A second factor is wanted of its person, who has none: it sets one up and does nothing else.
    #[default]
    Enrol,
    /// Nothing is wanted.
    Done,
}

/// Whether its person proved who they are not long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Freshness {
    /// Longer ago than the setting allows for what needs it.
    #[default]
    Stale,
    /// Not longer ago.
    Fresh,
}

/// What a session's person has shown. By default the least.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Assurance {
    /// Whether a second factor is still to be set up.
    pub duty: Duty,
    /// Whether it was shown not long ago.
    pub freshness: Freshness,
    /// With what it can be shown again.
    pub serving: Vec<Method>,
}

/// The second factors that somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Factors {
    /// Whether codes of an app are set up and confirmed.
    pub totp: bool,
    /// How many passkeys there are.
    pub passkeys: i64,
    /// How many recovery codes are left.
    pub recovery_left: i64,
    /// Whether one of their organizations wants a second factor of its members.
    pub wanted_by_organization: bool,
}

impl Factors {
    /// Whether there is any. Recovery codes are none: they stand in for one.
    pub const fn any(self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// With what its person can prove anew who they are: a second factor where there is one, else the password.
    pub fn serving(self) -> Vec<Method> {
        if !self.any() {
            return vec![Method::Password];
        }
        let there = [
            (Method::Totp, self.totp),
            (Method::Passkey, self.passkeys > 0),
            (Method::Recovery, self.recovery_left > 0),
        ];
        there
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(method, _)| method)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_serves_only_where_there_is_no_second_factor() {
        assert_eq!(Factors::default().serving(), [Method::Password]);
        let both = Factors {
            totp: true,
            passkeys: 2,
            recovery_left: 10,
            ..Factors::default()
        };
        assert_eq!(both.serving(), [Method::Totp, Method::Passkey, Method::Recovery]);
        assert!(both.serving().into_iter().all(Method::is_second_factor));
        let used_up = Factors {
            passkeys: 1,
            ..Factors::default()
        };
        assert_eq!(used_up.serving(), [Method::Passkey]);
    }

    #[test]
    fn recovery_codes_alone_are_no_second_factor() {
        assert!(
            !Factors {
                recovery_left: 10,
                ..Factors::default()
            }
            .any()
        );
    }

    #[test]
    fn what_nobody_looked_at_counts_as_the_least() {
        let least = Assurance::default();
        assert_eq!((least.duty, least.freshness), (Duty::Enrol, Freshness::Stale));
    }
}
