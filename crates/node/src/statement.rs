//! The few statements that PostgreSQL takes no parameters in. Nothing but identifiers is put into them.

use crate::identifier::{Identifier, Relation};
use domain::Upkeep;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor, Row};

/// Who a database lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    Allowed,
    Refused,
}

async fn run(executor: impl PgExecutor<'_>, text: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(executor)
        .await
        .map(drop)
}

/// Vacuums the database in this way. PostgreSQL would complain of every table of its own that only a superuser may.
pub(crate) async fn vacuum(connection: &mut PgConnection, how: &'static str) -> sqlx::Result<()> {
    run(&mut *connection, "SET client_min_messages = error".to_owned()).await?;
    run(&mut *connection, format!("VACUUM ({how})")).await?;
    run(connection, "RESET client_min_messages".to_owned()).await
}

/// Copies a template.
pub(crate) async fn clone_database(
    executor: impl PgExecutor<'_>,
    template: &Identifier,
    name: &Identifier,
    owner: &Identifier,
) -> sqlx::Result<()> {
    let (template, name, owner) = (template.quoted(), name.quoted(), owner.quoted());
    run(
        executor,
        format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}"),
    )
    .await
}

/// Makes an empty database as Odoo wants it: UTF-8, sorted by bytes for the sake of its indexes.
pub(crate) async fn create_database(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    owner: &Identifier,
) -> sqlx::Result<()> {
    let (name, owner) = (name.quoted(), owner.quoted());
    let text =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' OWNER {owner}");
    run(executor, text).await
}

/// Drops a database and ends whoever is connected to it.
pub(crate) async fn drop_database(executor: impl PgExecutor<'_>, name: &Identifier) -> sqlx::Result<()> {
    run(
        executor,
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name.quoted()),
    )
    .await
}

pub(crate) async fn rename_database(
    executor: impl PgExecutor<'_>,
    from: &Identifier,
    to: &Identifier,
) -> sqlx::Result<()> {
    run(
        executor,
        format!("ALTER DATABASE {} RENAME TO {}", from.quoted(), to.quoted()),
    )
    .await
}

pub(crate) async fn set_owner(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    owner: &Identifier,
) -> sqlx::Result<()> {
    run(
        executor,
        format!("ALTER DATABASE {} OWNER TO {}", name.quoted(), owner.quoted()),
    )
    .await
}

/// Takes the right to connect from everybody (`None`) or from one role.
pub(crate) async fn revoke_connect(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    role: Option<&Identifier>,
) -> sqlx::Result<()> {
    let role = role.map_or_else(|| "PUBLIC".to_owned(), Identifier::quoted);
    run(
        executor,
        format!(
            "REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM {role}",
            name.quoted()
        ),
    )
    .await
}

/// Lets everybody connect again, as PostgreSQL does with a new database.
pub(crate) async fn grant_public(executor: impl PgExecutor<'_>, name: &Identifier) -> sqlx::Result<()> {
    run(
        executor,
        format!("GRANT CONNECT, TEMPORARY ON DATABASE {} TO PUBLIC", name.quoted()),
    )
    .await
}

pub(crate) async fn grant_connect(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    role: &Identifier,
) -> sqlx::Result<()> {
    run(
        executor,
        format!(
            "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}",
            name.quoted(),
            role.quoted()
        ),
    )
    .await
}

/// Lets a role see who may enter, and say that an entry was used by a user, and nothing else of it.
pub(crate) async fn grant_entries(executor: impl PgExecutor<'_>, role: &Identifier) -> sqlx::Result<()> {
    let role = role.quoted();
    run(
        executor,
        format!(
            "GRANT USAGE ON SCHEMA tenantry TO {role}; GRANT SELECT, UPDATE (used_at, user_id) ON tenantry.entry TO {role}"
        ),
    )
    .await
}

/// Turns a database into a template that nobody can connect to, or back.
pub(crate) async fn set_template(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    connections: Connections,
) -> sqlx::Result<()> {
    let (template, allow) = match connections {
        Connections::Refused => ("true", "false"),
        Connections::Allowed => ("false", "true"),
    };
    let name = name.quoted();
    run(
        executor,
        format!("ALTER DATABASE {name} WITH IS_TEMPLATE {template} ALLOW_CONNECTIONS {allow}"),
    )
    .await
}

pub(crate) async fn give_schema(executor: impl PgExecutor<'_>, role: &Identifier) -> sqlx::Result<()> {
    run(
        executor,
        format!("ALTER SCHEMA public OWNER TO {}", role.quoted()),
    )
    .await
}

pub(crate) async fn create_extension(executor: impl PgExecutor<'_>, name: &Identifier) -> sqlx::Result<()> {
    run(
        executor,
        format!("CREATE EXTENSION IF NOT EXISTS {}", name.quoted()),
    )
    .await
}

/// Adds a row with default values to a table in the search path.
pub(crate) async fn insert_default(executor: impl PgExecutor<'_>, table: &Identifier) -> sqlx::Result<()> {
    run(executor, format!("INSERT INTO {} DEFAULT VALUES", table.quoted())).await
}

/// Makes the role if it is missing and gives it its attributes and its password's verifier.
pub(crate) async fn set_role(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    attributes: &'static str,
    verifier: &crate::scram::Verifier,
    exists: bool,
) -> sqlx::Result<()> {
    let verb = if exists { "ALTER" } else { "CREATE" };
    let (name, verifier) = (name.quoted(), verifier.as_str());
    run(
        executor,
        format!("{verb} ROLE {name} WITH LOGIN {attributes} PASSWORD '{verifier}'"),
    )
    .await
}

pub(crate) async fn grant_role(
    executor: impl PgExecutor<'_>,
    role: &Identifier,
    to: &Identifier,
    options: &'static str,
) -> sqlx::Result<()> {
    run(
        executor,
        format!("GRANT {} TO {}{options}", role.quoted(), to.quoted()),
    )
    .await
}

/// Lets a role end the sessions of roles that are not superusers.
pub(crate) async fn grant_signals(executor: impl PgExecutor<'_>, to: &Identifier) -> sqlx::Result<()> {
    run(executor, format!("GRANT pg_signal_backend TO {}", to.quoted())).await
}

/// Lets a role make base backups of the cluster by way of this database, and end a piece of the log before it is full.
pub(crate) async fn grant_archiving(connection: &mut PgConnection, to: &Identifier) -> sqlx::Result<()> {
    let to = to.quoted();
    run(&mut *connection, format!("GRANT pg_read_all_settings TO {to}")).await?;
    let functions = "pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_create_restore_point(text), pg_switch_wal()";
    run(
        connection,
        format!("GRANT EXECUTE ON FUNCTION {functions} TO {to}"),
    )
    .await
}

/// Lets a role make schemas in a database, or no longer.
pub(crate) async fn let_create(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    role: &Identifier,
) -> sqlx::Result<()> {
    let (name, role) = (name.quoted(), role.quoted());
    run(executor, format!("GRANT CREATE ON DATABASE {name} TO {role}")).await
}

/// Takes back what [`let_create`] gave.
pub(crate) async fn forbid_create(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    role: &Identifier,
) -> sqlx::Result<()> {
    let (name, role) = (name.quoted(), role.quoted());
    run(executor, format!("REVOKE CREATE ON DATABASE {name} FROM {role}")).await
}

/// Gives everything that a role made in the database of this session to another role, and takes all its rights here.
pub(crate) async fn hand_over(
    connection: &mut PgConnection,
    role: &Identifier,
    to: &Identifier,
) -> sqlx::Result<()> {
    let (role, to) = (role.quoted(), to.quoted());
    run(&mut *connection, format!("REASSIGN OWNED BY {role} TO {to}")).await?;
    run(connection, format!("DROP OWNED BY {role}")).await
}

/// Drops a role that owns nothing.
pub(crate) async fn drop_role(executor: impl PgExecutor<'_>, role: &Identifier) -> sqlx::Result<()> {
    run(executor, format!("DROP ROLE IF EXISTS {}", role.quoted())).await
}

/// How many rows a table of the schema `public` has.
pub(crate) async fn count_rows(executor: impl PgExecutor<'_>, table: &Identifier) -> sqlx::Result<i64> {
    let text = format!("SELECT count(*) AS count FROM public.{}", table.quoted());
    sqlx::query(AssertSqlSafe(text))
        .fetch_one(executor)
        .await?
        .try_get("count")
}

/// Takes a lock that Odoo's collector of files waits for, and that nobody who writes does.
pub(crate) async fn hold_off_collectors(connection: &mut PgConnection) -> sqlx::Result<()> {
    run(
        connection,
        "LOCK TABLE public.ir_attachment IN ROW EXCLUSIVE MODE".to_owned(),
    )
    .await
}

/// Switches off every row of one of Odoo's tables that has them active.
pub(crate) async fn deactivate(connection: &mut PgConnection, table: &'static str) -> sqlx::Result<()> {
    run(
        connection,
        format!("UPDATE public.{table} SET active = false WHERE active"),
    )
    .await
}

/// Looks after one table in this way.
pub(crate) async fn maintain(
    executor: impl PgExecutor<'_>,
    work: Upkeep,
    table: &Relation,
) -> sqlx::Result<()> {
    let how = match work {
        Upkeep::Vacuum => "VACUUM",
        Upkeep::VacuumAnalyze => "VACUUM (ANALYZE)",
        Upkeep::Analyze => "ANALYZE",
        Upkeep::VacuumFull => "VACUUM (FULL, ANALYZE)",
        Upkeep::Reindex => "REINDEX INDEX CONCURRENTLY",
    };
    run(executor, format!("{how} {}", table.quoted())).await
}

/// Drops an index while its table stays in use.
pub(crate) async fn drop_index(executor: impl PgExecutor<'_>, index: &Relation) -> sqlx::Result<()> {
    run(
        executor,
        format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index.quoted()),
    )
    .await
}

/// Has the session be another role, of which its own is a member.
pub(crate) async fn become_role(executor: impl PgExecutor<'_>, role: &Identifier) -> sqlx::Result<()> {
    run(executor, format!("SET ROLE {}", role.quoted())).await
}
