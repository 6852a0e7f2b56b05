//! Creating a tenant beside Odoo's own way of duplicating a database.

use crate::arguments::Effort;
use crate::ground::{Ground, NODE_ROLE, POOL, TEMPLATE};
use crate::measure::{Contest, interleaved};
use crate::rows::Findings;
use crate::table::Row;
use crate::tenants::Access;
use anyhow::{Context as _, Result, ensure};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(180);
/// What the script says before its figure.
const SAID: &str = "duplicated in ";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Ours,
    Odoo,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    ground.set_pool(POOL).await?;
    let odoo = Odoo::prepare(ground)?;
    let mut times = Contest::new();
    for way in interleaved(effort.samples(1, 3), &[Way::Ours, Way::Odoo]) {
        ground.rest(2).await?;
        match way {
            Way::Ours => {
                let made = ground.make(Access::Link).await?;
                times.of(way).push_time(made.took);
                ground.rest(0).await?;
                ground.remove(&made).await?;
            }
            Way::Odoo => times.of(way).push(odoo.duplicate().await?),
        }
    }
    ground.purge_deleted().await?;
    let row = Row::time("create from the pool, one-time link", times.figure(&Way::Ours)?);
    Ok(Findings {
        rows: vec![row.beside("Odoo's `exp_duplicate_database`", times.figure(&Way::Odoo)?)],
        ..Findings::default()
    })
}

/// Odoo's command line with the rights to make databases.
pub(crate) struct Odoo<'a> {
    ground: &'a Ground,
    program: PathBuf,
    config: PathBuf,
    owner: (u32, u32),
}

impl<'a> Odoo<'a> {
    pub(crate) fn prepare(ground: &'a Ground) -> Result<Self> {
        let program = std::env::var_os("ODOO_BIN").context("ODOO_BIN is not set")?;
        // The installation's own configuration, with a role that may make databases and an Odoo that lets it.
        let own = std::fs::read_to_string(ground.path("odoo/odoo.conf"))?;
        let replaced = ["db_user", "db_password", "list_db", "workers", "max_cron_threads"];
        let kept = own
            .lines()
            .filter(|line| !replaced.iter().any(|key| line.starts_with(&format!("{key} "))));
        let mut text: String = kept.map(|line| format!("{line}\n")).collect();
        for (key, value) in [
            ("db_user", NODE_ROLE),
            ("db_password", ground.node_password()),
            ("list_db", "True"),
            ("workers", "0"),
            ("max_cron_threads", "0"),
        ] {
            text.push_str(&format!("{key} = {value}\n"));
        }
        // Written over a copy of it, so that it has the same owner and mode.
        let config = ground.path("odoo/bench.conf");
        let facts = std::fs::metadata(ground.path("odoo/odoo.conf"))?;
        std::fs::write(&config, text)?;
        std::fs::set_permissions(&config, facts.permissions())?;
        std::os::unix::fs::chown(&config, Some(facts.uid()), Some(facts.gid()))?;
        Ok(Self {
            ground,
            program: program.into(),
            config,
            owner: (facts.uid(), facts.gid()),
        })
    }

    /// Duplicates the template twice in one process. Gives the milliseconds of the second time, which need not load
    /// the modules any more, as in an Odoo that has run for a while.
    async fn duplicate(&self) -> Result<f64> {
        let names = [self.ground.name(), self.ground.name()].map(|name| name.replace('-', "_"));
        let [first, second] = &names;
        let script = format!(
            "import time\nfrom odoo.service.db import exp_duplicate_database as duplicate\n\
             duplicate('{TEMPLATE}', '{first}')\nbegan = time.monotonic()\nduplicate('{TEMPLATE}', '{second}')\n\
             print('{SAID}%.6f' % (time.monotonic() - began), flush=True)\n"
        );
        let said = timeout(PATIENCE, self.shell(&script))
            .await
            .context("Odoo takes too long")?;
        for name in &names {
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            self.ground
                .installation
                .postgres()
                .run("postgres", &statement)
                .await?;
            let files = self.ground.installation.filestore(name);
            if files.exists() {
                std::fs::remove_dir_all(files)?;
            }
        }
        let said = said?;
        let seconds = said.lines().find_map(|line| line.strip_prefix(SAID));
        let seconds: f64 = seconds
            .context("Odoo did not say how long it took")?
            .trim()
            .parse()?;
        Ok(seconds * 1000.0)
    }

    pub(crate) async fn shell(&self, script: &str) -> Result<String> {
        let log = std::fs::File::create(self.ground.path("log/bench-odoo.log"))?;
        let mut child = Command::new(&self.program)
            .arg("shell")
            .arg("-c")
            .arg(&self.config)
            .arg("--no-http")
            .uid(self.owner.0)
            .gid(self.owner.1)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", self.ground.path("odoo"))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        stdin.write_all(script.as_bytes()).await?;
        drop(stdin);
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "Odoo ended with {}", output.status);
        Ok(said)
    }
}
