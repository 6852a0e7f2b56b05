//! What pgBackRest and PostgreSQL are told so that a cluster's log goes into an archive of the same machine.

use std::path::Path;

/// The most of the log that may wait for the archive. Beyond that, pieces of it are let go, so that a broken archive does not fill the
/// cluster's own disk and end it: the window then begins anew, and the node says so.
const QUEUE_MAX: &str = "4GiB";
/// After so many seconds a piece of the log goes into the archive although it is not full.
const TIMEOUT: &str = "60";

/// An archive in a folder of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    /// pgBackRest.
    pub program: &'a Path,
    /// Its configuration's file.
    pub config: &'a Path,
    /// Where the archive lies, with what pgBackRest needs beside it. For the account of the cluster alone.
    pub folder: &'a Path,
    /// What the archive is encrypted with.
    pub key: &'a str,
    /// The cluster's data.
    pub data_dir: &'a Path,
    /// The folder of its socket.
    pub socket_dir: &'a Path,
    /// Its port, which is part of the socket's name.
    pub port: u16,
    /// The node's role.
    pub role: &'a str,
}

impl Archive<'_> {
    /// The name of the cluster in it.
    pub const STANZA: &'static str = "node";
    /// The folders that it has in its own.
    pub const FOLDERS: [&'static str; 4] = ["repository", "lock", "log", "spool"];

    /// pgBackRest's configuration. It holds the key: to be written with mode 600.
    pub fn configuration(&self) -> String {
        let [repository, lock, log, spool] = Self::FOLDERS.map(|name| self.folder.join(name));
        let text = |path: &Path| path.display().to_string();
        let lines = [
            ("repo1-path", text(&repository)),
            ("repo1-cipher-type", "aes-256-cbc".to_owned()),
            ("repo1-cipher-pass", self.key.to_owned()),
            ("repo1-retention-full", "2".to_owned()),
            ("repo1-bundle", "y".to_owned()),
            ("compress-type", "zst".to_owned()),
            ("compress-level", "3".to_owned()),
            ("process-max", "2".to_owned()),
            ("start-fast", "y".to_owned()),
            ("archive-push-queue-max", QUEUE_MAX.to_owned()),
            ("lock-path", text(&lock)),
            ("log-path", text(&log)),
            ("spool-path", text(&spool)),
        ];
        let cluster = [
            ("pg1-path", text(self.data_dir)),
            ("pg1-socket-path", text(self.socket_dir)),
            ("pg1-port", self.port.to_string()),
            ("pg1-user", self.role.to_owned()),
        ];
        let section = |lines: &[(&str, String)]| {
            let lines = lines.iter().map(|(name, value)| format!("{name}={value}\n"));
            lines.collect::<String>()
        };
        format!(
            "[global]\n{}\n[{}]\n{}",
            section(&lines),
            Self::STANZA,
            section(&cluster)
        )
    }

    /// What PostgreSQL is told. Pages are written whole: without that, databases that are left out of a restore could not be replayed.
    pub fn settings(&self) -> Vec<(String, String)> {
        let quoted = |path: &Path| {
            let path = path.display().to_string();
            format!("'{}'", path.replace('\'', r"'\''").replace('%', "%%"))
        };
        let command = format!(
            "{} --config={} --stanza={} archive-push %p",
            quoted(self.program),
            quoted(self.config),
            Self::STANZA
        );
        [
            ("archive_mode", "on"),
            ("archive_command", command.as_str()),
            ("archive_timeout", TIMEOUT),
            ("full_page_writes", "on"),
            ("wal_level", "replica"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_in_the_configuration_and_in_no_command() {
        let archive = Archive {
            program: Path::new("/usr/bin/pgbackrest"),
            config: Path::new("/it's 100%/a.conf"),
            folder: Path::new("/archive"),
            key: "geheim",
            data_dir: Path::new("/data"),
            socket_dir: Path::new("/socket"),
            port: 5433,
            role: "tenantry_node",
        };
        let text = archive.configuration();
        assert!(text.contains("repo1-cipher-pass=geheim\n") && text.contains("[node]\npg1-path=/data\n"));
        let settings = archive.settings();
        let command = &settings
            .iter()
            .find(|(name, _)| name == "archive_command")
            .unwrap()
            .1;
        assert_eq!(
            command,
            r"'/usr/bin/pgbackrest' --config='/it'\''s 100%%/a.conf' --stanza=node archive-push %p"
        );
        assert!(settings.iter().all(|(_, value)| !value.contains("geheim")));
    }
}
