//! Nothing starts with a secret that is published, missing, short or easily guessed.

use super::{NodeFile, ServerFile};
use anyhow::{Context as _, Result, bail};
use domain::weakness::{check_machine_secret, is_published};
use toml::{Table, Value};
use url::Url;

/// A configuration file whose secrets can be checked.
pub(crate) trait Guarded {
    /// Refuses weak secrets, by the name of their setting and never by their text.
    fn refuse_weak(&self) -> Result<()>;
}

impl Guarded for ServerFile {
    fn refuse_weak(&self) -> Result<()> {
        // The key is looked at where it is found; those before it may be what somebody wants to get rid of.
        database(&self.database_url)
    }
}

impl Guarded for NodeFile {
    fn refuse_weak(&self) -> Result<()> {
        strong("credential", &self.credential)?;
        strong("postgres.password", &self.postgres.password)?;
        strong("odoo.password", &self.odoo.password)
    }
}

/// Refuses a weak secret.
pub(super) fn strong(name: &str, secret: &str) -> Result<()> {
    check_machine_secret(secret).map_err(|weakness| anyhow::anyhow!("{name} {weakness}; choose another"))
}

/// Refuses a weak password in a database's address. Over a socket of this machine PostgreSQL knows who asks.
fn database(address: &str) -> Result<()> {
    let url: Url = address
        .parse()
        .map_err(|_| anyhow::anyhow!("database_url is not an address"))?;
    let over_socket = url
        .host_str()
        .is_none_or(|host| host.is_empty() || host.starts_with("%2F"))
        || url
            .query_pairs()
            .any(|(name, value)| name == "host" && value.starts_with('/'));
    let password = match url.query_pairs().find(|(name, _)| name == "password") {
        Some((_, password)) => password.into_owned(),
        None => percent_decoded(url.password().unwrap_or_default()),
    };
    if over_socket && password.is_empty() {
        return Ok(());
    }
    if is_published(&password) {
        bail!("the password in database_url is printed in public documents; choose another");
    }
    check_machine_secret(&password)
        .map_err(|weakness| anyhow::anyhow!("the password in database_url {weakness}; choose another"))
        .context("database_url")
}

fn percent_decoded(text: &str) -> String {
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The first setting whose text public documents print.
pub(super) fn published(table: &Table) -> Option<String> {
    table.iter().find_map(|(name, value)| within(name, value))
}

fn within(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if is_published(text) => Some(name.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| within(name, item)),
        Value::Table(table) => published(table).map(|inner| format!("{name}.{inner}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "9c1f4be0a7d3526818c7e5f2b94a06d3";

    #[test]
    fn the_password_of_a_database_is_looked_at_wherever_it_stands() {
        for address in [
            format!("postgres://tenantry:{GOOD}@127.0.0.1/tenantry"),
            format!("postgres://tenantry@127.0.0.1/tenantry?password={GOOD}"),
            "postgres:///tenantry?user=tenantry&host=/run/postgresql".to_owned(),
            "postgres://tenantry@%2Frun%2Fpostgresql/tenantry".to_owned(),
        ] {
            assert!(database(&address).is_ok(), "{address}");
        }
        for (address, wanted) in [
            ("postgres://tenantry@127.0.0.1/tenantry", "missing"),
            ("postgres://tenantry:tenantry@127.0.0.1/tenantry", "fewer"),
            (
                "postgres://tenantry:change%6De@127.0.0.1/tenantry",
                "public documents",
            ),
            (
                "postgres:///tenantry?host=/run/postgresql&password=changeme",
                "public documents",
            ),
            (
                "postgres://tenantry:aaaaaaaaaaaaaaaaaaaa@127.0.0.1/tenantry",
                "guessed",
            ),
        ] {
            let refused = database(address).map_err(|error| format!("{error:#}"));
            assert!(
                refused.as_ref().is_err_and(|why| why.contains(wanted)),
                "{address}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_published_secret_is_found_in_any_setting() -> Result<()> {
        let table: Table = toml::from_str("a = \"fine\"\n[b]\nc = [\"fine\", \"ChangeMe\"]\n")?;
        assert_eq!(published(&table).as_deref(), Some("b.c"));
        assert_eq!(published(&toml::from_str("a = \"fine\"")?), None);
        Ok(())
    }
}
