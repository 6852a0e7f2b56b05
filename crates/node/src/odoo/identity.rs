//! What makes a clone a database of its own: identity, address, company, administrator, website.

use crate::clock;
use crate::error::{Code, NodeError, StepFailure};
use crate::odoo::administrator::{self, Administrator};
use crate::odoo::language::{self, Installed};
use crate::odoo::password::PasswordHash;
use crate::odoo::relation::Columns;
use crate::odoo::{company, parameter, signal, website};
use crate::random;
use domain::TenantId;
use sqlx::{Connection, PgConnection, Row};
use wire::node::CreateTenant;

/// The values that sign sessions and tell databases apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    uuid: Option<String>,
    secret: Option<String>,
}

impl Signature {
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, NodeError> {
        Ok(Self {
            uuid: parameter::get(connection, parameter::DATABASE_UUID).await?,
            secret: parameter::get(connection, parameter::DATABASE_SECRET).await?,
        })
    }

    /// Whether there is both an identity and a secret.
    pub(crate) fn is_whole(&self) -> bool {
        self.uuid.is_some() && self.secret.is_some()
    }

    /// Whether nothing of it is shared: what is missing is not its own either.
    fn differs(&self, other: &Self) -> bool {
        let own = |mine: &Option<String>, theirs: &Option<String>| mine.is_some() && mine != theirs;
        own(&self.uuid, &other.uuid) && own(&self.secret, &other.secret)
    }
}

/// Gives a clone its identity, in one transaction. Returns what it had from its template.
pub(crate) async fn give(
    connection: &mut PgConnection,
    order: &CreateTenant,
    hash: &PasswordHash,
) -> Result<Signature, StepFailure> {
    let mut transaction = connection.begin().await?;
    let inherited = write(&mut transaction, order, hash).await?;
    transaction.commit().await?;
    Ok(inherited)
}

/// Gives a clone an identity, reads it back and takes it away again: what cannot be done is found before a tenant waits
/// for it, and the session has by then looked up what it needs.
///
/// # Errors
/// As [`give`] and [`check`].
pub(crate) async fn rehearse(connection: &mut PgConnection) -> Result<(), StepFailure> {
    let installed = language::installed(connection).await?;
    let order = invented(installed.first()).map_err(|error| NodeError::Record {
        what: format!("a rehearsal: {error}"),
    })?;
    let hash = PasswordHash::unusable();
    let mut transaction = connection.begin().await?;
    let inherited = write(&mut transaction, &order, &hash).await?;
    check(&mut transaction, &order, &hash, &inherited).await?;
    transaction.rollback().await?;
    Ok(())
}

/// An order that nobody gave.
fn invented(language: Option<&Installed>) -> serde_json::Result<CreateTenant> {
    serde_json::from_value(serde_json::json!({
        "tenant": TenantId::from_uuid(random::uuid()),
        "database": "rehearsal",
        "host_label": "rehearsal",
        "template": "rehearsal",
        "base_url": "http://rehearsal.example.com",
        "company_name": "Rehearsal",
        "admin_login": "rehearsal@example.com",
        "language": language.map(|language| &language.code),
        "timezone": "UTC",
    }))
}

async fn write(
    connection: &mut PgConnection,
    order: &CreateTenant,
    hash: &PasswordHash,
) -> Result<Signature, StepFailure> {
    let inherited = Signature::read(connection).await?;
    let columns = Columns::read(connection).await?;
    let installed = language::installed(connection).await?;
    let language = language::resolve(&installed, &order.language, order.country.as_ref())?;
    give_parameters(connection, &order.base_url).await?;
    company::give(connection, order, email(order), language, &columns).await?;
    give_administrator(connection, order, language, hash, &columns).await?;
    language::give_to_technical_users(connection, language).await?;
    if columns.has("website.default_lang_id") {
        website::give(connection, order, language).await?;
    }
    signal::estrange(connection).await?;
    Ok(inherited)
}

async fn give_parameters(connection: &mut PgConnection, base_url: &str) -> Result<(), NodeError> {
    let now = clock::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
    let given = [
        (parameter::DATABASE_UUID, random::uuid().to_string()),
        (parameter::DATABASE_SECRET, random::uuid().to_string()),
        (parameter::DATABASE_CREATE_DATE, now),
        (parameter::BASE_URL, base_url.to_owned()),
        // Otherwise Odoo replaces the address by whatever host an administrator logs in at.
        (parameter::BASE_URL_FREEZE, "True".to_owned()),
    ];
    parameter::set_all(connection, &given).await?;
    parameter::clear_inherited(connection).await
}

/// Has a copy be another database than the one that it was copied from: nobody who is logged in there is here.
pub(crate) async fn renew(connection: &mut PgConnection) -> Result<(), NodeError> {
    let given = [
        (parameter::DATABASE_UUID, random::uuid().to_string()),
        (parameter::DATABASE_SECRET, random::uuid().to_string()),
    ];
    parameter::set_all(connection, &given).await?;
    parameter::clear_inherited(connection).await
}

async fn give_administrator(
    connection: &mut PgConnection,
    order: &CreateTenant,
    language: &Installed,
    hash: &PasswordHash,
    columns: &Columns,
) -> Result<(), StepFailure> {
    let Administrator { user, partner } = administrator::find(connection).await?;
    administrator::set_password(connection, Administrator { user, partner }, hash).await?;
    let update = sqlx::query("UPDATE res_users SET login = $2 WHERE id = $1");
    update
        .bind(user)
        .bind(&order.admin_login)
        .execute(&mut *connection)
        .await?;
    if columns.has("res_users.totp_secret") {
        let update = sqlx::query("UPDATE res_users SET totp_secret = NULL WHERE id = $1");
        update.bind(user).execute(&mut *connection).await?;
    }
    let email = email(order);
    sqlx::query("UPDATE res_partner SET email = $2, lang = $3, tz = $4 WHERE id = $1")
        .bind(partner)
        .bind(email)
        .bind(&language.code)
        .bind(order.timezone.as_ref().map(domain::TimeZoneName::as_str))
        .execute(&mut *connection)
        .await?;
    if columns.has("res_partner.email_normalized") {
        let update = sqlx::query("UPDATE res_partner SET email_normalized = lower($2) WHERE id = $1");
        update.bind(partner).bind(email).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The administrator's address; a login that is one serves when none is given, as in Odoo's own set-up.
fn email(order: &CreateTenant) -> Option<&str> {
    let login = Some(order.admin_login.as_str()).filter(|login| login.contains('@'));
    order.admin_email.as_deref().or(login)
}

/// Reads everything back, over a connection of its own.
///
/// # Errors
/// [`Code::CheckFailed`] with what is not as it was asked for.
pub(crate) async fn check(
    connection: &mut PgConnection,
    order: &CreateTenant,
    hash: &PasswordHash,
    inherited: &Signature,
) -> Result<(), StepFailure> {
    let administrator = administrator::find(connection).await?;
    let row = sqlx::query(
        "SELECT login, res_company.name FROM res_users, ir_model_data JOIN res_company ON res_company.id = res_id \
         WHERE res_users.id = $1 AND module = 'base' AND ir_model_data.name = 'main_company'",
    )
    .bind(administrator.user)
    .fetch_one(&mut *connection)
    .await?;
    let (login, company): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let base_url = parameter::get(connection, parameter::BASE_URL).await?;
    let frozen = parameter::get(connection, parameter::BASE_URL_FREEZE).await?;
    let wrong: Vec<&str> = [
        ("login", login == order.admin_login),
        ("company", company == order.company_name.as_str()),
        (
            "password",
            administrator::has_password(connection, administrator, hash).await?,
        ),
        ("base URL", base_url.as_deref() == Some(order.base_url.as_str())),
        ("base URL freeze", frozen.as_deref() == Some("True")),
        ("identity", Signature::read(connection).await?.differs(inherited)),
    ]
    .into_iter()
    .filter_map(|(what, right)| (!right).then_some(what))
    .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "Not as asked for: {}. Look for triggers in the template.",
        wrong.join(", ")
    );
    Err(StepFailure::new(Code::CheckFailed, detail))
}
