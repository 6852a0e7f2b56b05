//! Entries: who may come in once, by which token's hash, and until when. They stand in a schema of the node's own in
//! the tenant's database, which Odoo may read and in which it may only say that an entry was used.

use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::administrator;
use crate::odoo::relation::Columns;
use crate::odoo::signal;
use crate::statement;
use sqlx::{PgConnection, Row};
use uuid::Uuid;
use wire::entry::{EnterTenant, Visitor};

/// The login of the support user, as `deploy/odoo/addons/tenantry_guard/enter.py` makes it. It has no password.
const SUPPORT_LOGIN: &str = "tenantry-support";

/// The schema is the node's, and so is everything in it.
const TABLE: &str = "
CREATE SCHEMA IF NOT EXISTS tenantry;
COMMENT ON SCHEMA tenantry IS 'Tenantry''s own, not Odoo''s. It goes with no template.';
CREATE TABLE IF NOT EXISTS tenantry.entry (
    id uuid CONSTRAINT entry_pkey PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT entry_purpose_known CHECK (purpose IN ('administrator', 'support')),
    access uuid,
    database text NOT NULL,
    display_name text,
    token_hash bytea NOT NULL CONSTRAINT entry_token_key UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ends_at timestamptz,
    used_at timestamptz,
    user_id integer,
    ended_at timestamptz,
    CONSTRAINT entry_of_support_ends
        CHECK ((purpose = 'support') = (access IS NOT NULL AND ends_at IS NOT NULL AND display_name IS NOT NULL))
);
COMMENT ON TABLE tenantry.entry IS 'Links that let somebody in once, and the support sessions that came of them.';
COMMENT ON COLUMN tenantry.entry.id IS 'Identity; a support session names it.';
COMMENT ON COLUMN tenantry.entry.purpose IS 'As whom it lets in.';
COMMENT ON COLUMN tenantry.entry.access IS 'The support access that it belongs to.';
COMMENT ON COLUMN tenantry.entry.database IS 'The database that it was made for; it holds in no copy and not after a rename.';
COMMENT ON COLUMN tenantry.entry.display_name IS 'What the support user is called.';
COMMENT ON COLUMN tenantry.entry.token_hash IS 'SHA-256 of the link''s token.';
COMMENT ON COLUMN tenantry.entry.made_at IS 'When it was made.';
COMMENT ON COLUMN tenantry.entry.expires_at IS 'Until when the link works.';
COMMENT ON COLUMN tenantry.entry.ends_at IS 'When the session ends by itself.';
COMMENT ON COLUMN tenantry.entry.used_at IS 'When the link was used; it works once.';
COMMENT ON COLUMN tenantry.entry.user_id IS 'The support user in res_users.';
COMMENT ON COLUMN tenantry.entry.ended_at IS 'When the access was ended.';
";

/// Whether the database has entries at all.
async fn are_there(connection: &mut PgConnection) -> Result<bool, NodeError> {
    let row = sqlx::query("SELECT to_regclass('tenantry.entry') IS NOT NULL")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Writes an entry down, once, and forgets those that have been over for long.
pub(crate) async fn write(
    connection: &mut PgConnection,
    order: &EnterTenant,
    odoo: &Identifier,
) -> Result<(), NodeError> {
    if !are_there(connection).await? {
        sqlx::raw_sql(TABLE).execute(&mut *connection).await?;
        statement::grant_entries(&mut *connection, odoo).await?;
    }
    sqlx::query(
        "DELETE FROM tenantry.entry WHERE made_at < now() - interval '90 days' \
         AND (purpose = 'administrator' OR ended_at IS NOT NULL)",
    )
    .execute(&mut *connection)
    .await?;
    let (purpose, access, name, ends_at) = match &order.visitor {
        Visitor::Administrator => ("administrator", None, None, None),
        Visitor::Support {
            access,
            display_name,
            ends_at,
        } => (
            "support",
            Some(access.uuid()),
            Some(display_name),
            Some(ends_at.to_string()),
        ),
    };
    sqlx::query(
        "INSERT INTO tenantry.entry (id, purpose, access, database, display_name, token_hash, expires_at, ends_at) \
         VALUES ($1, $2, $3, current_database(), $4, decode($5, 'hex'), now() + make_interval(secs => $6), \
         $7::text::timestamptz) ON CONFLICT (id) DO NOTHING",
    )
    .bind(order.entry)
    .bind(purpose)
    .bind(access)
    .bind(name)
    .bind(&order.token_hash)
    .bind(f64::from(order.seconds))
    .bind(ends_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads back whether an entry is there, waits to be used, and can be seen by Odoo.
pub(crate) async fn waits(
    connection: &mut PgConnection,
    entry: Uuid,
    odoo: &Identifier,
) -> Result<bool, NodeError> {
    let row = sqlx::query(
        "SELECT has_table_privilege($2::text::name, 'tenantry.entry', 'SELECT') \
         AND has_column_privilege($2::text::name, 'tenantry.entry', 'used_at', 'UPDATE') AND EXISTS \
         (SELECT FROM tenantry.entry WHERE id = $1 AND used_at IS NULL AND ended_at IS NULL AND expires_at > now())",
    )
    .bind(entry)
    .bind(odoo.as_str())
    .fetch_one(connection)
    .await?;
    Ok(row.try_get(0)?)
}

/// Removes an entry that nobody was told of.
pub(crate) async fn remove(connection: &mut PgConnection, entry: Uuid) -> Result<(), NodeError> {
    if are_there(connection).await? {
        sqlx::query("DELETE FROM tenantry.entry WHERE id = $1")
            .bind(entry)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Ends every entry of an access, used or not. Odoo asks at each request, so that its sessions are over with this.
pub(crate) async fn end(connection: &mut PgConnection, access: Uuid) -> Result<(), NodeError> {
    if are_there(connection).await? {
        sqlx::query("UPDATE tenantry.entry SET ended_at = now() WHERE access = $1 AND ended_at IS NULL")
            .bind(access)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Whether somebody may be inside as support.
async fn anybody_inside(connection: &mut PgConnection) -> Result<bool, NodeError> {
    if !are_there(connection).await? {
        return Ok(false);
    }
    let row = sqlx::query(
        "SELECT EXISTS (SELECT FROM tenantry.entry WHERE purpose = 'support' AND ended_at IS NULL AND ends_at > now())",
    )
    .fetch_one(connection)
    .await?;
    Ok(row.try_get(0)?)
}

/// The support user's rows: by its login, and by what entries say, should it have taken another login.
async fn support_users(connection: &mut PgConnection) -> Result<Vec<i32>, StepFailure> {
    // Where somebody took the administrator's mark away, an access ends all the same.
    let administrator = administrator::find(&mut *connection)
        .await
        .map(|found| found.user);
    let known = match are_there(connection).await? {
        true => "OR id IN (SELECT user_id FROM tenantry.entry WHERE purpose = 'support')",
        false => "",
    };
    // A superuser's row and the administrator's are never it, whatever somebody wrote into the table.
    let text = format!("SELECT id FROM res_users WHERE (login = $1 {known}) AND id <> 1 AND id <> $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(SUPPORT_LOGIN)
        .bind(administrator.unwrap_or(2))
        .fetch_all(connection)
        .await?;
    let ids: Result<Vec<i32>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
    Ok(ids?)
}

/// Archives the support user with everything that could log it in, unless somebody is inside. Says whether it did.
pub(crate) async fn archive(connection: &mut PgConnection) -> Result<bool, StepFailure> {
    if anybody_inside(connection).await? {
        return Ok(false);
    }
    let users = support_users(connection).await?;
    sqlx::query(
        "UPDATE res_partner SET active = false WHERE id IN \
         (SELECT partner_id FROM res_users WHERE id = ANY($1)) AND active",
    )
    .bind(&users)
    .execute(&mut *connection)
    .await?;
    let changed = sqlx::query(
        "UPDATE res_users SET active = false, password = NULL, write_date = now() AT TIME ZONE 'UTC' \
         WHERE id = ANY($1) AND (active OR password IS NOT NULL)",
    )
    .bind(&users)
    .execute(&mut *connection)
    .await?;
    if Columns::read(connection).await?.has("res_users.totp_secret") {
        sqlx::query("UPDATE res_users SET totp_secret = NULL WHERE id = ANY($1)")
            .bind(&users)
            .execute(&mut *connection)
            .await?;
    }
    let keys = sqlx::query("SELECT to_regclass('res_users_apikeys') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if keys.try_get(0)? {
        sqlx::query("DELETE FROM res_users_apikeys WHERE user_id = ANY($1)")
            .bind(&users)
            .execute(&mut *connection)
            .await?;
    }
    if changed.rows_affected() > 0 {
        signal::forget_sessions(connection).await?;
    }
    Ok(true)
}

/// Whether an access is over for Odoo: no entry of it is left, and the support user is archived if nobody is inside.
pub(crate) async fn is_over(connection: &mut PgConnection, access: Uuid) -> Result<bool, StepFailure> {
    if are_there(connection).await? {
        let row =
            sqlx::query("SELECT EXISTS (SELECT FROM tenantry.entry WHERE access = $1 AND ended_at IS NULL)")
                .bind(access)
                .fetch_one(&mut *connection)
                .await?;
        if row.try_get(0)? {
            return Ok(false);
        }
    }
    if anybody_inside(connection).await? {
        return Ok(true);
    }
    let users = support_users(connection).await?;
    let row = sqlx::query("SELECT NOT EXISTS (SELECT FROM res_users WHERE id = ANY($1) AND active)")
        .bind(&users)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Takes entries out of a copy: they are somebody else's.
pub(crate) async fn forget(connection: &mut PgConnection) -> Result<(), NodeError> {
    sqlx::raw_sql("DROP SCHEMA IF EXISTS tenantry CASCADE")
        .execute(connection)
        .await?;
    Ok(())
}
