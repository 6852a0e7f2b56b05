//! Looking at tenants: one by name, many by filter, search, order and page.

use crate::{Caller, Control, ControlError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Action, FieldErrors, Rule, Subdomain, TenantState};
use jiff::SignedDuration;
use store::{Direction, PageCursor, SortKey, TenantFilter, TenantRecord};
use wire::tenant::{TenantPage, TenantQuery};

const DEFAULT_LIMIT: i64 = 50;
const LARGEST_LIMIT: i64 = 200;
const LONGEST_SEARCH: usize = 100;

impl Control {
    /// The tenant of this name, in any spelling of it.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn tenant(&self, caller: &Caller, name: &Subdomain) -> Result<TenantRecord, ControlError> {
        let reach = caller.reach(Action::ReadTenants)?;
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .tenant(&reach, &name.database())
            .await?;
        found.ok_or(ControlError::NotFound("tenant"))
    }

    /// A page of tenants.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for a filter, an order or a cursor that makes no sense.
    pub async fn tenants(&self, caller: &Caller, query: &TenantQuery) -> Result<TenantPage, ControlError> {
        let reach = caller.reach(Action::ReadTenants)?;
        let mut errors = FieldErrors::default();
        let mut filter = filter(query, &mut errors);
        filter.expires = query
            .expires_in
            .as_deref()
            .and_then(|text| errors.keep("expires_in", days(text)))
            .map(|days| {
                (
                    self.world.now(),
                    self.world.now() + SignedDuration::from_hours(24 * days),
                )
            });
        let sort = errors
            .keep("sort", sort(query.sort.as_deref()))
            .unwrap_or((SortKey::CreatedAt, Direction::Descending));
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=LARGEST_LIMIT).contains(&limit) {
            errors.push(
                "limit",
                Rule::Range {
                    min: 1,
                    max: LARGEST_LIMIT,
                },
            );
        }
        let cursor = query
            .cursor
            .as_deref()
            .and_then(|text| errors.keep("cursor", read_cursor(text, sort)));
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let slice = self
            .store
            .on_behalf_of(caller.actor())
            .tenants(&reach, &filter, sort, cursor.as_ref(), limit)
            .await?;
        let next_cursor = slice
            .tenants
            .last()
            .filter(|_| slice.more)
            .map(|last| write_cursor(last, sort));
        let items = slice.tenants.into_iter().map(super::view::tenant_view).collect();
        Ok(TenantPage {
            items,
            total: slice.total,
            total_is_exact: slice.is_total_exact,
            next_cursor,
        })
    }
}

fn filter(query: &TenantQuery, errors: &mut FieldErrors) -> TenantFilter {
    let states = match query.state.as_deref() {
        None => TenantState::ALL
            .iter()
            .copied()
            .filter(|state| *state != TenantState::Deleted)
            .collect(),
        Some("all") => Vec::new(),
        Some(_) => errors
            .optional("state", query.state.as_deref())
            .into_iter()
            .collect(),
    };
    if let Some(search) = &query.search {
        if search.chars().count() > LONGEST_SEARCH {
            errors.push(
                "search",
                Rule::Length {
                    min: 0,
                    max: LONGEST_SEARCH,
                },
            );
        }
        if search.chars().any(char::is_control) {
            errors.push("search", Rule::Control);
        }
    }
    TenantFilter {
        states,
        plan: errors.optional("plan", query.plan.as_deref()),
        product: errors.optional("product", query.product.as_deref()),
        node: errors.optional("node", query.node.as_deref()),
        organization: errors.optional("organization", query.organization.as_deref()),
        search: query.search.clone().filter(|search| !search.is_empty()),
        ..TenantFilter::default()
    }
}

/// A number of days, as `30d`.
fn days(text: &str) -> Result<i64, Rule> {
    let days = text.strip_suffix('d').ok_or(Rule::Days)?;
    let days: u16 = days.parse().map_err(|_| Rule::Days)?;
    (1..=3650)
        .contains(&days)
        .then_some(i64::from(days))
        .ok_or(Rule::Days)
}

fn sort(text: Option<&str>) -> Result<(SortKey, Direction), Rule> {
    let text = text.unwrap_or("-created_at");
    let (key, direction) = match text.strip_prefix('-') {
        Some(key) => (key, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let key = match key {
        "created_at" => SortKey::CreatedAt,
        "subdomain" => SortKey::Subdomain,
        "company_name" => SortKey::CompanyName,
        _ => {
            return Err(Rule::OneOf {
                allowed: "created_at, subdomain, company_name".to_owned(),
            });
        }
    };
    Ok((key, direction))
}

/// The order as the caller writes it. A cursor carries it, because in another order it would leave gaps.
const fn order(sort: (SortKey, Direction)) -> &'static str {
    match sort {
        (SortKey::CreatedAt, Direction::Ascending) => "created_at",
        (SortKey::CreatedAt, Direction::Descending) => "-created_at",
        (SortKey::Subdomain, Direction::Ascending) => "subdomain",
        (SortKey::Subdomain, Direction::Descending) => "-subdomain",
        (SortKey::CompanyName, Direction::Ascending) => "company_name",
        (SortKey::CompanyName, Direction::Descending) => "-company_name",
    }
}

fn write_cursor(last: &TenantRecord, sort: (SortKey, Direction)) -> String {
    let place = match sort.0 {
        SortKey::CreatedAt => last.created_at.to_string(),
        SortKey::Subdomain => last.subdomain.to_string(),
        SortKey::CompanyName => last.company_name.clone(),
    };
    URL_SAFE_NO_PAD.encode(format!("{} {} {place}", order(sort), last.id.uuid().simple()))
}

fn read_cursor(text: &str, sort: (SortKey, Direction)) -> Result<PageCursor, Rule> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rule::Cursor)?;
    let text = String::from_utf8(bytes).map_err(|_| Rule::Cursor)?;
    let (made_for, rest) = text.split_once(' ').ok_or(Rule::Cursor)?;
    let (id, place) = rest.split_once(' ').ok_or(Rule::Cursor)?;
    let id = id.parse().map_err(|_| Rule::Cursor)?;
    if made_for != order(sort) || place.chars().any(char::is_control) {
        return Err(Rule::Cursor);
    }
    Ok(match sort.0 {
        SortKey::CreatedAt => PageCursor::Time(place.parse().map_err(|_| Rule::Cursor)?, id),
        SortKey::Subdomain | SortKey::CompanyName => PageCursor::Text(place.to_owned(), id),
    })
}

impl Control {
    /// Every tenant that was not deleted, for the interface that knows no pages; of one node or of all.
    ///
    /// # Errors
    /// As for any use case; never an empty list in place of an error.
    pub async fn all_tenants(
        &self,
        caller: &Caller,
        node: Option<&domain::NodeName>,
    ) -> Result<Vec<TenantRecord>, ControlError> {
        let reach = caller.reach(Action::ReadTenants)?;
        let states = TenantState::ALL
            .iter()
            .copied()
            .filter(|state| *state != TenantState::Deleted)
            .collect();
        let filter = TenantFilter {
            states,
            node: node.cloned(),
            ..TenantFilter::default()
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        let sort = (SortKey::Subdomain, Direction::Ascending);
        let mut tenants = Vec::new();
        let mut cursor = None;
        loop {
            let slice = scoped
                .tenants(&reach, &filter, sort, cursor.as_ref(), 1000)
                .await?;
            tenants.extend(slice.tenants);
            match tenants.last().filter(|_| slice.more) {
                Some(last) => cursor = Some(PageCursor::Text(last.subdomain.to_string(), last.id.uuid())),
                None => return Ok(tenants),
            }
        }
    }

    /// The name that a caller wrote, checked.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on this field.
    pub fn name(field: &str, text: Option<&str>) -> Result<Subdomain, ControlError> {
        let mut errors = FieldErrors::default();
        errors
            .required(field, text)
            .ok_or_else(|| ControlError::fields(errors))
    }
}
