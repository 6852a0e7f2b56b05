//! Turns a dump in PostgreSQL's own format into SQL, through a pipe.

use crate::backup::fetch::Reader;
use crate::copy;
use crate::dump;
use crate::error::{NodeError, StepFailure};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::process::Child;

const PROGRAM: &str = "pg_restore";

/// The program at work.
pub(super) struct Unpacking {
    pub(super) child: Child,
    /// Where the dump goes in.
    pub(super) dump: File,
    /// Where the SQL comes out.
    pub(super) text: File,
}

/// Begins; `arguments` say what of the dump is wanted.
pub(super) fn begin(reader: &Reader<'_>, arguments: &[String]) -> Result<Unpacking, StepFailure> {
    let path = Path::new(PROGRAM);
    let mut command = dump::program(reader.room, PROGRAM);
    command
        .args(["--no-owner", "--no-acl", "--file=-"])
        .args(arguments);
    if knows_restrict_key(reader) {
        // Without it, the same dump would be another text each time, and a download that was cut could not be gone on with. What a
        // tenant put into the database cannot guess it.
        command.arg(format!(
            "--restrict-key={}",
            reader.key.word(&reader.manifest.backup.to_string())
        ));
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(NodeError::file("run", path))?;
    let missing = || NodeError::Record {
        what: format!("the pipes of {PROGRAM}"),
    };
    let dump = child.stdin.take().ok_or_else(missing)?.into_owned_fd();
    let text = child.stdout.take().ok_or_else(missing)?.into_owned_fd();
    Ok(Unpacking {
        child,
        dump: File::from(dump.map_err(NodeError::file("write to", path))?),
        text: File::from(text.map_err(NodeError::file("read", path))?),
    })
}

/// Whether the program that is installed writes, and lets itself be told, the key of `\restrict`.
fn knows_restrict_key(reader: &Reader<'_>) -> bool {
    let mut command = dump::program(reader.room, PROGRAM).into_std();
    let help = command.arg("--help").stdout(Stdio::piped()).output();
    help.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("--restrict-key"))
}

/// What the program said in the end.
pub(super) fn verdict(ended: io::Result<Output>) -> Result<(), StepFailure> {
    let output = ended.map_err(NodeError::file("run", Path::new(PROGRAM)))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let words = String::from_utf8_lossy(&output.stderr);
            Err(copy::failed(PROGRAM, words.lines().next().unwrap_or_default()))
        }
    }
}
