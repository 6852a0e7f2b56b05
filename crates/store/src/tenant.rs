//! Tenants: the row from promise to purge.

use crate::error::{StoreError, read, read_optional};
use crate::scope::{Bounds, Scoped, Unit};
use crate::switch::SwitchRecord;
use domain::{
    CompanyName, CountryCode, DatabaseName, EmailAddress, Language, NodeId, NodeName, OperationId,
    OrganizationId, PlanName, ProductName, Reach, Subdomain, SuspensionForm, SuspensionReason, TemplateName,
    TenantId, TenantState, TimeZoneName,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A tenant as the control plane knows it.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct TenantRecord {
    pub id: TenantId,
    pub subdomain: Subdomain,
    pub company_name: String,
    pub admin_email: String,
    pub plan: PlanName,
    pub product: ProductName,
    pub node_id: NodeId,
    pub node: NodeName,
    pub address_pattern: String,
    pub template: TemplateName,
    pub organization: Option<OrganizationId>,
    pub state: TenantState,
    pub suspensions: Vec<Suspension>,
    pub paused_at: Option<Timestamp>,
    pub generation: i64,
    pub operation: Option<OperationId>,
    pub language: Language,
    pub country: Option<CountryCode>,
    pub timezone: Option<TimeZoneName>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub purge_after: Option<Timestamp>,
    pub switch: SwitchRecord,
}

impl TenantRecord {
    /// Its address, from the node's pattern.
    pub fn url(&self) -> String {
        self.address_pattern
            .replacen('*', self.subdomain.host_label().as_str(), 1)
    }
}

/// One reason for which a tenant is suspended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// How much of it is closed.
    pub form: SuspensionForm,
    /// The operator's words.
    pub note: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// Who asked.
    pub by: String,
    /// The operation that holds the evidence.
    pub operation: Option<Uuid>,
}

/// A tenant to be written down as provisioning, together with its name.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewTenant<'a> {
    pub id: TenantId,
    pub subdomain: &'a Subdomain,
    pub company_name: &'a CompanyName,
    pub admin_email: Option<&'a EmailAddress>,
    pub plan: &'a PlanName,
    pub product: &'a ProductName,
    pub node: NodeId,
    pub template: &'a TemplateName,
    pub operation: OperationId,
    pub language: &'a Language,
    pub country: Option<&'a CountryCode>,
    pub timezone: Option<&'a TimeZoneName>,
    pub now: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    subdomain: String,
    company_name: String,
    admin_email: String,
    plan: String,
    product: String,
    node_id: Uuid,
    node: String,
    address_pattern: String,
    template: String,
    organization_id: Option<Uuid>,
    state: String,
    paused_at: Option<jiff_sqlx::Timestamp>,
    suspensions: serde_json::Value,
    generation: i64,
    operation_id: Option<Uuid>,
    language: String,
    country: Option<String>,
    timezone: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    expires_at: Option<jiff_sqlx::Timestamp>,
    deleted_at: Option<jiff_sqlx::Timestamp>,
    purge_after: Option<jiff_sqlx::Timestamp>,
    switch: String,
    switch_reason: Option<String>,
    switch_by: Option<String>,
    switch_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for TenantRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TenantId::from_uuid(row.id),
            subdomain: read("tenant.subdomain", &row.subdomain)?,
            company_name: row.company_name,
            admin_email: row.admin_email,
            plan: read("tenant.plan", &row.plan)?,
            product: read("tenant.product", &row.product)?,
            node_id: NodeId::from_uuid(row.node_id),
            node: read("node.name", &row.node)?,
            address_pattern: row.address_pattern,
            template: read("tenant.template", &row.template)?,
            organization: row.organization_id.map(OrganizationId::from_uuid),
            state: read("tenant.state", &row.state)?,
            suspensions: serde_json::from_value(row.suspensions)
                .map_err(|_| StoreError::Corrupt { column: "suspension" })?,
            paused_at: row.paused_at.map(jiff_sqlx::Timestamp::to_jiff),
            generation: row.generation,
            operation: row.operation_id.map(OperationId::from_uuid),
            language: read("tenant.language", &row.language)?,
            country: read_optional("tenant.country", row.country.as_deref())?,
            timezone: read_optional("tenant.timezone", row.timezone.as_deref())?,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
            deleted_at: row.deleted_at.map(jiff_sqlx::Timestamp::to_jiff),
            purge_after: row.purge_after.map(jiff_sqlx::Timestamp::to_jiff),
            switch: SwitchRecord {
                position: read("tenant.switch", &row.switch)?,
                reason: row.switch_reason,
                by: row.switch_by,
                at: row.switch_at.map(jiff_sqlx::Timestamp::to_jiff),
            },
        })
    }
}

impl Scoped {
    /// The tenant of this name, in any spelling of it, if it may be seen.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenant(
        &self,
        reach: &Reach,
        name: &DatabaseName,
    ) -> Result<Option<TenantRecord>, StoreError> {
        let bounds = Bounds::from(reach.seen());
        sqlx::query_as!(
            Row,
            r#"SELECT t.id, t.subdomain, t.company_name, t.admin_email, t.plan, t.product, t.node_id, n.name AS node,
                    n.address_pattern, t.template, t.organization_id, t.state, t.paused_at,
                    coalesce((SELECT jsonb_agg(jsonb_build_object('reason', s.reason, 'form', s.form, 'note', s.note,
                        'since', s.since, 'by', s.requested_by, 'operation', s.operation_id) ORDER BY s.since, s.reason)
                        FROM suspension s WHERE s.tenant_id = t.id), '[]') AS "suspensions!",
                    t.generation, t.operation_id,
                    t.language, t.country, t.timezone, t.created_at, t.updated_at, t.expires_at,
                    t.deleted_at, t.purge_after,
                    t.switch, t.switch_reason, t.switch_by, t.switch_at
             FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.database_name = $1
               AND ($2 OR t.organization_id = ANY($3)) AND ($4::uuid[] IS NULL OR t.id = ANY($4))"#,
            name.as_str(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(TenantRecord::try_from)
        .transpose()
    }

    /// The tenant of this identity, if it may be seen.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenant_by_id(
        &self,
        reach: &Reach,
        id: TenantId,
    ) -> Result<Option<TenantRecord>, StoreError> {
        match name_of(&self.pool, id).await? {
            Some(name) => self.tenant(reach, &name).await,
            None => Ok(None),
        }
    }
}

async fn name_of(executor: impl PgExecutor<'_>, id: TenantId) -> Result<Option<DatabaseName>, StoreError> {
    let name = sqlx::query_scalar!("SELECT database_name FROM tenant WHERE id = $1", id.uuid())
        .fetch_optional(executor)
        .await?;
    name.map(|name| read("tenant.database_name", &name)).transpose()
}

/// The setting that says for how long a deleted tenant can come back.
const TOMBSTONE_DAYS: &str = "tenant.tombstone_days";

impl Unit {
    /// The tenant of this identity, if it may be seen; its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_tenant_by_id(
        &mut self,
        reach: &Reach,
        id: TenantId,
    ) -> Result<Option<TenantRecord>, StoreError> {
        match name_of(&mut *self.transaction, id).await? {
            Some(name) => self.lock_tenant(reach, &name).await,
            None => Ok(None),
        }
    }

    /// The tenant of this name, if it may be seen; its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_tenant(
        &mut self,
        reach: &Reach,
        name: &DatabaseName,
    ) -> Result<Option<TenantRecord>, StoreError> {
        self.hold_tenant(name).await?;
        let bounds = Bounds::from(reach.seen());
        sqlx::query_as!(
            Row,
            r#"SELECT t.id, t.subdomain, t.company_name, t.admin_email, t.plan, t.product, t.node_id, n.name AS node,
                    n.address_pattern, t.template, t.organization_id, t.state, t.paused_at,
                    coalesce((SELECT jsonb_agg(jsonb_build_object('reason', s.reason, 'form', s.form, 'note', s.note,
                        'since', s.since, 'by', s.requested_by, 'operation', s.operation_id) ORDER BY s.since, s.reason)
                        FROM suspension s WHERE s.tenant_id = t.id), '[]') AS "suspensions!",
                    t.generation, t.operation_id,
                    t.language, t.country, t.timezone, t.created_at, t.updated_at, t.expires_at,
                    t.deleted_at, t.purge_after,
                    t.switch, t.switch_reason, t.switch_by, t.switch_at
             FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.database_name = $1
               AND ($2 OR t.organization_id = ANY($3)) AND ($4::uuid[] IS NULL OR t.id = ANY($4))"#,
            name.as_str(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(TenantRecord::try_from)
        .transpose()
    }

    /// Writes down a tenant that is to be made, and takes its name.
    ///
    /// # Errors
    /// [`crate::Conflict::TenantName`] when the name is taken.
    pub async fn insert_tenant(&mut self, tenant: NewTenant<'_>) -> Result<(), StoreError> {
        self.reserve_name(&tenant.subdomain.database(), tenant.id).await?;
        sqlx::query!(
            "INSERT INTO tenant (id, subdomain, database_name, host_label, company_name, admin_email, plan, product,
                                 node_id, template, state, generation, operation_id, language, country, timezone,
                                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'provisioning', 1, $11, $12, $13, $14, $15, $15)",
            tenant.id.uuid(),
            tenant.subdomain.as_str(),
            String::from(tenant.subdomain.database()),
            String::from(tenant.subdomain.host_label()),
            tenant.company_name.as_str(),
            tenant.admin_email.map_or("", EmailAddress::as_str),
            tenant.plan.as_str(),
            tenant.product.as_str(),
            tenant.node.uuid(),
            tenant.template.as_str(),
            tenant.operation.uuid(),
            tenant.language.as_str(),
            tenant.country.map(CountryCode::as_str),
            tenant.timezone.map(TimeZoneName::as_str),
            tenant.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes a name for a tenant, beside the one that it has.
    ///
    /// # Errors
    /// [`crate::Conflict::TenantName`] when it is taken.
    pub async fn reserve_name(&mut self, name: &DatabaseName, tenant: TenantId) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO name_reservation (database_name, tenant_id) VALUES ($1, $2)",
            name.as_str(),
            tenant.uuid()
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives back every name of a tenant but the one that it has.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn release_other_names(&mut self, tenant: TenantId) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM name_reservation r USING tenant t
             WHERE r.tenant_id = $1 AND t.id = $1 AND r.database_name <> t.database_name",
            tenant.uuid()
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Puts an operation on a tenant that has none; gives the new generation.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another operation was faster.
    pub async fn occupy_tenant(
        &mut self,
        tenant: TenantId,
        operation: OperationId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            "UPDATE tenant SET operation_id = $2, generation = generation + 1, updated_at = $3
             WHERE id = $1 AND operation_id IS NULL RETURNING generation",
            tenant.uuid(),
            operation.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Takes the operation off a tenant and sets the state that it led to.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the tenant is not under this operation.
    pub async fn settle_tenant(
        &mut self,
        tenant: TenantId,
        operation: OperationId,
        state: TenantState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let default_days = domain::setting::default_number(TOMBSTONE_DAYS)
            .and_then(|days| i32::try_from(days).ok())
            .ok_or(StoreError::Stale)?;
        let changed = sqlx::query!(
            "UPDATE tenant SET operation_id = NULL, state = $3, updated_at = $4,
                    deleted_at = CASE WHEN $3 = 'deleted' THEN coalesce(deleted_at, $4) END,
                    purge_after = CASE WHEN $3 = 'deleted' THEN coalesce(purge_after, $4 + make_interval(days => coalesce(
                        (SELECT (value #>> '{}')::integer FROM setting WHERE key = $6), $5))) END
             WHERE id = $1 AND operation_id = $2",
            tenant.uuid(),
            operation.uuid(),
            state.as_str(),
            now.to_sqlx() as _,
            default_days,
            TOMBSTONE_DAYS,
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    /// The state that the tenant has.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such tenant.
    pub async fn tenant_state(&mut self, tenant: TenantId) -> Result<TenantState, StoreError> {
        let state = sqlx::query_scalar!("SELECT state FROM tenant WHERE id = $1", tenant.uuid())
            .fetch_one(&mut *self.transaction)
            .await?;
        read("tenant.state", &state)
    }

    /// Sets the name that a finished rename gave.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_subdomain(&mut self, tenant: TenantId, subdomain: &Subdomain) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET subdomain = $2, database_name = $3, host_label = $4 WHERE id = $1",
            tenant.uuid(),
            subdomain.as_str(),
            String::from(subdomain.database()),
            String::from(subdomain.host_label()),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Suspends a tenant for this reason, or says anew how and with which words.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_suspension(
        &mut self,
        tenant: TenantId,
        suspension: &Suspension,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO suspension (tenant_id, reason, form, note, since, requested_by, operation_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT ON CONSTRAINT suspension_pkey
             DO UPDATE SET form = excluded.form, note = coalesce(excluded.note, suspension.note),
                           operation_id = excluded.operation_id",
            tenant.uuid(),
            suspension.reason.as_str(),
            suspension.form.as_str(),
            suspension.note,
            suspension.since.to_sqlx() as _,
            suspension.by,
            suspension.operation,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Lets every reason fall but these.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_suspensions(
        &mut self,
        tenant: TenantId,
        reasons: &[SuspensionReason],
    ) -> Result<(), StoreError> {
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        sqlx::query!(
            "DELETE FROM suspension WHERE tenant_id = $1 AND NOT reason = ANY($2)",
            tenant.uuid(),
            &reasons,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that the customer closed the tenant, or opened it again (`by` is nothing).
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_pause(
        &mut self,
        tenant: TenantId,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET paused_by = coalesce(CASE WHEN $2::text IS NOT NULL THEN paused_by END, $2),
                    paused_at = CASE WHEN $2::text IS NOT NULL THEN coalesce(paused_at, $3) END WHERE id = $1",
            tenant.uuid(),
            by,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives a tenant to an organization, or takes it back.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_organization(
        &mut self,
        tenant: TenantId,
        organization: Option<OrganizationId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET organization_id = $2, updated_at = $3 WHERE id = $1",
            tenant.uuid(),
            organization.map(OrganizationId::uuid),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sets the administrator's address as registered.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_admin_email(
        &mut self,
        tenant: TenantId,
        email: &EmailAddress,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET admin_email = $2 WHERE id = $1",
            tenant.uuid(),
            email.as_str(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sets what the control plane knows of the customer; nothing keeps what is there.
    ///
    /// # Errors
    /// [`crate::Conflict::Reference`] when there is no such plan.
    pub async fn update_tenant(
        &mut self,
        tenant: TenantId,
        company_name: Option<&CompanyName>,
        plan: Option<&PlanName>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET company_name = coalesce($2, company_name), plan = coalesce($3, plan), updated_at = $4
             WHERE id = $1",
            tenant.uuid(),
            company_name.map(CompanyName::as_str),
            plan.map(PlanName::as_str),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets a tenant with its names: after a purge, or when it could not be made.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the tenant is not under this operation.
    pub async fn remove_tenant(
        &mut self,
        tenant: TenantId,
        operation: OperationId,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "DELETE FROM tenant WHERE id = $1 AND operation_id = $2",
            tenant.uuid(),
            operation.uuid()
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
