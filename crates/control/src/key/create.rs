//! Making an API key. Its secret is shown once and never stored.

use super::authenticate::PREFIX;
use super::list::key_view;
use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{
    Action, ApiKeyId, FieldErrors, KeyAccess, KeyHolder, OrganizationId, OrganizationRole, Role, Rule,
    StaffRole, Subdomain, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use store::{ApiKeyRecord, NewApiKeyRow, Unit};
use wire::Plaintext;
use wire::apikey::{CreateApiKey, NewApiKey};

const LONGEST_NAME: usize = 60;
pub(crate) const LONGEST_LIFE_DAYS: i64 = 3650;
/// Most organizations or tenants of one key.
const MOST: usize = 100;

/// A key to be made.
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    pub(crate) holder: KeyHolder,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Control {
    /// Makes a key. It may do no more than whoever asks for it.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::Forbidden`] for a role above the caller's or an organization that is
    /// not theirs; a conflict when a key of that name is in force.
    pub async fn create_key(
        &self,
        caller: &Caller,
        request: CreateApiKey,
    ) -> Result<NewApiKey, ControlError> {
        let reach = caller.reach(Action::CreateKey)?;
        let mut errors = FieldErrors::default();
        let name = errors.keep("name", check_name(request.name.as_deref()));
        let organizations: Vec<OrganizationId> =
            list(&mut errors, "organizations", request.organizations.as_deref());
        let tenants: Vec<Subdomain> = list(&mut errors, "tenants", request.tenants.as_deref());
        let role = errors.keep(
            "role",
            check_role(caller, request.role.as_deref(), &organizations),
        );
        let days = request.expires_in_days;
        check_days(&mut errors, days);
        let (Some(name), Some(role), true) = (name, role, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        // Whose key it is decides whether it is the caller's to give.
        let allowed = match organizations.as_slice() {
            [] => reach.done().is_everything() && covers(caller, None, role),
            named => named
                .iter()
                .all(|id| reach.done().holds_organization(*id) && covers(caller, Some(*id), role)),
        };
        if !allowed {
            return Err(ControlError::Forbidden);
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        let known = scoped.organizations_known(&organizations).await?;
        if usize::try_from(known).is_ok_and(|known| known != organizations.len()) {
            return Err(ControlError::field("organizations", Rule::Unknown));
        }
        let mut ids: Vec<TenantId> = Vec::new();
        let reading = caller.reach(Action::ReadTenants)?;
        for tenant in &tenants {
            let found = scoped.tenant(&reading, &tenant.database()).await?;
            ids.push(
                found
                    .ok_or_else(|| ControlError::field("tenants", Rule::Unknown))?
                    .id,
            );
        }
        let expires_at = days.map(|days| self.world.now() + SignedDuration::from_hours(24 * days));
        let holder = KeyHolder {
            key: ApiKeyId::from_uuid(self.world.uuid()),
            role,
            access: match request.read_only {
                true => KeyAccess::ReadOnly,
                false => KeyAccess::Full,
            },
            organizations,
            tenants: request.tenants.is_some().then_some(ids),
        };
        let mut unit = scoped.begin().await?;
        let name = &name;
        let key = self
            .write_key(
                &mut unit,
                caller,
                Wanted {
                    name,
                    holder,
                    expires_at,
                },
            )
            .await?;
        unit.commit().await?;
        Ok(key)
    }

    /// Writes down a new key within a unit that the caller commits.
    pub(crate) async fn write_key(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        wanted: Wanted<'_>,
    ) -> Result<NewApiKey, ControlError> {
        let Wanted {
            name,
            holder,
            expires_at,
        } = wanted;
        let secret = format!("{PREFIX}{}", hex::encode(self.world.bytes::<32>()));
        let now = self.world.now();
        let prefix: String = secret.chars().take(PREFIX.len() + 6).collect();
        unit.insert_api_key(NewApiKeyRow {
            name,
            prefix: &prefix,
            hash: &token_hash(&secret),
            holder: &holder,
            created_at: now,
            expires_at,
        })
        .await?;
        let detail = serde_json::json!({
            "key": holder.key,
            "role": holder.role.as_str(),
            "read_only": holder.access == KeyAccess::ReadOnly,
            "organizations": holder.organizations,
            "tenants": holder.tenants,
            "expires_at": expires_at,
        });
        self.note(unit, caller, Action::CreateKey.as_str(), name, detail)
            .await?;
        let record = ApiKeyRecord {
            id: holder.key,
            name: name.to_owned(),
            prefix,
            holder,
            created_at: now,
            expires_at,
            superseded_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(NewApiKey {
            key: key_view(record, now),
            secret: Plaintext::new(secret),
        })
    }
}

/// Whether the caller stands high enough to speak for this role.
pub(crate) fn covers(caller: &Caller, organization: Option<OrganizationId>, role: Role) -> bool {
    let own = caller.principal.role_over(organization);
    own.is_some_and(|own| own.covers(role))
}

pub(crate) fn check_days(errors: &mut FieldErrors, days: Option<i64>) {
    if days.is_some_and(|days| !(1..=LONGEST_LIFE_DAYS).contains(&days)) {
        errors.push(
            "expires_in_days",
            Rule::Range {
                min: 1,
                max: LONGEST_LIFE_DAYS,
            },
        );
    }
}

fn list<T: std::str::FromStr<Err = Rule> + PartialEq>(
    errors: &mut FieldErrors,
    field: &str,
    texts: Option<&[String]>,
) -> Vec<T> {
    let Some(texts) = texts else { return Vec::new() };
    if !(1..=MOST).contains(&texts.len()) {
        errors.push(field, Rule::Length { min: 1, max: MOST });
    }
    let mut values = Vec::new();
    for text in texts {
        if let Some(value) = errors.optional(field, Some(text)) {
            if values.contains(&value) {
                continue;
            }
            values.push(value);
        }
    }
    values
}

/// The role that was asked for; by default the caller's own, as far as it is one of that kind.
fn check_role(caller: &Caller, role: Option<&str>, organizations: &[OrganizationId]) -> Result<Role, Rule> {
    let first = organizations.first().copied();
    match (role, first) {
        (Some(role), None) => role.parse::<StaffRole>().map(Role::Staff),
        (Some(role), Some(_)) => role.parse::<OrganizationRole>().map(Role::Organization),
        (None, _) => match (caller.principal.role_over(first), first) {
            (Some(role @ Role::Staff(_)), None) | (Some(role @ Role::Organization(_)), Some(_)) => Ok(role),
            (_, Some(_)) => Ok(Role::Organization(OrganizationRole::Owner)),
            // A customer's key is one of an organization's, which must be named.
            (_, None) => Err(Rule::Required),
        },
    }
}

fn check_name(name: Option<&str>) -> Result<String, Rule> {
    let name = name.ok_or(Rule::Required)?.trim();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        return Err(Rule::Length {
            min: 1,
            max: LONGEST_NAME,
        });
    }
    if name.chars().any(char::is_control) {
        Err(Rule::Control)
    } else {
        Ok(name.to_owned())
    }
}
