//! `tenantry backup import`: a file goes up piece by piece, is gone on with after whatever broke, and becomes a tenant.

use crate::error::Error;
use crate::options::path_name;
use crate::output::size;
use crate::request::Request;
use crate::session::{Session, post};
use clap::Args;
use domain::UploadId;
use reqwest::Method;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::sleep;
use wire::import::{ImportRequest, UploadRequest, UploadView};

/// Bytes of one piece: what is sent again at most when a line breaks.
const PIECE: u64 = 8 << 20;
/// How often in a row nothing at all may get through before it is given up.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What to import, and as what.
#[derive(Args, Clone, Debug)]
pub struct Import {
    /// Odoo's own zip, or a dump: SQL or PostgreSQL's own format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The subdomain of the new tenant.
    #[arg(value_name = "SUBDOMAIN", value_parser = path_name)]
    pub subdomain: String,
    /// Go on with an upload that was begun before (`upl_…`).
    #[arg(long, value_name = "UPLOAD", value_parser = path_name)]
    pub resume: Option<String>,
    /// The new tenant's company.
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,
    /// The administrator's address; a link is made with which they choose a password.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// The new tenant's plan.
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// The new tenant's node.
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// Leave its mail servers switched on.
    #[arg(long)]
    pub keep_mail: bool,
}

/// Uploads that are open.
#[derive(Args, Clone, Debug)]
pub struct Uploads {
    /// Remove this one (`upl_…`), with what came of it.
    #[arg(long, value_name = "UPLOAD", value_parser = path_name)]
    pub remove: Option<String>,
}

impl Uploads {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        if let Some(id) = &self.remove {
            let request = Request::change(Method::DELETE, &["uploads", id]);
            let answer = session.client.send(&request).await?;
            return session.print(&answer, &format!("{id} is removed."));
        }
        let answer = session.read(&["uploads"]).await?;
        let uploads: Vec<UploadView> = answer.decode_items()?;
        let bytes = |count| size(i64::try_from(count).unwrap_or(i64::MAX));
        let rows = uploads.into_iter().map(|one| {
            let far = format!("{} of {}", bytes(one.offset), bytes(one.bytes));
            let until = session.terminal.time(one.expires_at);
            vec![one.id, one.file_name, far, until, one.by_name.unwrap_or(one.by)]
        });
        let rows = rows.collect();
        let headings = ["UPLOAD", "FILE", "THERE", "STAYS UNTIL", "BY"];
        session.print_rows(&answer, &headings, rows, "There are no open uploads.")
    }
}

impl Import {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let mut file = File::open(&self.file)?;
        let bytes = file.metadata()?.len();
        let upload = match &self.resume {
            Some(id) => session.read(&["uploads", id]).await?.decode()?,
            None => self.begin(session, bytes).await?,
        };
        if upload.bytes != bytes {
            return Err(Error::usage(
                format!(
                    "the upload is of a file of {} bytes, and this one has {bytes}",
                    upload.bytes
                ),
                "Name the file that it was begun with, or leave --resume out.",
            ));
        }
        if upload.id.parse::<UploadId>().is_err() {
            return Err(Error::usage(
                "the server gave no upload",
                "Is it of this version?",
            ));
        }
        send(session, &upload, &mut file).await?;
        let request = ImportRequest {
            upload: Some(upload.id),
            subdomain: Some(self.subdomain.clone()),
            company_name: self.company.clone(),
            admin_email: self.email.clone(),
            plan: self.plan.clone(),
            node: self.node.clone(),
            keep_mail: self.keep_mail.then_some(true),
        };
        let request = post(&["imports"]).body(&request)?;
        super::follow(session, &request, &format!("{} is there.", self.subdomain)).await
    }

    async fn begin(&self, session: &mut Session<'_>, bytes: u64) -> Result<UploadView, Error> {
        let name = self
            .file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let request = UploadRequest {
            bytes: Some(bytes),
            file_name: name,
        };
        let answer = session.client.send(&post(&["uploads"]).body(&request)?).await?;
        let begun: UploadView = answer.decode()?;
        session.hint(&format!(
            "{} of {}. If it is interrupted: --resume {}",
            begun.id,
            size(i64::try_from(bytes).unwrap_or(i64::MAX)),
            begun.id
        ))?;
        Ok(begun)
    }
}

async fn send(session: &mut Session<'_>, upload: &UploadView, file: &mut File) -> Result<(), Error> {
    let (mut offset, mut failures, mut pause) = (upload.offset, 0, PAUSE);
    while offset < upload.bytes {
        let mut piece = Vec::new();
        file.seek(SeekFrom::Start(offset))?;
        file.by_ref().take(PIECE).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return Err(Error::usage(
                "the file has become shorter meanwhile",
                "Begin again with a file that stays as it is.",
            ));
        }
        let length = piece.len() as u64;
        match session
            .client
            .send_piece(&["uploads", &upload.id], offset, piece)
            .await
        {
            Ok(_) => {
                offset += length;
                (failures, pause) = (0, PAUSE);
            }
            Err(error) => {
                failures += 1;
                if failures >= TRIES {
                    return Err(error);
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                // What of it got through is there.
                let asked = session
                    .client
                    .send(&Request::read(&["uploads", &upload.id]))
                    .await;
                if let Ok(answer) = asked {
                    offset = answer.decode::<UploadView>()?.offset;
                }
            }
        }
    }
    Ok(())
}
