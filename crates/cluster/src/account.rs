//! The system accounts that children run as.

use crate::error::AccountError;
use std::fs;

const ACCOUNTS: &str = "/etc/passwd";

/// A system account: what a child is run as, and who owns its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The login name; the number as text when the account has no entry.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id; children get no supplementary groups.
    pub gid: u32,
}

impl Account {
    /// The account that this program runs as.
    pub fn current() -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let gid = rustix::process::getegid().as_raw();
        let name = read_accounts()
            .ok()
            .and_then(|text| parse(&text).find(|account| account.uid == uid))
            .map_or_else(|| uid.to_string(), |account| account.name);
        Self { name, uid, gid }
    }

    /// Looks an account up in `/etc/passwd` (accounts of LDAP and the like are not seen).
    ///
    /// # Errors
    /// When there is no such account, or the file cannot be read.
    pub fn by_name(name: &str) -> Result<Self, AccountError> {
        let text = read_accounts().map_err(|source| AccountError::Read { source })?;
        parse(&text)
            .find(|account| account.name == name)
            .ok_or_else(|| AccountError::Unknown {
                name: name.to_owned(),
            })
    }

    /// Whether this is root, which PostgreSQL refuses to run as.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// The account to run a child as when `wanted` is asked for: itself when it is ours or we are root.
    ///
    /// # Errors
    /// When we are not root and it is another account.
    pub(crate) fn permitted(wanted: &Self) -> Result<(), AccountError> {
        let current = Self::current();
        if current.is_root() || current.uid == wanted.uid {
            return Ok(());
        }
        Err(AccountError::CannotSwitch {
            from: current.name,
            to: wanted.name.clone(),
        })
    }

    /// The account for PostgreSQL: as asked; else our own, or `postgres`, or `nobody` when we are root.
    ///
    /// # Errors
    /// When the account is unknown, is root, or cannot be switched to.
    pub(crate) fn for_database(asked: Option<&str>) -> Result<Self, AccountError> {
        let account = match asked {
            Some(name) => Self::by_name(name)?,
            None if !Self::current().is_root() => Self::current(),
            None => Self::by_name("postgres").or_else(|_| Self::by_name("nobody"))?,
        };
        if account.is_root() {
            return Err(AccountError::Root);
        }
        Self::permitted(&account)?;
        Ok(account)
    }
}

fn read_accounts() -> std::io::Result<String> {
    // Names are bytes to the system, and one odd comment field must not hide all the accounts.
    fs::read(ACCOUNTS).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn parse(text: &str) -> impl Iterator<Item = Account> + '_ {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_from_lines_and_broken_lines_skipped() {
        let text = "root:x:0:0:root:/root:/bin/sh\n#comment\npostgres:x:101:104:A,,,:/var:/bin/bash\n";
        let accounts: Vec<Account> = parse(text).collect();
        assert_eq!(accounts.len(), 2);
        assert_eq!(
            accounts[1],
            Account {
                name: "postgres".to_owned(),
                uid: 101,
                gid: 104
            }
        );
    }

    #[test]
    fn postgresql_is_never_given_root() {
        assert!(matches!(
            Account::for_database(Some("root")),
            Err(AccountError::Root)
        ));
        assert!(!Account::for_database(None).unwrap().is_root());
    }
}
