//! Templates: prepared databases on nodes.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{NodeId, NodeName, OperationId, ProductName, TemplateId, TemplateName};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateState {
    /// Being built; an older build, if there was one, can still be cloned.
    Building,
    /// Can be cloned.
    Ready,
    /// The last build failed, and there is none before it.
    Failed,
}

impl TemplateState {
    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A template.
#[derive(Debug, Clone)]
pub struct TemplateRecord {
    /// Identity.
    pub id: TemplateId,
    /// Its name.
    pub name: TemplateName,
    /// The node that holds it.
    pub node: NodeName,
    /// The product that it is of.
    pub product: ProductName,
    /// `building`, `ready` or `failed`.
    pub state: String,
    /// Version of the program.
    pub odoo_version: Option<String>,
    /// Modules asked for.
    pub modules: Vec<String>,
    /// Languages installed.
    pub languages: Vec<String>,
    /// Size in bytes.
    pub size_bytes: Option<i64>,
    /// When it was built.
    pub built_at: Option<Timestamp>,
    /// Grows with every build.
    pub version: i32,
    /// SHA-256 of what is in it.
    pub digest: Option<String>,
    /// When it was last warmed.
    pub warmed_at: Option<Timestamp>,
    /// The database that it is a copy of.
    pub adopted_from: Option<String>,
    /// How many clones are kept ready.
    pub pool_size: Option<i32>,
}

/// What a template was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// From nothing.
    Nothing,
    /// From the template that it replaces; what that was made from stays true.
    Itself,
    /// From this database.
    Database(&'a str),
}

/// A build that begins.
#[derive(Debug)]
pub struct NewBuild<'a> {
    /// Identity, where the template is new.
    pub id: TemplateId,
    /// The node that builds it.
    pub node: NodeId,
    /// Its name.
    pub name: &'a TemplateName,
    /// Modules asked for.
    pub modules: &'a [String],
    /// The operation that builds it.
    pub operation: OperationId,
}

struct Row {
    id: Uuid,
    name: String,
    node: String,
    product: String,
    state: String,
    odoo_version: Option<String>,
    modules: Vec<String>,
    languages: Vec<String>,
    size_bytes: Option<i64>,
    built_at: Option<jiff_sqlx::Timestamp>,
    version: i32,
    digest: Option<String>,
    warmed_at: Option<jiff_sqlx::Timestamp>,
    adopted_from: Option<String>,
    pool_size: Option<i32>,
}

impl TryFrom<Row> for TemplateRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TemplateId::from_uuid(row.id),
            name: read("template.name", &row.name)?,
            node: read("node.name", &row.node)?,
            product: read("template.product", &row.product)?,
            state: row.state,
            odoo_version: row.odoo_version,
            modules: row.modules,
            languages: row.languages,
            size_bytes: row.size_bytes,
            built_at: row.built_at.map(jiff_sqlx::Timestamp::to_jiff),
            version: row.version,
            digest: row.digest,
            warmed_at: row.warmed_at.map(jiff_sqlx::Timestamp::to_jiff),
            adopted_from: row.adopted_from,
            pool_size: row.pool_size,
        })
    }
}

impl Scoped {
    /// Every template, by name and node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn templates(&self) -> Result<Vec<TemplateRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT p.id, p.name, n.name AS node, p.product, p.state, p.odoo_version, p.modules, p.languages,
                    p.size_bytes, p.built_at, p.version, p.digest, p.warmed_at, p.adopted_from, p.pool_size
             FROM template p JOIN node n ON n.id = p.node_id ORDER BY p.name, n.name"
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(TemplateRecord::try_from)
        .collect()
    }
}

impl Unit {
    /// Whether any node has or builds a template of this name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn template_exists(&mut self, name: &TemplateName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM template WHERE name = $1) AS "exists!""#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Notes that a build begins, for a new template or for one that is there.
    /// Gives nothing when a build of it is under way already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_template_build(
        &mut self,
        build: NewBuild<'_>,
    ) -> Result<Option<TemplateId>, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO template (id, node_id, name, product, state, modules, languages, operation_id)
             VALUES ($1, $2, $3, 'odoo', 'building', $4, '{}', $5)
             ON CONFLICT ON CONSTRAINT template_name_on_node
             DO UPDATE SET state = 'building', modules = excluded.modules, operation_id = excluded.operation_id
             WHERE template.operation_id IS NULL
             RETURNING id",
            build.id.uuid(),
            build.node.uuid(),
            build.name.as_str(),
            build.modules,
            build.operation.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(id.map(TemplateId::from_uuid))
    }

    /// Notes that the build of this operation succeeded.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such build.
    pub async fn finish_template_build(
        &mut self,
        operation: OperationId,
        facts: &wire::node::Facts,
        origin: Origin<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE template SET state = 'ready', operation_id = NULL, odoo_version = $2, languages = $3,
                    size_bytes = $4, built_at = $5, version = version + 1, digest = $6,
                    warmed_at = CASE WHEN $7 THEN $5::timestamptz END,
                    adopted_from = CASE WHEN $8 THEN adopted_from ELSE $9 END
             WHERE operation_id = $1",
            operation.uuid(),
            facts.odoo_version,
            &facts.languages,
            facts.size_bytes,
            now.to_sqlx() as _,
            facts.digest,
            facts.warmed.unwrap_or_default(),
            origin == Origin::Itself,
            match origin {
                Origin::Database(name) => Some(name),
                Origin::Itself | Origin::Nothing => None,
            },
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Puts an operation on a template that is finished; false when it is not, or has one already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn occupy_template(
        &mut self,
        id: TemplateId,
        operation: OperationId,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE template SET operation_id = $2 WHERE id = $1 AND operation_id IS NULL AND built_at IS NOT NULL",
            id.uuid(),
            operation.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Notes that the template of this operation is gone: its row stays for the tenants that were made of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such template.
    pub async fn retire_template(&mut self, operation: OperationId) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE template SET state = 'retired', operation_id = NULL, built_at = NULL, warmed_at = NULL,
                    size_bytes = NULL, digest = NULL WHERE operation_id = $1",
            operation.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Sets how many clones are kept ready; nothing leaves it to demand.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_pool_size(&mut self, id: TemplateId, size: Option<i32>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE template SET pool_size = $2 WHERE id = $1",
            id.uuid(),
            size
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that the build of this operation failed: an older build stays, otherwise it is `failed`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such build.
    pub async fn fail_template_build(&mut self, operation: OperationId) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE template SET state = CASE WHEN built_at IS NULL THEN 'failed' ELSE 'ready' END, operation_id = NULL
             WHERE operation_id = $1",
            operation.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}
