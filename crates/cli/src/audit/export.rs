//! `tenantry audit export`.

use super::list::asking;
use super::{Span, Which};
use crate::error::Error;
use crate::request::Request;
use crate::session::Session;
use clap::Args;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to write, and where to.
#[derive(Args, Clone, Debug)]
#[command(group(clap::ArgGroup::new("form").args(["csv", "chain"]).required(true)))]
pub struct Export {
    /// Write comma-separated values into this file; - is the standard output.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the chain of these days into this file, to be checked without the server; - is the standard output.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["action", "actor", "subject", "tenant", "organization", "address",
        "outcome", "operation", "search", "sort"])]
    pub chain: Option<PathBuf>,
    /// Which; the chain is always whole.
    #[command(flatten)]
    pub which: Which,
    /// From when to when.
    #[command(flatten)]
    pub span: Span,
}

impl Export {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let (request, file) = match (&self.chain, &self.csv) {
            (Some(file), _) => {
                let request = Request::read(&["audit", "chain"])
                    .query("from", self.span.from.as_ref())
                    .query("to", self.span.to.as_ref());
                (request, file)
            }
            (None, Some(file)) => (asking(&["audit", "export"], &self.which, &self.span), file),
            // The group above lets nothing else through.
            (None, None) => return Err(Error::usage("no file was named", "Give --csv or --chain.")),
        };
        match file.as_os_str() == "-" {
            true => copy(session, &request, None).await.map(drop),
            false => into_file(session, &request, file).await,
        }
    }
}

/// Writes beside the file first, so that there is never half of one under its name.
async fn into_file(session: &mut Session<'_>, request: &Request, file: &Path) -> Result<(), Error> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = copy(session, request, Some(File::create(&beside)?)).await;
    match written {
        Ok(bytes) => {
            fs::rename(&beside, file)?;
            session.hint(&format!("{bytes} bytes in {}", file.display()))?;
            Ok(())
        }
        Err(error) => {
            fs::remove_file(&beside)?;
            Err(error)
        }
    }
}

async fn copy(session: &mut Session<'_>, request: &Request, mut file: Option<File>) -> Result<usize, Error> {
    let mut response = session.client.download(request).await?;
    let mut bytes = 0;
    while let Some(piece) = session.client.piece(&mut response).await? {
        bytes += piece.len();
        match &mut file {
            Some(file) => file.write_all(&piece)?,
            None => session.terminal.output.write_all(&piece)?,
        }
    }
    match &file {
        Some(file) => file.sync_all()?,
        None => session.terminal.output.flush()?,
    }
    Ok(bytes)
}
