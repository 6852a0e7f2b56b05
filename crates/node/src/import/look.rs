//! What came in an import, before anybody works with it: nothing in it may act by itself, and it must be an Odoo of the series here.

use super::filter::EXTENSIONS;
use super::foreign;
use crate::error::{Code, NodeError, StepFailure};
use crate::odoo::module;
use sqlx::{PgConnection, Row};

/// What would act with the rights of whoever works with the database later. What a superuser owns came with PostgreSQL or with
/// an extension; membership of an extension proves nothing, because whoever makes one can add to it.
const ACTING: &str = "SELECT 'the function ' || p.proname AS what FROM pg_catalog.pg_proc p \
       WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = p.proowner AND r.rolsuper) \
     UNION ALL SELECT 'the trigger ' || t.tgname FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal \
     UNION ALL SELECT 'the rule ' || r.rulename FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class \
       WHERE r.rulename <> '_RETURN' AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles o WHERE o.oid = c.relowner AND o.rolsuper) \
     UNION ALL SELECT 'the policy ' || p.polname FROM pg_catalog.pg_policy p \
     UNION ALL SELECT 'the event trigger ' || e.evtname FROM pg_catalog.pg_event_trigger e \
     UNION ALL SELECT 'the schema ' || n.nspname FROM pg_catalog.pg_namespace n \
       WHERE n.nspname <> 'public' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     UNION ALL SELECT 'the extension ' || x.extname FROM pg_catalog.pg_extension x WHERE x.extname <> ALL ($1) \
     UNION ALL SELECT 'the view ' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
       WHERE n.nspname = 'public' AND c.relkind <> 'r' AND c.relname = ANY ($2) \
     LIMIT 5";

/// Tables of Odoo's that the node itself writes or reads: no view may stand for them.
const TABLES: [&str; 18] = [
    "ir_attachment",
    "ir_config_parameter",
    "ir_mail_server",
    "ir_model_data",
    "ir_module_module",
    "fetchmail_server",
    "res_users",
    "res_partner",
    "res_company",
    "res_groups_users_rel",
    "ir_model",
    "ir_model_fields",
    "mail_message",
    "account_move",
    "account_move_line",
    "sale_order",
    "stock_move",
    "ir_cron",
];

/// Refuses what would act by itself.
pub(crate) async fn nothing_acts(connection: &mut PgConnection) -> Result<(), StepFailure> {
    let rows = sqlx::query(ACTING)
        .bind(EXTENSIONS.as_slice())
        .bind(TABLES.as_slice())
        .fetch_all(connection)
        .await
        .map_err(NodeError::from)?;
    let found: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("what")).collect();
    let found = found.map_err(NodeError::from)?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(StepFailure::new(
            Code::ImportActing,
            format!(
                "The dump holds what Odoo does not make and what could act by itself: {}. Remove it where it comes from, and make the dump anew.",
                found.join(", ")
            ),
        )),
    }
}

/// The series of Odoo that it is of, which must be the one that is served here.
pub(crate) async fn version(
    connection: &mut PgConnection,
    here: Option<&str>,
) -> Result<String, StepFailure> {
    if !module::has_table(connection, "ir_module_module").await? {
        return Err(foreign(
            "There are no tables of Odoo's in the dump. Look whether it is of the right database, and made with its data.",
        ));
    }
    let found = module::odoo_version(connection).await?.unwrap_or_default();
    match here {
        Some(here) if here != found => Err(StepFailure::new(
            Code::ImportVersion,
            format!(
                "It is of Odoo {found}, and Odoo {here} is served here. Upgrade it to {here} first, or import it where {found} is served."
            ),
        )),
        _ => Ok(found),
    }
}
