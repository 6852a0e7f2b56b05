//! The rules that a field can break, as data: the web room turns them into the caller's language.

use thiserror::Error;

/// One rule that a value broke. Carries what a reader needs to mend it, never the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rule {
    /// The field is missing.
    #[error("is required")]
    Required,
    /// Fewer or more characters than allowed.
    #[error("must have {min} to {max} characters")]
    Length {
        /// Smallest number of characters.
        min: usize,
        /// Largest number of characters.
        max: usize,
    },
    /// A character that the field does not take.
    #[error("may only hold {allowed}")]
    Characters {
        /// What is allowed, in words that need no translation (`a-z 0-9 - _`).
        allowed: &'static str,
    },
    /// Must begin and end with a letter or a digit.
    #[error("must begin and end with a letter or a digit")]
    Ends,
    /// The word is kept for the system.
    #[error("is a reserved word")]
    Reserved,
    /// Control characters, which no name needs and some programs obey.
    #[error("must not hold control characters")]
    Control,
    /// Not an e-mail address.
    #[error("must be an e-mail address")]
    Email,
    /// The password is one of those that everybody tries first.
    #[error("is too common")]
    CommonPassword,
    /// Not the password in force.
    #[error("is not the password in force")]
    WrongPassword,
    /// Not a code that works now.
    #[error("is not a code that works now; each works once")]
    WrongCode,
    /// Not what the browser was asked for.
    #[error("is not an answer to this challenge")]
    WrongAnswer,
    /// More than one way at once.
    #[error("is one way too many: give one")]
    OneWay,
    /// The password holds the login or the name.
    #[error("must not be the same as the address or the name")]
    PasswordIsName,
    /// Not one of the known values.
    #[error("must be one of: {allowed}")]
    OneOf {
        /// The values, separated by commas.
        allowed: String,
    },
    /// Not a known ISO 3166 country.
    #[error("must be a two-letter country code (ISO 3166-1)")]
    Country,
    /// Not a known IANA time zone.
    #[error("must be a time zone of the IANA database, such as America/Santo_Domingo")]
    TimeZone,
    /// A field that the request does not have.
    #[error("is not a field of this request")]
    UnknownField,
    /// The JSON type is wrong.
    #[error("must be {expected}")]
    Type {
        /// What was expected, as the JSON reader said it.
        expected: String,
    },
    /// An identifier whose form is wrong.
    #[error("is not an identifier of the form {prefix}_…")]
    Identifier {
        /// The prefix of this kind of identifier.
        prefix: &'static str,
    },
    /// The confirmation does not repeat the name.
    #[error("must repeat the name")]
    Confirmation,
    /// There is no such thing (a plan, a node, a template).
    #[error("is not known here")]
    Unknown,
    /// A number outside its limits.
    #[error("must be between {min} and {max}")]
    Range {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// More things than are done at once.
    #[error("finds more than {most} tenants; narrow it by plan, node, state, search or names")]
    TooMany {
        /// Largest number.
        most: i64,
    },
    /// Not an end of a tenant's time.
    #[error("must be a day (2026-12-31), a time (2026-12-31T18:00:00Z) or never")]
    Expiry,
    /// Not a number of days.
    #[error("must be a number of days such as 30d, from 1d to 3650d")]
    Days,
    /// A paging cursor that this server did not make.
    #[error("is not a cursor of this list")]
    Cursor,
    /// Not an origin.
    #[error("must be an origin such as https://panel.example.com")]
    Origin,
    /// Not the address of an identity provider.
    #[error("must be the address of a provider: https://, without query, in the public network")]
    Issuer,
    /// Two fields contradict each other or nothing was given to change.
    #[error("needs at least one field to change")]
    Nothing,
}

/// A rule broken by a named field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {rule}")]
pub struct FieldError {
    /// The field's name as the caller wrote it.
    pub field: String,
    /// The rule that it broke.
    pub rule: Rule,
}

impl FieldError {
    /// A broken rule of `field`.
    pub fn new(field: impl Into<String>, rule: Rule) -> Self {
        Self {
            field: field.into(),
            rule,
        }
    }
}

/// Collects the broken rules of one request, so that the caller learns of all of them at once.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Keeps a good value, or notes the rule and gives nothing.
    pub fn keep<T>(&mut self, field: &str, value: Result<T, Rule>) -> Option<T> {
        value
            .map_err(|rule| self.0.push(FieldError::new(field, rule)))
            .ok()
    }

    /// Checks an optional text through the type's own door.
    pub fn optional<T: std::str::FromStr<Err = Rule>>(
        &mut self,
        field: &str,
        text: Option<&str>,
    ) -> Option<T> {
        text.and_then(|text| self.keep(field, text.parse()))
    }

    /// Checks a text that must be there.
    pub fn required<T: std::str::FromStr<Err = Rule>>(
        &mut self,
        field: &str,
        text: Option<&str>,
    ) -> Option<T> {
        self.keep(field, text.ok_or(Rule::Required).and_then(str::parse))
    }

    /// Notes a broken rule.
    pub fn push(&mut self, field: &str, rule: Rule) {
        self.0.push(FieldError::new(field, rule));
    }

    /// Whether nothing was broken so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The broken rules in the order in which they were found.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
