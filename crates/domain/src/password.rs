//! New passwords: length, no control characters, none of those that everybody tries first.

use crate::{rule::Rule, secret::Secret, weakness::is_published};

/// Longest password taken, in characters; hashing cost does not depend on it, memory does.
pub const LONGEST: usize = 256;

/// Passwords of eight characters or more that head every published list, lower case. Sequences and
/// repetitions are found by rule instead.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password12",
    "password123",
    "password1234",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "iloveyou",
    "princess",
    "sunshine",
    "football",
    "baseball",
    "superman",
    "starwars",
    "trustno1",
    "whatever",
    "welcome1",
    "welcome123",
    "letmein1",
    "letmein123",
    "monkey123",
    "dragon123",
    "master123",
    "michael1",
    "jennifer",
    "computer",
    "internet",
    "samsung1",
    "changeme",
    "changeme1",
    "changeme123",
    "administrator",
    "admin123",
    "admin1234",
    "admin12345",
    "admin123456",
    "admin@123",
    "admin@123456",
    "adminadmin",
    "rootroot",
    "root1234",
    "qwertyuiop",
    "qwerty123",
    "qwerty12",
    "qwerty1234",
    "qwertyui",
    "asdfghjkl",
    "asdfasdf",
    "zxcvbnm1",
    "zxcvbnm123",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qazxsw2",
    "q1w2e3r4",
    "qazwsxedc",
    "abcd1234",
    "abc12345",
    "abc123456",
    "aa123456",
    "a1234567",
    "a12345678",
    "a123456789",
    "123456789a",
    "1234qwer",
    "12341234",
    "11223344",
    "112233445566",
    "87654321",
    "987654321",
    "0987654321",
    "147258369",
    "123123123",
    "123321123",
    "12344321",
    "contraseña",
    "contrasena",
    "contrasena1",
    "contraseña1",
    "contraseña123",
    "contrasena123",
    "bienvenido",
    "bienvenido1",
    "bienvenida",
    "temporal",
    "temporal1",
    "temporal123",
    "cambiame",
    "cambiame1",
    "cambiame123",
    "usuario1",
    "usuario123",
    "odoo1234",
    "odooodoo",
    "odoo12345",
    "odooadmin",
    "teamo123",
    "tequiero",
    "mariposa",
    "barcelona",
    "realmadrid",
    "chocolate",
    "estrella",
    "secret123",
    "secreto1",
    "test1234",
    "testtest",
    "prueba123",
    "demo1234",
    "demodemo",
    "server123",
    "default1",
    "superuser",
];

/// A password that passed the rules for new ones. Checked once, where it comes in.
#[derive(Debug, Clone)]
pub struct NewPassword(Secret<String>);

impl NewPassword {
    /// Checks a password against the rules.
    ///
    /// `shortest` is the operator's setting, in characters; `names` are words that it must not simply
    /// repeat (the login, the subdomain).
    ///
    /// # Errors
    /// The rule that it broke, never the password.
    pub fn check(text: String, shortest: usize, names: &[&str]) -> Result<Self, Rule> {
        let text = Secret::new(text);
        let password = text.expose();
        if !(shortest..=LONGEST).contains(&password.chars().count()) {
            return Err(Rule::Length {
                min: shortest,
                max: LONGEST,
            });
        }
        if password.chars().any(char::is_control) {
            return Err(Rule::Control);
        }
        let lower = password.to_lowercase();
        if COMMON.contains(&lower.as_str()) || is_monotonous(&lower) || is_published(&lower) {
            return Err(Rule::CommonPassword);
        }
        if names.iter().any(|name| name.to_lowercase() == lower) {
            return Err(Rule::PasswordIsName);
        }
        Ok(Self(text))
    }

    /// The password, for hashing or for the sealed order to the node.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Whether every character follows its neighbour by the same step of 0, 1 or -1 (`11111111`, `12345678`).
fn is_monotonous(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    [-1, 0, 1].iter().any(|step| {
        codes
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if b - a == *step))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), Rule> {
        NewPassword::check(text.to_owned(), 8, &["ana@example.com", "acme"]).map(drop)
    }

    #[test]
    fn odd_but_strong_passwords_pass() {
        assert_eq!(check(r#"O'Brien "x" \ $1 ;--"#), Ok(()));
        assert_eq!(check("contraseña de Ñandú 🦤"), Ok(()));
    }

    #[test]
    fn weak_passwords_are_refused_by_rule() {
        assert_eq!(check("short"), Err(Rule::Length { min: 8, max: 256 }));
        assert_eq!(check("Password123"), Err(Rule::CommonPassword));
        assert_eq!(check("abcdefghij"), Err(Rule::CommonPassword));
        assert_eq!(check("zzzzzzzzzz"), Err(Rule::CommonPassword));
        assert_eq!(check("Ana@Example.com"), Err(Rule::PasswordIsName));
        assert_eq!(check("with\0a null byte"), Err(Rule::Control));
    }
}
