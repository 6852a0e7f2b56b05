//! One agent per journal: a lock that lives as long as a session of PostgreSQL.

use crate::error::NodeError;
use crate::settings::ClusterAccess;
use sqlx::{Connection, PgConnection, Row};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

/// The lock's number, in the journal's own database: `tnty` in ASCII.
const LOCK: i64 = 0x746e_7479;
/// How long a predecessor that was just killed may take to be gone.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_millis(100);

/// How long the session may take to answer before it counts as lost.
const ANSWER: Duration = Duration::from_secs(5);

/// The journal's lock with the session that holds it.
pub(crate) struct JournalLock {
    access: ClusterAccess,
    holder: Mutex<Holder>,
}

/// The session that holds the lock, or held it.
struct Holder {
    session: Option<PgConnection>,
    /// Its process in PostgreSQL.
    backend: i32,
}

impl JournalLock {
    /// Takes the lock and ends what a predecessor left running in PostgreSQL.
    ///
    /// # Errors
    /// [`NodeError::JournalHeld`] when another agent keeps it.
    pub(crate) async fn take(access: &ClusterAccess) -> Result<Self, NodeError> {
        let mut holder = acquire(access, None).await?;
        if let Some(session) = &mut holder.session {
            end_leftovers(session, &access.session_name()).await?;
        }
        Ok(Self {
            access: access.clone(),
            holder: Mutex::new(holder),
        })
    }

    /// Makes sure that the lock is still held, and takes it again if its session was lost.
    pub(crate) async fn hold(&self) -> Result<(), NodeError> {
        let mut holder = self.holder.lock().await;
        if let Some(session) = &mut holder.session
            && matches!(timeout(ANSWER, session.ping()).await, Ok(Ok(())))
        {
            return Ok(());
        }
        // A session that is lost to us may not be lost to PostgreSQL, where it goes on holding the lock: its end is closed
        // before the lock is wanted again, and where that does not get through, it is ended from a new one.
        holder.session = None;
        *holder = acquire(&self.access, Some(holder.backend)).await?;
        Ok(())
    }
}

async fn acquire(access: &ClusterAccess, own: Option<i32>) -> Result<Holder, NodeError> {
    let mut session = access.connect(&access.journal).await?;
    if let Some(backend) = own {
        end_own(&mut session, backend, &access.session_name()).await?;
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let row = sqlx::query("SELECT pg_try_advisory_lock($1), pg_backend_pid()")
            .bind(LOCK)
            .fetch_one(&mut session)
            .await?;
        if row.try_get(0)? {
            return Ok(Holder {
                backend: row.try_get(1)?,
                session: Some(session),
            });
        }
        if Instant::now() >= deadline {
            return Err(NodeError::JournalHeld {
                journal: access.journal.clone(),
            });
        }
        sleep(LOOK).await;
    }
}

/// Ends the session that held this agent's lock, if it is there and holds it still; one of another agent has another
/// number, and what took the number over holds no such lock.
async fn end_own(session: &mut PgConnection, backend: i32, name: &str) -> Result<(), NodeError> {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid) \
         WHERE pid = $1 AND application_name = $2 AND usename = current_user \
         AND locktype = 'advisory' AND (classid::bigint << 32) + objid::bigint = $3",
    )
    .bind(backend)
    .bind(name)
    .bind(LOCK)
    .execute(session)
    .await?;
    Ok(())
}

/// A killed agent's statements go on in PostgreSQL: a clone that is still being copied would appear after it
/// was looked for in order to undo it.
async fn end_leftovers(session: &mut PgConnection, name: &str) -> Result<(), NodeError> {
    loop {
        let row = sqlx::query(
            "SELECT count(*), count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE application_name = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
             AND usename = current_user",
        )
        .bind(name)
        .fetch_one(&mut *session)
        .await?;
        if row.try_get::<i64, _>(0)? == 0 {
            return Ok(());
        }
        sleep(LOOK).await;
    }
}
