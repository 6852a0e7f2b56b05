//! Secrets and addresses in the rows that stay, found by what their columns are called.

use super::schema::Schema;
use crate::error::NodeError;
use sqlx::{AssertSqlSafe, PgConnection};

/// What columns with credentials are called.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "_pass",
    "secret",
    "api_key",
    "apikey",
    "private_key",
    "_token",
    "token_",
    "webhook_url",
    "client_id",
    "access_key",
    "oauth_",
    "vapid",
];
/// Providers name theirs after themselves: `stripe_publishable_key`, `adyen_merchant_account`.
const PROVIDERS: &[&str] = &[
    "payment_provider",
    "payment_acquirer",
    "auth_oauth_provider",
    "delivery_carrier",
    "pos_payment_method",
];
const PROVIDERS_SECRETS: &[&str] = &[
    "_key",
    "merchant",
    "account_number",
    "email_account",
    "_username",
    "_login",
    "_id_",
    "_terminal",
];
/// What columns with people's addresses and names are called, between underscores.
const ADDRESSES: &[&str] = &["email", "phone", "mobile", "fax"];
const NAMES: &[&str] = &["author_name", "contact_name", "contact_lastname", "partner_name"];

/// Empties the columns that hold credentials. A link's token is made anew, because a link needs one.
/// Returns how many values there were.
pub(super) async fn remove_secrets(connection: &mut PgConnection, schema: &Schema) -> Result<u64, NodeError> {
    let mut count = 0;
    for (name, table) in &schema.tables {
        // A user's password is dealt with by itself; a parameter's key says what it is, not its column.
        if name == "res_users" || name == "ir_config_parameter" || name.starts_with("ir_model") {
            continue;
        }
        let texts = table.columns.iter().filter(|(_, column)| column.is_text);
        for (column, found) in texts {
            let at = found.quoted.as_str();
            let value = if column == "access_token" || (found.is_required && holds_secret(name, column)) {
                "gen_random_uuid()::text"
            } else if holds_secret(name, column) {
                "NULL"
            } else {
                continue;
            };
            let text = format!(
                "UPDATE {} SET {at} = {value} WHERE {at} <> ''",
                table.quoted.as_str()
            );
            let done = sqlx::query(AssertSqlSafe(text)).execute(&mut *connection).await?;
            count += done.rows_affected();
        }
    }
    Ok(count)
}

fn holds_secret(table: &str, column: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| column.contains(word));
    has(SECRETS) || column == "token" || (PROVIDERS.contains(&table) && has(PROVIDERS_SECRETS))
}

/// Empties the columns that hold addresses, numbers and names of people, but for what Odoo computes when it writes to
/// somebody. Returns how many values there were.
pub(super) async fn remove_addresses(
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<u64, NodeError> {
    let mut count = 0;
    for (name, table) in &schema.tables {
        if matches!(name.as_str(), "res_users" | "res_partner") || name.starts_with("ir_model") {
            continue;
        }
        for (column, found) in &table.columns {
            if !found.is_text || found.is_required {
                continue;
            }
            let at = found.quoted.as_str();
            let is_one = if NAMES.contains(&column.as_str()) {
                "true".to_owned()
            } else if column.split('_').any(|word| ADDRESSES.contains(&word)) || column == "reply_to" {
                format!("{at} ~ '@[^ ]+[.]|[0-9][0-9 ()./-]{{5}}'")
            } else {
                continue;
            };
            let text = format!(
                "UPDATE {} SET {at} = NULL WHERE {at} <> '' AND {is_one} AND {at} !~ '^#|[{{][{{]|[$][{{]'",
                table.quoted.as_str()
            );
            let done = sqlx::query(AssertSqlSafe(text)).execute(&mut *connection).await?;
            count += done.rows_affected();
        }
    }
    Ok(count)
}

/// Switches off what needs the credentials that are gone.
pub(super) async fn disable_providers(
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<u64, NodeError> {
    let mut count = 0;
    for (table, column, off) in [
        ("payment_provider", "state", "'disabled'"),
        ("payment_acquirer", "state", "'disabled'"),
        ("auth_oauth_provider", "enabled", "false"),
    ] {
        if schema.column(table, column).is_some() {
            let text = format!("UPDATE {table} SET {column} = {off} WHERE {column} <> {off}");
            let done = sqlx::query(AssertSqlSafe(text)).execute(&mut *connection).await?;
            count += done.rows_affected();
        }
        if schema.column(table, "is_published").is_some() {
            let text = format!("UPDATE {table} SET is_published = false");
            sqlx::query(AssertSqlSafe(text)).execute(&mut *connection).await?;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::holds_secret;

    #[test]
    fn columns_with_credentials_are_known_by_their_names() {
        for (table, column) in [
            ("payment_provider", "stripe_publishable_key"),
            ("auth_oauth_provider", "client_id"),
            ("pos_config", "epson_api_key"),
            ("ir_act_server", "webhook_url"),
            ("any", "smtp_pass"),
        ] {
            assert!(holds_secret(table, column), "{table}.{column}");
        }
        for (table, column) in [
            ("ir_ui_view", "key"),
            ("payment_provider", "code"),
            ("website", "name"),
            ("pos_config", "module_key"),
            ("any", "compass"),
        ] {
            assert!(!holds_secret(table, column), "{table}.{column}");
        }
    }
}
