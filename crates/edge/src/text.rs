//! Settings that are text: each has one checking door, so that none can break out of the syntax it
//! is written into.

use std::{fmt, str::FromStr};

use crate::error::SettingError;

macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $is_valid:path) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SettingError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $is_valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(SettingError::$name(text.to_owned()))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = SettingError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

pub(crate) use checked_text;

checked_text!(
    /// The domain whose direct subdomains are the tenants' hosts. `localhost` is one.
    Domain, is_domain
);

checked_text!(
    /// An absolute path that nginx reads as one plain word, as it is.
    AbsolutePath, is_absolute_path
);

checked_text!(
    /// The name under which visitors know the operator. Any text: it is escaped in the pages.
    OperatorName, is_operator_name
);

checked_text!(
    /// Where the customer looks after the tenant: pages of tenants that are closed link to it.
    PortalAddress, is_web_address
);

checked_text!(
    /// The operator's own site: every page links the operator's name to it.
    OperatorLink, is_web_address
);

fn is_domain(text: &str) -> bool {
    // A host has 253 characters at most, and a tenant's label with its dot takes 41 of them.
    let fits = (1..=211).contains(&text.len());
    let labels_valid = text.split('.').all(|label| {
        let edges_valid = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && edges_valid && label.bytes().all(is_label_byte)
    });
    // RFC 3696, section 2: a top-level domain is never all digits, an IPv4 address always is.
    let numeric = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    fits && labels_valid && !numeric
}

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn is_absolute_path(text: &str) -> bool {
    // An allow-list: nginx gives meaning to more characters ("#", ";", "$", quotes) than one would forbid.
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/._-+=:@~".contains(&byte));
    let parts_valid = text.strip_prefix('/').is_some_and(|rest| {
        rest.split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
    });
    text.len() <= 512 && plain && parts_valid
}

fn is_operator_name(text: &str) -> bool {
    (1..=80).contains(&text.chars().count()) && !text.chars().any(char::is_control) && !text.trim().is_empty()
}

fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        (1..=500).contains(&rest.len())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"\"'<>`\\".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_lower_case_dns_names() {
        for text in [
            "localhost",
            "example.com",
            "a.b-c.example",
            "xn--espaa-rta.example",
        ] {
            assert!(text.parse::<Domain>().is_ok(), "{text}");
        }
        let long = format!("{}.example", "a".repeat(64));
        let hostile = [
            "",
            "Example.com",
            "a..b",
            ".a",
            "a.",
            "-a.b",
            "a-.b",
            "a_b.c",
            "10.0.0.1",
            "a b",
            "a;b",
            "a.com\n",
            &long,
        ];
        for text in hostile {
            assert_eq!(text.parse::<Domain>(), Err(SettingError::Domain(text.to_owned())));
        }
    }

    #[test]
    fn paths_cannot_leave_their_word() {
        for text in ["/run/tenantry/edge", "/a", "/srv/t_1/v1.2+x@y~z=1:2"] {
            assert!(text.parse::<AbsolutePath>().is_ok(), "{text}");
        }
        let hostile = [
            "", "/", "relative", "/a/", "/a//b", "/a/../b", "/a/.", "/a b", "/a;b", "/a{b", "/a}b", "/a$b",
            "/a\"b", "/a'b", "/a\nb", "/a#b", "/a\\b", "/ñ", "/a\0",
        ];
        for text in hostile {
            assert_eq!(
                text.parse::<AbsolutePath>(),
                Err(SettingError::AbsolutePath(text.to_owned()))
            );
        }
        assert!(format!("/{}", "a".repeat(512)).parse::<AbsolutePath>().is_err());
    }

    #[test]
    fn names_and_links_are_checked() {
        assert!("Nubes & Cía <\"S.A.\">".parse::<OperatorName>().is_ok());
        for text in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert!(text.parse::<OperatorName>().is_err(), "{text:?}");
        }
        assert!(
            "https://portal.example.com/pay?x=1&y=2"
                .parse::<PortalAddress>()
                .is_ok()
        );
        for text in [
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "https://a\"b",
            "http://a<b",
            "ftp://a",
        ] {
            assert!(text.parse::<PortalAddress>().is_err(), "{text:?}");
            assert_eq!(
                text.parse::<OperatorLink>(),
                Err(SettingError::OperatorLink(text.to_owned()))
            );
        }
    }
}
