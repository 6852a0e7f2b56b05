//! What tenants want of their node, and what leaving it has to know of them.

use crate::error::{StoreError, read};
use crate::scope::Unit;
use domain::drain::Leaving;
use domain::{NodeId, NodeLabel, TenantId};
use std::collections::BTreeSet;

/// What a tenant wants of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeWish {
    /// What it must be known by.
    pub labels: BTreeSet<NodeLabel>,
    /// What it takes of a disk, if its node has told that.
    pub bytes: Option<u64>,
}

impl Unit {
    /// The tenants of a node, tombstones left out, with what planning where they go has to know.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn leaving(&mut self, node: NodeId) -> Result<Vec<Leaving>, StoreError> {
        sqlx::query!(
            r#"SELECT t.id, t.subdomain, t.state, t.switch = 'stopped' AS "is_stopped!", t.node_labels, t.is_pinned, n.domain,
                      coalesce((n.observed -> 'sizes' ->> ('ten_' || replace(t.id::text, '-', '')))::bigint,
                          (SELECT max(p.size_bytes) FROM template p WHERE p.name = t.template), 0) AS "bytes!",
                      EXISTS (SELECT FROM relocation r WHERE r.tenant_id = t.id AND r.state IN ('kept', 'dropping')) AS "has_copy!"
               FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.node_id = $1 AND t.state <> 'deleted'"#,
            node.uuid()
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Leaving {
                tenant: TenantId::from_uuid(row.id),
                subdomain: row.subdomain,
                domain: read("node.domain", &row.domain)?,
                bytes: row.bytes.unsigned_abs(),
                labels: crate::node::labels(&row.node_labels)?,
                is_pinned: row.is_pinned,
                state: read("tenant.state", &row.state)?,
                is_stopped: row.is_stopped,
                has_copy: row.has_copy,
            })
        })
        .collect()
    }

    /// How many tenants are on a node, and how many tombstones.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_on(&mut self, node: NodeId) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE state <> 'deleted') AS "tenants!",
                      count(*) FILTER (WHERE state = 'deleted') AS "tombstones!" FROM tenant WHERE node_id = $1"#,
            node.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok((row.tenants, row.tombstones))
    }

    /// Notes what a new tenant wants of its node, also when it moves.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_node_wish(
        &mut self,
        tenant: TenantId,
        labels: &[String],
        is_pinned: bool,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET node_labels = $2, is_pinned = $3 WHERE id = $1",
            tenant.uuid(),
            labels,
            is_pinned,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What a tenant wants its node to be known by, and what it takes of a disk, as far as that is known.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_wish(&mut self, tenant: TenantId) -> Result<NodeWish, StoreError> {
        let row = sqlx::query!(
            "SELECT t.node_labels, (n.observed -> 'sizes' ->> ('ten_' || replace(t.id::text, '-', '')))::bigint AS bytes
             FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.id = $1",
            tenant.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(NodeWish {
            labels: crate::node::labels(&row.node_labels)?,
            bytes: row.bytes.map(i64::unsigned_abs),
        })
    }
}
