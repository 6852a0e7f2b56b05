//! The operator's switch of a tenant, and what a comparison with its node needs to know.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{NodeId, SuspensionForm, TenantId, TenantState, TenantSwitch};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// The switch as it was last set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchRecord {
    /// Where it stands.
    pub position: TenantSwitch,
    /// The operator's words.
    pub reason: Option<String>,
    /// Who set it.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A tenant as its node should see it.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The tenant.
    pub id: TenantId,
    /// Its name for people.
    pub subdomain: String,
    /// Its database.
    pub database: String,
    /// Its state.
    pub state: TenantState,
    /// The forms in which it is suspended.
    pub forms: Vec<SuspensionForm>,
    /// Whether its customer paused it.
    pub paused: bool,
    /// The generation of its newest order.
    pub generation: i64,
    /// The operator's switch.
    pub switch: TenantSwitch,
    /// Whether nothing has been under way since this time.
    pub is_settled: bool,
}

impl Scoped {
    /// The tenants of a node. One is settled when nothing is under way and nothing has changed since `seen`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn settled_tenants(&self, node: NodeId, seen: Timestamp) -> Result<Vec<Settled>, StoreError> {
        sqlx::query!(
            r#"SELECT t.id, t.subdomain, t.database_name, t.state, t.generation, t.switch, t.paused_at IS NOT NULL AS "paused!",
                    coalesce((SELECT array_agg(s.form) FROM suspension s WHERE s.tenant_id = t.id), '{}') AS "forms!: Vec<String>",
                    t.operation_id IS NULL AND t.updated_at < $2 AS "is_settled!"
               FROM tenant t WHERE t.node_id = $1 ORDER BY t.subdomain"#,
            node.uuid(),
            seen.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| {
            let forms = row.forms.iter().map(|form| read("suspension.form", form));
            Ok(Settled {
                id: TenantId::from_uuid(row.id),
                subdomain: row.subdomain,
                database: row.database_name,
                state: read("tenant.state", &row.state)?,
                forms: forms.collect::<Result<_, _>>()?,
                paused: row.paused,
                generation: row.generation,
                switch: read("tenant.switch", &row.switch)?,
                is_settled: row.is_settled,
            })
        })
        .collect()
    }
}

impl Unit {
    /// Sets the switch.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_tenant_switch(
        &mut self,
        tenant: TenantId,
        switch: &SwitchRecord,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET switch = $2, switch_reason = $3, switch_by = $4, switch_at = $5 WHERE id = $1",
            tenant.uuid(),
            switch.position.as_str(),
            switch.reason,
            switch.by,
            switch.at.map(ToSqlx::to_sqlx) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The generation of the next command of an operation that has several.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such tenant.
    pub async fn next_generation(&mut self, tenant: TenantId) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            "UPDATE tenant SET generation = generation + 1 WHERE id = $1 RETURNING generation",
            tenant.uuid(),
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Raises a tenant's generation to what its node has seen, after the control plane forgot some of its orders.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn raise_generation(&mut self, tenant: TenantId, seen: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET generation = greatest(generation, $2) WHERE id = $1",
            tenant.uuid(),
            seen
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
