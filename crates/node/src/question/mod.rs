//! Answers what is asked of a tenant's database now: within a bounded time, with a session of its own, and without a journal,
//! because nothing changes by it. Orders have another poll, so that what takes long does not keep questions waiting.

mod connections;
mod hints;
mod statements;
mod tables;

use crate::client::ServerClient;
use crate::error::{Code, NodeError, StepFailure, chain};
use crate::managed::{Managed, Standing};
use crate::report;
use crate::room::Room;
use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use wire::database::{About, Listen, Question, Reply, Stopped};

/// How long the server may hold a poll, in seconds.
const WAIT: u32 = 25;
/// How long looking may take. Whoever asked waits little longer.
const PATIENCE: Duration = Duration::from_secs(6);
/// How many are looked into at once: tenants' users come first.
const AT_ONCE: usize = 4;
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Answers for ever. A server that asks nothing, being older, is asked again now and then.
pub(crate) async fn keep(room: Arc<Room>, server: Arc<ServerClient>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut pause = PAUSE;
    loop {
        match server.questions(&Listen { wait: WAIT }).await {
            Ok(questions) => {
                pause = PAUSE;
                for question in questions {
                    let (room, server, places) =
                        (Arc::clone(&room), Arc::clone(&server), Arc::clone(&places));
                    tokio::spawn(async move {
                        let _place = places.acquire().await;
                        let reply = answer(&room, &question).await;
                        // Whoever asked may be gone; nobody else wants the answer.
                        if let Err(error) = server.answer(question.id, &reply).await {
                            tracing::debug!(error = chain(&error), "an answer was not heard");
                        }
                    });
                }
            }
            Err(error) => {
                tracing::debug!(error = chain(&error), "no questions can be taken; trying again");
                sleep(report::jittered(pause)).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Looks, and says what was found or why not.
pub(crate) async fn answer(room: &Room, question: &Question) -> Reply {
    let looked = match timeout(PATIENCE, look(room, question)).await {
        Ok(looked) => looked,
        Err(_) => Err(StepFailure::new(
            Code::LookedTooLong,
            "Looking took too long and was given up. Try again when less goes on there.",
        )),
    };
    looked.unwrap_or_else(|failure| {
        tracing::info!(question = %question.id, failure = chain(&failure), "a question could not be answered");
        Reply::Failed(failure.to_wire())
    })
}

async fn look(room: &Room, question: &Question) -> Result<Reply, StepFailure> {
    if let About::Stop { command } = question.about {
        let found = room.upkeep.stop(command);
        return Ok(Reply::Stopped(Stopped { found }));
    }
    let (tenant, oid) = served(room, question).await?;
    Ok(match question.about {
        About::Tables => Reply::Tables(tables::look(&mut enter(room, &tenant).await?).await?),
        About::Connections => Reply::Connections(connections::look(room, oid).await?),
        About::Hints => Reply::Hints(hints::look(&mut enter(room, &tenant).await?).await?),
        About::Statements => Reply::Statements(statements::look(room, &tenant, oid).await?),
        About::Stop { .. } => Reply::Stopped(Stopped { found: false }),
    })
}

/// The tenant's database, if it is one that is looked into: not a tombstone, nor one on its way.
async fn served(room: &Room, question: &Question) -> Result<(Managed, i64), StepFailure> {
    let tenant = room.tenant(question.tenant, &question.database).await?;
    let is_served = matches!(
        tenant.standing,
        Standing::Open | Standing::Restricted | Standing::Suspended | Standing::Paused
    );
    match tenant.oid.filter(|_| is_served) {
        Some(oid) => Ok((tenant, oid)),
        None => Err(StepFailure::new(
            Code::TenantShut,
            format!("{} is {} here.", tenant.subject, tenant.standing.as_str()),
        )),
    }
}

/// A session that gives up before whoever asked does.
async fn enter(room: &Room, tenant: &Managed) -> Result<PgConnection, NodeError> {
    let mut session = room.connect(&tenant.name).await?;
    // One statement each: what is told of one database is of one moment anyway only within a statement.
    for bound in [
        "SET statement_timeout = '5s'",
        "SET lock_timeout = '1s'",
        "SET default_transaction_read_only = on",
    ] {
        sqlx::raw_sql(bound).execute(&mut session).await?;
    }
    Ok(session)
}

async fn leave(session: PgConnection) -> Result<(), NodeError> {
    Ok(session.close().await?)
}

/// A moment that a query gives in microseconds since 1970.
fn moment(row: &PgRow, column: &str) -> sqlx::Result<Option<Timestamp>> {
    let microseconds: Option<i64> = row.try_get(column)?;
    Ok(microseconds.and_then(|count| Timestamp::from_microsecond(count).ok()))
}
