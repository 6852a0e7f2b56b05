//! Compiling a template's pages and bundles once, so that no clone has to.
//!
//! Odoo compiles a bundle when it is first asked for and keeps it as an attachment. A throw-away copy of the template
//! is served by an Odoo of its own, which nobody but the node reaches; a throw-away administrator logs in to it and
//! opens what customers open first. Then the compiled bundles, and nothing else, go into the template: whatever the
//! visit left behind goes with the copy.

mod browser;
mod bundles;

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::administrator;
use crate::odoo::password::PasswordHash;
use crate::odoo_run::{self, OdooRun};
use crate::pool::discard;
use crate::random;
use crate::room::Room;
use crate::statement;
use browser::Browser;
use sqlx::Connection;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::Plaintext;

/// Odoo's start took 8 s at worst on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(60);
const START_PAUSE: Duration = Duration::from_millis(100);

/// The copy that is visited.
pub(crate) fn copy_of(template: &Identifier) -> Result<Identifier, StepFailure> {
    format!("{template}_warm")
        .parse()
        .map_err(|_| StepFailure::new(Code::Internal, "The name of the copy is too long."))
}

/// Compiles what customers open first. Returns how many bundles went into the template.
///
/// # Errors
/// [`Code::OdooFailed`] when Odoo does not serve the copy, and what PostgreSQL and files refuse; of the copy nothing is
/// left.
pub(crate) async fn warm(room: &Room, template: &Identifier) -> Result<usize, StepFailure> {
    let copy = copy_of(template)?;
    let visited = visit_copy(room, template, &copy).await;
    let gone = remove_copy(room, &copy).await;
    let count = visited?;
    gone?;
    Ok(count)
}

/// Removes the copy, with whatever a visit that was cut off left.
pub(crate) async fn remove_copy(room: &Room, copy: &Identifier) -> Result<(), StepFailure> {
    odoo_run::forget(room, copy)?;
    discard(room, copy).await
}

async fn visit_copy(room: &Room, template: &Identifier, copy: &Identifier) -> Result<usize, StepFailure> {
    let (pool, roles) = (&room.journal.pool, &room.journal.roles);
    remove_copy(room, copy).await?;
    statement::clone_database(pool, template, copy, &roles.node).await?;
    statement::revoke_connect(pool, copy, None).await?;
    // It belongs to the node, so that the Odoo which serves tenants does not find it.
    statement::grant_connect(pool, copy, &roles.odoo).await?;
    let (filestores, from, to) = (room.filestores.clone(), template.clone(), copy.clone());
    let note = format!("warm:{copy}");
    room.blocking(move || filestores.copy(&from, &to, &note)).await?;
    let password = Plaintext::new(random::uuid().to_string());
    let login = give_password(room, copy, &password).await?;
    let port = free_port()?;
    let run = OdooRun {
        name: copy.clone(),
        arguments: [
            "--http-interface=127.0.0.1".to_owned(),
            format!("--http-port={port}"),
            "--max-cron-threads=0".to_owned(),
            "--workers=0".to_owned(),
        ]
        .into(),
    };
    let serving = run.serve(room)?;
    let mut browser = Browser::new(room.http.clone(), port);
    let deadline = Instant::now() + START_PATIENCE;
    while !browser.is_served().await {
        if serving.has_ended() || Instant::now() >= deadline {
            let detail =
                "Odoo does not serve the copy that is to be visited. See its log in the node's work folder.";
            return Err(StepFailure::new(Code::OdooFailed, detail));
        }
        sleep(START_PAUSE).await;
    }
    browser.visit("/web/login").await?;
    browser.log_in(&login, &password).await?;
    browser.visit("/odoo").await?;
    browser.visit("/").await?;
    drop(serving);
    bundles::take(room, copy, template).await
}

/// Gives the copy's administrator a password that nobody knows for longer than the visit. Returns the login.
async fn give_password(room: &Room, copy: &Identifier, password: &Plaintext) -> Result<String, StepFailure> {
    let secret = password.clone();
    let hash = tokio::task::spawn_blocking(move || PasswordHash::of(&secret))
        .await
        .map_err(|_| StepFailure::new(Code::Internal, "The password could not be hashed. Try again."))?;
    let mut connection = room.connect(copy).await?;
    let given = async {
        let found = administrator::find(&mut connection).await?;
        administrator::set_password(&mut connection, found, &hash).await?;
        Ok::<_, StepFailure>(administrator::contact(&mut connection).await?.login)
    };
    let given = given.await;
    connection.close().await?;
    given
}

fn free_port() -> Result<u16, StepFailure> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address
        .map_err(NodeError::file(
            "find a free port on",
            std::path::Path::new("127.0.0.1"),
        ))?
        .port())
}
