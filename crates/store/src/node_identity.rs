//! Credentials of nodes, what nodes say that they can do, and the key by which they know the server.

use crate::error::StoreError;
use crate::scope::{Scoped, Store, Unit};
use domain::NodeId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

/// Whose a credential is, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialOf {
    /// In force.
    Current(NodeId),
    /// The one that follows, used for the first time.
    Next(NodeId),
    /// Of a node that was taken out.
    Removed(NodeId),
}

/// The key by which nodes know the server.
#[derive(Debug, Clone)]
pub struct ServerIdentityRecord {
    /// Identity.
    pub id: Uuid,
    /// The public half.
    pub public: Vec<u8>,
    /// The private half, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a node's credential stands, and what the node last said of itself.
#[derive(Debug, Clone)]
pub struct NodeIdentity {
    /// Since when the credential is in force.
    pub credential_at: Timestamp,
    /// Whether an operator asked for another one.
    pub is_rotation_asked: bool,
    /// What it said that it is and can do.
    pub hello: Option<Value>,
    /// By how much its clock was ahead then, in milliseconds.
    pub clock_skew_ms: Option<i64>,
}

impl Store {
    /// Whose the credential of this hash is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a caller must not take that for a wrong credential.
    pub async fn credential_of(&self, hash: &[u8]) -> Result<Option<CredentialOf>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", CASE WHEN credential_hash = $1 THEN 'current' ELSE 'next' END AS "how!" FROM node
               WHERE (credential_hash = $1 OR next_credential_hash = $1) AND removed_at IS NULL
               UNION ALL SELECT node_id, 'removed' FROM removed_credential WHERE hash = $1"#,
            hash
        )
        .fetch_optional(self.pool())
        .await?;
        Ok(row.map(|row| {
            let id = NodeId::from_uuid(row.id);
            match row.how.as_str() {
                "current" => CredentialOf::Current(id),
                "next" => CredentialOf::Next(id),
                _ => CredentialOf::Removed(id),
            }
        }))
    }
}

impl Scoped {
    /// How a node's credential stands, and what it last said of itself.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_identity(&self, id: NodeId) -> Result<Option<NodeIdentity>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT coalesce(credential_at, enrolled_at) AS "credential_at!: jiff_sqlx::Timestamp",
                      rotation_asked_at IS NOT NULL AS "is_rotation_asked!", hello, clock_skew_ms
               FROM node WHERE id = $1"#,
            id.uuid()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| NodeIdentity {
            credential_at: row.credential_at.to_jiff(),
            is_rotation_asked: row.is_rotation_asked,
            hello: row.hello,
            clock_skew_ms: row.clock_skew_ms,
        }))
    }

    /// Writes down what a node says that it is and can do.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn greet_node(
        &self,
        id: NodeId,
        hello: &Value,
        address: Option<IpAddr>,
        clock_skew_ms: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node SET hello = $2, clock_skew_ms = $3, hello_at = $4, last_seen_at = $4,
                 address = coalesce($5, address) WHERE id = $1",
            id.uuid(),
            hello,
            clock_skew_ms,
            now.to_sqlx() as _,
            address.map(|address| address.to_string()),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The key by which nodes know the server, when there is one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn server_identity(&self) -> Result<Option<ServerIdentityRecord>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT id, public_key, sealed, created_at AS "created_at: jiff_sqlx::Timestamp" FROM server_identity"#
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| ServerIdentityRecord {
            id: row.id,
            public: row.public_key,
            sealed: row.sealed,
            created_at: row.created_at.to_jiff(),
        }))
    }
}

impl Unit {
    /// Writes down the key by which nodes know the server, unless another replica was quicker.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_server_identity(&mut self, key: &ServerIdentityRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO server_identity (id, public_key, sealed, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT ON CONSTRAINT server_identity_one DO NOTHING",
            key.id,
            key.public,
            key.sealed,
            key.created_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that an operator asked for another credential of the node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ask_for_rotation(&mut self, id: NodeId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node SET rotation_asked_at = $2 WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes the hash of the credential that is to follow. The one in force stays so until the new one is used.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn offer_credential(&mut self, id: NodeId, hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node SET next_credential_hash = $2 WHERE id = $1",
            id.uuid(),
            hash
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Puts the credential that follows in force, and ends the one before; false when that was done already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn promote_credential(
        &mut self,
        id: NodeId,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE node SET credential_hash = next_credential_hash, next_credential_hash = NULL, credential_at = $3,
                    rotation_asked_at = NULL
             WHERE id = $1 AND next_credential_hash = $2",
            id.uuid(),
            hash,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
