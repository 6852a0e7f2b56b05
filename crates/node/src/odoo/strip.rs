//! Takes people, secrets and business out of a copy of somebody's database, so that it can be everybody's template.
//!
//! What stays is what a template is for: modules, settings, views, the website's pages, the catalogue of products.
//! What goes is found by lists of Odoo's tables, by foreign keys and by the names of columns, because versions and
//! modules differ. All of it is one transaction that looks at itself before it ends.

mod attachments;
mod columns;
mod doomed;
mod kept;
mod lists;
mod personal;
mod proof;
mod removal;
mod report;
mod reset;
mod schema;

use crate::error::{NodeError, StepFailure};
use crate::odoo::entry;
use crate::statement;
use doomed::{Doomed, IS_A_MODULES};
use kept::Kept;
use report::Report;
use schema::Schema;
use sqlx::{Connection, PgConnection, Row};

/// Strips a database and says what went, in words. Stripping it again finds nothing more.
///
/// # Errors
/// [`Code::AdministratorNotFound`](crate::error::Code::AdministratorNotFound) when it is not whole,
/// [`Code::CheckFailed`](crate::error::Code::CheckFailed) when something cannot go; then nothing has changed.
pub(crate) async fn strip(connection: &mut PgConnection) -> Result<Vec<String>, StepFailure> {
    // A copy has no statistics yet, and without them PostgreSQL would look through whole tables again and again.
    sqlx::query("ANALYZE").execute(&mut *connection).await?;
    let mut transaction = connection.begin().await?;
    let schema = Schema::read(&mut transaction).await?;
    let kept = Kept::read(&mut transaction).await?;
    reset::visitors(&mut transaction, &schema, &kept).await?;
    remove_filters(&mut transaction, &schema, &kept).await?;
    let mut doomed = Doomed::begin(&mut transaction).await?;
    choose(&mut transaction, &schema, &kept, &mut doomed).await?;
    doomed.close(&mut transaction, &schema, &kept).await?;
    attachments::add(&mut transaction, &schema, &kept, &mut doomed).await?;
    doomed.close(&mut transaction, &schema, &kept).await?;
    let mut report = Report::of(doomed.count(&mut transaction).await?);
    removal::remove(&doomed, &mut transaction, &schema).await?;
    reset::users(&mut transaction, &schema, &kept).await?;
    reset::companies(&mut transaction, &schema, &kept).await?;
    reset::websites(&mut transaction, &schema).await?;
    report.providers = columns::disable_providers(&mut transaction, &schema).await?;
    report.secrets = columns::remove_secrets(&mut transaction, &schema).await?;
    report.secrets += reset::parameters(&mut transaction).await?;
    report.addresses = columns::remove_addresses(&mut transaction, &schema).await?;
    entry::forget(&mut transaction).await?;
    proof::look(&mut transaction, &schema, &kept).await?;
    transaction.commit().await?;
    Ok(report.sentences())
}

/// Gives the disk back what was removed: a clone copies files, and what is only marked as gone would travel along.
pub(crate) async fn rewrite(connection: &mut PgConnection) -> Result<(), NodeError> {
    Ok(statement::vacuum(connection, "FULL").await?)
}

/// What goes whatever refers to it.
async fn choose(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
    doomed: &mut Doomed,
) -> Result<(), NodeError> {
    let others = |kept: &[i32]| {
        let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
        format!("NOT t.id IN ({})", kept.join(", "))
    };
    doomed
        .add(connection, schema, "res_users", &others(&kept.users))
        .await?;
    doomed
        .add(connection, schema, "res_partner", &others(&kept.partners))
        .await?;
    for table in lists::EMPTIED.iter().flat_map(|(_, _, tables)| *tables) {
        doomed.add(connection, schema, table, "true").await?;
    }
    for table in transient(connection, schema).await? {
        doomed.add(connection, schema, &table, "true").await?;
    }
    let own = format!("NOT {IS_A_MODULES}");
    for table in lists::OWN {
        doomed.add(connection, schema, table, &own).await?;
    }
    if schema.column("resource_resource", "resource_type").is_some() {
        doomed
            .add(
                connection,
                schema,
                "resource_resource",
                "t.resource_type = 'user'",
            )
            .await?;
    }
    if schema.column("ir_property", "res_id").is_some() {
        let somebodys = "t.res_id ~ '^res[.](partner|users),'";
        doomed.add(connection, schema, "ir_property", somebodys).await?;
    }
    Ok(())
}

/// The tables of Odoo's dialogs, which keep what was typed into them: addresses, passwords, whole messages.
async fn transient(connection: &mut PgConnection, schema: &Schema) -> Result<Vec<String>, NodeError> {
    if schema.column("ir_model", "transient").is_none() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query("SELECT replace(model, '.', '_') FROM ir_model WHERE transient")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Removes people's own filters where a table says whose they are: without its rows they would be everybody's.
async fn remove_filters(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
) -> Result<(), NodeError> {
    if schema
        .column("ir_filters_res_users_rel", "res_users_id")
        .is_some()
    {
        sqlx::query(
            "DELETE FROM ir_filters WHERE id IN \
             (SELECT ir_filters_id FROM ir_filters_res_users_rel WHERE NOT res_users_id = ANY($1))",
        )
        .bind(&kept.users)
        .execute(connection)
        .await?;
    }
    Ok(())
}
