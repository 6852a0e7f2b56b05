//! Questions to the person: the name again before something is destroyed, and passwords without echo.

use crate::error::Error;
use crate::output::Terminal;
use std::io::Read;
use wire::Plaintext;

/// Longest password taken from standard input, in bytes; the server's own limit is lower.
const LONGEST_PASSWORD: u64 = 4096;

/// How often a mistyped password may be typed again.
const ATTEMPTS: usize = 3;

/// Makes sure that the person means `name`: from `--yes`, or typed on the terminal.
pub(crate) fn confirm(
    terminal: &mut Terminal,
    action: &str,
    name: &str,
    yes: Option<&str>,
) -> Result<(), Error> {
    if let Some(repeated) = yes {
        return compare(name, repeated, "--yes");
    }
    if !terminal.interactive.input {
        return Err(Error::usage(
            format!("nobody is here to confirm that {name} is to be {action}"),
            format!("If you mean it, say so with: --yes {name}"),
        ));
    }
    terminal.error_text(&format!(
        "{name} will be {action}. Type its name again to confirm: "
    ))?;
    let typed = terminal.read_line()?.unwrap_or_default();
    compare(name, typed.trim(), "the answer")
}

fn compare(name: &str, repeated: &str, source: &str) -> Result<(), Error> {
    if repeated == name {
        Ok(())
    } else {
        Err(Error::NotConfirmed {
            what: format!("{source} does not repeat the name {name}"),
        })
    }
}

/// The password that is the only line on standard input.
pub(crate) fn password_from_input(terminal: &mut Terminal) -> Result<Plaintext, Error> {
    let mut text = String::new();
    terminal
        .input
        .by_ref()
        .take(LONGEST_PASSWORD)
        .read_to_string(&mut text)?;
    let end = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(end);
    if text.is_empty() || text.contains(['\n', '\r']) {
        return Err(Error::usage(
            "--password-stdin needs one line on standard input, which is the password",
            "For example: pass show customers/acme | tenantry tenant password acme --password-stdin",
        ));
    }
    Ok(Plaintext::new(text))
}

/// A new password, typed twice on the terminal.
pub(crate) fn new_password(terminal: &mut Terminal, name: &str) -> Result<Plaintext, Error> {
    if !terminal.interactive.input {
        return Err(Error::usage(
            "nobody is here to type the new password",
            "Give it on standard input, with --password-stdin.",
        ));
    }
    for _ in 0..ATTEMPTS {
        let first = Plaintext::new((terminal.ask_secret)(&format!(
            "New password of {name}'s administrator: "
        ))?);
        let second = Plaintext::new((terminal.ask_secret)("The same again: ")?);
        if first == second && !first.expose().is_empty() {
            return Ok(first);
        }
        terminal.error_text("The two are not the same, or empty. Once more.\n")?;
    }
    Err(Error::NotConfirmed {
        what: "the password was not typed twice the same way".to_owned(),
    })
}
