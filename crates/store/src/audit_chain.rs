//! The chain of the audit trail: what is not sealed yet, seals, days and their heads, the keys that sign.

use crate::audit_page::{AuditRecord, Row};
use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::chain::Hash;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use uuid::Uuid;

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainTip {
    /// Its last day.
    pub day: Date,
    /// With what that day began.
    pub before: Hash,
    /// How many entries it has.
    pub number: i64,
    /// The hash of the last of them; nothing when there is none.
    pub hash: Option<Hash>,
    /// Whether it has ended, and with which hash.
    pub closed: Option<Hash>,
}

/// What binds an entry to the chain.
#[derive(Debug, Clone)]
pub struct Seal {
    /// The entry.
    pub entry: i64,
    /// Its place in the day.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
    /// The signature, with the last one.
    pub signature: Option<Vec<u8>>,
}

/// A day of the chain.
#[derive(Debug, Clone)]
pub struct AuditDayRecord {
    /// The day.
    pub day: Date,
    /// With what it began.
    pub before: Hash,
    /// How many entries it had and the last hash, with the signature, once it has ended.
    pub head: Option<(i64, Hash, Vec<u8>)>,
    /// When its entries were dropped, and the signature of that.
    pub dropped: Option<(Timestamp, Vec<u8>)>,
}

/// A key that signs.
#[derive(Debug, Clone)]
pub struct AuditKeyRecord {
    /// Identity.
    pub id: Uuid,
    /// The public half.
    pub public: Vec<u8>,
    /// The private half, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

struct DayRow {
    day: jiff_sqlx::Date,
    before: Vec<u8>,
    entries: Option<i64>,
    last: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    dropped_at: Option<jiff_sqlx::Timestamp>,
    drop_signature: Option<Vec<u8>>,
}

fn hash(column: &'static str, bytes: &[u8]) -> Result<Hash, StoreError> {
    Hash::of_bytes(bytes).ok_or(StoreError::Corrupt { column })
}

impl TryFrom<DayRow> for AuditDayRecord {
    type Error = StoreError;
    fn try_from(row: DayRow) -> Result<Self, StoreError> {
        let head = match (row.entries, row.last, row.signature) {
            (Some(entries), Some(last), Some(signature)) => {
                Some((entries, hash("audit_day.last", &last)?, signature))
            }
            _ => None,
        };
        let dropped = row.dropped_at.zip(row.drop_signature);
        Ok(Self {
            day: row.day.to_jiff(),
            before: hash("audit_day.before", &row.before)?,
            head,
            dropped: dropped.map(|(at, signature)| (at.to_jiff(), signature)),
        })
    }
}

async fn days(
    executor: impl PgExecutor<'_>,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Vec<AuditDayRecord>, StoreError> {
    let rows = sqlx::query_as!(
        DayRow,
        r#"SELECT day AS "day: jiff_sqlx::Date", before, entries, last, signature, dropped_at, drop_signature
           FROM audit_day WHERE ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2) ORDER BY day"#,
        from.map(|day| day.to_sqlx()) as _,
        to.map(|day| day.to_sqlx()) as _,
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(AuditDayRecord::try_from).collect()
}

async fn keys(executor: impl PgExecutor<'_>) -> Result<Vec<AuditKeyRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, public_key, sealed, created_at AS "created_at: jiff_sqlx::Timestamp" FROM audit_key
           ORDER BY created_at, id"#
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| AuditKeyRecord {
        id: row.id,
        public: row.public_key,
        sealed: row.sealed,
        created_at: row.created_at.to_jiff(),
    });
    Ok(records.collect())
}

impl Scoped {
    /// Whether anything waits to be sealed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn has_unsealed(&self) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM audit_entry WHERE chain_hash IS NULL) AS "is_there!""#
        );
        Ok(query.fetch_one(&self.pool).await?)
    }

    /// How many entries are not sealed yet, and when the oldest of them was written.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unsealed_entries(&self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "count!", min(at) AS "oldest: jiff_sqlx::Timestamp"
               FROM audit_entry WHERE chain_hash IS NULL"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((row.count, row.oldest.map(jiff_sqlx::Timestamp::to_jiff)))
    }

    /// The days of the chain, the first one first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_days(
        &self,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Vec<AuditDayRecord>, StoreError> {
        days(&self.pool, from, to).await
    }

    /// At most `limit` entries of a day after this place, in the chain's order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_entries_of_day(
        &self,
        day: Date,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id, at, actor, role, action, outcome, subject, organization_id, tenant_id, operation_id, request_id,
                   address, reason, detail, chain_day AS "chain_day: jiff_sqlx::Date", chain_number, chain_hash,
                   chain_signature
               FROM audit_entry WHERE chain_day = $1 AND chain_number > $2 ORDER BY chain_number LIMIT $3"#,
            day.to_sqlx() as _,
            after,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(AuditRecord::try_from).collect()
    }

    /// Entries that say to be of a day that is not there: day, place, identity.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn stray_audit_entries(&self, limit: i64) -> Result<Vec<(Date, i64, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT id, chain_day AS "day!: jiff_sqlx::Date", chain_number AS "number!" FROM audit_entry e
               WHERE chain_day IS NOT NULL AND NOT EXISTS (SELECT FROM audit_day d WHERE d.day = e.chain_day)
               ORDER BY chain_day, chain_number LIMIT $1"#,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.day.to_jiff(), row.number, row.id))
            .collect())
    }

    /// Every key that ever signed, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_keys(&self) -> Result<Vec<AuditKeyRecord>, StoreError> {
        keys(&self.pool).await
    }
}

impl Unit {
    /// Takes the chain in hand until this unit ends; not when another replica has it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn try_hold_chain(&mut self) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar!(
            r#"SELECT pg_try_advisory_xact_lock(hashtextextended('audit-chain', 4443)) AS "held!""#
        );
        Ok(query.fetch_one(&mut *self.transaction).await?)
    }

    /// Where the chain ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn chain_tip(&mut self) -> Result<Option<ChainTip>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT d.day AS "day: jiff_sqlx::Date", d.before, d.last, e.chain_number AS "number?", e.chain_hash AS "hash?"
               FROM (SELECT day, before, last FROM audit_day ORDER BY day DESC LIMIT 1) AS d
               LEFT JOIN LATERAL (SELECT chain_number, chain_hash FROM audit_entry WHERE chain_day = d.day
                   ORDER BY chain_number DESC LIMIT 1) AS e ON true"#
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let optional = |column, bytes: Option<Vec<u8>>| bytes.map(|bytes| hash(column, &bytes)).transpose();
        Ok(Some(ChainTip {
            day: row.day.to_jiff(),
            before: hash("audit_day.before", &row.before)?,
            number: row.number.unwrap_or(0),
            hash: optional("audit_entry.chain_hash", row.hash)?,
            closed: optional("audit_day.last", row.last)?,
        }))
    }

    /// Begins a day.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_audit_day(&mut self, day: Date, before: Hash) -> Result<(), StoreError> {
        let day = day.to_sqlx();
        sqlx::query!(
            "INSERT INTO audit_day (day, before) VALUES ($1, $2)",
            day as _,
            before.0.as_slice()
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes the head of a day that has ended.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had one.
    pub async fn close_audit_day(
        &mut self,
        day: Date,
        head: (i64, Hash, &[u8]),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (entries, last, signature) = head;
        let done = sqlx::query!(
            "UPDATE audit_day SET entries = $2, last = $3, signature = $4, closed_at = $5 WHERE day = $1 AND closed_at IS NULL",
            day.to_sqlx() as _,
            entries,
            last.0.as_slice(),
            signature,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        once(done.rows_affected())
    }

    /// The oldest entries that are not sealed yet.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unsealed(&mut self, limit: i64) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id, at, actor, role, action, outcome, subject, organization_id, tenant_id, operation_id, request_id,
                   address, reason, detail, chain_day AS "chain_day: jiff_sqlx::Date", chain_number, chain_hash,
                   chain_signature
               FROM audit_entry WHERE chain_hash IS NULL ORDER BY id LIMIT $1"#,
            limit,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        rows.into_iter().map(AuditRecord::try_from).collect()
    }

    /// Seals entries into a day.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when one of them is gone or was sealed.
    pub async fn seal_audit_entries(&mut self, day: Date, seals: &[Seal]) -> Result<(), StoreError> {
        let entries: Vec<i64> = seals.iter().map(|seal| seal.entry).collect();
        let numbers: Vec<i64> = seals.iter().map(|seal| seal.number).collect();
        let hashes: Vec<Vec<u8>> = seals.iter().map(|seal| seal.hash.0.to_vec()).collect();
        let signatures: Vec<Option<Vec<u8>>> = seals.iter().map(|seal| seal.signature.clone()).collect();
        let done = sqlx::query!(
            "UPDATE audit_entry e SET chain_day = $1, chain_number = s.number, chain_hash = s.hash,
                 chain_signature = s.signature
             FROM unnest($2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[]) AS s (entry, number, hash, signature)
             WHERE e.id = s.entry AND e.chain_hash IS NULL",
            day.to_sqlx() as _,
            &entries,
            &numbers,
            &hashes,
            &signatures as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        match usize::try_from(done.rows_affected()) == Ok(seals.len()) {
            true => Ok(()),
            false => Err(StoreError::Stale),
        }
    }

    /// The days before this one that have ended and still have their entries.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn droppable_audit_days(&mut self, before: Date) -> Result<Vec<AuditDayRecord>, StoreError> {
        let mut known = days(&mut *self.transaction, None, None).await?;
        known.retain(|day| day.day < before && day.head.is_some() && day.dropped.is_none());
        Ok(known)
    }

    /// Drops the entries of a day; its head stays.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the day has not ended or was dropped.
    pub async fn drop_audit_day(
        &mut self,
        day: Date,
        at: Timestamp,
        signature: &[u8],
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE audit_day SET dropped_at = $2, drop_signature = $3
             WHERE day = $1 AND closed_at IS NOT NULL AND dropped_at IS NULL",
            day.to_sqlx() as _,
            at.to_sqlx() as _,
            signature,
        )
        .execute(&mut *self.transaction)
        .await?;
        once(done.rows_affected())?;
        sqlx::query!("DELETE FROM audit_entry WHERE chain_day = $1", day.to_sqlx() as _)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Every key that ever signed, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_keys(&mut self) -> Result<Vec<AuditKeyRecord>, StoreError> {
        keys(&mut *self.transaction).await
    }

    /// Writes down a key.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_audit_key(&mut self, key: &AuditKeyRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO audit_key (id, public_key, sealed, created_at) VALUES ($1, $2, $3, $4)",
            key.id,
            key.public,
            key.sealed,
            key.created_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

const fn once(rows: u64) -> Result<(), StoreError> {
    match rows {
        1 => Ok(()),
        _ => Err(StoreError::Stale),
    }
}
