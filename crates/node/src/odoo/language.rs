//! Languages that a database of Odoo has installed.

use crate::error::{Code, NodeError, StepFailure};
use domain::{CountryCode, Language};
use sqlx::{PgConnection, Row};

/// An installed language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    pub(crate) id: i32,
    pub(crate) code: String,
}

/// All installed languages, the oldest first.
pub(crate) async fn installed(connection: &mut PgConnection) -> Result<Vec<Installed>, NodeError> {
    let rows = sqlx::query("SELECT id, code FROM res_lang WHERE active ORDER BY id")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Installed {
                id: row.try_get("id")?,
                code: row.try_get("code")?,
            })
        })
        .collect()
}

/// Has the users that are Odoo's own (the public visitor, the template of portal users) speak this language.
pub(crate) async fn give_to_technical_users(
    connection: &mut PgConnection,
    language: &Installed,
) -> Result<(), NodeError> {
    sqlx::query(
        "UPDATE res_partner SET lang = $1 WHERE id IN (SELECT partner_id FROM res_users JOIN ir_model_data \
         ON ir_model_data.res_id = res_users.id WHERE model = 'res.users' AND module = 'base')",
    )
    .bind(&language.code)
    .execute(connection)
    .await?;
    Ok(())
}

/// The installed language that is meant: this very code, else the same language of the company's country,
/// else the same language of any country.
///
/// # Errors
/// [`Code::LanguageNotInstalled`] when there is none.
pub(crate) fn resolve<'a>(
    installed: &'a [Installed],
    wanted: &Language,
    country: Option<&CountryCode>,
) -> Result<&'a Installed, StepFailure> {
    let of_country = country.map(|country| format!("{}_{country}", wanted.base()));
    let same_base = |code: &str| code.split(['_', '@']).next() == Some(wanted.base());
    installed
        .iter()
        .find(|language| language.code == wanted.as_str())
        .or_else(|| {
            installed
                .iter()
                .find(|language| Some(&language.code) == of_country.as_ref())
        })
        .or_else(|| installed.iter().find(|language| same_base(&language.code)))
        .ok_or_else(|| {
            let codes: Vec<&str> = installed.iter().map(|language| language.code.as_str()).collect();
            let detail = format!(
                "The template has no language {wanted}; it has {}. Build it with that language.",
                codes.join(", ")
            );
            StepFailure::new(Code::LanguageNotInstalled, detail)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(codes: &[&str]) -> Vec<Installed> {
        (1..)
            .zip(codes)
            .map(|(id, code)| Installed {
                id,
                code: (*code).to_owned(),
            })
            .collect()
    }

    #[test]
    fn the_nearest_installed_language_is_taken() {
        let installed = languages(&["en_US", "es_ES", "es_DO", "es_419"]);
        let resolved = |wanted: &str, country: Option<&str>| {
            let country = country.map(|code| code.parse().unwrap());
            resolve(&installed, &wanted.parse().unwrap(), country.as_ref())
                .map(|found| found.code.clone())
                .ok()
        };
        assert_eq!(resolved("es", None).as_deref(), Some("es_ES"));
        assert_eq!(resolved("es", Some("DO")).as_deref(), Some("es_DO"));
        assert_eq!(resolved("es_MX", Some("DO")).as_deref(), Some("es_DO"));
        assert_eq!(resolved("es_419", Some("DO")).as_deref(), Some("es_419"));
        assert_eq!(resolved("en", Some("DO")).as_deref(), Some("en_US"));
        assert!(resolve(&languages(&["en_US"]), &"es".parse().unwrap(), None).is_err());
    }
}
