//! Whether a template still holds what it was built with. One that does not is damaged: it is not cloned any more.
//!
//! Nobody connects to a template, so that its rows are looked at in each clone, before the clone is offered or becomes a
//! tenant; its files are looked at whenever the node looks at itself.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing};
use crate::odoo::{attachment, content};
use crate::room::Room;
use sqlx::{PgConnection, Row, postgres::PgRow};

/// What is in a template, or in a clone that nobody has changed yet.
pub(crate) struct Content {
    pub(crate) digest: String,
    files: Vec<String>,
}

impl Content {
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, NodeError> {
        Ok(Self {
            digest: content::digest(connection).await?,
            files: attachment::stored_files(connection).await?,
        })
    }
}

/// Keeps what was built, by the number of the database.
pub(crate) async fn keep(room: &Room, oid: i64, built: &Content) -> Result<(), NodeError> {
    sqlx::query(
        "INSERT INTO template_content (oid, digest, files) VALUES ($1, $2, $3) \
         ON CONFLICT (oid) DO UPDATE SET digest = excluded.digest, files = excluded.files, differs = false, missing = 0",
    )
    .bind(oid)
    .bind(&built.digest)
    .bind(&built.files)
    .execute(&room.journal.pool)
    .await?;
    Ok(())
}

/// Compares a clone with what its template was built with, and remembers when it differs. For a template of a time when
/// that was not kept, the first clone counts.
///
/// # Errors
/// [`Code::TemplateDamaged`] with what to do.
pub(crate) async fn verify(
    room: &Room,
    template: &Identifier,
    oid: i64,
    clone: &Identifier,
    session: &mut PgConnection,
) -> Result<(), StepFailure> {
    let found = Content::read(session).await?;
    let row = sqlx::query(
        "INSERT INTO template_content AS kept (oid, digest, files) VALUES ($1, $2, $3) \
         ON CONFLICT (oid) DO UPDATE SET differs = kept.differs OR kept.digest <> excluded.digest \
         RETURNING differs, missing",
    )
    .bind(oid)
    .bind(&found.digest)
    .bind(&found.files)
    .fetch_one(&room.journal.pool)
    .await?;
    if let Some(damage) = damage_of(template, &row)? {
        return Err(damaged(damage));
    }
    let (filestores, folder) = (room.filestores.clone(), clone.clone());
    let missing = room
        .blocking(move || Ok::<_, NodeError>(filestores.missing(&folder, found.files)))
        .await?;
    match missing.len() {
        0 => Ok(()),
        count => Err(damaged(note_missing(room, template, oid, count).await?)),
    }
}

/// Refuses a template that is known to be damaged.
///
/// # Errors
/// [`Code::TemplateDamaged`] with what to do.
pub(crate) async fn admit(room: &Room, template: &Managed) -> Result<(), StepFailure> {
    match damage(room, template).await? {
        Some(damage) => Err(damaged(damage)),
        None => Ok(()),
    }
}

/// What is wrong with a template, in words that say what to do.
pub(crate) async fn damage(room: &Room, template: &Managed) -> Result<Option<String>, NodeError> {
    let row = sqlx::query("SELECT differs, missing FROM template_content WHERE oid = $1")
        .bind(template.oid)
        .fetch_optional(&room.journal.pool)
        .await?;
    row.map_or(Ok(None), |row| damage_of(&template.name, &row))
}

/// Looks for the files of every template, and forgets templates that are gone.
pub(crate) async fn look(room: &Room) -> Result<(), NodeError> {
    let pool = &room.journal.pool;
    let all = managed::all(pool).await?;
    for template in all.iter().filter(|known| known.standing == Standing::Template) {
        let Some(oid) = template.oid else { continue };
        let row = sqlx::query("SELECT files FROM template_content WHERE oid = $1");
        let Some(row) = row.bind(oid).fetch_optional(pool).await? else {
            continue;
        };
        let files: Vec<String> = row.try_get("files")?;
        let _alone = room.templates.read().await;
        let (filestores, folder) = (room.filestores.clone(), template.name.clone());
        let missing = room
            .blocking(move || Ok::<_, NodeError>(filestores.missing(&folder, files)))
            .await?;
        // Another may have come in its place meanwhile, with its own files under the same name.
        let now = managed::named(pool, &template.name).await?;
        if now.and_then(|now| now.oid) == Some(oid) {
            note_missing(room, &template.name, oid, missing.len()).await?;
        }
    }
    sqlx::query(
        "DELETE FROM template_content WHERE NOT EXISTS \
         (SELECT FROM managed_database AS m WHERE m.oid = template_content.oid)",
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn note_missing(
    room: &Room,
    template: &Identifier,
    oid: i64,
    count: usize,
) -> Result<String, NodeError> {
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query("UPDATE template_content SET missing = $2 WHERE oid = $1 AND missing <> $2")
        .bind(oid)
        .bind(count)
        .execute(&room.journal.pool)
        .await?;
    Ok(files_words(template, count))
}

fn damage_of(template: &Identifier, row: &PgRow) -> Result<Option<String>, NodeError> {
    let (differs, missing): (bool, i32) = (row.try_get("differs")?, row.try_get("missing")?);
    if differs {
        return Ok(Some(format!(
            "What {template} holds is not what was built: its modules, languages or files were changed. \
             Build it anew (tenantry template rebuild {template}) or, if it is a copy, adopt it again; until then it is not cloned."
        )));
    }
    Ok((missing > 0).then(|| files_words(template, missing)))
}

fn files_words(template: &Identifier, missing: i32) -> String {
    format!(
        "{missing} files of {template} are missing. Bring them back, or build it anew \
         (tenantry template rebuild {template}) or, if it is a copy, adopt it again; until then it is not cloned."
    )
}

fn damaged(detail: String) -> StepFailure {
    StepFailure::new(Code::TemplateDamaged, detail)
}
