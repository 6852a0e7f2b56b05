//! Replacing one template by another: databases, files and journal together, and the way back.

use crate::catalogue::{self, Ended};
use crate::error::StepFailure;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing};
use crate::order::template::{Intent, vanished};
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use sqlx::Row;

/// Puts the build in the template's place, in one go for whoever clones.
pub(super) async fn forth(intent: &Intent, run: &Run<'_>) -> Result<(), StepFailure> {
    let room = run.room;
    let _alone = room.templates.write().await;
    let pool = &room.journal.pool;
    let Some(build) = managed::named(pool, &intent.build()).await? else {
        return Ok(());
    };
    let old = managed::of_subject(pool, &intent.subject()).await?;
    let number = build.oid.ok_or_else(|| vanished(&build.name))?;
    catalogue::end_sessions(pool, number, Ended::Everybody).await?;
    run.part("publish/filestore")?;
    if !room.filestores.is_of(&intent.template(), &intent.note()) {
        room.filestores.rename(&intent.template(), &intent.replaced())?;
        run.part("publish/filestore-new")?;
        room.filestores.rename(&intent.build(), &intent.template())?;
    }
    run.part("publish/database")?;
    let mut transaction = room.journal.transaction().await?;
    if let Some(old) = old {
        let replaced = Managed {
            name: intent.replaced(),
            standing: Standing::Replaced,
            ..old.clone()
        };
        managed::transfer(&mut transaction, &room.journal.roles, &old, &replaced).await?;
    }
    let template = Managed {
        name: intent.template(),
        standing: Standing::Template,
        ..build.clone()
    };
    managed::transfer(&mut transaction, &room.journal.roles, &build, &template).await?;
    Ok(transaction.commit().await?)
}

/// Puts the template back that was there before, if there was one.
pub(super) async fn back(intent: &Intent, room: &Room) -> Result<(), StepFailure> {
    let _alone = room.templates.write().await;
    let pool = &room.journal.pool;
    room.filestores
        .take_back(&intent.template(), &intent.build(), &intent.note())?;
    room.filestores.rename(&intent.replaced(), &intent.template())?;
    let mine = managed::made_by(pool, intent.command).await?;
    let Some(mine) = mine.filter(|mine| mine.standing == Standing::Template) else {
        return Ok(());
    };
    let mut transaction = room.journal.transaction().await?;
    let build = Managed {
        name: intent.build(),
        standing: Standing::Building,
        ..mine.clone()
    };
    managed::transfer(&mut transaction, &room.journal.roles, &mine, &build).await?;
    if let Some(replaced) = managed::named(&mut *transaction, &intent.replaced()).await? {
        let old = Managed {
            name: intent.template(),
            standing: Standing::Template,
            ..replaced.clone()
        };
        managed::transfer(&mut transaction, &room.journal.roles, &replaced, &old).await?;
    }
    Ok(transaction.commit().await?)
}

/// Drops the templates that were replaced and of which no clone waits any more. What fails is tried again whenever the
/// pools are looked after.
pub(crate) async fn drop_replaced(room: &Room) {
    if let Err(failure) = try_drop_replaced(room).await {
        tracing::warn!(
            failure = crate::error::chain(&failure),
            "a replaced template is not dropped yet"
        );
    }
}

async fn try_drop_replaced(room: &Room) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    let rows = sqlx::query(
        "SELECT name FROM managed_database AS old WHERE standing = 'replaced' AND NOT EXISTS \
         (SELECT FROM managed_database AS clone WHERE clone.standing = 'pooled' AND clone.template_oid = old.oid)",
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let name: String = row.try_get("name")?;
        let Ok(name) = name.parse::<Identifier>() else {
            continue;
        };
        statement::drop_database(pool, &name).await?;
        let (filestores, folder) = (room.filestores.clone(), name.clone());
        room.blocking(move || filestores.remove(&folder).map_err(StepFailure::from))
            .await?;
        managed::forget(pool, &name).await?;
    }
    Ok(())
}
