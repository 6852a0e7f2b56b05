//! Nodes and the tokens with which they enrol.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{DomainName, NodeId, NodeLabel, NodeMode, NodeName, TemplateName};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use std::collections::BTreeSet;
use uuid::Uuid;

/// An enrolled node.
#[derive(Debug, Clone)]
pub struct NodeRecord {
    /// Identity.
    pub id: NodeId,
    /// Name for people.
    pub name: NodeName,
    /// The domain that it serves.
    pub domain: DomainName,
    /// Address of a tenant, with `*` for the label.
    pub address_pattern: String,
    /// Address from which it last greeted the server.
    pub address: Option<String>,
    /// Version of its agent.
    pub version: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When it last asked for commands.
    pub last_seen_at: Option<Timestamp>,
    /// How many tenants live on it, tombstones not counted.
    pub tenants: i64,
    /// What the operator lets it do, and what else they said of it.
    pub care: NodeCare,
}

impl NodeRecord {
    /// When it was last heard of; its enrolment counts.
    pub fn heard_at(&self) -> Timestamp {
        self.last_seen_at
            .map_or(self.enrolled_at, |seen| seen.max(self.enrolled_at))
    }
}

/// What the operator says of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCare {
    /// What it may do.
    pub mode: NodeMode,
    /// Why.
    pub reason: Option<String>,
    /// Who said so.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// The most tenants that it may have.
    pub max_tenants: Option<u32>,
    /// What it is known by.
    pub labels: BTreeSet<NodeLabel>,
}

/// A node to be written down.
#[derive(Debug)]
pub struct NewNode<'a> {
    /// Identity.
    pub id: NodeId,
    /// Name for people.
    pub name: &'a NodeName,
    /// The domain that it serves.
    pub domain: &'a DomainName,
    /// Address of a tenant, with `*` for the label.
    pub address_pattern: &'a str,
    /// SHA-256 of its credential.
    pub credential_hash: &'a [u8],
    /// Version of its agent.
    pub version: &'a str,
    /// When it enrols.
    pub enrolled_at: Timestamp,
}

struct Row {
    id: Uuid,
    name: String,
    domain: String,
    address_pattern: String,
    address: Option<String>,
    version: String,
    enrolled_at: jiff_sqlx::Timestamp,
    last_seen_at: Option<jiff_sqlx::Timestamp>,
    tenants: i64,
    mode: String,
    mode_reason: Option<String>,
    mode_by: Option<String>,
    mode_at: Option<jiff_sqlx::Timestamp>,
    max_tenants: Option<i32>,
    labels: Vec<String>,
}

impl TryFrom<Row> for NodeRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: NodeId::from_uuid(row.id),
            name: read("node.name", &row.name)?,
            domain: read("node.domain", &row.domain)?,
            address_pattern: row.address_pattern,
            address: row.address,
            version: row.version,
            enrolled_at: row.enrolled_at.to_jiff(),
            last_seen_at: row.last_seen_at.map(jiff_sqlx::Timestamp::to_jiff),
            tenants: row.tenants,
            care: NodeCare {
                mode: read("node.mode", &row.mode)?,
                reason: row.mode_reason,
                by: row.mode_by,
                at: row.mode_at.map(jiff_sqlx::Timestamp::to_jiff),
                max_tenants: row.max_tenants.map(i32::unsigned_abs),
                labels: labels(&row.labels)?,
            },
        })
    }
}

pub(crate) fn labels(texts: &[String]) -> Result<BTreeSet<NodeLabel>, StoreError> {
    texts.iter().map(|text| read("node.labels", text)).collect()
}

impl Scoped {
    /// Every node, by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT n.id, n.name, n.domain, n.address_pattern, n.address, n.version, n.enrolled_at,
                      n.last_seen_at,
                      (SELECT count(*) FROM tenant t WHERE t.node_id = n.id AND t.state <> 'deleted') AS "tenants!",
                      n.mode, n.mode_reason, n.mode_by, n.mode_at, n.max_tenants, n.labels
               FROM node n WHERE n.removed_at IS NULL ORDER BY n.name"#
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(NodeRecord::try_from)
        .collect()
    }

    /// What the node last said of itself, and when.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_observed(
        &self,
        id: NodeId,
    ) -> Result<Option<(serde_json::Value, Timestamp)>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT observed AS "observed!", observed_at AS "observed_at!: jiff_sqlx::Timestamp"
               FROM node WHERE id = $1 AND observed IS NOT NULL"#,
            id.uuid()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (row.observed, row.observed_at.to_jiff())))
    }

    /// Writes down what the node says of itself.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn observe_node(
        &self,
        id: NodeId,
        observed: &serde_json::Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node SET observed = $2, observed_at = $3, last_seen_at = $3 WHERE id = $1",
            id.uuid(),
            observed,
            now.to_sqlx() as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many clones of which of the node's templates are to be kept ready, where that was said.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn pool_sizes(&self, id: NodeId) -> Result<Vec<(TemplateName, i32)>, StoreError> {
        sqlx::query!(
            r#"SELECT name, pool_size AS "pool_size!" FROM template WHERE node_id = $1 AND pool_size IS NOT NULL"#,
            id.uuid()
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| Ok((read("template.name", &row.name)?, row.pool_size)))
        .collect()
    }

    /// Notes that the node asked for commands.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn touch_node(&self, id: NodeId, version: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node SET last_seen_at = $2, version = $3 WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
            version,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

impl Unit {
    /// Whether a node of this name is enrolled.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_exists(&mut self, name: &NodeName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM node WHERE name = $1 AND removed_at IS NULL) AS "exists!""#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// The domains that nodes serve.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn served_domains(&mut self) -> Result<BTreeSet<String>, StoreError> {
        let domains = sqlx::query_scalar!("SELECT DISTINCT domain FROM node WHERE removed_at IS NULL")
            .fetch_all(&mut *self.transaction)
            .await?;
        Ok(domains.into_iter().collect())
    }

    /// Writes down an enrolment token.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_enrolment_token(
        &mut self,
        hash: &[u8],
        name: &NodeName,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO enrolment_token (hash, node_name, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            hash,
            name.as_str(),
            now.to_sqlx() as _,
            expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Uses up a token. Gives the node's name, or nothing when it is unknown, used or over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_enrolment_token(
        &mut self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<NodeName>, StoreError> {
        let name = sqlx::query_scalar!(
            "UPDATE enrolment_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
             RETURNING node_name",
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        name.map(|name| read("enrolment_token.node_name", &name))
            .transpose()
    }

    /// Writes down a node; one that enrols again under its name keeps its identity and gets the new credential.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn enrol_node(&mut self, node: NewNode<'_>) -> Result<NodeId, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO node (id, name, domain, address_pattern, credential_hash, version, enrolled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT ON CONSTRAINT node_name_key DO UPDATE SET domain = excluded.domain,
                 address_pattern = excluded.address_pattern, credential_hash = excluded.credential_hash,
                 version = excluded.version, enrolled_at = excluded.enrolled_at, removed_at = NULL,
                 next_credential_hash = NULL, credential_at = NULL, rotation_asked_at = NULL, hello = NULL, clock_skew_ms = NULL
             RETURNING id",
            node.id.uuid(),
            node.name.as_str(),
            node.domain.as_str(),
            node.address_pattern,
            node.credential_hash,
            node.version,
            node.enrolled_at.to_sqlx() as _,
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(NodeId::from_uuid(id))
    }
}
