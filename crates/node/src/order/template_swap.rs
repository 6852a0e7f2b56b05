//! Replacing one template by another: databases, files and journal together, and the way back.

use crate::catalogue;
use crate::error::StepFailure;
use crate::managed::{self, Managed, Standing};
use crate::order::template::{Intent, vanished};
use crate::room::Room;
use crate::run::Run;
use crate::statement;

/// Puts the build in the template's place, in one go for whoever clones.
pub(super) async fn forth(intent: &Intent, run: &Run<'_>) -> Result<(), StepFailure> {
    let room = run.room;
    let _alone = room.templates.write().await;
    let pool = &room.journal.pool;
    let Some(build) = managed::named(pool, &intent.build()).await? else {
        return Ok(());
    };
    let old = managed::of_subject(pool, &intent.subject()).await?;
    catalogue::end_sessions(pool, build.oid.ok_or_else(|| vanished(&build.name))?).await?;
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

/// Drops the templates that were replaced. What fails is tried again at the next start.
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
    for old in managed::all(pool)
        .await?
        .into_iter()
        .filter(|old| old.standing == Standing::Replaced)
    {
        statement::drop_database(pool, &old.name).await?;
        let (filestores, name) = (room.filestores.clone(), old.name.clone());
        room.blocking(move || filestores.remove(&name).map_err(StepFailure::from))
            .await?;
        managed::forget(pool, &old.name).await?;
    }
    Ok(())
}
