//! `tenantry audit verify`: at the server, or in a file and without it.

use super::Span;
use crate::error::Error;
use crate::options::Options;
use crate::output::{Terminal, clean};
use crate::request::Request;
use crate::session::{Reader, Session};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use clap::Args;
use domain::chain::{Walk, bytes_of_hex};
use serde_json::json;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use wire::audit::{AuditVerification, ChainLine};

/// Bytes of a public key.
const KEY_LENGTH: usize = 32;

/// What to check.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// A file that `tenantry audit export --chain` wrote; without it, the server checks what it has.
    #[arg(requires = "key")]
    pub file: Option<PathBuf>,
    /// The public keys that may have signed: 64 hexadecimal digits, or a file that `tenantry audit keys` wrote.
    #[arg(long, requires = "file")]
    pub key: Vec<String>,
    /// From when to when; a file is checked as a whole.
    #[command(flatten)]
    pub span: Span,
}

impl Verify {
    pub(super) async fn online(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = Request::read(&["audit", "verification"])
            .query("from", self.span.from.as_ref())
            .query("to", self.span.to.as_ref());
        let answer = session.client.send(&request).await?;
        let checked: AuditVerification = answer.decode()?;
        let mut lines: Vec<String> = checked
            .findings
            .iter()
            .map(|finding| finding.detail.clone())
            .collect();
        lines.push(summary(checked.days, checked.entries, checked.found));
        if let Some(since) = checked.unsealed_since {
            lines.push(format!(
                "{} entries wait for their seal, the oldest since {since}.",
                checked.unsealed
            ));
        }
        session.print(&answer, &lines.join("\n"))?;
        match checked.whole {
            true => Ok(()),
            false => Err(Error::Broken { found: checked.found }),
        }
    }

    /// Checks a file. Nothing is asked of any server, and no credentials are looked for.
    pub(crate) fn offline(&self, options: &Options, terminal: &mut Terminal) -> Result<(), Error> {
        let Some(file) = &self.file else { return Ok(()) };
        let keys = keys(&self.key)?;
        let signed = |statement: &str, signature: &[u8]| {
            let by = |key: &Vec<u8>| {
                let key = UnparsedPublicKey::new(&ED25519, key);
                key.verify(statement.as_bytes(), signature).is_ok()
            };
            keys.iter().any(by)
        };
        let mut walk = Walk::new(signed);
        follow(file, &mut walk)?;
        let ((days, entries), found) = (walk.length(), walk.found());
        let reader = if options.json {
            Reader::Machine
        } else {
            Reader::Person
        };
        match reader {
            Reader::Machine => {
                let findings: Vec<_> = walk
                    .findings()
                    .iter()
                    .map(|finding| {
                        json!({ "day": finding.day, "number": finding.number, "entry": finding.entry,
                            "broken": finding.broken.as_str(), "detail": finding.to_string() })
                    })
                    .collect();
                let document = json!({ "whole": found == 0, "days": days, "entries": entries, "found": found, "findings": findings });
                terminal.json(&document.to_string())?;
            }
            Reader::Person => {
                let lines = walk
                    .findings()
                    .iter()
                    .map(|finding| format!("{}\n", clean(&finding.to_string())));
                let text = lines.collect::<String>();
                terminal.text(&format!("{text}{}\n", summary(days, entries, found)))?;
            }
        }
        match found {
            0 => Ok(()),
            found => Err(Error::Broken { found }),
        }
    }
}

fn summary(days: u64, entries: u64, found: usize) -> String {
    match found {
        0 => format!("{days} days with {entries} entries are as they were sealed."),
        found => format!("{days} days with {entries} entries: {found} findings."),
    }
}

/// Goes along the lines of a file, from its first to its last.
fn follow<V: Fn(&str, &[u8]) -> bool>(file: &Path, walk: &mut Walk<V>) -> Result<(), Error> {
    let name = file.display();
    let cannot = |why: String| Error::usage(format!("{name} {why}"), "Export it again.");
    let opened = File::open(file).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    let mut last = None;
    for (number, line) in (1..).zip(BufReader::new(opened).lines()) {
        let bad = || cannot(format!("is no exported chain: line {number} cannot be read"));
        let line: ChainLine = serde_json::from_str(&line?).map_err(|_| bad())?;
        let is_first = matches!(line, ChainLine::Chain { .. });
        if is_first != (number == 1) || last == Some(ChainLine::Done) {
            return Err(bad());
        }
        line.step(walk).map_err(|_| bad())?;
        last = Some(line);
    }
    match last {
        Some(ChainLine::Done) => Ok(()),
        _ => Err(cannot("was cut off: its last line is missing".to_owned())),
    }
}

/// The public keys, given as such or in files: the first word of each line.
fn keys(given: &[String]) -> Result<Vec<Vec<u8>>, Error> {
    let mut keys = Vec::new();
    for one in given {
        let text = match key(one) {
            Some(key) => {
                keys.push(key);
                continue;
            }
            None => fs::read_to_string(one).map_err(|error| {
                let what = format!("{one} is neither a key nor a file: {error}");
                Error::usage(
                    what,
                    "A key has 64 hexadecimal digits; tenantry audit keys prints it.",
                )
            })?,
        };
        for line in text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        {
            let word = line.split_whitespace().next().unwrap_or_default();
            let known = key(word).ok_or_else(|| {
                Error::usage(
                    format!("{one} holds a line that is no key"),
                    "Write it again with tenantry audit keys.",
                )
            })?;
            keys.push(known);
        }
    }
    Ok(keys)
}

fn key(text: &str) -> Option<Vec<u8>> {
    bytes_of_hex(text).filter(|bytes| bytes.len() == KEY_LENGTH)
}
