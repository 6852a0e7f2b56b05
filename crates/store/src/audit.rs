//! Who changed what, and what was refused: writing it down.

use crate::error::StoreError;
use crate::scope::{Actor, Asked, Behalf, Scoped, Unit};
use domain::audit::{self, AuditVisibility};
use domain::{AuditOutcome, OperationId, OrganizationId, Principal, Role};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// One entry of the audit trail. The actor is the unit's, and so is their role; the address is that of the request.
#[derive(Debug, Clone)]
pub struct AuditEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// What, as a word of [`domain::audit::ACTIONS`].
    pub action: &'a str,
    /// To what: a subdomain, a name.
    pub subject: &'a str,
    /// The operation that does it.
    pub operation: Option<OperationId>,
    /// The request that asked for it.
    pub request_id: Option<&'a str>,
    /// More; `before` and `after` are what was and is, `reason` is why, `organization` or `organizations` whose it is.
    /// What bears the name of a secret is taken out.
    pub detail: Value,
}

/// An entry, and what seldom has to be said of one.
#[derive(Debug, Clone)]
pub struct Noted<'a> {
    entry: AuditEntry<'a>,
    organizations: Option<Vec<OrganizationId>>,
    reason: Option<String>,
}

impl<'a> From<AuditEntry<'a>> for Noted<'a> {
    fn from(entry: AuditEntry<'a>) -> Self {
        Self {
            entry,
            organizations: None,
            reason: None,
        }
    }
}

impl<'a> AuditEntry<'a> {
    /// Says whose members may see it, in place of what the action's row and the detail say; nobody's is for staff only.
    pub fn visible_to(self, organizations: Vec<OrganizationId>) -> Noted<'a> {
        Noted {
            organizations: Some(organizations),
            ..Noted::from(self)
        }
    }

    /// Says why, in the words of whoever did it.
    pub fn because(self, reason: &str) -> Noted<'a> {
        Noted {
            reason: Some(reason.to_owned()),
            ..Noted::from(self)
        }
    }
}

impl Unit {
    /// Writes an audit entry in this unit's transaction.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit<'a>(&mut self, entry: impl Into<Noted<'a>>) -> Result<(), StoreError> {
        let written = Written::of(&self.behalf, entry.into());
        for organization in &written.organizations {
            written.write(&mut *self.transaction, *organization, None).await?;
        }
        self.has_audited = true;
        Ok(())
    }
}

impl Scoped {
    /// Writes down that something was refused; the same refusal of the same actor once a minute, so that nobody fills
    /// the trail by asking again and again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_refusal<'a>(&self, entry: impl Into<Noted<'a>>) -> Result<(), StoreError> {
        let written = Written::of(&self.behalf, entry.into());
        let since = written.entry.at - jiff::SignedDuration::from_mins(1);
        for organization in &written.organizations {
            written.write(&self.pool, *organization, Some(since)).await?;
        }
        self.audited.notify_one();
        Ok(())
    }
}

/// An entry with all that follows from it.
struct Written<'a> {
    entry: AuditEntry<'a>,
    actor: String,
    /// The role, where it is the same in every organization.
    role: Option<String>,
    memberships: (Vec<Uuid>, Vec<String>),
    /// Whose role is looked up, because nobody said it.
    person: Option<Uuid>,
    outcome: AuditOutcome,
    /// One row for each; nothing is for staff only, or for the tenant's own.
    organizations: Vec<Option<Uuid>>,
    /// The database of the tenant that it is about.
    database: Option<String>,
    request_id: Option<String>,
    address: Option<String>,
    reason: Option<String>,
}

impl<'a> Written<'a> {
    fn of(behalf: &Behalf, noted: Noted<'a>) -> Self {
        let Noted {
            mut entry,
            organizations,
            reason,
        } = noted;
        let meaning = audit::meaning(entry.action);
        if meaning.is_none() {
            tracing::error!(
                action = entry.action,
                "an action that the audit trail's list does not have"
            );
        }
        let visibility = meaning.map_or(AuditVisibility::Staff, |meaning| meaning.action.visibility);
        let outcome = meaning.map_or(AuditOutcome::Done, |meaning| meaning.outcome);
        let concerned = organizations.is_none() && visibility == AuditVisibility::Tenant;
        let organizations = organizations.unwrap_or_else(|| match visibility {
            AuditVisibility::Tenant | AuditVisibility::Staff => Vec::new(),
            AuditVisibility::Organization if outcome == AuditOutcome::Refused => sole(behalf),
            AuditVisibility::Organization => named(&entry),
        });
        let asked = Asked::now();
        let (role, memberships) = role(behalf);
        remove_secrets(&mut entry);
        Self {
            actor: behalf.to_string(),
            person: match (behalf.actor, &behalf.principal) {
                (Actor::Person(person), None) => Some(person.uuid()),
                _ => None,
            },
            role,
            memberships,
            outcome,
            organizations: match organizations.is_empty() {
                true => vec![None],
                false => organizations.into_iter().map(|id| Some(id.uuid())).collect(),
            },
            database: concerned.then(|| entry.subject.to_lowercase().replace('-', "_")),
            request_id: entry.request_id.map(ToOwned::to_owned).or(asked.request_id),
            address: asked.address.map(|address| address.to_string()),
            reason: reason.or_else(|| reason_in(&entry.detail)),
            entry,
        }
    }

    async fn write(
        &self,
        executor: impl PgExecutor<'_>,
        organization: Option<Uuid>,
        unless_since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO audit_entry (at, actor, role, action, outcome, subject, organization_id, tenant_id, operation_id,
                 request_id, address, reason, detail)
             SELECT $1, $2,
                 coalesce($3,
                     (SELECT 'organization:' || m.role FROM unnest($4::uuid[], $5::text[]) AS m (organization, role)
                         WHERE m.organization = place.organization
                             OR (place.organization IS NULL AND cardinality($4::uuid[]) = 1)),
                     (SELECT 'staff:' || p.staff_role FROM person p WHERE p.id = $6),
                     (SELECT 'organization:' || min(m.role) FROM membership m WHERE m.person_id = $6
                         AND (place.organization IS NULL OR m.organization_id = place.organization) HAVING count(*) = 1)),
                 $7, $8, $9, place.organization, place.tenant, $10, $11, $12, $13, $14
             FROM (SELECT coalesce($15::uuid, t.organization_id) AS organization, t.id AS tenant
                   FROM (SELECT 1) AS one LEFT JOIN tenant t ON t.database_name = $16) AS place
             WHERE $17::timestamptz IS NULL OR NOT EXISTS (SELECT FROM audit_entry known
                 WHERE known.actor = $2 AND known.at > $17 AND known.action = $7 AND known.subject = $9)",
            self.entry.at.to_sqlx() as _,
            self.actor,
            self.role,
            &self.memberships.0,
            &self.memberships.1,
            self.person,
            self.entry.action,
            self.outcome.as_str(),
            self.entry.subject,
            self.entry.operation.map(OperationId::uuid),
            self.request_id,
            self.address,
            self.reason,
            self.entry.detail,
            organization,
            self.database,
            unless_since.map(|since| since.to_sqlx()) as _,
        )
        .execute(executor)
        .await?;
        Ok(())
    }
}

/// The role, if it is the same everywhere, and those in organizations.
fn role(behalf: &Behalf) -> (Option<String>, (Vec<Uuid>, Vec<String>)) {
    let none = (Vec::new(), Vec::new());
    let staff = |role: domain::StaffRole| Some(format!("staff:{role}"));
    match (&behalf.principal, behalf.actor) {
        (Some(Principal::Person(person)), _) => match person.staff {
            Some(role) => (staff(role), none),
            None => {
                let memberships = person.memberships.iter();
                (
                    None,
                    memberships
                        .map(|one| (one.organization.uuid(), one.role.to_string()))
                        .unzip(),
                )
            }
        },
        (Some(Principal::Key(key)), _) => match key.role {
            Role::Staff(role) => (staff(role), none),
            Role::Organization(role) => (Some(format!("organization:{role}")), none),
        },
        (_, Actor::Link) => (Some("link".to_owned()), none),
        (_, Actor::System) => (Some("system".to_owned()), none),
        (_, Actor::Node(_)) => (Some("node".to_owned()), none),
        (_, Actor::Key(_) | Actor::Person(_) | Actor::Nobody) => (None, none),
    }
}

/// The organization of a customer who belongs to one alone: its heads may see what was refused to them.
fn sole(behalf: &Behalf) -> Vec<OrganizationId> {
    let organizations: Vec<OrganizationId> = match &behalf.principal {
        Some(Principal::Person(person)) if person.staff.is_none() => {
            person.memberships.iter().map(|one| one.organization).collect()
        }
        Some(Principal::Key(key)) => key.organizations.clone(),
        _ => Vec::new(),
    };
    match organizations.as_slice() {
        [one] => vec![*one],
        _ => Vec::new(),
    }
}

/// The organizations that an entry names: its subject, or `organization` or `organizations` in its detail.
fn named(entry: &AuditEntry<'_>) -> Vec<OrganizationId> {
    if let Ok(id) = entry.subject.parse() {
        return vec![id];
    }
    let texts = match (
        entry.detail.get("organization"),
        entry.detail.get("organizations"),
    ) {
        (Some(Value::String(id)), _) => vec![id.as_str()],
        (_, Some(Value::Array(ids))) => ids.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// Why, where the detail says so: `reason`, or the reason and the words of a suspension.
fn reason_in(detail: &Value) -> Option<String> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let added = || {
        let added = detail.get("added")?;
        match (text(added, "reason"), text(added, "note")) {
            (Some(reason), Some(note)) => Some(format!("{reason}: {note}")),
            (reason, note) => reason.or(note),
        }
    };
    text(detail, "reason").or_else(added)
}

fn remove_secrets(entry: &mut AuditEntry<'_>) {
    if entry.action.starts_with("setting.") && audit::is_secret(entry.subject) {
        for side in ["before", "after"] {
            if let Some(value) = entry.detail.get_mut(side).filter(|value| !value.is_null()) {
                *value = Value::from(REMOVED);
            }
        }
    }
    clean(&mut entry.detail);
}

/// What stands in the place of a secret.
const REMOVED: &str = "[removed]";

/// Takes out what bears the name of a secret, however deep it stands. A number or a yes is none.
fn clean(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let holds = matches!(field, Value::String(_) | Value::Array(_) | Value::Object(_));
                match holds && audit::is_secret(name) {
                    true => *field = Value::from(REMOVED),
                    false => clean(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_bears_the_name_of_a_secret_is_taken_out_at_any_depth() {
        let mut detail = json!({
            "before": { "smtp": [{ "password": "one", "host": "mail" }] },
            "after": { "client_secret": { "plain": "two" }, "password_set": true },
        });
        clean(&mut detail);
        let expected = json!({
            "before": { "smtp": [{ "password": REMOVED, "host": "mail" }] },
            "after": { "client_secret": REMOVED, "password_set": true },
        });
        assert_eq!(detail, expected);
    }

    #[test]
    fn a_reason_is_found_where_use_cases_put_it() {
        let said = |detail: Value| reason_in(&detail);
        assert_eq!(
            said(json!({ "reason": "not wanted" })).as_deref(),
            Some("not wanted")
        );
        let suspension = json!({ "then": "closure", "added": { "reason": "unpaid", "note": "since May" } });
        assert_eq!(said(suspension).as_deref(), Some("unpaid: since May"));
        assert_eq!(said(json!({ "state": "active" })), None);
    }
}
