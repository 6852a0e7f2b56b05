//! Looking at the audit trail: filter, search, order, page.

use super::view::{Eyes, entry_view};
use crate::{Caller, Control, ControlError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Action, FieldErrors, Rule, Subdomain, TenantId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use store::{AuditCursor, AuditFilter, AuditRecord, AuditSort, Direction};
use wire::audit::{AuditEntryView, AuditPage, AuditQuery};

const DEFAULT_LIMIT: i64 = 50;
const LARGEST_LIMIT: i64 = 200;
const LONGEST_TEXT: usize = 200;

/// A query whose every part makes sense.
pub(super) struct Asked {
    pub(super) filter: AuditFilter,
    pub(super) sort: (AuditSort, Direction),
    pub(super) cursor: Option<AuditCursor>,
    limit: i64,
}

impl Caller {
    /// As whom the caller reads the trail.
    pub(super) fn eyes(&self) -> Eyes {
        match self.principal.may_everywhere(Action::ReadAudit) {
            true => Eyes::Staff,
            false => Eyes::Customer,
        }
    }
}

impl Control {
    /// A page of the entries that the caller may see, the newest first unless another order is asked for.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for a filter, an order or a cursor that makes no sense.
    pub async fn audit_trail(&self, caller: &Caller, query: &AuditQuery) -> Result<AuditPage, ControlError> {
        let reach = caller.reach(Action::ReadAudit)?;
        let asked = Asked::of(query, caller.eyes())?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let (records, total) = tokio::try_join!(
            scoped.audit_entries(
                &reach,
                &asked.filter,
                asked.sort,
                asked.cursor.as_ref(),
                asked.limit + 1
            ),
            scoped.count_audit_entries(&reach, &asked.filter),
        )?;
        let page = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        let more = records.len() > page;
        let mut records = records;
        records.truncate(page);
        let next_cursor = records
            .last()
            .filter(|_| more)
            .map(|last| write_cursor(last, asked.sort));
        let eyes = caller.eyes();
        Ok(AuditPage {
            items: records
                .into_iter()
                .map(|record| entry_view(record, eyes))
                .collect(),
            total: total.0,
            total_is_exact: total.1,
            next_cursor,
        })
    }

    /// One entry.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the caller may not see it.
    pub async fn audit_entry(&self, caller: &Caller, id: i64) -> Result<AuditEntryView, ControlError> {
        let reach = caller.reach(Action::ReadAudit)?;
        let record = self
            .store
            .on_behalf_of(caller.actor())
            .audit_entry(&reach, id)
            .await?
            .ok_or(ControlError::NotFound("entry"))?;
        Ok(entry_view(record, caller.eyes()))
    }
}

impl Asked {
    pub(super) fn of(query: &AuditQuery, eyes: Eyes) -> Result<Self, ControlError> {
        let mut errors = FieldErrors::default();
        let filter = filter(query, eyes, &mut errors);
        let sort = errors
            .keep("sort", sort(query.sort.as_deref()))
            .unwrap_or((AuditSort::At, Direction::Descending));
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=LARGEST_LIMIT).contains(&limit) {
            let (min, max) = (1, LARGEST_LIMIT);
            errors.push("limit", Rule::Range { min, max });
        }
        let cursor = query.cursor.as_deref();
        let cursor = cursor.and_then(|text| errors.keep("cursor", read_cursor(text, sort)));
        match errors.is_empty() {
            true => Ok(Self {
                filter,
                sort,
                cursor,
                limit,
            }),
            false => Err(ControlError::fields(errors)),
        }
    }
}

fn filter(query: &AuditQuery, eyes: Eyes, errors: &mut FieldErrors) -> AuditFilter {
    let mut text = |field: &str, text: &Option<String>| {
        let text = text.clone().filter(|text| !text.is_empty())?;
        errors.keep(field, readable(text))
    };
    let (action, actor) = (text("action", &query.action), text("actor", &query.actor));
    let (subject, address) = (text("subject", &query.subject), text("address", &query.address));
    let search = text("search", &query.search);
    let tenant = query.tenant.as_deref().filter(|text| !text.is_empty());
    let (tenant, database) = match tenant.map(|text| (text, text.parse::<TenantId>())) {
        None => (None, None),
        Some((_, Ok(id))) => (Some(id), None),
        Some((name, Err(_))) => {
            let name: Option<Subdomain> = errors.optional("tenant", Some(name));
            (None, name.map(|name| name.database().to_string()))
        }
    };
    AuditFilter {
        action,
        actor,
        subject,
        tenant,
        database,
        address,
        customers_only: eyes == Eyes::Customer && query.address.is_some(),
        organization: errors.optional("organization", query.organization.as_deref()),
        outcome: errors.optional("outcome", query.outcome.as_deref()),
        operation: errors.optional("operation", query.operation.as_deref()),
        from: moment(query.from.as_deref(), 0).and_then(|from| errors.keep("from", from)),
        to: moment(query.to.as_deref(), 1).and_then(|to| errors.keep("to", to)),
        search,
    }
}

fn readable(text: String) -> Result<String, Rule> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(Rule::Length {
            min: 0,
            max: LONGEST_TEXT,
        });
    }
    match text.chars().any(char::is_control) {
        true => Err(Rule::Control),
        false => Ok(text),
    }
}

/// A moment, or a day: its beginning, or with `days` 1 its end.
fn moment(text: Option<&str>, days: i32) -> Option<Result<Timestamp, Rule>> {
    let text = text.filter(|text| !text.is_empty())?;
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Ok(moment));
    }
    let at = text
        .parse::<Date>()
        .and_then(|day| day.checked_add(days.days()))
        .and_then(|day| day.to_zoned(TimeZone::UTC));
    let expected = "2026-11-29 or 2026-11-29T12:00:00Z".to_owned();
    Some(at.map(|at| at.timestamp()).map_err(|_| Rule::Type { expected }))
}

fn sort(text: Option<&str>) -> Result<(AuditSort, Direction), Rule> {
    let text = text.unwrap_or("-at");
    let (key, direction) = match text.strip_prefix('-') {
        Some(key) => (key, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let key = match key {
        "at" => AuditSort::At,
        "action" => AuditSort::Action,
        "actor" => AuditSort::Actor,
        "subject" => AuditSort::Subject,
        _ => {
            let allowed = "at, action, actor, subject".to_owned();
            return Err(Rule::OneOf { allowed });
        }
    };
    Ok((key, direction))
}

/// What a cursor carries of its order, because in another order it would leave gaps.
const fn order(sort: (AuditSort, Direction)) -> &'static str {
    match sort {
        (AuditSort::At, Direction::Ascending) => "at",
        (AuditSort::At, Direction::Descending) => "-at",
        (AuditSort::Action, Direction::Ascending) => "action",
        (AuditSort::Action, Direction::Descending) => "-action",
        (AuditSort::Actor, Direction::Ascending) => "actor",
        (AuditSort::Actor, Direction::Descending) => "-actor",
        (AuditSort::Subject, Direction::Ascending) => "subject",
        (AuditSort::Subject, Direction::Descending) => "-subject",
    }
}

pub(super) fn cursor_after(last: &AuditRecord, sort: AuditSort) -> AuditCursor {
    let text = match sort {
        AuditSort::At => "",
        AuditSort::Action => &last.action,
        AuditSort::Actor => &last.actor,
        AuditSort::Subject => &last.subject,
    };
    AuditCursor {
        text: text.to_owned(),
        at: last.at,
        id: last.id,
    }
}

fn write_cursor(last: &AuditRecord, sort: (AuditSort, Direction)) -> String {
    let AuditCursor { text, at, id } = cursor_after(last, sort.0);
    URL_SAFE_NO_PAD.encode(format!("{} {id} {at} {text}", order(sort)))
}

fn read_cursor(text: &str, sort: (AuditSort, Direction)) -> Result<AuditCursor, Rule> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rule::Cursor)?;
    let text = String::from_utf8(bytes).map_err(|_| Rule::Cursor)?;
    let mut parts = text.splitn(4, ' ');
    let mut next = || parts.next().ok_or(Rule::Cursor);
    let (made_for, id, at, place) = (next()?, next()?, next()?, next()?);
    if made_for != order(sort) || place.chars().any(char::is_control) {
        return Err(Rule::Cursor);
    }
    Ok(AuditCursor {
        text: place.to_owned(),
        at: at.parse().map_err(|_| Rule::Cursor)?,
        id: id.parse().map_err(|_| Rule::Cursor)?,
    })
}
