//! Copies a database through PostgreSQL's own programs: the source is read in one snapshot, and nobody leaves it.
//!
//! `CREATE DATABASE ... TEMPLATE` would be faster, but it wants the source without a single session.

use crate::dump;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::room::Room;
use crate::statement;
use sqlx::{Connection, Row};
use std::fs::File;
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::process::{Child, Command};

/// How long the dump waits for a table that somebody is altering. Whoever comes after it would wait as well.
pub(crate) const LOCK_PATIENCE: &str = "--lock-wait-timeout=10s";
/// What a node without a superuser cannot restore: a search index over `unaccent`, which a superuser declared immutable
/// in the source. Odoo makes such indexes itself, and searches without them.
const BEARABLE: &str = "must be marked IMMUTABLE";

/// Copies what the source has in the schema `public`, where all of Odoo's tables are, into an empty database.
/// Returns how many search indexes had to be left out.
///
/// # Errors
/// [`Code::DumpFailed`] with the last words of PostgreSQL's programs.
pub(crate) async fn tables(room: &Room, from: &Identifier, to: &Identifier) -> Result<usize, StepFailure> {
    make_extensions(room, from, to).await?;
    let mut dump = program(room, "pg_dump", from);
    dump.args(["-Fc", "-Z0", "--no-blobs", LOCK_PATIENCE])
        .stdout(Stdio::piped());
    let path = Path::new("pg_dump");
    let mut dumping = dump.spawn().map_err(NodeError::file("run", path))?;
    let pipe = dumping.stdout.take().map(TryInto::<Stdio>::try_into);
    let pipe = pipe.transpose().map_err(NodeError::file("read", path))?;
    let mut restore = program(room, "pg_restore", to);
    restore
        .args(["-n", "public", "--role", room.journal.roles.odoo.as_str()])
        .stdin(pipe.unwrap_or_else(Stdio::null));
    let path = Path::new("pg_restore");
    let restoring = restore.spawn().map_err(NodeError::file("run", path))?;
    // The command holds the pipe's reading end: pg_dump must notice when pg_restore ends early.
    drop(restore);
    let (dumped, restored) = tokio::join!(dumping.wait_with_output(), restoring.wait_with_output());
    let dumped = dumped.map_err(NodeError::file("run", Path::new("pg_dump")))?;
    let restored = restored.map_err(NodeError::file("run", path))?;
    let left_out = verdict(&restored)?;
    if dumped.status.success() {
        Ok(left_out)
    } else {
        let words = String::from_utf8_lossy(&dumped.stderr);
        Err(failed("pg_dump", words.lines().next().unwrap_or_default()))
    }
}

pub(crate) fn program(room: &Room, name: &str, database: &Identifier) -> Command {
    let access = &room.settings.cluster;
    let mut command = dump::program(room, name);
    command.args(["--no-password", "--no-owner", "--no-acl"]);
    command.args(["-h", &access.host, "-p", &access.port.to_string()]);
    command.args(["-U", access.role.as_str(), "-d", database.as_str()]);
    command
}

/// Has PostgreSQL look at tables that were just filled: its planner knows nothing of them.
pub(crate) async fn analyze(room: &Room, name: &Identifier) {
    let analyzed = async {
        let mut connection = room.connect(name).await?;
        statement::vacuum(&mut connection, "ANALYZE").await?;
        Ok::<_, NodeError>(connection.close().await?)
    };
    if let Err(error) = analyzed.await {
        tracing::debug!(%name, error = crate::error::chain(&error), "not analyzed");
    }
}

/// Begins to restore, from a pipe, into an empty database.
pub(crate) fn restoring(room: &Room, to: &Identifier) -> Result<(Child, Option<File>), StepFailure> {
    let path = Path::new("pg_restore");
    let mut restore = program(room, "pg_restore", to);
    // Every statement is a transaction of its own. None waits for the disk: the one that gives the database its name is written
    // to the same log later, and does.
    restore
        .env(
            "PGOPTIONS",
            "-c synchronous_commit=off -c maintenance_work_mem=128MB",
        )
        .args(["--role", room.journal.roles.odoo.as_str()])
        .stdin(Stdio::piped());
    let mut child = restore.spawn().map_err(NodeError::file("run", path))?;
    let pipe = child.stdin.take().map(|pipe| pipe.into_owned_fd());
    let pipe = pipe.transpose().map_err(NodeError::file("write", path))?;
    Ok((child, pipe.map(File::from)))
}

/// What a program of PostgreSQL says that it is.
pub(crate) async fn version(room: &Room, program: &str) -> Result<String, NodeError> {
    let path = Path::new(program);
    let told = dump::program(room, program)
        .arg("--version")
        .stdout(Stdio::piped())
        .output()
        .await;
    let told = told.map_err(NodeError::file("run", path))?;
    let words = String::from_utf8_lossy(&told.stdout);
    let version = words
        .trim()
        .rsplit_once("(PostgreSQL) ")
        .map(|(_, version)| version);
    Ok(version.unwrap_or(words.trim()).to_owned())
}

/// What pg_restore could not do: how many bearable things.
pub(crate) fn verdict(output: &Output) -> Result<usize, StepFailure> {
    let words = String::from_utf8_lossy(&output.stderr);
    let errors = || {
        words
            .lines()
            .filter(|line| line.starts_with("pg_restore: error:"))
    };
    if let Some(error) = errors().find(|error| !error.contains(BEARABLE)) {
        return Err(failed("pg_restore", error));
    }
    let count = errors().count();
    if count == 0 && !output.status.success() {
        return Err(failed(
            "pg_restore",
            words.lines().next_back().unwrap_or_default(),
        ));
    }
    Ok(count)
}

/// What PostgreSQL's programs say when the server went away: nothing of what they dump or restore is at fault.
const GONE: [&str; 7] = [
    "server closed the connection",
    "connection to server",
    "could not connect",
    "no connection to the server",
    "terminating connection",
    "the database system is",
    "SSL connection has been closed",
];

pub(crate) fn failed(program: &str, words: &str) -> StepFailure {
    let says = |any: &[&str]| any.iter().any(|one| words.contains(one));
    let code = if says(&["No space left"]) {
        Code::DiskFull
    } else if says(&GONE) {
        Code::PostgresUnavailable
    } else {
        Code::DumpFailed
    };
    StepFailure::new(
        code,
        format!("{program} failed: {words}. The source is as it was."),
    )
}

/// Makes the source's extensions, as far as the node may: those that only a superuser may make are missed by the
/// restoring, if they are needed.
async fn make_extensions(room: &Room, from: &Identifier, to: &Identifier) -> Result<(), StepFailure> {
    let mut source = room.connect(from).await?;
    let rows = sqlx::query("SELECT extname::text AS name FROM pg_extension WHERE extname <> 'plpgsql'")
        .fetch_all(&mut source)
        .await;
    source.close().await?;
    let rows = rows?;
    let names = rows.iter().map(|row| row.try_get("name"));
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    make_these(room, &names, to).await
}

/// Makes extensions of these names, as far as the node may.
pub(crate) async fn make_these(room: &Room, names: &[String], to: &Identifier) -> Result<(), StepFailure> {
    let mut target = room.connect(to).await?;
    for name in names {
        let Ok(extension) = name.parse::<Identifier>() else {
            continue;
        };
        match statement::create_extension(&mut target, &extension)
            .await
            .map_err(NodeError::from)
        {
            Err(NodeError::Refused { .. }) => {
                tracing::info!(%extension, "an extension of the source is left out")
            }
            made => made?,
        }
    }
    Ok(target.close().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn told(status: i32, stderr: &str) -> Result<usize, StepFailure> {
        verdict(&Output {
            status: ExitStatus::from_raw(status << 8),
            stdout: Vec::new(),
            stderr: stderr.into(),
        })
    }

    #[test]
    fn only_indexes_over_unaccent_may_be_missing() {
        let index = "pg_restore: error: could not execute query: ERROR:  functions in index expression must be marked IMMUTABLE\n";
        let other = "pg_restore: error: could not execute query: ERROR:  type \"geometry\" does not exist\n";
        assert_eq!(told(0, "").unwrap(), 0);
        assert_eq!(
            told(1, &format!("{index}{index}Command was: CREATE INDEX\n")).unwrap(),
            2
        );
        let failure = told(1, &format!("{index}{other}")).unwrap_err();
        assert!(failure.detail.contains("geometry"), "{}", failure.detail);
        assert!(told(1, "pg_restore: warning: errors ignored on restore: 1\n").is_err());
        let full = "pg_restore: error: could not extend file: No space left on device\n";
        assert_eq!(told(1, full).unwrap_err().code, Code::DiskFull);
    }
}
