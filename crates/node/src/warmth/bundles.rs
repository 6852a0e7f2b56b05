//! Carrying compiled bundles from the visited copy into the template.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::room::Room;
use serde_json::Value;
use sqlx::{Connection, PgConnection, Row};

/// Puts the copy's compiled bundles in the place of the template's: their rows and their files.
pub(super) async fn take(
    room: &Room,
    copy: &Identifier,
    template: &Identifier,
) -> Result<usize, StepFailure> {
    let mut source = room.connect(copy).await?;
    let rows = read(&mut source).await;
    source.close().await?;
    let rows = rows?;
    if rows.is_empty() {
        let detail = "Odoo compiled no bundle while the template was visited.";
        return Err(StepFailure::new(Code::OdooFailed, detail));
    }
    let files: Vec<String> = rows
        .iter()
        .filter_map(|row| row.get("store_fname")?.as_str().map(str::to_owned))
        .collect();
    let (filestores, from, to) = (room.filestores.clone(), copy.clone(), template.clone());
    let missing = room
        .blocking(move || -> Result<Vec<String>, NodeError> {
            filestores.bring(&from, &to, &files)?;
            Ok(filestores.missing(&to, files))
        })
        .await?;
    if !missing.is_empty() {
        let detail = format!("{} files of compiled bundles are not there.", missing.len());
        return Err(StepFailure::new(Code::FileFailed, detail));
    }
    let mut target = room.connect(template).await?;
    let written = write(&mut target, &rows).await;
    target.close().await?;
    written?;
    Ok(rows.len())
}

async fn read(connection: &mut PgConnection) -> Result<Vec<Value>, NodeError> {
    let rows = sqlx::query(
        "SELECT to_jsonb(ir_attachment) - 'id' AS row FROM ir_attachment \
         WHERE url LIKE '/web/assets/%' AND store_fname IS NOT NULL ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("row")?)).collect()
}

async fn write(connection: &mut PgConnection, rows: &[Value]) -> Result<(), NodeError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'")
        .execute(&mut *transaction)
        .await?;
    for row in rows {
        sqlx::query(
            "INSERT INTO ir_attachment SELECT (jsonb_populate_record(NULL::ir_attachment, $1 || \
             jsonb_build_object('id', nextval(pg_get_serial_sequence('ir_attachment', 'id'))))).*",
        )
        .bind(row)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(())
}
