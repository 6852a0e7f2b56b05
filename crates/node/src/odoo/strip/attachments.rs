//! `ir_attachment`: what was attached to somebody or something that is gone. Odoo has no foreign key for it.

use super::doomed::{Doomed, IS_A_MODULES};
use super::kept::Kept;
use super::schema::Schema;
use crate::error::NodeError;
use sqlx::{PgConnection, Row};

const TABLE: &str = "ir_attachment";

/// Adds the attachments that go to what is doomed; everything else that is doomed is in there already.
///
/// What belongs to no row stays if it is a website's or a bundle (it has an address, or everybody may see it) or came
/// with a module.
pub(super) async fn add(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
    doomed: &mut Doomed,
) -> Result<u64, NodeError> {
    if ["res_model", "res_id", "public", "url"]
        .iter()
        .any(|column| schema.column(TABLE, column).is_none())
    {
        return Ok(0);
    }
    let nobodys = format!(
        "coalesce(t.res_id, 0) = 0 AND coalesce(t.res_model, '') <> 'ir.ui.view' AND t.url IS NULL \
         AND NOT coalesce(t.public, false) AND NOT {IS_A_MODULES}"
    );
    let mut count = doomed.add(connection, schema, TABLE, &nobodys).await?;
    let pictures = format!(
        "(t.res_model = 'res.partner' AND t.res_id = ANY(ARRAY[{}]) OR t.res_model = 'res.users' AND t.res_id = {} \
         OR t.res_model = 'res.company' OR t.res_model = 'website' AND t.res_field IN ('logo', 'social_default_image'))",
        strangers(kept),
        kept.admin
    );
    if schema.column(TABLE, "res_field").is_some() {
        count += doomed.add(connection, schema, TABLE, &pictures).await?;
    }
    let rows = sqlx::query(
        "SELECT DISTINCT res_model FROM ir_attachment WHERE coalesce(res_id, 0) <> 0 AND res_model <> ''",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let model: String = row.try_get(0)?;
        let table = model.replace('.', "_");
        let literal = model.replace('\'', "''");
        let gone = match schema.table(&table).filter(|_| schema.is_numbered(&table)) {
            // Of a module that is gone, or of nothing that was ever stored.
            None => "true".to_owned(),
            Some(found) => format!(
                "(NOT EXISTS (SELECT FROM {} r WHERE r.id = t.res_id) \
                  OR EXISTS (SELECT FROM doomed d WHERE d.\"table\" = '{}' AND d.id = t.res_id))",
                found.quoted.as_str(),
                table.replace('\'', "''")
            ),
        };
        let condition = format!(
            "t.res_model = '{literal}' AND coalesce(t.res_id, 0) <> 0 AND {gone} \
             AND NOT coalesce(t.url LIKE '/web/assets/%', false)"
        );
        count += doomed.add(connection, schema, TABLE, &condition).await?;
    }
    Ok(count)
}

/// The partners whose pictures go: all that stay but for Odoo's own.
fn strangers(kept: &Kept) -> String {
    let partners = kept
        .partners
        .iter()
        .filter(|&&partner| partner != kept.root_partner);
    partners.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
