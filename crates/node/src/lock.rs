//! One agent per journal: a lock that lives as long as a session of PostgreSQL.

use crate::error::NodeError;
use crate::settings::ClusterAccess;
use sqlx::{Connection, PgConnection, Row};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The lock's number, in the journal's own database: `tnty` in ASCII.
const LOCK: i64 = 0x746e_7479;
/// How long a predecessor that was just killed may take to be gone.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_millis(100);

/// The journal's lock with the session that holds it.
pub(crate) struct JournalLock {
    access: ClusterAccess,
    session: Mutex<PgConnection>,
}

impl JournalLock {
    /// Takes the lock and ends what a predecessor left running in PostgreSQL.
    ///
    /// # Errors
    /// [`NodeError::JournalHeld`] when another agent keeps it.
    pub(crate) async fn take(access: &ClusterAccess) -> Result<Self, NodeError> {
        let session = acquire(access).await?;
        Ok(Self {
            access: access.clone(),
            session: Mutex::new(session),
        })
    }

    /// Makes sure that the lock is still held, and takes it again if its session was lost.
    pub(crate) async fn hold(&self) -> Result<(), NodeError> {
        let mut session = self.session.lock().await;
        if session.ping().await.is_err() {
            *session = acquire_quietly(&self.access).await?;
        }
        Ok(())
    }
}

async fn acquire(access: &ClusterAccess) -> Result<PgConnection, NodeError> {
    let mut session = acquire_quietly(access).await?;
    end_leftovers(&mut session, &access.session_name()).await?;
    Ok(session)
}

async fn acquire_quietly(access: &ClusterAccess) -> Result<PgConnection, NodeError> {
    let mut session = access.connect(&access.journal).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let row = sqlx::query("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut session)
            .await?;
        if row.try_get(0)? {
            return Ok(session);
        }
        if Instant::now() >= deadline {
            return Err(NodeError::JournalHeld {
                journal: access.journal.clone(),
            });
        }
        sleep(LOOK).await;
    }
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
