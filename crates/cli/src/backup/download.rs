//! `tenantry backup download` and `extract`: what a backup holds, into a file. A line that breaks is taken up where it broke.

use crate::error::Error;
use crate::options::path_name;
use crate::output::size;
use crate::session::{Session, post};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};
use domain::BackupId;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::sleep;
use wire::Plaintext;
use wire::export::{AttachmentFilter, DownloadRequest, DownloadView, FetchRequest};

/// How often in a row nothing at all may come before it is given up.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What to download.
#[derive(Args, Clone, Debug)]
pub struct Download {
    /// A backup (`bak_…`), or a tenant's subdomain: of that, a backup is taken first.
    #[arg(value_name = "BACKUP|SUBDOMAIN", value_parser = path_name)]
    pub what: String,
    /// Odoo's own zip, or the database in PostgreSQL's own format.
    #[arg(long, default_value = "odoo", value_parser = PossibleValuesParser::new(["odoo", "dump"]))]
    pub format: String,
    /// Where to.
    #[command(flatten)]
    pub to: To,
}

/// Where to, or with what link.
#[derive(Args, Clone, Debug)]
pub struct To {
    /// The file; without it, one of the name that the server gives, here.
    #[arg(short, long, value_name = "FILE", conflicts_with = "link")]
    pub output: Option<PathBuf>,
    /// Only print a link, for somebody else to download with.
    #[arg(long)]
    pub link: bool,
    /// For how many hours the link works.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(1..=168))]
    pub hours: Option<i64>,
    /// Have the link work until its time is over, and not for one download only.
    #[arg(long)]
    pub repeatable: bool,
}

/// What of a backup.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["table", "id", "checksum", "name", "model", "record"]))]
pub struct Extract {
    /// The backup.
    #[arg(value_name = "BACKUP", value_parser = path_name)]
    pub backup: String,
    /// One table of the schema `public`.
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["id", "checksum", "name", "model", "record"])]
    pub table: Option<String>,
    /// The table as SQL, instead of as comma separated text.
    #[arg(long, requires = "table")]
    pub sql: bool,
    /// The attachment of this number in `ir_attachment`.
    #[arg(long, value_name = "NUMBER")]
    pub id: Option<i64>,
    /// Attachments whose content has this SHA-1.
    #[arg(long, value_name = "SHA1")]
    pub checksum: Option<String>,
    /// Attachments in whose name this stands.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Attachments of records of this model.
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Attachments of the record of this number.
    #[arg(long, value_name = "NUMBER")]
    pub record: Option<i64>,
    /// Where to.
    #[command(flatten)]
    pub to: To,
}

impl Download {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = DownloadRequest {
            form: Some(self.format.clone()),
            ..self.to.request()
        };
        let path = match self.what.parse::<BackupId>() {
            Ok(_) => ["backups", &self.what, "downloads"],
            Err(_) => ["tenants", &self.what, "downloads"],
        };
        self.to.run(session, &path, &request).await
    }
}

impl Extract {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = match &self.table {
            Some(table) => DownloadRequest {
                form: Some("table".to_owned()),
                table: Some(table.clone()),
                table_format: self.sql.then(|| "sql".to_owned()),
                ..self.to.request()
            },
            None => DownloadRequest {
                form: Some("files".to_owned()),
                attachment: Some(AttachmentFilter {
                    id: self.id,
                    checksum: self.checksum.clone(),
                    name: self.name.clone(),
                    model: self.model.clone(),
                    record: self.record,
                }),
                ..self.to.request()
            },
        };
        self.to
            .run(session, &["backups", &self.backup, "downloads"], &request)
            .await
    }
}

impl To {
    fn request(&self) -> DownloadRequest {
        DownloadRequest {
            hours: self.hours,
            repeatable: self.repeatable.then_some(true),
            ..DownloadRequest::default()
        }
    }

    async fn run(
        &self,
        session: &mut Session<'_>,
        path: &[&str],
        request: &DownloadRequest,
    ) -> Result<(), Error> {
        let answer = session.client.send(&post(path).body(request)?).await?;
        let made: DownloadView = answer.decode()?;
        let url = made.url.clone().unwrap_or_default();
        if self.link {
            let until = session.terminal.time(made.expires_at);
            return session.print(&answer, &format!("{url}\nIt works until {until}."));
        }
        let token = url.split_once('#').map_or("", |(_, token)| token);
        let token = Plaintext::new(token.to_owned());
        wait(session, &token).await?;
        let file = self
            .output
            .clone()
            .unwrap_or_else(|| PathBuf::from(plain_name(&made.file_name)));
        let bytes = fetch(session, &token, &made, &file).await?;
        let text = format!(
            "{}: {}",
            file.display(),
            size(i64::try_from(bytes).unwrap_or(i64::MAX))
        );
        session.print(&answer, &text)
    }
}

/// A name without any folder, whatever the server says.
fn plain_name(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match last {
        "" | "." | ".." => "download",
        name => name,
    }
}

/// Waits until the backup is whole.
async fn wait(session: &mut Session<'_>, token: &Plaintext) -> Result<(), Error> {
    let request = FetchRequest {
        token: token.clone(),
        offset: None,
    };
    let mut is_told = false;
    loop {
        let view: DownloadView = session
            .client
            .post_page("/download/state", &request)
            .await?
            .decode()?;
        match view.state.as_str() {
            "preparing" => {
                if !is_told {
                    session.hint("A backup is taken first.")?;
                    is_told = true;
                }
                sleep(PAUSE).await;
            }
            "ready" => return Ok(()),
            other => {
                return Err(Error::NotFound {
                    what: format!("backup to download: it is {other}"),
                });
            }
        }
    }
}

/// Fetches into a file beside, which gets its name when it is whole. What an earlier try left there is gone on with.
async fn fetch(
    session: &mut Session<'_>,
    token: &Plaintext,
    made: &DownloadView,
    file: &Path,
) -> Result<u64, Error> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.{}.part", made.backup, made.form));
    let beside = PathBuf::from(name);
    // Of another table or other attachments it would be another file.
    if !matches!(made.form.as_str(), "odoo" | "dump") && beside.exists() {
        fs::remove_file(&beside)?;
    }
    let mut to = OpenOptions::new().create(true).append(true).open(&beside)?;
    let (mut failures, mut pause) = (0, PAUSE);
    loop {
        let before = to.metadata()?.len();
        if before > 0 {
            session.hint(&format!("Going on after {before} bytes."))?;
        }
        let error = match piecewise(session, token, before, &mut to).await {
            Ok(()) => break,
            // What the server says in words does not pass by itself, but for a node that is not there or too busy.
            Err(Error::Problem { problem, body }) if !matches!(problem.status, 429 | 503) => {
                return Err(Error::Problem { problem, body });
            }
            Err(error) => error,
        };
        let after = to.metadata()?.len();
        (failures, pause) = match after > before {
            true => (1, PAUSE),
            false => (failures + 1, (pause * 2).min(LONGEST_PAUSE)),
        };
        if failures >= TRIES {
            return Err(error);
        }
        sleep(pause).await;
    }
    to.sync_all()?;
    let bytes = to.metadata()?.len();
    fs::rename(&beside, file)?;
    Ok(bytes)
}

async fn piecewise(
    session: &mut Session<'_>,
    token: &Plaintext,
    offset: u64,
    to: &mut File,
) -> Result<(), Error> {
    let request = FetchRequest {
        token: token.clone(),
        offset: Some(offset),
    };
    let mut response = session.client.open_page("/download/content", &request).await?;
    while let Some(piece) = session.client.piece(&mut response).await? {
        to.write_all(&piece)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_the_server_s_leads_elsewhere() {
        for (name, plain) in [
            ("acme.zip", "acme.zip"),
            ("../../etc/x", "x"),
            ("..", "download"),
            ("a/", "download"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
    }
}
