//! What stays, as Odoo makes it anew: the administrator, the companies, the websites, the parameters.

use super::kept::Kept;
use super::personal::{COMPANY, PERSONAL, USER, WEBSITE};
use super::schema::Schema;
use crate::clock;
use crate::error::{NodeError, StepFailure};
use crate::odoo::administrator::{self, Administrator};
use crate::odoo::parameter;
use crate::odoo::password::PasswordHash;
use crate::random;
use sqlx::{AssertSqlSafe, PgConnection};

/// Odoo's own address of its own user, which belongs to nobody.
pub(super) const ROOT_EMAIL: &str = "odoobot@example.com";

async fn set(
    connection: &mut PgConnection,
    table: &str,
    set: &[String],
    condition: &str,
) -> Result<(), NodeError> {
    if set.is_empty() {
        return Ok(());
    }
    let text = format!("UPDATE {table} SET {} WHERE {condition}", set.join(", "));
    sqlx::query(AssertSqlSafe(text)).execute(connection).await?;
    Ok(())
}

fn is_any(ids: &[i32]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("id IN ({})", ids.join(", "))
}

/// The four users and their partners, and the administrator's name and password.
pub(super) async fn users(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
) -> Result<(), StepFailure> {
    set(
        connection,
        "res_users",
        &schema.emptied("res_users", USER),
        &is_any(&kept.users),
    )
    .await?;
    set(
        connection,
        "res_partner",
        &schema.emptied("res_partner", PERSONAL),
        &is_any(&kept.partners),
    )
    .await?;
    if schema.column("res_partner", "commercial_partner_id").is_some() {
        let own = ["commercial_partner_id = id".to_owned()];
        set(connection, "res_partner", &own, &is_any(&kept.partners)).await?;
    }
    let mut names = vec!["name = 'Administrator'".to_owned(), "active = true".to_owned()];
    names.extend(named(schema, "'Administrator'"));
    set(connection, "res_partner", &names, &is_any(&[kept.admin_partner])).await?;
    let mut login = vec!["login = 'admin'".to_owned(), "active = true".to_owned()];
    if schema.column("res_users", "signature").is_some() {
        login.push("signature = '<div>Administrator</div>'".to_owned());
    }
    set(connection, "res_users", &login, &is_any(&[kept.admin])).await?;
    let mut address = vec![format!("email = '{ROOT_EMAIL}'")];
    if schema.column("res_partner", "email_normalized").is_some() {
        address.push(format!("email_normalized = '{ROOT_EMAIL}'"));
    }
    set(connection, "res_partner", &address, &is_any(&[kept.root_partner])).await?;
    let administrator = Administrator {
        user: kept.admin,
        partner: kept.admin_partner,
    };
    administrator::set_password(connection, administrator, &PasswordHash::unusable()).await
}

/// The copies of a partner's name that are stored, each as `column = name`.
fn named(schema: &Schema, name: &str) -> Vec<String> {
    ["complete_name", "display_name"]
        .into_iter()
        .filter_map(|column| schema.column("res_partner", column))
        .map(|column| format!("{} = {name}", column.quoted.as_str()))
        .collect()
}

/// Every company's name and address, and no logo.
pub(super) async fn companies(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
) -> Result<(), NodeError> {
    let mut cleared = schema.emptied("res_company", COMPANY);
    if schema.column("res_company", "uses_default_logo").is_some() {
        cleared.push("uses_default_logo = true".to_owned());
    }
    set(connection, "res_company", &cleared, "true").await?;
    // First of all out of each other's way: no two companies may have one name.
    for name in [
        "'~' || id".to_owned(),
        format!(
            "CASE WHEN partner_id = {} THEN 'My Company' ELSE 'My Company (' || id || ')' END",
            kept.company_partner
        ),
    ] {
        set(connection, "res_company", &[format!("name = {name}")], "true").await?;
    }
    let company = "(SELECT min(c.name) FROM res_company c WHERE c.partner_id = res_partner.id)";
    let mut names = vec![format!("name = {company}")];
    names.extend(named(schema, company));
    if schema.column("res_partner", "commercial_company_name").is_some() {
        names.push(format!("commercial_company_name = {company}"));
    }
    set(
        connection,
        "res_partner",
        &names,
        "id IN (SELECT partner_id FROM res_company)",
    )
    .await
}

/// Hands the websites' visitors over to the one public user, who may see every company that has a website.
pub(super) async fn visitors(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
) -> Result<(), NodeError> {
    if schema.column("website", "user_id").is_none() {
        return Ok(());
    }
    set(
        connection,
        "website",
        &[format!("user_id = {}", kept.public)],
        "true",
    )
    .await?;
    if schema.table("res_company_users_rel").is_some() {
        let text = "INSERT INTO res_company_users_rel (cid, user_id) SELECT DISTINCT company_id, $1 FROM website \
             ON CONFLICT DO NOTHING";
        sqlx::query(text).bind(kept.public).execute(connection).await?;
    }
    Ok(())
}

/// The websites' addresses, counters of visitors and names.
pub(super) async fn websites(connection: &mut PgConnection, schema: &Schema) -> Result<(), NodeError> {
    if schema.table("website").is_none() {
        return Ok(());
    }
    let mut cleared = schema.emptied("website", WEBSITE);
    cleared.push(
        "name = CASE WHEN id = (SELECT min(id) FROM website) THEN 'My Website' ELSE 'My Website ' || id END"
            .to_owned(),
    );
    set(connection, "website", &cleared, "true").await
}

/// Identity, address and credentials among the parameters.
pub(super) async fn parameters(connection: &mut PgConnection) -> Result<u64, NodeError> {
    let now = clock::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
    for (key, value) in [
        (parameter::DATABASE_UUID, random::uuid().to_string()),
        (parameter::DATABASE_SECRET, random::uuid().to_string()),
        (parameter::DATABASE_CREATE_DATE, now),
        // What Odoo itself begins with.
        (parameter::BASE_URL, "http://localhost:8069".to_owned()),
    ] {
        parameter::set(connection, key, &value).await?;
    }
    parameter::remove(connection, parameter::BASE_URL_FREEZE).await?;
    parameter::clear_inherited(connection).await?;
    parameter::remove_secrets(connection).await
}
