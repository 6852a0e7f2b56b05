//! What Odoo's own zip says of itself, as Odoo's `dump_db_manifest` writes it, and what its dump needs before it.

use crate::backup::manifest::Manifest;
use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use domain::DatabaseName;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct OdooManifest<'a> {
    odoo_dump: &'static str,
    db_name: &'a str,
    version: &'a str,
    version_info: Value,
    major_version: &'a str,
    pg_version: String,
    modules: &'a BTreeMap<String, Option<String>>,
}

/// Odoo's `manifest.json`.
pub(super) fn odoo(manifest: &Manifest, database: &DatabaseName) -> Result<Vec<u8>, StepFailure> {
    let series = manifest.odoo_version.as_deref().unwrap_or_default();
    let server = manifest.tools.get("postgresql").map_or("", String::as_str);
    let said = OdooManifest {
        odoo_dump: "1",
        db_name: database.as_str(),
        version: series,
        version_info: version_info(series),
        major_version: series,
        pg_version: pg_version(server),
        modules: &manifest.modules,
    };
    let mut text = Vec::new();
    let four = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    said.serialize(&mut serde_json::Serializer::with_formatter(&mut text, four))
        .map_err(|_| NodeError::Record {
            what: "Odoo's manifest".to_owned(),
        })?;
    Ok(text)
}

/// `19.0` is `[19, 0, 0, "final", 0, ""]`; the first of `saas~18.2` is a text.
fn version_info(series: &str) -> Value {
    let (major, minor) = series.split_once('.').unwrap_or((series, "0"));
    let major = major
        .parse::<u32>()
        .map_or_else(|_| json!(major), |major| json!(major));
    json!([major, minor.parse::<u32>().unwrap_or_default(), 0, "final", 0, ""])
}

/// Odoo divides the server's number by a hundred twice, so that of PostgreSQL 10 and later nothing is left but `15.0`.
fn pg_version(server: &str) -> String {
    let major: String = server.chars().take_while(char::is_ascii_digit).collect();
    format!("{major}.0")
}

/// Makes the extensions that the dump needs: a backup leaves them out, because they are made anew where it is restored.
pub(super) fn extensions(names: &[String]) -> String {
    let known = names.iter().filter_map(|name| name.parse::<Identifier>().ok());
    known
        .map(|name| format!("CREATE EXTENSION IF NOT EXISTS \"{name}\" WITH SCHEMA public;\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_as_odoo_tells_them() {
        assert_eq!(version_info("19.0"), json!([19, 0, 0, "final", 0, ""]));
        assert_eq!(
            version_info("saas~18.2"),
            json!(["saas~18", 2, 0, "final", 0, ""])
        );
        assert_eq!(pg_version("15.18 (Debian 15.18-0+deb12u1)"), "15.0");
        assert_eq!(pg_version("17beta1"), "17.0");
    }

    #[test]
    fn nothing_but_a_plain_name_is_made_an_extension() {
        let names = ["pg_trgm".to_owned(), "x\"; DROP".to_owned()];
        assert_eq!(
            extensions(&names),
            "CREATE EXTENSION IF NOT EXISTS \"pg_trgm\" WITH SCHEMA public;\n"
        );
    }
}
