//! How a cluster is reached, and by whom.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use zeroize::ZeroizeOnDrop;

/// A password: never shown by `Debug`, wiped when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The password itself, for the place that must send or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// Everything that a client needs to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// A TCP address.
    pub host: String,
    /// TCP port; also part of the socket's name.
    pub port: u16,
    /// The folder of the Unix socket, which only PostgreSQL's own account and root may enter.
    pub socket_dir: PathBuf,
    /// The role to connect as.
    pub user: String,
    /// Its password, which the socket asks for as well.
    pub password: Password,
    /// The database.
    pub database: String,
}

impl Access {
    /// The same access to another database.
    #[must_use]
    pub fn to_database(&self, database: &str) -> Self {
        Self {
            database: database.to_owned(),
            ..self.clone()
        }
    }

    /// A `postgres://` URL **with the password in it**: for a driver, never for a log.
    pub fn url(&self) -> String {
        let (user, password) = (encoded(&self.user), encoded(self.password.expose()));
        format!(
            "postgres://{user}:{password}@{}:{}/{}",
            self.host,
            self.port,
            encoded(&self.database)
        )
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_encoded_and_debug_hides_the_password() {
        let access = Access {
            host: "127.0.0.1".to_owned(),
            port: 5439,
            socket_dir: PathBuf::from("/s"),
            user: "postgres".to_owned(),
            password: Password::new("a/b@c ñ".to_owned()),
            database: "mi-base".to_owned(),
        };
        assert_eq!(
            access.url(),
            "postgres://postgres:a%2Fb%40c%20%C3%B1@127.0.0.1:5439/mi-base"
        );
        assert!(!format!("{access:?}").contains("a/b"));
    }
}
