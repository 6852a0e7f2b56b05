//! A tenant with much in it, backed up and restored: ours beside `pg_dump -Fc` with `tar | gzip`, and beside Odoo's own zip.

use crate::arguments::Effort;
use crate::ground::{Ground, NODE_ROLE};
use crate::measure::{Samples, milliseconds};
use crate::processes::{Whose, most_held};
use crate::rows::Findings;
use crate::rows::duplicate::Odoo;
use crate::table::{Goal, Row, Unit};
use crate::tenants::{Access, Made};
use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use tokio::process::Command;
use tokio::time::Instant;

/// Files of 256 KiB that nothing makes smaller, as pictures and PDFs are: a gigabyte in all, or a tenth of it.
const FILE: usize = 256 << 10;
const FILES: (usize, usize) = (400, 4096);
/// Rows of about a kilobyte, half of which is not to be guessed: 200 MB, or a tenth.
const ROWS: (usize, usize) = (20_000, 200_000);

/// Time in milliseconds and megabytes of what one way leaves behind.
#[derive(Clone, Copy, Debug, Default)]
struct Went {
    backup: f64,
    again: f64,
    megabytes: f64,
    megabytes_again: f64,
    restore: f64,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    let made = ground.make(Access::Link).await?;
    fill(ground, &made, effort).await?;
    ground.rest(0).await?;
    let node = Whose::Family(ground.processes.noted("node")?);
    let (ours, our_memory) = most_held(node, ours(ground, &made)).await?;
    ground.rest(0).await?;
    let (tools, tools_memory) = most_held(Whose::Children, tools(ground, &made)).await?;
    ground.rest(0).await?;
    let (zip, zip_memory) = most_held(Whose::Children, zip(ground, &made)).await?;
    ground.remove(&made).await?;
    ground.purge_deleted().await?;
    let mut rows = Vec::new();
    for (rival, memory, what) in [
        (tools, tools_memory, "`pg_dump -Fc` and `tar | gzip`"),
        (zip, zip_memory, "Odoo's own zip"),
    ] {
        for (name, unit, own, theirs) in [
            ("backup, the first", Unit::Milliseconds, ours.backup, rival.backup),
            ("backup, the second", Unit::Milliseconds, ours.again, rival.again),
            (
                "its size, the first",
                Unit::Megabytes,
                ours.megabytes,
                rival.megabytes,
            ),
            (
                "its size, the second",
                Unit::Megabytes,
                ours.megabytes_again,
                rival.megabytes_again,
            ),
            (
                "restore, as a new tenant",
                Unit::Milliseconds,
                ours.restore,
                rival.restore,
            ),
            (
                "most memory on the way, without PostgreSQL's",
                Unit::Megabytes,
                our_memory,
                memory,
            ),
        ] {
            let row = Row::new(name, unit, one(own)?).beside(what, one(theirs)?);
            rows.push(row.goal(Goal::MedianRatio(1.0)));
        }
    }
    Ok(Findings {
        rows,
        ..Findings::default()
    })
}

fn one(value: f64) -> Result<crate::measure::Figure> {
    let mut samples = Samples::default();
    samples.push(value);
    samples.figure()
}

async fn fill(ground: &Ground, made: &Made, effort: Effort) -> Result<()> {
    let (rows, files) = (effort.samples(ROWS.0, ROWS.1), effort.samples(FILES.0, FILES.1));
    let table = format!(
        "CREATE TABLE bench_ledger AS SELECT n, repeat(md5(n::text), 14) AS words,
             (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 16) m) AS noise
         FROM generate_series(1, {rows}) n"
    );
    let postgres = ground.installation.postgres();
    for statement in [
        table.as_str(),
        "CREATE INDEX ON bench_ledger (n)",
        "ALTER TABLE bench_ledger OWNER TO odoo",
    ] {
        postgres.run(&made.database(), statement).await?;
    }
    let folder = ground.installation.filestore(&made.database());
    let script = format!(
        "import hashlib, os, sys\nfor n in range({files}):\n    data = os.urandom({FILE})\n    name = hashlib.sha1(data).hexdigest()\n    \
         os.makedirs(os.path.join(sys.argv[1], name[:2]), exist_ok=True)\n    open(os.path.join(sys.argv[1], name[:2], name), 'wb').write(data)\n"
    );
    // As whose the folder is, so that the node can remove what is in it.
    let owner = fs::metadata(&folder)?;
    let mut python = Command::new("python3");
    python.uid(owner.uid()).gid(owner.gid()).current_dir("/");
    done(python.arg("-c").arg(script).arg(&folder)).await
}

async fn ours(ground: &Ground, made: &Made) -> Result<Went> {
    let name = &made.subdomain;
    let take = format!("/api/tenants/{name}/backups");
    let (backup, first) = asked(ground, &take, &json!({})).await?;
    let (again, second) = asked(ground, &take, &json!({})).await?;
    let id = second["backup"].as_str().context("no backup")?;
    let copy = ground.name();
    let path = format!("/api/backups/{id}/restore");
    let (restore, _) = asked(ground, &path, &json!({ "subdomain": copy })).await?;
    let path = format!("/api/tenants/{copy}?confirm={copy}");
    ground
        .api
        .send(Method::DELETE, &path, &[], None)
        .await?
        .expect(200)?;
    let megabytes = |facts: &Value| facts["kept"]["stored_bytes"].as_f64().unwrap_or_default() / 1e6;
    Ok(Went {
        backup,
        again,
        megabytes: megabytes(&first),
        megabytes_again: megabytes(&second),
        restore,
    })
}

/// Asks for something, and waits until it has ended.
async fn asked(ground: &Ground, path: &str, body: &Value) -> Result<(f64, Value)> {
    let began = Instant::now();
    let headers = [("Prefer", "wait=120")];
    let answer = ground.api.send(Method::POST, path, &headers, Some(body)).await?;
    let took = milliseconds(began.elapsed());
    let answer = answer.expect(200)?;
    ensure!(answer.text("state") == "succeeded", "{}", answer.body);
    Ok((took, answer.body["facts"].clone()))
}

/// What most people do.
async fn tools(ground: &Ground, made: &Made) -> Result<Went> {
    let folder = ground.path("bench-tools");
    fs::create_dir_all(&folder)?;
    let mut went = Went::default();
    for round in 0..2 {
        let began = Instant::now();
        done(
            client(ground, "pg_dump")
                .args(["-Fc", "-f"])
                .arg(folder.join("dump"))
                .arg(made.database()),
        )
        .await?;
        let files = ground.installation.filestore(&made.database());
        done(
            Command::new("tar")
                .arg("czf")
                .arg(folder.join("files.tgz"))
                .arg("-C")
                .arg(&files)
                .arg("."),
        )
        .await?;
        let (took, megabytes) = (milliseconds(began.elapsed()), size(&folder)?);
        match round {
            0 => (went.backup, went.megabytes) = (took, megabytes),
            _ => (went.again, went.megabytes_again) = (took, megabytes),
        }
    }
    let began = Instant::now();
    let (copy, place) = (format!("{}_tools", made.database()), folder.join("files"));
    done(client(ground, "createdb").args(["-T", "template0", "-O", "odoo", &copy])).await?;
    done(
        client(ground, "pg_restore")
            .args(["--no-owner", "--role=odoo", "-d", &copy])
            .arg(folder.join("dump")),
    )
    .await?;
    fs::create_dir_all(&place)?;
    done(
        Command::new("tar")
            .arg("xzf")
            .arg(folder.join("files.tgz"))
            .arg("-C")
            .arg(&place),
    )
    .await?;
    went.restore = milliseconds(began.elapsed());
    done(client(ground, "dropdb").arg(&copy)).await?;
    fs::remove_dir_all(folder)?;
    Ok(went)
}

/// What Odoo does itself.
async fn zip(ground: &Ground, made: &Made) -> Result<Went> {
    let odoo = Odoo::prepare(ground)?;
    let file = ground.path("odoo/bench.zip");
    let (name, copy) = (made.database(), format!("{}_zip", made.database()));
    let script = format!(
        "import os, time\nfrom odoo.service.db import dump_db, restore_db, exp_drop\nfor _ in range(2):\n    began = time.monotonic()\n    \
         with open('{path}', 'wb') as out: dump_db('{name}', out, 'zip')\n    print('zipped %.6f %d' % (time.monotonic() - began, os.path.getsize('{path}')), flush=True)\n\
         began = time.monotonic()\nrestore_db('{copy}', '{path}', copy=True)\nprint('restored %.6f' % (time.monotonic() - began), flush=True)\nexp_drop('{copy}')\n",
        path = file.display()
    );
    let said = odoo.shell(&script).await?;
    fs::remove_file(file)?;
    let numbers = |word: &str| -> Vec<Vec<f64>> {
        let lines = said.lines().filter_map(|line| line.strip_prefix(word));
        lines
            .map(|line| {
                line.split_whitespace()
                    .filter_map(|part| part.parse().ok())
                    .collect()
            })
            .collect()
    };
    let (zipped, restored) = (numbers("zipped "), numbers("restored "));
    match (zipped.as_slice(), restored.as_slice()) {
        ([one, two], [restore]) if one.len() == 2 && two.len() == 2 => Ok(Went {
            backup: one.first().copied().unwrap_or_default() * 1e3,
            again: two.first().copied().unwrap_or_default() * 1e3,
            megabytes: one.last().copied().unwrap_or_default() / 1e6,
            megabytes_again: two.last().copied().unwrap_or_default() / 1e6,
            restore: restore.first().copied().unwrap_or_default() * 1e3,
        }),
        _ => anyhow::bail!("Odoo did not say how long it took: {said}"),
    }
}

/// A program of PostgreSQL's, as the node's own role.
fn client(ground: &Ground, name: &str) -> Command {
    let mut command = Command::new(bin_dir().join(name));
    command
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", ground.postgres_port().to_string())
        .env("PGUSER", NODE_ROLE)
        .env("PGPASSWORD", ground.node_password());
    command
}

fn bin_dir() -> PathBuf {
    let found = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = found.map(|entry| entry.path().join("bin")).max();
    newest.unwrap_or_else(|| "/usr/bin".into())
}

async fn done(command: &mut Command) -> Result<()> {
    let output = command.output().await?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {words}");
    Ok(())
}

fn size(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
    let megabytes = bytes as f64 / 1e6;
    Ok(megabytes)
}
