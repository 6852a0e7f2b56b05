//! What a template may be copied from, the copying, and taking out what belongs to somebody.

use crate::catalogue;
use crate::copy;
use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::odoo::{attachment, strip as stripping};
use crate::order::template::Intent;
use crate::room::Room;
use crate::{statement, template_content, unmanaged};
use sqlx::Connection;
use std::collections::HashSet;
use std::sync::Arc;

/// Makes sure that a template may be made of this database: a living tenant's, or one of Odoo's that nobody manages.
///
/// # Errors
/// [`Code::TenantUnknown`] when there is none, [`Code::NotAdoptable`] with what to do.
pub(super) async fn look(room: &Room, name: &Identifier) -> Result<(), StepFailure> {
    if let Some(known) = managed::named(&room.journal.pool, name).await? {
        return obstacle(&known).map_or(Ok(()), |words| {
            let detail = format!("No template can be made of {name}: {words}");
            Err(StepFailure::new(Code::NotAdoptable, detail))
        });
    }
    let Some(found) = unmanaged::look_at(room, name).await? else {
        let detail = format!(
            "There is no database {name} on this node that a template can be made of. \
             Name a tenant's, or one of Odoo's that nobody manages."
        );
        return Err(StepFailure::new(Code::TenantUnknown, detail));
    };
    found.obstacle.map_or(Ok(()), |words| {
        let detail = format!("No template can be made of {name}: {words}");
        Err(StepFailure::new(Code::NotAdoptable, detail))
    })
}

fn obstacle(known: &Managed) -> Option<&'static str> {
    match (&known.subject, known.standing) {
        (Subject::Tenant(_), standing) => match standing {
            Standing::Open | Standing::Restricted | Standing::Suspended | Standing::Paused => None,
            Standing::Tombstone => Some("its tenant is deleted. Bring it back first."),
            _ => Some("something else is done to it. Try again later."),
        },
        (Subject::Template(_), Standing::Template) => {
            Some("it is a template. Make a tenant of it, change that, and name the tenant's database.")
        }
        (Subject::Template(_) | Subject::Backups(_) | Subject::Upkeep(_) | Subject::Download(_), _) => {
            Some("it is the node's own. Name a tenant's database.")
        }
    }
}

/// Copies the template that is in force, with its files.
pub(super) async fn copy_itself(room: &Room, intent: &Intent) -> Result<(), StepFailure> {
    let _guard = Arc::clone(&room.templates).read_owned().await;
    let (template, build) = (intent.template(), intent.build());
    let pool = &room.journal.pool;
    let known = managed::of_subject(pool, &intent.subject()).await?;
    let Some(known) = known.filter(|known| known.name == template) else {
        let detail = format!("There is no finished template {template} on this node. Build it first.");
        return Err(StepFailure::new(Code::TemplateMissing, detail));
    };
    // What was built would be taken for whatever is there now.
    template_content::admit(room, &known).await?;
    statement::clone_database(pool, &template, &build, &room.journal.roles.node).await?;
    copy_files(room, template, intent).await.map(drop)
}

/// Copies a database into the build's, with its files. Says what was copied.
pub(super) async fn copy(room: &Room, from: &Identifier, intent: &Intent) -> Result<String, StepFailure> {
    let pool = &room.journal.pool;
    let before = catalogue::named(pool, from).await?.map(|entry| entry.oid);
    let left_out = copy::tables(room, from, &intent.build()).await?;
    // Files after rows: Odoo writes a file before the row that names it.
    let files = copy_files(room, from.clone(), intent).await?;
    let after = catalogue::named(pool, from).await?.map(|entry| entry.oid);
    if before.is_none() || before != after {
        let detail = format!("The database {from} was moved or removed while it was copied. Try again.");
        return Err(StepFailure::new(Code::NotAdoptable, detail));
    }
    Ok(match left_out {
        0 => format!("a copy of {from} with {files} files"),
        _ => format!("a copy of {from} with {files} files, without {left_out} search indexes over unaccent"),
    })
}

async fn copy_files(room: &Room, from: Identifier, intent: &Intent) -> Result<u64, StepFailure> {
    let (filestores, to, note) = (room.filestores.clone(), intent.build(), intent.note());
    let copied = room.blocking(move || filestores.copy(&from, &to, &note)).await?;
    Ok(copied.files)
}

/// Takes out of the build what belongs to somebody, and the files that nothing in it names any more.
pub(super) async fn strip(room: &Room, build: &Identifier) -> Result<Vec<String>, StepFailure> {
    let mut connection = room.connect(build).await?;
    let stripped = async {
        let told = stripping::strip(&mut connection).await?;
        stripping::rewrite(&mut connection).await?;
        let files = attachment::stored_files(&mut connection).await?;
        Ok::<_, StepFailure>((told, files))
    };
    let stripped = stripped.await;
    connection.close().await?;
    let (mut told, files) = stripped?;
    let (filestores, build) = (room.filestores.clone(), build.clone());
    let keep: HashSet<String> = files.into_iter().collect();
    let pruned = room
        .blocking(move || filestores.prune(&build, &keep).map_err(StepFailure::from))
        .await?;
    if pruned > 0 {
        told.push(format!("{pruned} files of what is gone"));
    }
    Ok(told)
}
