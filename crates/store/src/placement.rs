//! What placing a tenant needs to know of nodes, and what the operator changes about them.

use crate::error::{StoreError, read};
use crate::node::NodeCare;
use crate::scope::Unit;
use domain::placement::Candidate;
use domain::{Capacity, NodeId, NodeName, TemplateName};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Any number; whoever places a tenant holds the lock of this name until the unit ends.
const PLACING: i64 = 0x7465_6e61_6e74;

/// A node that holds the template, and where its tenants are served.
#[derive(Debug, Clone)]
pub struct Place {
    /// The node's identity.
    pub id: NodeId,
    /// Address of a tenant, with `*` for the label.
    pub address_pattern: String,
    /// What the choice goes by.
    pub candidate: Candidate,
}

/// A node as the choice of one reads it.
pub(crate) struct PlaceRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) address_pattern: String,
    pub(crate) mode: String,
    pub(crate) labels: Vec<String>,
    pub(crate) max_tenants: Option<i32>,
    pub(crate) is_online: bool,
    pub(crate) capacity: Option<serde_json::Value>,
    pub(crate) tenants: i64,
    pub(crate) newcomers: i64,
    pub(crate) tenant_bytes: i64,
}

impl TryFrom<PlaceRow> for Place {
    type Error = StoreError;
    fn try_from(row: PlaceRow) -> Result<Self, StoreError> {
        let small = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let capacity = row.capacity.filter(|capacity| !capacity.is_null());
        let capacity = capacity.map(serde_json::from_value::<Capacity>).transpose();
        Ok(Self {
            id: NodeId::from_uuid(row.id),
            address_pattern: row.address_pattern,
            candidate: Candidate {
                name: read("node.name", &row.name)?,
                domain: read("node.domain", &row.domain)?,
                mode: read("node.mode", &row.mode)?,
                is_online: row.is_online,
                labels: crate::node::labels(&row.labels)?,
                tenants: small(row.tenants),
                most_tenants: row.max_tenants.map(i32::unsigned_abs),
                capacity: capacity.map_err(|_| StoreError::Corrupt {
                    column: "node.observed",
                })?,
                newcomers: small(row.newcomers),
                tenant_bytes: row.tenant_bytes.unsigned_abs(),
            },
        })
    }
}

/// What still belongs to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongings {
    /// Tenants, tombstones and copies of those that moved away among them.
    pub tenants: i64,
    /// Operations that have not ended.
    pub operations: i64,
}

impl Unit {
    pub(crate) async fn hold_placing(&mut self) -> Result<(), StoreError> {
        sqlx::query!("SELECT pg_advisory_xact_lock($1)", PLACING)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// The nodes that hold this template, ready to be cloned. Until the unit ends, nobody else places a tenant.
    ///
    /// `horizon` is when a node that is online was last seen at the latest.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn places(
        &mut self,
        template: &TemplateName,
        horizon: Timestamp,
    ) -> Result<Vec<Place>, StoreError> {
        self.hold_placing().await?;
        sqlx::query_as!(
            PlaceRow,
            r#"SELECT n.id, n.name, n.domain, n.address_pattern, n.mode, n.labels, n.max_tenants,
                      coalesce(n.last_seen_at > $2, false) AS "is_online!", n.observed -> 'capacity' AS capacity,
                      (SELECT count(*) FROM tenant t WHERE t.node_id = n.id)
                          + (SELECT count(*) FROM relocation r WHERE r.to_node_id = n.id AND r.state = 'moving')
                          AS "tenants!",
                      (SELECT count(*) FROM tenant t WHERE t.node_id = n.id AND t.created_at > n.observed_at)
                          + (SELECT count(*) FROM relocation r
                             WHERE r.to_node_id = n.id AND (r.state = 'moving' OR r.served_at > n.observed_at))
                          AS "newcomers!",
                      coalesce(p.size_bytes, 0) AS "tenant_bytes!"
               FROM node n JOIN template p ON p.node_id = n.id AND p.name = $1 AND p.built_at IS NOT NULL
               WHERE n.removed_at IS NULL ORDER BY n.name"#,
            template.as_str(),
            horizon.to_sqlx() as _,
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(Place::try_from)
        .collect()
    }

    /// The node of this name, its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_node(&mut self, name: &NodeName) -> Result<Option<(NodeId, NodeCare)>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT id, mode, mode_reason, mode_by, mode_at AS "mode_at: jiff_sqlx::Timestamp", max_tenants, labels
               FROM node WHERE name = $1 AND removed_at IS NULL FOR UPDATE"#,
            name.as_str()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let care = NodeCare {
            mode: read("node.mode", &row.mode)?,
            reason: row.mode_reason,
            by: row.mode_by,
            at: row.mode_at.map(jiff_sqlx::Timestamp::to_jiff),
            max_tenants: row.max_tenants.map(i32::unsigned_abs),
            labels: crate::node::labels(&row.labels)?,
        };
        Ok(Some((NodeId::from_uuid(row.id), care)))
    }

    /// Sets what the operator says of a node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_node_care(&mut self, id: NodeId, care: &NodeCare) -> Result<(), StoreError> {
        let labels: Vec<String> = care.labels.iter().map(ToString::to_string).collect();
        let most = care
            .max_tenants
            .map(|most| i32::try_from(most).unwrap_or(i32::MAX));
        sqlx::query!(
            "UPDATE node SET mode = $2, mode_reason = $3, mode_by = $4, mode_at = $5, max_tenants = $6, labels = $7
             WHERE id = $1",
            id.uuid(),
            care.mode.as_str(),
            care.reason,
            care.by,
            care.at.map(|at| at.to_sqlx()) as _,
            most,
            &labels,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What still belongs to a node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn belongings(&mut self, id: NodeId) -> Result<Belongings, StoreError> {
        let row = sqlx::query!(
            r#"SELECT (SELECT count(*) FROM tenant WHERE node_id = $1)
                          + (SELECT count(*) FROM relocation WHERE $1 IN (from_node_id, to_node_id)
                             AND (state = 'moving' OR (state IN ('kept', 'dropping') AND from_node_id = $1)))
                          AS "tenants!",
                      (SELECT count(*) FROM operation WHERE node_id = $1 AND state IN ('queued', 'running'))
                          AS "operations!""#,
            id.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(Belongings {
            tenants: row.tenants,
            operations: row.operations,
        })
    }

    /// Takes a node out for good: its credential is worth nothing from now on, and its templates are forgotten.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn remove_node(&mut self, id: NodeId, now: Timestamp) -> Result<(), StoreError> {
        self.keep_removed_credentials(id, now).await?;
        sqlx::query!("DELETE FROM template WHERE node_id = $1", id.uuid())
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query!(
            "UPDATE node SET removed_at = $2 WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
