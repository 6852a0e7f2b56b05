//! What the machine itself has to offer: nginx, room on the disk, a closed file of keys.

use super::Finding;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A template, some tenants and PostgreSQL's log need this much at least, in bytes.
const ENOUGH: u64 = 2 * 1024 * 1024 * 1024;

/// Clocks that differ by more make times in logs and links misleading.
const FAR: SignedDuration = SignedDuration::from_secs(5);

/// This machine's clock agrees with the server's, which dates its answers.
#[expect(clippy::disallowed_methods, reason = "the clock is what is looked at")]
pub(super) fn clock(headers: &HeaderMap) -> Finding {
    let now = Timestamp::now();
    let said = headers.get(DATE).and_then(|value| value.to_str().ok());
    let Some(server) = said.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()) else {
        return Finding::bad("clock", "The server's answer has no date to compare with.");
    };
    let apart = now.duration_since(server.timestamp());
    match apart.abs() <= FAR {
        true => Finding::good("clock", "This machine's clock agrees with the server's."),
        false => Finding::bad(
            "clock",
            format!("This machine's clock is {apart:#} from the server's; set both by NTP."),
        ),
    }
}

/// nginx is installed.
pub(super) fn nginx() -> Finding {
    match crate::up::edge_program() {
        Ok(path) => Finding::good("nginx", format!("{} is there.", path.display())),
        Err(error) => Finding::bad("nginx", error.to_string()),
    }
}

/// The disk has room.
pub(super) fn disk(data: &Path) -> Finding {
    match rustix::fs::statvfs(data) {
        Ok(room) => {
            let free = room.f_bavail.saturating_mul(room.f_frsize);
            let detail = format!(
                "{:.1} GiB are free below {}.",
                free as f64 / f64::from(1 << 30),
                data.display()
            );
            if free >= ENOUGH {
                Finding::good("disk", detail)
            } else {
                Finding::bad("disk", format!("{detail} 2 GiB are needed."))
            }
        }
        Err(error) => Finding::bad(
            "disk",
            format!("The free room below {} cannot be known: {error}.", data.display()),
        ),
    }
}

/// Nobody else reads the file of keys.
pub(super) fn files(path: &Path) -> Finding {
    match std::fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o077) {
        Ok(0) => Finding::good("local.json", "Nobody else may read it."),
        Ok(_) => Finding::bad(
            "local.json",
            format!("Others may read it; run: chmod 600 {}", path.display()),
        ),
        Err(error) => Finding::bad("local.json", error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_far_off_or_not_told_is_found() {
        let dated = |date: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, date.parse().unwrap());
            clock(&headers)
        };
        #[expect(clippy::disallowed_methods, reason = "the clock is what is looked at")]
        let now = Timestamp::now();
        let date =
            |at: Timestamp| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
        assert!(dated(&date(now).unwrap()).good);
        let off = dated(&date(now - SignedDuration::from_mins(3)).unwrap());
        assert!(!off.good && off.detail.contains("NTP"), "{}", off.detail);
        assert!(!dated("yesterday").good);
        assert!(!clock(&HeaderMap::new()).good);
    }

    #[test]
    fn a_file_of_keys_that_others_may_read_and_a_folder_that_is_not_there_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        assert!(!files(&path).good);
        std::fs::write(&path, "{}").unwrap();
        for (mode, good) in [(0o600, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(files(&path).good, good, "{mode:o}");
        }
        assert!(!disk(&folder.path().join("nowhere")).good);
    }
}
