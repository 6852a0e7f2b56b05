//! Sessions on ready clones, opened and rehearsed before a tenant needs them.
//!
//! What a new session must look up first (the catalogue's rows of every table that an identity touches, the plans of the
//! statements that give it) takes several times as long as giving the identity. None of it can be taken over from another
//! session, so that a session waits open on each of the clones that are taken next.

use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Standing};
use crate::odoo::identity;
use crate::room::Room;
use sqlx::{Connection, PgConnection, Row};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// How long a session that waited may take to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

/// The sessions that wait, by clone.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Identifier, PgConnection>>);

impl Sessions {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<Identifier, PgConnection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session that waits on this clone, if it still lives.
    pub(crate) async fn take(&self, clone: &Identifier) -> Option<PgConnection> {
        let mut session = self.waiting().remove(clone)?;
        match timeout(SIGN_OF_LIFE, session.ping()).await {
            Ok(Ok(())) => Some(session),
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Forgets the session on a clone that is about to go.
    pub(crate) fn forget(&self, clone: &Identifier) {
        self.waiting().remove(clone);
    }
}

/// What opening a session led to.
pub(super) enum Opened {
    /// There is one more.
    One,
    /// All clones that are taken next have one.
    Enough,
    /// This clone cannot take an identity.
    Useless(Identifier, StepFailure),
}

/// Opens a session on one of the clones that are taken next and have none.
pub(super) async fn open_one(room: &Room) -> Result<Opened, NodeError> {
    let next = next(room).await?;
    let waiting: Vec<Identifier> = room.sessions.waiting().keys().cloned().collect();
    let Some(clone) = next.into_iter().find(|clone| !waiting.contains(clone)) else {
        return Ok(Opened::Enough);
    };
    let session = match rehearsed(room, &clone).await {
        Ok(session) => session,
        Err(failure) => return Ok(Opened::Useless(clone, failure)),
    };
    room.sessions.waiting().insert(clone.clone(), session);
    // It may have been taken meanwhile.
    let now = managed::named(&room.journal.pool, &clone).await?;
    if now.is_none_or(|now| now.standing != Standing::Pooled) {
        room.sessions.forget(&clone);
    }
    Ok(Opened::One)
}

/// A session that has done, and undone, all that giving an identity takes.
///
/// # Errors
/// What keeps the clone from taking an identity.
pub(super) async fn rehearsed(room: &Room, clone: &Identifier) -> Result<PgConnection, StepFailure> {
    let mut session = room.connect(clone).await?;
    identity::rehearse(&mut session).await?;
    Ok(session)
}

/// The clones of each template that are taken next, as many as may have a session.
async fn next(room: &Room) -> Result<Vec<Identifier>, NodeError> {
    let rows = sqlx::query(
        "SELECT name FROM (SELECT name, row_number() OVER (PARTITION BY subject ORDER BY created_at) AS place \
         FROM managed_database WHERE standing = 'pooled') AS ready WHERE place <= $1 ORDER BY place",
    )
    .bind(i64::from(room.pool_policy().sessions))
    .fetch_all(&room.journal.pool)
    .await?;
    let names = rows.iter().map(|row| row.try_get::<String, _>("name"));
    let names = names.collect::<sqlx::Result<Vec<_>>>()?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}
