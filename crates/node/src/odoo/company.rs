//! The company `base.main_company` with its partner, country and currency.

use crate::error::{Code, NodeError, StepFailure};
use crate::odoo::language::Installed;
use crate::odoo::relation::Columns;
use sqlx::{PgConnection, Row};
use wire::node::CreateTenant;

/// The company's rows.
#[derive(Clone, Copy)]
struct Company {
    company: i32,
    partner: i32,
}

/// Gives the company its name, address, language, country and currency.
///
/// # Errors
/// [`Code::TemplateMissing`] when the template has no main company, [`Code::CountryNotFound`].
pub(crate) async fn give(
    connection: &mut PgConnection,
    order: &CreateTenant,
    email: Option<&str>,
    language: &Installed,
    columns: &Columns,
) -> Result<(), StepFailure> {
    let found = find(connection).await?;
    let name = order.company_name.as_str();
    let update = sqlx::query("UPDATE res_company SET name = $2 WHERE id = $1");
    update
        .bind(found.company)
        .bind(name)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE res_partner SET name = $2, commercial_company_name = $2, lang = $3, email = $4 WHERE id = $1",
    )
    .bind(found.partner)
    .bind(name)
    .bind(&language.code)
    .bind(email)
    .execute(&mut *connection)
    .await?;
    give_copies(connection, found, name, email, columns).await?;
    if let Some(country) = &order.country {
        give_country(connection, found, country.as_str()).await?;
    }
    Ok(())
}

async fn find(connection: &mut PgConnection) -> Result<Company, StepFailure> {
    let row = sqlx::query(
        "SELECT res_company.id, partner_id FROM ir_model_data \
         JOIN res_company ON res_company.id = ir_model_data.res_id \
         WHERE module = 'base' AND ir_model_data.name = 'main_company' AND model = 'res.company'",
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        let detail = "The template has no company base.main_company. Build it anew.";
        return Err(StepFailure::new(Code::TemplateMissing, detail));
    };
    Ok(Company {
        company: row.try_get(0)?,
        partner: row.try_get(1)?,
    })
}

/// The copies that Odoo stores beside names and addresses, in the versions and with the modules that have them.
async fn give_copies(
    connection: &mut PgConnection,
    Company { company, partner }: Company,
    name: &str,
    email: Option<&str>,
    columns: &Columns,
) -> Result<(), NodeError> {
    if columns.has("res_partner.complete_name") {
        let update = sqlx::query("UPDATE res_partner SET complete_name = $2 WHERE id = $1");
        update.bind(partner).bind(name).execute(&mut *connection).await?;
    }
    if columns.has("res_partner.display_name") {
        let update = sqlx::query("UPDATE res_partner SET display_name = $2 WHERE id = $1");
        update.bind(partner).bind(name).execute(&mut *connection).await?;
    }
    if columns.has("res_company.email") {
        let update = sqlx::query("UPDATE res_company SET email = $2 WHERE id = $1");
        update.bind(company).bind(email).execute(&mut *connection).await?;
    }
    if columns.has("res_partner.email_normalized") {
        let update = sqlx::query("UPDATE res_partner SET email_normalized = lower($2) WHERE id = $1");
        update.bind(partner).bind(email).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn give_country(
    connection: &mut PgConnection,
    Company { company, partner }: Company,
    code: &str,
) -> Result<(), StepFailure> {
    let select = sqlx::query("SELECT id, currency_id FROM res_country WHERE code = $1");
    let Some(row) = select.bind(code).fetch_optional(&mut *connection).await? else {
        let detail = format!("Odoo knows no country {code}. Leave it out or choose another.");
        return Err(StepFailure::new(Code::CountryNotFound, detail));
    };
    let (country, currency): (i32, Option<i32>) = (row.try_get(0)?, row.try_get(1)?);
    let update = sqlx::query("UPDATE res_partner SET country_id = $2 WHERE id = $1");
    update
        .bind(partner)
        .bind(country)
        .execute(&mut *connection)
        .await?;
    let Some(currency) = currency else { return Ok(()) };
    // Two active currencies would show every user the fields of several currencies.
    sqlx::query(
        "UPDATE res_currency SET active = (id = $2) \
         WHERE id = $2 OR id = (SELECT currency_id FROM res_company WHERE id = $1)",
    )
    .bind(company)
    .bind(currency)
    .execute(&mut *connection)
    .await?;
    let update = sqlx::query("UPDATE res_company SET currency_id = $2 WHERE id = $1");
    update
        .bind(company)
        .bind(currency)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
