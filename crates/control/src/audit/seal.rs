//! Sealing: soon after they were committed, entries are bound into the chain, by one replica at a time, in the order of
//! their identities. No writer waits for it. A day's head is signed by the first seal of the next day.

use super::content::content;
use crate::{Control, ControlError};
use aws_lc_rs::signature::Ed25519KeyPair;
use domain::chain::{self, Hash};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Actor, AuditEntry, AuditRecord, ChainTip, Seal, Unit};
use tokio::time::Instant;
use wire::audit::day_of;

/// How long entries gather before a seal, so that a busy server signs ten times a second and no more.
const GATHER: Duration = Duration::from_millis(100);
/// How often to look even when this server wrote nothing: another may have ended before it sealed.
const LOOK: Duration = Duration::from_secs(5);
/// How often to look whether days are to be dropped.
const ROUND: Duration = Duration::from_secs(3600);
/// How many entries are sealed in one transaction.
const BATCH: i64 = 500;

/// The last place of the chain that this server has seen. One that lies before it means that sealed entries are gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChainMemory(Arc<Mutex<Option<Place>>>);

type Place = (Date, i64, Option<Hash>);

impl ChainMemory {
    fn get(&self) -> Option<Place> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, place: Place) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}

impl Control {
    /// Seals what was written, for ever, and drops what is old.
    pub(crate) async fn keep_sealed(&self) {
        let mut dropped: Option<Instant> = None;
        loop {
            if let Err(error) = self.seal_entries().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "entries of the audit trail could not be sealed; they wait"
                );
            }
            if dropped.is_none_or(|at| at.elapsed() >= ROUND) {
                dropped = Some(Instant::now());
                if let Err(error) = self.drop_old_audit_days().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "old days of the audit trail could not be dropped"
                    );
                }
            }
            // Reaching the deadline is as good a reason to look as an entry.
            let _ = tokio::time::timeout(LOOK, self.store.audited()).await;
            tokio::time::sleep(GATHER).await;
        }
    }

    /// Seals what waits for it; gives how many entries that were. Nothing when another replica is at it.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn seal_entries(&self) -> Result<i64, ControlError> {
        let mut sealed = 0;
        loop {
            let round = self.seal_round().await?;
            sealed += round;
            if round < BATCH {
                return Ok(sealed);
            }
        }
    }

    async fn seal_round(&self) -> Result<i64, ControlError> {
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        if !unit.try_hold_chain().await? {
            return Ok(0);
        }
        let today = self.world.now().to_zoned(TimeZone::UTC).date();
        let found = unit.chain_tip().await?;
        self.compare_with_memory(&mut unit, found.as_ref()).await?;
        let entries = unit.unsealed(BATCH).await?;
        let day_goes_on = found
            .as_ref()
            .is_none_or(|tip| tip.day >= today && tip.closed.is_none());
        if entries.is_empty() && day_goes_on {
            if let Some(tip) = found {
                self.chain.set((tip.day, tip.number, tip.hash));
            }
            return Ok(0);
        }
        let key = self.audit_key(&mut unit).await?;
        let tip = self.roll_over(&mut unit, &key, found, today).await?;
        let seals = seals(&tip, &entries, &key);
        unit.seal_audit_entries(tip.day, &seals).await?;
        unit.commit().await?;
        let last = seals.last();
        let number = last.map_or(tip.number, |seal| seal.number);
        self.chain
            .set((tip.day, number, last.map(|seal| seal.hash).or(tip.hash)));
        Ok(i64::try_from(seals.len()).unwrap_or(BATCH))
    }

    /// Signs the heads of the days that have ended, and begins the present one. A clock that lags behind that of another
    /// replica goes on with the day that is there.
    async fn roll_over(
        &self,
        unit: &mut Unit,
        key: &Ed25519KeyPair,
        found: Option<ChainTip>,
        today: Date,
    ) -> Result<ChainTip, ControlError> {
        let begun = |day: Date, before: Hash| ChainTip {
            day,
            before,
            number: 0,
            hash: None,
            closed: None,
        };
        let mut tip = match found {
            Some(tip) => tip,
            None => {
                unit.open_audit_day(today, Hash::ZERO).await?;
                begun(today, Hash::ZERO)
            }
        };
        while tip.day < today || tip.closed.is_some() {
            let last = match tip.closed {
                Some(last) => last,
                None => self.close_day(unit, key, &tip).await?,
            };
            let next = tip.day.tomorrow().map_err(ControlError::internal)?;
            unit.open_audit_day(next, last).await?;
            tip = begun(next, last);
        }
        Ok(tip)
    }

    async fn close_day(
        &self,
        unit: &mut Unit,
        key: &Ed25519KeyPair,
        tip: &ChainTip,
    ) -> Result<Hash, ControlError> {
        let day = day_of(tip.day);
        let last = tip.hash.unwrap_or_else(|| chain::start(&day, tip.before));
        let statement = chain::day_statement(&day, tip.number, last, tip.before);
        let signature = key.sign(statement.as_bytes());
        let head = (tip.number, last, signature.as_ref());
        unit.close_audit_day(tip.day, head, self.world.now()).await?;
        // In the log as well, which lies elsewhere: whoever rewrites the database does not rewrite that.
        tracing::info!(day = day.text, entries = tip.number, last = %last, "a day of the audit trail has ended");
        Ok(last)
    }

    /// Complains when the chain ends before what this server has seen of it.
    async fn compare_with_memory(
        &self,
        unit: &mut Unit,
        found: Option<&ChainTip>,
    ) -> Result<(), ControlError> {
        let Some((day, number, hash)) = self.chain.get() else {
            return Ok(());
        };
        let holds = found.is_some_and(|tip| match tip.day == day {
            true => tip.number > number || (tip.number == number && tip.hash == hash),
            false => tip.day > day,
        });
        if holds {
            return Ok(());
        }
        let place = format!("{day} {number}");
        tracing::error!(place, "the audit trail's chain ends before what was sealed");
        unit.audit(AuditEntry {
            at: self.world.now(),
            action: "audit.cut",
            subject: &place,
            operation: None,
            request_id: None,
            detail: json!({
                "seen": { "day": day, "number": number, "hash": hash.map(|hash| hash.to_string()) },
                "found": found.map(|tip| json!({ "day": tip.day, "number": tip.number })),
            }),
        })
        .await?;
        Ok(())
    }
}

/// Binds entries to the chain; the last of them is signed.
fn seals(tip: &ChainTip, entries: &[AuditRecord], key: &Ed25519KeyPair) -> Vec<Seal> {
    let day = day_of(tip.day);
    let mut previous = tip.hash.unwrap_or_else(|| chain::start(&day, tip.before));
    let mut seals: Vec<Seal> = Vec::with_capacity(entries.len());
    for (number, entry) in (tip.number + 1..).zip(entries) {
        previous = chain::link(previous, &content(entry));
        seals.push(Seal {
            entry: entry.id,
            number,
            hash: previous,
            signature: None,
        });
    }
    if let Some(last) = seals.last_mut() {
        let statement = chain::entry_statement(&day, last.number, last.hash);
        last.signature = Some(key.sign(statement.as_bytes()).as_ref().to_vec());
    }
    seals
}
