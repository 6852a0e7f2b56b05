//! The first website of a tenant, where the module is installed.

use crate::error::NodeError;
use crate::odoo::language::Installed;
use sqlx::PgConnection;
use wire::node::CreateTenant;

/// Names the website after the company and has it speak the tenant's language only.
///
/// With several languages a website sends visitors to another address by what their browser prefers, the login
/// page included. The customer can add languages.
pub(crate) async fn give(
    connection: &mut PgConnection,
    order: &CreateTenant,
    language: &Installed,
) -> Result<(), NodeError> {
    // An address of its own would have to follow every renaming; without one, the site uses web.base.url.
    let update = sqlx::query(
        "UPDATE website SET name = $1, default_lang_id = $2, domain = NULL WHERE id = (SELECT res_id \
         FROM ir_model_data WHERE module = 'website' AND ir_model_data.name = 'default_website' AND model = 'website')",
    );
    update
        .bind(order.company_name.as_str())
        .bind(language.id)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM website_lang_rel USING website \
         WHERE website_lang_rel.website_id = website.id AND website_lang_rel.lang_id <> website.default_lang_id",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO website_lang_rel (website_id, lang_id) SELECT id, default_lang_id FROM website \
         ON CONFLICT DO NOTHING",
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}
