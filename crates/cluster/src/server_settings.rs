//! The server's settings file, written anew at each start and reload and included by `postgresql.conf`.

use crate::account::Account;
use crate::error::ClusterError;
use crate::files;
use crate::settings::{ClusterSettings, Durability};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILE: &str = "tenantry.conf";
const INCLUDE: &str = "include_if_exists = 'tenantry.conf'";

/// What `Disposable` gives up. Commits still wait for the write (which costs little without a flush), so that
/// a killed server loses nothing.
const DISPOSABLE: [(&str, &str); 2] = [("fsync", "off"), ("full_page_writes", "off")];

/// Writes the file and makes `postgresql.conf` include it.
///
/// # Errors
/// When a setting is not allowed or a file cannot be written.
pub(crate) fn write(settings: &ClusterSettings, account: &Account) -> Result<(), ClusterError> {
    let text = format(settings)?;
    let path = settings.data_dir.join(FILE);
    files::replace(&path, &text, 0o600, Some(account)).map_err(|source| ClusterError::File {
        action: "write",
        path,
        source,
    })?;
    let path = settings.data_dir.join("postgresql.conf");
    include(&path).map_err(|source| ClusterError::File {
        action: "change",
        path,
        source,
    })
}

fn format(settings: &ClusterSettings) -> Result<String, ClusterError> {
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut lines = vec![
        own("max_connections", &settings.max_connections.to_string()),
        own("password_encryption", "scram-sha-256"),
        own("timezone", "UTC"),
        own("log_timezone", "UTC"),
        // Everything goes to the one log that the supervisor opened, and says whom a line is about.
        own("logging_collector", "off"),
        own("log_destination", "stderr"),
        own("log_line_prefix", "%m [%p] %q%u@%d "),
        // After a crash everything is flushed before the log is replayed: file by file that takes a minute with some
        // dozens of Odoo's databases, by file system a moment.
        own("recovery_init_sync_method", "syncfs"),
    ];
    if settings.durability == Durability::Disposable {
        lines.extend(DISPOSABLE.map(|(name, value)| own(name, value)));
    }
    if !settings.libraries.is_empty() {
        lines.push(own("shared_preload_libraries", &settings.libraries.join(", ")));
    }
    lines.extend(settings.extra.iter().cloned());
    let mut text = "# Written by tenantry at each start; change its configuration instead.\n".to_owned();
    for (name, value) in lines {
        text.push_str(&line(&name, &value)?);
    }
    Ok(text)
}

/// One quoted line; PostgreSQL reads backslashes in quotes as escapes.
fn line(name: &str, value: &str) -> Result<String, ClusterError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    // "include" would read other files instead of setting something.
    let includes = name.to_ascii_lowercase().starts_with("include");
    if name.is_empty() || includes || !name.bytes().all(allowed) || value.contains(['\n', '\r', '\0']) {
        return Err(ClusterError::Setting {
            name: name.to_owned(),
        });
    }
    Ok(format!(
        "{name} = '{}'\n",
        value.replace('\\', "\\\\").replace('\'', "''")
    ))
}

fn include(path: &Path) -> io::Result<()> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .custom_flags(no_follow)
        .open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    if String::from_utf8_lossy(&bytes)
        .lines()
        .any(|line| line.trim() == INCLUDE)
    {
        return Ok(());
    }
    file.write_all(format!("\n{INCLUDE}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Password;

    fn settings(extra: &[(&str, &str)]) -> ClusterSettings {
        let mut settings = ClusterSettings::under(Path::new("/base"), 1, Password::new("p".to_owned()));
        settings.extra = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        settings
    }

    #[test]
    fn values_are_quoted_and_extra_settings_come_last() {
        let text = format(&settings(&[
            ("archive_command", r"cp '%p' C:\x"),
            ("pg_trgm.x", "1"),
        ]))
        .unwrap();
        assert!(
            text.contains("\narchive_command = 'cp ''%p'' C:\\\\x'\npg_trgm.x = '1'\n"),
            "{text}"
        );
        assert!(!text.contains("fsync"));
    }

    #[test]
    fn lines_cannot_be_smuggled_in() {
        for (name, value) in [
            ("a", "b\nfsync = off"),
            ("a = 'x' #", "b"),
            ("", "b"),
            ("Include", "/etc/x"),
        ] {
            assert!(matches!(
                format(&settings(&[(name, value)])),
                Err(ClusterError::Setting { .. })
            ));
        }
    }
}
