//! The command line that a child is started with: no inherited environment, no rights of ours, death with us.

use crate::account::Account;
use crate::child::ChildSpec;
use crate::error::ChildError;
use crate::files;
use crate::signal::Signal;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// util-linux's program that sets the signal for "the parent died" and drops rights, in the order that works:
/// the kernel forgets the signal when the user changes, so it must be set last. The standard library can only
/// change the user, and setting the signal before the exec would take unsafe code.
const SETPRIV: [&str; 2] = ["/usr/bin/setpriv", "/bin/setpriv"];

/// The command for a child, leader of its own process group.
///
/// # Errors
/// When its account may not be used or its log cannot be opened.
pub(crate) fn command(spec: &ChildSpec) -> Result<Command, ChildError> {
    if let Some(account) = &spec.run_as {
        Account::permitted(account)?;
    }
    let file_error = |source| ChildError::File {
        action: "open",
        path: spec.log_file.clone(),
        source,
    };
    let log = files::open_log(&spec.log_file, spec.run_as.as_ref()).map_err(file_error)?;
    let log_too = log.try_clone().map_err(file_error)?;
    let mut command = wrapped(spec);
    command
        .env_clear()
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&spec.working_dir)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(log_too);
    Ok(command)
}

fn wrapped(spec: &ChildSpec) -> Command {
    let switch = spec
        .run_as
        .as_ref()
        .filter(|account| *account != &Account::current());
    let Some(setpriv) = setpriv() else {
        return bare(spec, switch);
    };
    let mut command = Command::new(setpriv);
    let death = spec.stop.first().map_or(Signal::TERM, |step| step.signal);
    command.args(["--pdeathsig", death.name()]);
    if let Some(account) = switch {
        command.arg("--reuid").arg(account.uid.to_string());
        command.arg("--regid").arg(account.gid.to_string());
        if Account::current().is_root() {
            command.arg("--clear-groups");
        }
    }
    command.arg("--").arg(&spec.program).args(&spec.args);
    command
}

/// Without setpriv a child outlives us when we are killed, until the next start ends it.
fn bare(spec: &ChildSpec, switch: Option<&Account>) -> Command {
    tracing::warn!(
        child = spec.name,
        "no setpriv of util-linux here: the child will not end when we are killed"
    );
    let mut command = Command::new(&spec.program);
    command.args(&spec.args);
    if let Some(account) = switch {
        // As root, the standard library also clears the supplementary groups.
        command.uid(account.uid).gid(account.gid);
    }
    command
}

fn setpriv() -> Option<PathBuf> {
    // BusyBox has a setpriv that knows nothing of a death signal.
    let real = |path: &Path| {
        path.canonicalize()
            .is_ok_and(|path| path.file_name().is_some_and(|name| name == "setpriv"))
    };
    SETPRIV.into_iter().map(PathBuf::from).find(|path| real(path))
}

/// The variables that a program needs to find others and to speak plainly, for [`ChildSpec::env`].
pub(crate) fn plain_environment() -> Vec<(OsString, OsString)> {
    [
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &Command) -> String {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_first_stop_signal_is_the_death_signal() {
        let spec = ChildSpec::new("a", "/bin/true", "/log").args(["-x"]);
        let spec = spec.stop(Signal::INT, std::time::Duration::ZERO);
        assert!(words(&wrapped(&spec)).ends_with("setpriv --pdeathsig INT -- /bin/true -x"));
    }

    #[test]
    fn another_account_is_switched_to_and_our_own_is_not() {
        let other = Account {
            name: "other".to_owned(),
            uid: 4_000_001,
            gid: 4_000_002,
        };
        let spec = ChildSpec::new("a", "/bin/true", "/log");
        let switched = words(&wrapped(&spec.clone().run_as(other)));
        assert!(
            switched.contains("--pdeathsig TERM --reuid 4000001 --regid 4000002 "),
            "{switched}"
        );
        assert!(!words(&wrapped(&spec.run_as(Account::current()))).contains("--reuid"));
    }

    #[test]
    fn without_setpriv_the_program_is_started_itself() {
        let spec = ChildSpec::new("a", "/bin/true", "/log").args(["-x"]);
        assert_eq!(words(&bare(&spec, None)), "/bin/true -x");
    }
}
