//! Looks whether the cluster is set up as the node needs it.

use crate::error::NodeError;
use crate::node::Node;
use crate::point_in_time::{self, alarm};
use sqlx::Row;

/// The oldest version of PostgreSQL that the node works with.
const OLDEST_VERSION: i32 = 150_000;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, as a stable word.
    pub name: &'static str,
    /// What was found.
    pub verdict: Verdict,
    /// What a person should know, and do.
    pub detail: String,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Does not work, or is not safe.
    Bad,
}

impl Node {
    /// Checks version and rights.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`] when PostgreSQL does not answer.
    pub async fn doctor(&self) -> Result<Vec<Check>, NodeError> {
        let mut checks = vec![self.check_version().await?];
        checks.extend(self.check_roles().await?);
        checks.push(self.check_databases().await?);
        checks.extend(self.check_archive().await?);
        Ok(checks)
    }

    /// Where an archive of the log is kept, it does what it is there for.
    async fn check_archive(&self) -> Result<Option<Check>, NodeError> {
        let Some(archive) = point_in_time::observed(&self.room).await? else {
            return Ok(None);
        };
        let good = match archive.earliest {
            Some(earliest) => format!("Tenants can be brought back to any moment since {earliest}."),
            None => "The first base backup is being made.".to_owned(),
        };
        let bad = archive.alarm.as_deref().map(alarm::words).unwrap_or_default();
        Ok(Some(check("archive", archive.alarm.is_none(), good, bad)))
    }

    async fn check_version(&self) -> Result<Check, NodeError> {
        let row = sqlx::query(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version')",
        )
        .fetch_one(&self.room.journal.pool)
        .await?;
        let (number, text): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(check(
            "postgresql-version",
            number >= OLDEST_VERSION,
            format!("PostgreSQL {text}."),
            "The node needs PostgreSQL 15 or newer.",
        ))
    }

    async fn check_roles(&self) -> Result<Vec<Check>, NodeError> {
        let row = sqlx::query(
            "SELECT node.rolsuper, node.rolcreatedb, pg_has_role(node.oid, 'pg_signal_backend', 'USAGE'), \
             pg_has_role(node.oid, odoo.oid, 'USAGE'), odoo.rolsuper, odoo.rolcreatedb, node.rolcreaterole \
             FROM pg_roles node, pg_roles odoo WHERE node.rolname = current_user AND odoo.rolname = $1",
        )
        .bind(self.room.settings.odoo_role.as_str())
        .fetch_optional(&self.room.journal.pool)
        .await?;
        let (node, odoo) = (&self.room.settings.cluster.role, &self.room.settings.odoo_role);
        let Some(row) = row else {
            let detail = format!("There is no role {odoo}. Prepare the cluster.");
            return Ok(vec![Check {
                name: "odoo-role",
                verdict: Verdict::Bad,
                detail,
            }]);
        };
        let right = |column: usize| row.try_get::<bool, _>(column);
        Ok(vec![
            check(
                "node-not-superuser",
                !right(0)?,
                format!("{node} is no superuser."),
                "It must not be one.",
            ),
            check(
                "node-creates-databases",
                right(1)?,
                format!("{node} may create databases."),
                "It must.",
            ),
            check(
                "node-creates-roles",
                right(6)?,
                format!("{node} may create roles."),
                "Prepare the cluster.",
            ),
            check(
                "node-ends-sessions",
                right(2)?,
                format!("{node} may end sessions."),
                "Prepare the cluster.",
            ),
            check(
                "node-is-odoo",
                right(3)?,
                format!("{node} is a member of {odoo}."),
                "Prepare the cluster.",
            ),
            check(
                "odoo-not-superuser",
                !right(4)?,
                format!("{odoo} is no superuser."),
                "No gate holds one.",
            ),
            check(
                "odoo-creates-no-databases",
                !right(5)?,
                format!("{odoo} may not create databases."),
                "Its database manager could make databases that the node does not know.",
            ),
        ])
    }

    /// What an order is at work on, and what the pool holds, is between two states while it is looked at: the order
    /// reports for itself, and the pool looks at each entry before it offers it.
    async fn check_databases(&self) -> Result<Check, NodeError> {
        let row = sqlx::query(
            "SELECT string_agg(name, ', ' ORDER BY name) FROM managed_database \
             WHERE standing NOT IN ('building', 'pooled') AND NOT EXISTS \
             (SELECT 1 FROM command WHERE command.subject = managed_database.subject \
              AND command.state IN ('running', 'undoing')) AND NOT EXISTS \
             (SELECT 1 FROM pg_database WHERE datname = name AND pg_database.oid::bigint = managed_database.oid)",
        )
        .fetch_one(&self.room.journal.pool)
        .await?;
        let gone: Option<String> = row.try_get(0)?;
        let wrong = format!(
            "Gone, or replaced by others: {}.",
            gone.as_deref().unwrap_or_default()
        );
        Ok(check(
            "managed-databases",
            gone.is_none(),
            "Every managed database is there.".to_owned(),
            &wrong,
        ))
    }
}

fn check(name: &'static str, right: bool, good: String, bad: &str) -> Check {
    if right {
        return Check {
            name,
            verdict: Verdict::Good,
            detail: good,
        };
    }
    Check {
        name,
        verdict: Verdict::Bad,
        detail: format!("Not so: {good} {bad}"),
    }
}
