//! Fills the new database from a dump, through psql in restricted mode, as a role that can reach nothing else.

use super::filter::{self, Passed};
use super::{Bounded, Content, Upload, bomb, damaged, refused, unzip};
use crate::copy;
use crate::dump;
use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::random;
use crate::room::Room;
use domain::Secret;
use sqlx::Row;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::Command;

/// What PostgreSQL may complain of: search indexes over `unaccent`, settings of newer versions of pg_dump, the schema that is there.
const BEARABLE: [&str; 3] = [
    "must be marked IMMUTABLE",
    "unrecognized configuration parameter",
    "schema \"public\" already exists",
];
/// The longest complaint that is read, in bytes; what is behind it is thrown away.
const LONGEST: u64 = 8192;

/// Fills it; gives how many search indexes were left out.
pub(crate) async fn fill(
    room: &Room,
    upload: Upload,
    (database, role, password): (&Identifier, &Identifier, &Secret<String>),
) -> Result<usize, StepFailure> {
    let server = server_version(room).await?;
    know_restricted(room, (database, role, password)).await?;
    let path = Path::new("psql");
    let mut command = psql(room, (database, role, password));
    command.arg("--file=-").stdin(Stdio::piped());
    let mut child = command.spawn().map_err(NodeError::file("run", path))?;
    let missing = || NodeError::Record {
        what: "the pipes of psql".to_owned(),
    };
    let stdin = child.stdin.take().ok_or_else(missing)?.into_owned_fd();
    let stdin = File::from(stdin.map_err(NodeError::file("write to", path))?);
    let said = child.stderr.take().ok_or_else(missing)?;
    let restorer = match upload.content {
        Content::Sql => None,
        _ => Some(restorer(room)),
    };
    let feeding = room.blocking(move || feed(&upload, restorer, stdin, server));
    let judging = async {
        let judged = complaints(said).await;
        if judged.is_err() {
            // What follows would only be complaints about what is missing.
            let _ = child.start_kill();
        }
        let ended = child.wait().await;
        (judged, ended)
    };
    let (fed, (judged, ended)) = tokio::join!(feeding, judging);
    let left_out = match (fed, judged) {
        // What was wrong with the file is the cause of what psql met.
        (Err(failure), _) => return Err(failure),
        (_, Err(failure)) => return Err(failure),
        (Ok(Passed::Cut(source)), Ok(_)) => return Err(NodeError::Stream { source }.into()),
        (Ok(Passed::Whole), Ok(left_out)) => left_out,
    };
    let ended = ended.map_err(NodeError::file("run", path))?;
    match ended.success() {
        true => Ok(left_out),
        false => Err(copy::failed("psql", &format!("it ended with {ended}"))),
    }
}

fn psql(room: &Room, (database, role, password): (&Identifier, &Identifier, &Secret<String>)) -> Command {
    let access = &room.settings.cluster;
    let mut command = dump::program(room, "psql");
    command
        .env("PGPASSWORD", password.expose())
        .env(
            "PGOPTIONS",
            "-c synchronous_commit=off -c client_min_messages=error",
        )
        .args(["--no-psqlrc", "--quiet", "--no-password"])
        .args(["-h", &access.host, "-p", &access.port.to_string()])
        .args(["-U", role.as_str(), "-d", database.as_str()]);
    command
}

async fn server_version(room: &Room) -> Result<u32, StepFailure> {
    let row = sqlx::query("SELECT current_setting('server_version_num')::int / 10000 AS major")
        .fetch_one(&room.journal.pool)
        .await
        .map_err(NodeError::from)?;
    let major: i32 = row.try_get("major").map_err(NodeError::from)?;
    Ok(u32::try_from(major).unwrap_or_default())
}

/// Makes sure that this psql knows its restricted mode: without it, a dump could have it run programs.
async fn know_restricted(
    room: &Room,
    access: (&Identifier, &Identifier, &Secret<String>),
) -> Result<(), StepFailure> {
    let mut command = psql(room, access);
    command.args(["-v", "ON_ERROR_STOP=1", "-c", "\\restrict probe"]);
    let probed = command.output().await;
    let probed = probed.map_err(NodeError::file("run", Path::new("psql")))?;
    match probed.status.success() {
        true => Ok(()),
        false => Err(copy::failed(
            "psql",
            &format!(
                "it does not know its restricted mode, or does not reach the database; bring PostgreSQL's client programs of this node up to \
                 date ({})",
                String::from_utf8_lossy(&probed.stderr)
                    .lines()
                    .next()
                    .unwrap_or_default()
            ),
        )),
    }
}

/// The program that turns PostgreSQL's own format into SQL. It is given no database and no password.
fn restorer(room: &Room) -> std::process::Command {
    let mut command = std::process::Command::new(room.settings.pg_bin_dir.join("pg_restore"));
    command
        .env_clear()
        .env("LC_ALL", "C")
        .args(["--no-owner", "--no-acl", "--file=-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Hands the dump to psql, in restricted mode from its first line on: of its own commands it takes none then.
fn feed(
    upload: &Upload,
    restorer: Option<std::process::Command>,
    mut to: File,
    server: u32,
) -> Result<Passed, StepFailure> {
    let key = hex::encode(random::bytes::<32>());
    if let Err(error) = writeln!(to, "\\restrict {key}") {
        return Ok(Passed::Cut(error));
    }
    let open = || File::open(&upload.path).map_err(NodeError::file("open", &upload.path));
    let passed = match upload.content {
        Content::Sql => filter::pass(open()?, &mut to, server),
        Content::Custom => unpacked(open()?, restorer, &mut to, server),
        Content::Zip => {
            let mut archive = upload.archive()?;
            let (name, is_plain) = match archive.index_for_name("dump.sql") {
                Some(_) => ("dump.sql", true),
                None => ("dump.dump", false),
            };
            let entry = archive.by_name(name).map_err(unzip)?;
            let from = Bounded {
                from: entry,
                left: upload.most,
            };
            match is_plain {
                true => filter::pass(from, &mut to, server),
                false => unpacked(from, restorer, &mut to, server),
            }
        }
    };
    match passed? {
        Passed::Cut(error) if error.kind() == ErrorKind::QuotaExceeded => Err(bomb()),
        Passed::Cut(error) if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput) => {
            Err(damaged(format!("The zip is damaged ({error}). Upload it again.")))
        }
        passed => Ok(passed),
    }
}

/// The same through the program that turns it into SQL.
fn unpacked(
    mut from: impl Read + Send,
    restorer: Option<std::process::Command>,
    to: &mut File,
    server: u32,
) -> Result<Passed, StepFailure> {
    let path = Path::new("pg_restore");
    let missing = || NodeError::Record {
        what: "the pipes of pg_restore".to_owned(),
    };
    let mut command = restorer.ok_or_else(missing)?;
    let mut child = command.spawn().map_err(NodeError::file("run", path))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (mut stdin, stdout) = (stdin.ok_or_else(missing)?, stdout.ok_or_else(missing)?);
    let (passed, copied) = thread::scope(|scope| {
        let copying = scope.spawn(move || io::copy(&mut from, &mut stdin));
        let passed = filter::pass(stdout, to, server);
        if !matches!(passed, Ok(Passed::Whole)) {
            let _ = child.kill();
        }
        (passed, copying.join())
    });
    verdict(child, passed, copied.unwrap_or(Ok(0)))
}

fn verdict(
    child: Child,
    passed: Result<Passed, StepFailure>,
    copied: io::Result<u64>,
) -> Result<Passed, StepFailure> {
    let output = child
        .wait_with_output()
        .map_err(NodeError::file("run", Path::new("pg_restore")))?;
    match (passed?, copied) {
        (Passed::Whole, Err(error)) if error.kind() != ErrorKind::BrokenPipe => Ok(Passed::Cut(error)),
        (Passed::Whole, _) if !output.status.success() => {
            let words = String::from_utf8_lossy(&output.stderr);
            let words: String = words
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect();
            Err(refused(match words.contains("unsupported version") {
                true => "The dump was made by a newer pg_dump than is here. Make it with this version of PostgreSQL, or as SQL (pg_dump -Fp).".to_owned(),
                false => format!("The dump cannot be read: {words}"),
            }))
        }
        (passed, _) => Ok(passed),
    }
}

/// Reads what psql complains of: gives how many bearable things, or the first other one.
async fn complaints(from: impl AsyncRead + Unpin) -> Result<usize, StepFailure> {
    let mut from = BufReader::new(from);
    let (mut line, mut bearable) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut from).take(LONGEST).read_until(b'\n', &mut line).await;
        match read {
            Ok(0) => return Ok(bearable),
            Err(source) => return Err(NodeError::Stream { source }.into()),
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let is_error = ["ERROR:", "FATAL:", "error:", "\\"]
            .iter()
            .any(|word| text.contains(word));
        if !text.starts_with("psql:") || !is_error {
            continue;
        }
        match BEARABLE.iter().any(|words| text.contains(words)) {
            true => bearable += 1,
            false => {
                let words = text
                    .trim_end()
                    .rsplit_once("ERROR:")
                    .map_or(text.trim_end(), |(_, words)| words);
                let words: String = words.trim().chars().take(200).collect();
                return Err(refused(format!("PostgreSQL does not take the dump: {words}")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn search_indexes_may_be_missing_and_nothing_else() {
        let bearable =
            "psql:<stdin>:9: ERROR:  functions in index expression must be marked IMMUTABLE\nLINE 1: x\n";
        assert_eq!(complaints(bearable.as_bytes()).await.unwrap(), 1);
        for wrong in [
            "psql:<stdin>:9: ERROR:  permission denied for database x\n",
            "psql:<stdin>:2: error: backslash commands are restricted; only \\unrestrict is allowed\n",
        ] {
            assert!(complaints(wrong.as_bytes()).await.is_err(), "{wrong}");
        }
    }
}
