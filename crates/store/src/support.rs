//! Support accesses, and what organizations want of them.

use crate::error::{StoreError, read};
use crate::scope::{Bounds, Scoped, Unit};
use domain::{
    DatabaseName, Extent, OrganizationId, Subdomain, SupportId, SupportReason, SupportState, SupportWish,
    TenantId,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// A support access.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct SupportRecord {
    pub id: SupportId,
    pub subdomain: Subdomain,
    pub requested_by: String,
    pub requested_behind: String,
    pub requester_name: String,
    pub reason: String,
    pub minutes: i32,
    pub break_glass: bool,
    pub state: SupportState,
    pub requested_at: Timestamp,
    pub lapses_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
    pub opened_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub entries: i32,
    pub over_at: Option<Timestamp>,
    pub over_by: Option<String>,
    pub closed_at: Option<Timestamp>,
}

/// A support access to be written down.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewSupport<'a> {
    pub id: SupportId,
    pub tenant: TenantId,
    pub requested_behind: &'a str,
    pub reason: &'a SupportReason,
    pub minutes: i32,
    pub break_glass: bool,
    pub state: SupportState,
    pub now: Timestamp,
    pub lapses_at: Timestamp,
    /// Who decided, where that is known already.
    pub decided_by: Option<&'a str>,
}

/// An access that is over and that the node has not ended yet.
#[derive(Debug, Clone)]
pub struct SupportToClose {
    /// Which.
    pub id: SupportId,
    /// The tenant's name.
    pub database: DatabaseName,
}

struct Row {
    id: Uuid,
    subdomain: String,
    requested_by: String,
    requested_behind: String,
    requester_name: String,
    reason: String,
    minutes: i32,
    break_glass: bool,
    state: String,
    requested_at: jiff_sqlx::Timestamp,
    lapses_at: jiff_sqlx::Timestamp,
    decided_at: Option<jiff_sqlx::Timestamp>,
    decided_by: Option<String>,
    note: Option<String>,
    opened_at: Option<jiff_sqlx::Timestamp>,
    ends_at: Option<jiff_sqlx::Timestamp>,
    entries: i32,
    over_at: Option<jiff_sqlx::Timestamp>,
    over_by: Option<String>,
    closed_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for SupportRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let time = |at: Option<jiff_sqlx::Timestamp>| at.map(jiff_sqlx::Timestamp::to_jiff);
        Ok(Self {
            id: SupportId::from_uuid(row.id),
            subdomain: read("tenant.subdomain", &row.subdomain)?,
            requested_by: row.requested_by,
            requested_behind: row.requested_behind,
            requester_name: row.requester_name,
            reason: row.reason,
            minutes: row.minutes,
            break_glass: row.break_glass,
            state: read("support_access.state", &row.state)?,
            requested_at: row.requested_at.to_jiff(),
            lapses_at: row.lapses_at.to_jiff(),
            decided_at: time(row.decided_at),
            decided_by: row.decided_by,
            note: row.note,
            opened_at: time(row.opened_at),
            ends_at: time(row.ends_at),
            entries: row.entries,
            over_at: time(row.over_at),
            over_by: row.over_by,
            closed_at: time(row.closed_at),
        })
    }
}

impl Scoped {
    /// The support accesses to tenants of this extent, newest first; to one tenant only, if one is given; only those
    /// that are not over, if asked.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn support_accesses(
        &self,
        extent: &Extent,
        tenant: Option<TenantId>,
        states: &[SupportState],
        limit: i64,
    ) -> Result<Vec<SupportRecord>, StoreError> {
        let bounds = Bounds::from(extent);
        let states: Vec<String> = states.iter().map(ToString::to_string).collect();
        sqlx::query_as!(
            Row,
            r#"SELECT a.id, t.subdomain, a.requested_by, a.requested_behind, a.requester_name, a.reason, a.minutes,
                    a.break_glass, a.state, a.requested_at, a.lapses_at, a.decided_at, a.decided_by, a.note,
                    a.opened_at, a.ends_at, a.entries, a.over_at, a.over_by, a.closed_at
             FROM support_access a JOIN tenant t ON t.id = a.tenant_id
             WHERE ($1 OR t.organization_id = ANY($2)) AND ($3::uuid[] IS NULL OR t.id = ANY($3))
               AND ($4::uuid IS NULL OR t.id = $4) AND a.state = ANY($5)
             ORDER BY a.requested_at DESC, a.id DESC LIMIT $6"#,
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
            tenant.map(TenantId::uuid),
            &states,
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(SupportRecord::try_from)
        .collect()
    }

    /// Accesses that are over and that the node is to end, on tenants that nothing else is done to.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn support_to_close(
        &self,
        tenant: Option<TenantId>,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<SupportToClose>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT a.id, t.database_name FROM support_access a JOIN tenant t ON t.id = a.tenant_id
             WHERE a.opened_at IS NOT NULL AND a.over_at IS NOT NULL AND a.closed_at IS NULL
               AND (a.close_after IS NULL OR a.close_after <= $2) AND t.operation_id IS NULL
               AND ($1::uuid IS NULL OR t.id = $1)
             ORDER BY a.over_at LIMIT $3"#,
            tenant.map(TenantId::uuid),
            now.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(SupportToClose {
                    id: SupportId::from_uuid(row.id),
                    database: read("tenant.database_name", &row.database_name)?,
                })
            })
            .collect()
    }

    /// The person behind a key: who made it, or who made the key that made it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn person_behind_key(&self, key: domain::ApiKeyId) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"WITH RECURSIVE made (id, created_by, depth) AS (
                 SELECT id, created_by, 1 FROM api_key WHERE id = $1
                 UNION ALL SELECT k.id, k.created_by, made.depth + 1 FROM api_key k, made
                     WHERE made.created_by = 'key_' || replace(k.id::text, '-', '') AND made.depth < 20)
             SELECT created_by AS "created_by!" FROM made WHERE created_by LIKE 'per\_%' ORDER BY depth LIMIT 1"#,
            key.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Whether this actor, a person as text, has a role in the staff.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn is_staff(&self, person: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM person WHERE 'per_' || replace(id::text, '-', '') = $1
                 AND staff_role IS NOT NULL) AS "staff!""#,
            person,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

impl Unit {
    /// Writes down a support access that this unit's actor asks for.
    ///
    /// # Errors
    /// [`crate::Conflict::SupportAccess`] when they have one to this tenant that is not over.
    pub async fn insert_support(&mut self, new: NewSupport<'_>) -> Result<(), StoreError> {
        let actor = self.behalf.to_string();
        sqlx::query!(
            "INSERT INTO support_access (id, tenant_id, requested_by, requested_behind, requester_name, reason, minutes,
                 break_glass, state, requested_at, lapses_at, decided_at, decided_by)
             SELECT $1, $2, $3::text, $4, coalesce(
                 (SELECT name FROM person WHERE 'per_' || replace(id::text, '-', '') = $3),
                 (SELECT name FROM api_key WHERE 'key_' || replace(id::text, '-', '') = $3), $3),
                 $5, $6, $7, $8, $9::timestamptz, $10, CASE WHEN $11::text IS NOT NULL THEN $9::timestamptz END, $11::text",
            new.id.uuid(),
            new.tenant.uuid(),
            actor,
            new.requested_behind,
            new.reason.as_str(),
            new.minutes,
            new.break_glass,
            new.state.as_str(),
            new.now.to_sqlx() as _,
            new.lapses_at.to_sqlx() as _,
            new.decided_by,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// One access to a tenant, held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_support(
        &mut self,
        tenant: TenantId,
        id: SupportId,
    ) -> Result<Option<SupportRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT a.id, t.subdomain, a.requested_by, a.requested_behind, a.requester_name, a.reason, a.minutes,
                    a.break_glass, a.state, a.requested_at, a.lapses_at, a.decided_at, a.decided_by, a.note,
                    a.opened_at, a.ends_at, a.entries, a.over_at, a.over_by, a.closed_at
             FROM support_access a JOIN tenant t ON t.id = a.tenant_id WHERE a.id = $1 AND a.tenant_id = $2
             FOR UPDATE OF a"#,
            id.uuid(),
            tenant.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(SupportRecord::try_from)
        .transpose()
    }

    /// Writes down what this unit's actor decided.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn decide_support(
        &mut self,
        id: SupportId,
        state: SupportState,
        note: Option<&str>,
        now: Timestamp,
        lapses_at: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = self.behalf.to_string();
        let done = sqlx::query!(
            "UPDATE support_access SET state = $2, decided_at = $3, decided_by = $4, note = $5, lapses_at = $6
             WHERE id = $1 AND state = 'requested'",
            id.uuid(),
            state.as_str(),
            now.to_sqlx() as _,
            actor,
            note,
            lapses_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// Writes down that a link to enter is given; the first one starts the time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_support(
        &mut self,
        id: SupportId,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE support_access SET state = 'open', entries = entries + 1, opened_at = coalesce(opened_at, $2),
                 ends_at = coalesce(ends_at, $3)
             WHERE id = $1 AND state IN ('approved', 'open')",
            id.uuid(),
            now.to_sqlx() as _,
            ends_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// Writes down that an access is over by this unit's actor's will.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_support(
        &mut self,
        id: SupportId,
        state: SupportState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = self.behalf.to_string();
        let done = sqlx::query!(
            "UPDATE support_access SET state = $2, over_at = $3, over_by = $4
             WHERE id = $1 AND state IN ('requested', 'approved', 'open')",
            id.uuid(),
            state.as_str(),
            now.to_sqlx() as _,
            actor,
        )
        .execute(&mut *self.transaction)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// Ends every access to a tenant, or to all tenants of an organization; gives them with their tenants' names.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_support_of(
        &mut self,
        tenant: Option<TenantId>,
        organization: Option<OrganizationId>,
        state: SupportState,
        now: Timestamp,
    ) -> Result<Vec<(SupportId, String)>, StoreError> {
        let actor = self.behalf.to_string();
        let rows = sqlx::query!(
            "UPDATE support_access a SET state = $3, over_at = $4, over_by = $5 FROM tenant t
             WHERE t.id = a.tenant_id AND a.state IN ('requested', 'approved', 'open')
               AND (t.id = $1 OR t.organization_id = $2) RETURNING a.id, t.subdomain",
            tenant.map(TenantId::uuid),
            organization.map(OrganizationId::uuid),
            state.as_str(),
            now.to_sqlx() as _,
            actor,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let pairs = rows.into_iter();
        Ok(pairs
            .map(|row| (SupportId::from_uuid(row.id), row.subdomain))
            .collect())
    }

    /// Ends the accesses with which somebody has entered a tenant; gives them with its name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_entered_support(
        &mut self,
        tenant: TenantId,
        state: SupportState,
        now: Timestamp,
    ) -> Result<Vec<(SupportId, String)>, StoreError> {
        let actor = self.behalf.to_string();
        let rows = sqlx::query!(
            "UPDATE support_access a SET state = $2, over_at = $3, over_by = $4 FROM tenant t
             WHERE t.id = a.tenant_id AND a.state = 'open' AND t.id = $1 RETURNING a.id, t.subdomain",
            tenant.uuid(),
            state.as_str(),
            now.to_sqlx() as _,
            actor,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let pairs = rows.into_iter();
        Ok(pairs
            .map(|row| (SupportId::from_uuid(row.id), row.subdomain))
            .collect())
    }

    /// Ends the accesses whose time is over, and those of people and keys that may not enter any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expire_support(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<(SupportId, String, SupportState)>, StoreError> {
        let actor = self.behalf.to_string();
        let rows = sqlx::query!(
            r#"UPDATE support_access a SET over_at = $1, over_by = $2,
                 state = CASE WHEN d.late THEN 'expired' ELSE 'revoked' END
             FROM tenant t, (SELECT s.id,
                     CASE s.state WHEN 'open' THEN s.ends_at <= $1 ELSE s.lapses_at <= $1 END AS late,
                     EXISTS (SELECT FROM person p WHERE 'per_' || replace(p.id::text, '-', '') = s.requested_by
                         AND p.disabled_at IS NULL AND p.staff_role IN ('owner', 'admin', 'operator', 'support'))
                     OR EXISTS (SELECT FROM api_key k WHERE 'key_' || replace(k.id::text, '-', '') = s.requested_by
                         AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $1)
                         AND k.staff_role IN ('owner', 'admin', 'operator', 'support')) AS allowed
                 FROM support_access s WHERE s.state IN ('requested', 'approved', 'open') FOR UPDATE OF s SKIP LOCKED) d
             WHERE d.id = a.id AND t.id = a.tenant_id AND (d.late OR NOT d.allowed)
             RETURNING a.id, t.subdomain, a.state"#,
            now.to_sqlx() as _,
            actor,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        rows.into_iter()
            .map(|row| {
                let state = read("support_access.state", &row.state)?;
                Ok((SupportId::from_uuid(row.id), row.subdomain, state))
            })
            .collect()
    }

    /// Writes down that the node was told to end an access, and until when it is not told again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn support_is_closing(&mut self, id: SupportId, until: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE support_access SET close_after = $2 WHERE id = $1 AND over_at IS NOT NULL AND closed_at IS NULL",
            id.uuid(),
            until.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        exactly_one(done.rows_affected())
    }

    /// Writes down that nobody is inside with an access.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn support_is_closed(&mut self, id: SupportId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE support_access SET closed_at = coalesce(closed_at, $2) WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What an organization wants of support accesses; held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn support_wish(&mut self, organization: OrganizationId) -> Result<SupportWish, StoreError> {
        let wish = sqlx::query_scalar!(
            "SELECT support_wish FROM organization WHERE id = $1 FOR UPDATE",
            organization.uuid(),
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        read("organization.support_wish", &wish)
    }

    /// Writes down what an organization wants of support accesses.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_support_wish(
        &mut self,
        organization: OrganizationId,
        wish: SupportWish,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE organization SET support_wish = $2 WHERE id = $1",
            organization.uuid(),
            wish.as_str(),
        )
        .execute(&mut *self.transaction)
        .await?;
        exactly_one(done.rows_affected())
    }
}

/// The row was there, in the state that was read.
fn exactly_one(rows: u64) -> Result<(), StoreError> {
    match rows {
        1 => Ok(()),
        _ => Err(StoreError::Stale),
    }
}
