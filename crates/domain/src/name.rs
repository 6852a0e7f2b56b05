//! Names: a tenant's subdomain and what follows from it, nodes, templates, domains.

use crate::{rule::Rule, text::checked_text};

/// Shortest and longest subdomain, in characters.
pub const SUBDOMAIN_LENGTH: (usize, usize) = (3, 40);

/// Words that would take an address of the operator's own, or a database of PostgreSQL's or Odoo's.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "control",
    "dashboard",
    "dns",
    "docs",
    "email",
    "ftp",
    "git",
    "health",
    "help",
    "imap",
    "localhost",
    "login",
    "logout",
    "mail",
    "mx",
    "node",
    "ns",
    "ns1",
    "ns2",
    "odoo",
    "panel",
    "pop",
    "pop3",
    "portal",
    "postgres",
    "postmaster",
    "psql",
    "public",
    "register",
    "root",
    "signup",
    "smtp",
    "sftp",
    "ssh",
    "static",
    "status",
    "support",
    "system",
    "template",
    "template0",
    "template1",
    "template_tenant",
    "tenantry",
    "vpn",
    "webmail",
    "www",
];

/// Prefixes that the node keeps for databases of its own.
const RESERVED_PREFIXES: &[&str] = &["tenantry_", "template_", "pg_"];

checked_text!(
    /// The name that the customer chose: 3 to 40 of `a-z 0-9 - _`, letters or digits at both ends,
    /// not reserved. The database's name and the host's label both follow from it.
    Subdomain, check_subdomain
);

checked_text!(
    /// A tenant's database: the subdomain with `-` as `_`.
    DatabaseName, check_database
);

checked_text!(
    /// The first label of a tenant's host: the subdomain with `_` as `-`.
    HostLabel, check_label
);

checked_text!(
    /// A node's name: 1 to 40 of `a-z 0-9 -`.
    NodeName, check_node
);

checked_text!(
    /// The name of a store of backups: 1 to 40 of `a-z 0-9 -`.
    StoreName, check_node
);

checked_text!(
    /// A template's name, which is its database's name too: 1 to 40 of `a-z 0-9 _`.
    TemplateName, check_template
);

checked_text!(
    /// The domain under which tenants are served: labels of `a-z 0-9 -` joined by dots.
    DomainName, check_domain
);

impl Subdomain {
    /// The database that this tenant lives in.
    pub fn database(&self) -> DatabaseName {
        DatabaseName(self.0.replace('-', "_"))
    }

    /// The host's label under which it is served.
    pub fn host_label(&self) -> HostLabel {
        HostLabel(self.0.replace('_', "-"))
    }
}

fn only(text: &str, allowed: &'static str, is_allowed: impl Fn(char) -> bool) -> Result<(), Rule> {
    text.chars()
        .all(is_allowed)
        .then_some(())
        .ok_or(Rule::Characters { allowed })
}

fn length(text: &str, min: usize, max: usize) -> Result<(), Rule> {
    (min..=max)
        .contains(&text.chars().count())
        .then_some(())
        .ok_or(Rule::Length { min, max })
}

fn lower(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}

fn check_ends(text: &str) -> Result<(), Rule> {
    (text.starts_with(lower) && text.ends_with(lower))
        .then_some(())
        .ok_or(Rule::Ends)
}

fn check_subdomain(text: &str) -> Result<String, Rule> {
    let (min, max) = SUBDOMAIN_LENGTH;
    length(text, min, max)?;
    only(text, "a-z 0-9 - _", |c| lower(c) || c == '-' || c == '_')?;
    check_ends(text)?;
    let database = text.replace('-', "_");
    let label = text.replace('_', "-");
    let reserved = RESERVED.iter().any(|word| *word == database || *word == label)
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| database.starts_with(prefix));
    // A label with dashes in third and fourth place is punycode territory (RFC 5891, 4.2.3.1).
    if reserved || label.get(2..4) == Some("--") {
        Err(Rule::Reserved)
    } else {
        Ok(text.to_owned())
    }
}

fn check_database(text: &str) -> Result<String, Rule> {
    let (min, max) = SUBDOMAIN_LENGTH;
    length(text, min, max)?;
    only(text, "a-z 0-9 _", |c| lower(c) || c == '_')?;
    check_ends(text).map(|()| text.to_owned())
}

fn check_label(text: &str) -> Result<String, Rule> {
    let (min, max) = SUBDOMAIN_LENGTH;
    length(text, min, max)?;
    only(text, "a-z 0-9 -", |c| lower(c) || c == '-')?;
    check_ends(text).map(|()| text.to_owned())
}

fn check_node(text: &str) -> Result<String, Rule> {
    length(text, 1, 40)?;
    only(text, "a-z 0-9 -", |c| lower(c) || c == '-')?;
    check_ends(text).map(|()| text.to_owned())
}

fn check_template(text: &str) -> Result<String, Rule> {
    length(text, 1, 40)?;
    only(text, "a-z 0-9 _", |c| lower(c) || c == '_')?;
    check_ends(text)?;
    let reserved = ["postgres", "template0", "template1"].contains(&text)
        || text.starts_with("tenantry_")
        || text.starts_with("pg_");
    if reserved {
        Err(Rule::Reserved)
    } else {
        Ok(text.to_owned())
    }
}

fn check_domain(text: &str) -> Result<String, Rule> {
    length(text, 1, 200)?;
    only(text, "a-z 0-9 - .", |c| lower(c) || c == '-' || c == '.')?;
    text.split('.')
        .try_for_each(|label| length(label, 1, 63).and_then(|()| check_ends(label)))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn database_and_label_follow_from_the_subdomain() -> Result<(), Rule> {
        let name: Subdomain = "demo_cli-ente".parse()?;
        assert_eq!(name.database().as_str(), "demo_cli_ente");
        assert_eq!(name.host_label().as_str(), "demo-cli-ente");
        Ok(())
    }

    #[test]
    fn bad_names_are_refused_with_the_rule_they_break() {
        for (text, rule) in [
            ("ab", Rule::Length { min: 3, max: 40 }),
            ("-abc", Rule::Ends),
            ("abc_", Rule::Ends),
            (
                "Acme",
                Rule::Characters {
                    allowed: "a-z 0-9 - _",
                },
            ),
            (
                "acmé",
                Rule::Characters {
                    allowed: "a-z 0-9 - _",
                },
            ),
            (
                "a.b.c",
                Rule::Characters {
                    allowed: "a-z 0-9 - _",
                },
            ),
            ("--version", Rule::Ends),
            ("postgres", Rule::Reserved),
            ("template-tenant", Rule::Reserved),
            ("tenantry-journal", Rule::Reserved),
            ("xn--abc", Rule::Reserved),
        ] {
            assert_eq!(text.parse::<Subdomain>(), Err(rule), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_safe_everywhere(text in ".{0,50}") {
            if let Ok(name) = text.parse::<Subdomain>() {
                prop_assert!(name.database().as_str().parse::<DatabaseName>().is_ok());
                prop_assert!(name.host_label().as_str().parse::<HostLabel>().is_ok());
            }
        }
    }
}
