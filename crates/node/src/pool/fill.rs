//! Keeping the pool as full as it should be: one clone at a time, made or removed, and never while a tenant
//! is being made.

use crate::catalogue;
use crate::error::{Code, NodeError, StepFailure, chain};
use crate::fault::Moment;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::identity::Signature;
use crate::order::template_swap;
use crate::pool::sessions::{self, Opened};
use crate::pool::{discard, policy};
use crate::random;
use crate::room::Room;
use crate::statement;
use crate::template_content;
use sqlx::{Connection, Row};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// How often it is looked even when nothing is told.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// The pause after something failed.
const PAUSE: Duration = Duration::from_secs(5);
/// The pause while tenants are being made.
const YIELD: Duration = Duration::from_millis(50);
/// What faults call it.
const KIND: &str = "fill-pool";

/// Keeps the pools for ever.
pub(crate) async fn keep(room: Arc<Room>) {
    loop {
        match tend(&room).await {
            Ok(true) => sleep(room.pool_policy().pause).await,
            Ok(false) => {
                // Looking without having been told is the point of it.
                let _ = timeout(LOOK_AGAIN, room.pool_moved.notified()).await;
            }
            Err(failure) => {
                tracing::warn!(failure = chain(&failure), "the pool is not tended, trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Does one piece of work on the pools; false when there is none.
///
/// # Errors
/// What PostgreSQL and files refuse; a clone that failed is gone then.
pub(crate) async fn tend(room: &Room) -> Result<bool, StepFailure> {
    // Removing a clone loads the disk as making one does.
    if room.creating.load(Ordering::Relaxed) > 0 {
        sleep(YIELD).await;
        return Ok(true);
    }
    let all = managed::all(&room.journal.pool).await?;
    if let Some(left) = all.iter().find(|known| is_withdrawn(known)) {
        discard(room, &left.name).await?;
        return Ok(true);
    }
    if let Some(stale) = stale(room, &all).await? {
        withdraw(room, &stale).await?;
        return Ok(true);
    }
    if all.iter().any(|known| known.standing == Standing::Replaced) {
        template_swap::drop_replaced(room).await;
    }
    match sessions::open_one(room).await? {
        Opened::One => return Ok(true),
        Opened::Enough => {}
        Opened::Useless(clone, failure) => {
            tell_useless(&clone, &failure);
            withdraw(room, &clone).await?;
            return Ok(true);
        }
    }
    for template in all.iter().filter(|known| known.standing == Standing::Template) {
        let ready = ready(&all, template);
        let wanted = policy::wanted_now(room, &template.subject).await?;
        if ready >= usize::try_from(wanted).unwrap_or(usize::MAX) {
            continue;
        }
        template_content::look(room).await?;
        if template_content::damage(room, template).await?.is_some() {
            continue;
        }
        make_one(room, template).await?;
        return Ok(true);
    }
    policy::forget_demand(room).await?;
    Ok(false)
}

/// Whether this clone is offered no longer, and was not removed yet: only the pool makes clones of a template, one at a
/// time.
fn is_withdrawn(known: &Managed) -> bool {
    known.standing == Standing::Building
        && known.name.is_pooled()
        && matches!(known.subject, Subject::Template(_))
}

/// Takes a clone from the offer and removes it, unless a tenant took it first.
async fn withdraw(room: &Room, clone: &Identifier) -> Result<(), StepFailure> {
    let row = sqlx::query(
        "WITH withdrawn AS (UPDATE managed_database SET standing = 'building' \
                            WHERE name = $1 AND standing = 'pooled' RETURNING subject) \
         INSERT INTO pool (template, discarded) SELECT subject, 1 FROM withdrawn \
         ON CONFLICT (template) DO UPDATE SET discarded = pool.discarded + 1",
    );
    let done = row.bind(clone.as_str()).execute(&room.journal.pool).await?;
    if done.rows_affected() == 1 {
        discard(room, clone).await?;
    }
    Ok(())
}

fn tell_useless(clone: &Identifier, failure: &StepFailure) {
    tracing::warn!(%clone, failure = chain(failure), "a clone for the pool is thrown away");
}

/// Removes what a run that was cut off left half made.
pub(crate) async fn sweep(room: &Room) -> Result<(), StepFailure> {
    for left in managed::all(&room.journal.pool).await? {
        if left.standing == Standing::Building && left.name.is_pooled() {
            discard(room, &left.name).await?;
        }
    }
    Ok(())
}

fn ready(all: &[Managed], template: &Managed) -> usize {
    all.iter()
        .filter(|known| known.standing == Standing::Pooled && known.subject == template.subject)
        .count()
}

/// A waiting clone whose template is no longer in force, or which the operator no longer wants.
async fn stale(room: &Room, all: &[Managed]) -> Result<Option<Identifier>, StepFailure> {
    let row = sqlx::query(
        "SELECT m.name FROM managed_database m LEFT JOIN managed_database t \
         ON t.subject = m.subject AND t.standing = 'template' AND t.oid = m.template_oid \
         WHERE m.standing = 'pooled' AND t.oid IS NULL LIMIT 1",
    )
    .fetch_optional(&room.journal.pool)
    .await?;
    if let Some(row) = row {
        let name: String = row.try_get("name")?;
        return Ok(name.parse().ok());
    }
    for template in all.iter().filter(|known| known.standing == Standing::Template) {
        let most = policy::most(room, &template.subject).await?;
        if ready(all, template) > usize::try_from(most).unwrap_or(usize::MAX) {
            let newest = all
                .iter()
                .rfind(|known| known.standing == Standing::Pooled && known.subject == template.subject);
            return Ok(newest.map(|known| known.name.clone()));
        }
    }
    Ok(None)
}

async fn count_discarded(room: &Room, clone: &Managed) -> Result<(), NodeError> {
    sqlx::query(
        "INSERT INTO pool (template, discarded) VALUES ($1, 1) \
         ON CONFLICT (template) DO UPDATE SET discarded = pool.discarded + 1",
    )
    .bind(clone.subject.to_string())
    .execute(&room.journal.pool)
    .await?;
    Ok(())
}

/// Makes one clone and offers it, or leaves nothing of it.
async fn make_one(room: &Room, template: &Managed) -> Result<(), StepFailure> {
    let id = random::uuid();
    let name = Identifier::pooled(id);
    let made = make(room, template, id, &name).await;
    if let Err(failure) = &made {
        tell_useless(&name, failure);
        count_discarded(room, template).await?;
        discard(room, &name).await?;
    }
    made
}

async fn make(room: &Room, template: &Managed, id: Uuid, name: &Identifier) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    point(room, "claim", Moment::Before)?;
    managed::claim(pool, name, &template.subject, id).await?;
    let guard = Arc::clone(&room.templates).read_owned().await;
    // It may have been replaced while we waited.
    let now = managed::of_subject(pool, &template.subject).await?;
    let oid = now
        .and_then(|now| now.oid)
        .filter(|oid| Some(*oid) == template.oid)
        .ok_or_else(|| check_failed("the template was replaced meanwhile"))?;
    point(room, "clone", Moment::Before)?;
    statement::clone_database(pool, &template.name, name, &room.journal.roles.node)
        .await
        .map_err(NodeError::from)?;
    statement::revoke_connect(pool, name, None)
        .await
        .map_err(NodeError::from)?;
    let entry = catalogue::named(pool, name).await?;
    let clone = entry
        .map(|entry| entry.oid)
        .ok_or_else(|| check_failed("it vanished"))?;
    managed::number(pool, name, clone).await?;
    point(room, "files", Moment::Before)?;
    let (filestores, from, to) = (room.filestores.clone(), template.name.clone(), name.clone());
    let note = format!("pool:{id}");
    room.blocking(move || filestores.copy(&from, &to, &note)).await?;
    drop(guard);
    point(room, "check", Moment::Before)?;
    check(room, template, oid, name).await?;
    point(room, "offer", Moment::Before)?;
    let offer = "UPDATE managed_database SET standing = 'pooled', template_oid = $2 WHERE name = $1";
    sqlx::query(offer)
        .bind(name.as_str())
        .bind(oid)
        .execute(pool)
        .await?;
    Ok(())
}

/// Opens the clone, which also makes PostgreSQL write down what the first session of a database looks up, and makes
/// sure that it is one of Odoo's, holds what its template was built with, and can take an identity.
async fn check(room: &Room, template: &Managed, oid: i64, name: &Identifier) -> Result<(), StepFailure> {
    let mut session = sessions::rehearsed(room, name).await?;
    let signature = Signature::read(&mut session).await;
    let verified = template_content::verify(room, &template.name, oid, name, &mut session).await;
    session.close().await?;
    verified?;
    match signature?.is_whole() {
        true => Ok(()),
        false => Err(check_failed("it has no database.uuid or no database.secret")),
    }
}

fn check_failed(why: &str) -> StepFailure {
    StepFailure::new(
        Code::CheckFailed,
        format!("The clone for the pool cannot be used: {why}."),
    )
}

fn point(room: &Room, point: &str, moment: Moment) -> Result<(), StepFailure> {
    if room.settings.faults.strikes(KIND, point, moment) {
        return Err(StepFailure::new(
            Code::FaultInjected,
            "A test ordered this fault.",
        ));
    }
    Ok(())
}
