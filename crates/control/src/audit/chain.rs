//! The chain, line by line: to be taken along, or to be checked here.

use super::content::content;
use super::key::signed;
use crate::{Caller, Control, ControlError};
use domain::chain::{Finding, Walk};
use domain::{Action, FieldErrors, Rule};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::collections::VecDeque;
use store::{AuditDayRecord, AuditRecord, Behalf};
use wire::audit::{AuditFinding, AuditRange, AuditVerification, ChainLine};

/// How many entries are read at once.
const PIECE: i64 = 1000;
/// Most entries of no day that are told.
const STRAYS: i64 = 100;
/// How long an entry may wait for its seal before that is worth a warning.
const WAITS: SignedDuration = SignedDuration::from_mins(1);

/// A walk along the chain that gives its lines.
#[derive(Debug)]
pub struct ChainReader {
    control: Control,
    behalf: Behalf,
    days: VecDeque<AuditDayRecord>,
    stands: Stands,
}

#[derive(Debug)]
enum Stands {
    Before,
    Between,
    In(AuditDayRecord, i64),
    After,
}

impl Control {
    /// Begins to read the chain of these days.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for what is no day.
    pub async fn read_chain(&self, caller: &Caller, range: &AuditRange) -> Result<ChainReader, ControlError> {
        caller.require(Action::VerifyAudit)?;
        let mut errors = FieldErrors::default();
        let (from, to) = (
            day("from", &range.from, &mut errors),
            day("to", &range.to, &mut errors),
        );
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let behalf = caller.actor();
        let days = self
            .store
            .on_behalf_of(behalf.clone())
            .audit_days(from, to)
            .await?;
        Ok(ChainReader {
            control: self.clone(),
            behalf,
            days: days.into(),
            stands: Stands::Before,
        })
    }

    /// Checks the chain of these days as it stands in the control database.
    ///
    /// # Errors
    /// As for [`Control::read_chain`].
    pub async fn verify_audit(
        &self,
        caller: &Caller,
        range: &AuditRange,
    ) -> Result<AuditVerification, ControlError> {
        let mut reader = self.read_chain(caller, range).await?;
        let keys = self.own_audit_keys(caller).await?;
        let mut walk = Walk::new(|statement: &str, signature: &[u8]| signed(&keys, statement, signature));
        while let Some(lines) = reader.next().await? {
            for line in &lines {
                let unreadable =
                    |_| ControlError::internal(std::io::Error::other("a line of our own cannot be read"));
                line.step(&mut walk).map_err(unreadable)?;
            }
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        let (unsealed, since) = scoped.unsealed_entries().await?;
        let mut findings: Vec<AuditFinding> = walk.findings().iter().map(finding_view).collect();
        let strays = scoped.stray_audit_entries(STRAYS).await?;
        findings.extend(strays.into_iter().map(stray_view));
        let found = walk.found().max(findings.len());
        let (days, entries) = walk.length();
        let waits = since.filter(|since| self.world.now().duration_since(*since) > WAITS);
        Ok(AuditVerification {
            whole: found == 0 && waits.is_none(),
            days,
            entries,
            unsealed,
            unsealed_since: since,
            found,
            findings,
        })
    }
}

fn day(field: &str, text: &Option<String>, errors: &mut FieldErrors) -> Option<Date> {
    let text = text.as_deref().filter(|text| !text.is_empty())?;
    let expected = "a day such as 2026-11-29".to_owned();
    errors.keep(field, text.parse().map_err(|_| Rule::Type { expected }))
}

impl ChainReader {
    /// The next lines; nothing at the end.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn next(&mut self) -> Result<Option<Vec<ChainLine>>, ControlError> {
        let (lines, stands) = match std::mem::replace(&mut self.stands, Stands::After) {
            Stands::Before => (vec![ChainLine::first(self.control.world.now())], Stands::Between),
            Stands::Between => match self.days.pop_front() {
                Some(day) => {
                    let line = ChainLine::Day {
                        day: day.day.to_string(),
                        before: day.before.to_string(),
                    };
                    (vec![line], Stands::In(day, 0))
                }
                None => (vec![ChainLine::Done], Stands::After),
            },
            Stands::In(day, after) => self.entries(day, after).await?,
            Stands::After => return Ok(None),
        };
        self.stands = stands;
        Ok(Some(lines))
    }

    async fn entries(
        &self,
        day: AuditDayRecord,
        after: i64,
    ) -> Result<(Vec<ChainLine>, Stands), ControlError> {
        let scoped = self.control.store.on_behalf_of(self.behalf.clone());
        let entries = match day.dropped {
            Some(_) => Vec::new(),
            None => scoped.audit_entries_of_day(day.day, after, PIECE).await?,
        };
        let more = i64::try_from(entries.len()).is_ok_and(|found| found == PIECE);
        let last = entries.last().and_then(|entry| entry.sealed.as_ref());
        let last = last.map_or(after, |sealed| sealed.number);
        let mut lines: Vec<ChainLine> = entries.iter().filter_map(entry_line).collect();
        if more {
            return Ok((lines, Stands::In(day, last)));
        }
        lines.push(end_line(&day));
        Ok((lines, Stands::Between))
    }
}

fn entry_line(record: &AuditRecord) -> Option<ChainLine> {
    let sealed = record.sealed.as_ref()?;
    Some(ChainLine::Entry {
        number: sealed.number,
        entry: record.id,
        content: content(record),
        hash: sealed.hash.to_string(),
        signature: sealed.signature.as_ref().map(hex::encode),
    })
}

fn end_line(day: &AuditDayRecord) -> ChainLine {
    let Some((entries, last, signature)) = &day.head else {
        return ChainLine::Open;
    };
    ChainLine::End {
        entries: *entries,
        last: last.to_string(),
        signature: hex::encode(signature),
        dropped_at: day.dropped.as_ref().map(|(at, _)| at.to_string()),
        drop_signature: day.dropped.as_ref().map(|(_, signature)| hex::encode(signature)),
    }
}

fn finding_view(finding: &Finding) -> AuditFinding {
    AuditFinding {
        day: finding.day.clone(),
        number: finding.number,
        entry: finding.entry,
        broken: finding.broken.as_str().to_owned(),
        detail: finding.to_string(),
    }
}

fn stray_view((day, number, entry): (Date, i64, i64)) -> AuditFinding {
    AuditFinding {
        day: day.to_string(),
        number: Some(number),
        entry: Some(entry),
        broken: "stray".to_owned(),
        detail: format!("{day}: entry {entry} (number {number}) is of a day that is not there"),
    }
}
