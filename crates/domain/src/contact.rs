//! Who the customer is: company and e-mail address.

use crate::{name::Subdomain, rule::Rule, text::checked_text};

/// The domain of those who registered and whose address nobody has confirmed.
const UNCONFIRMED: &str = "unconfirmed.invalid";

checked_text!(
    /// A company's name: 1 to 120 characters in any script, no control characters, trimmed.
    CompanyName, check_company
);

checked_text!(
    /// An e-mail address that can be a login: at most 254 ASCII characters, a dot in the domain.
    /// The case of the domain is lowered; the local part is kept.
    EmailAddress, check_email
);

checked_text!(
    /// A person's or an organization's name, by the rules of [`CompanyName`].
    PersonName, check_company
);

impl EmailAddress {
    /// The form in which two spellings of one address are the same: all of it in lower case. Mail servers could tell
    /// `Ana@` from `ana@`, but none does, and two accounts that differ by that alone would be a trap.
    pub fn as_account(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }

    /// What somebody signs in with whose address nobody has confirmed: the address of the workspace that they registered, in
    /// a domain that can never be anybody's (RFC 2606). So their account stands in nobody's way who has the address.
    pub fn unconfirmed(workspace: &Subdomain) -> Self {
        Self(format!("{}@{UNCONFIRMED}", workspace.host_label()))
    }

    /// The word that somebody signs in with whose address nobody has confirmed.
    pub fn unconfirmed_word(&self) -> Option<&str> {
        let (word, domain) = self.0.split_once('@')?;
        (domain == UNCONFIRMED).then_some(word)
    }
}

fn check_company(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    if !(1..=120).contains(&text.chars().count()) {
        return Err(Rule::Length { min: 1, max: 120 });
    }
    // Bidirectional overrides could make a name read as another in a list.
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
    };
    if text.chars().any(odd) {
        Err(Rule::Control)
    } else {
        Ok(text.to_owned())
    }
}

fn check_email(text: &str) -> Result<String, Rule> {
    if !(3..=254).contains(&text.chars().count()) {
        return Err(Rule::Length { min: 3, max: 254 });
    }
    let (local, host) = text.rsplit_once('@').ok_or(Rule::Email)?;
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let host_ok = host.contains('.') && host.split('.').all(label_ok);
    if local_ok && host_ok {
        Ok(format!("{local}@{}", host.to_ascii_lowercase()))
    } else {
        Err(Rule::Email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for text in ["ana@example.com", "o'brien+odoo@mail.example.co", "a@b.do"] {
            assert_eq!(
                text.parse::<EmailAddress>().map(String::from),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "Ana@EXAMPLE.com".parse::<EmailAddress>().map(String::from),
            Ok("Ana@example.com".to_owned())
        );
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "a b@example.com",
            "a@exa_mple.com",
            "a@b@c.com ",
            "a\0@b.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(Rule::Email), "{text}");
        }
    }

    #[test]
    fn whoever_registered_signs_in_by_their_workspace() {
        let workspace = "demo_shop".parse().expect("a name");
        let account = EmailAddress::unconfirmed(&workspace);
        assert_eq!(account.as_str().parse(), Ok(account.clone()));
        assert_eq!(account.unconfirmed_word(), Some("demo-shop"));
        let other: EmailAddress = "ana@example.com".parse().expect("an address");
        assert_eq!(other.unconfirmed_word(), None);
    }

    #[test]
    fn a_company_may_be_called_anything_readable() {
        assert_eq!(
            "  Ñandú & Søn \"S.R.L.\" "
                .parse::<CompanyName>()
                .map(String::from),
            Ok("Ñandú & Søn \"S.R.L.\"".to_owned())
        );
        assert_eq!("a\nb".parse::<CompanyName>(), Err(Rule::Control));
        assert_eq!(
            "   ".parse::<CompanyName>(),
            Err(Rule::Length { min: 1, max: 120 })
        );
    }
}
