//! Adding, changing and removing providers.

use super::sealed_for;
use crate::{Caller, Control, ControlError};
use domain::{
    Action, DomainName, FieldErrors, OrganizationId, OrganizationRole, PersonName, ProviderId, Role, Rule,
    StaffRole,
};
use oidc::Issuer;
use serde_json::{Value, json};
use store::{EndReason, ProviderRecord};
use wire::Plaintext;
use wire::sso::{AddProvider, ChangeProvider, Provider};

/// Most domains of a provider.
const MOST_DOMAINS: usize = 50;
/// Longest client identifier and secret, in characters.
const LONGEST: usize = 255;

impl Control {
    /// Adds a provider.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::Forbidden`] for newcomers above the caller.
    pub async fn add_provider(
        &self,
        caller: &Caller,
        request: &AddProvider,
    ) -> Result<Provider, ControlError> {
        caller.require(Action::ChangeProviders)?;
        let mut errors = FieldErrors::default();
        let name: Option<PersonName> = errors.required("name", request.name.as_deref());
        let issuer = request.issuer.as_deref().ok_or(Rule::Required);
        let issuer = issuer.and_then(|text| Issuer::check(text, self.providers.reach()));
        let issuer = errors.keep("issuer", issuer);
        let client = request
            .client_id
            .as_deref()
            .ok_or(Rule::Required)
            .and_then(printable);
        let client = errors.keep("client_id", client);
        let organization: Option<OrganizationId> =
            errors.optional("organization", request.organization.as_deref());
        let scoped = self.store.on_behalf_of(caller.actor());
        if let Some(id) = organization
            && scoped.organizations_known(&[id]).await? == 0
        {
            errors.push("organization", Rule::Unknown);
        }
        let mut record = ProviderRecord {
            id: ProviderId::from_uuid(self.world.uuid()),
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            sealed: None,
            organization,
            domains: Vec::new(),
            newcomers: None,
            enforced: false,
            created_at: self.world.now(),
            disabled_at: None,
        };
        let changes = ChangeProvider {
            client_secret: request.client_secret.clone(),
            domains: request.domains.clone(),
            newcomers: request.newcomers.clone(),
            policy: request.policy.clone(),
            ..ChangeProvider::default()
        };
        self.apply(caller, &mut record, &changes, &mut errors)?;
        let (Some(name), Some(issuer), Some(client), true) = (name, issuer, client, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        record.name = name.to_string();
        record.issuer = issuer.to_string();
        record.client_id = client;
        let mut unit = scoped.begin().await?;
        unit.insert_provider(&record).await?;
        let detail = json!({ "before": null, "after": told(&record) });
        self.note(&mut unit, caller, "sso.add", &record.id.to_string(), detail)
            .await?;
        unit.commit().await?;
        Ok(self.provider_view(record))
    }

    /// Changes a provider. What changes what it may do counts with the next sign-in; disabling ends its sessions.
    ///
    /// # Errors
    /// As [`Control::add_provider`]; [`ControlError::NotFound`].
    pub async fn change_provider(
        &self,
        caller: &Caller,
        id: ProviderId,
        request: &ChangeProvider,
    ) -> Result<Provider, ControlError> {
        caller.require(Action::ChangeProviders)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_provider(id)
            .await?
            .ok_or(ControlError::NotFound("provider"))?;
        let mut record = before.clone();
        let mut errors = FieldErrors::default();
        let name: Option<PersonName> = errors.optional("name", request.name.as_deref());
        if let Some(name) = name {
            record.name = name.to_string();
        }
        self.apply(caller, &mut record, request, &mut errors)?;
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        unit.update_provider(&record).await?;
        let mut ended = 0;
        if record.disabled_at.is_some() && before.disabled_at.is_none() {
            let now = self.world.now();
            ended = unit
                .end_provider_sessions(id, None, None, EndReason::Revoked, now)
                .await?;
        }
        let detail = json!({ "before": told(&before), "after": told(&record), "sessions_ended": ended,
            "secret_changed": request.client_secret.is_some() });
        self.note(&mut unit, caller, "sso.change", &id.to_string(), detail)
            .await?;
        unit.commit().await?;
        Ok(self.provider_view(record))
    }

    /// Removes a provider, who is who at it, and every session that it opened.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn remove_provider(&self, caller: &Caller, id: ProviderId) -> Result<(), ControlError> {
        caller.require(Action::ChangeProviders)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_provider(id)
            .await?
            .ok_or(ControlError::NotFound("provider"))?;
        unit.delete_provider(id).await?;
        let detail = json!({ "before": told(&before), "after": null });
        self.note(&mut unit, caller, "sso.remove", &id.to_string(), detail)
            .await?;
        Ok(unit.commit().await?)
    }

    /// Puts what was asked for into the record.
    fn apply(
        &self,
        caller: &Caller,
        record: &mut ProviderRecord,
        request: &ChangeProvider,
        errors: &mut FieldErrors,
    ) -> Result<(), ControlError> {
        if let Some(secret) = errors
            .keep(
                "client_secret",
                request.client_secret.as_ref().map(checked_secret).transpose(),
            )
            .flatten()
        {
            let context = sealed_for(record.id.uuid());
            record.sealed = Some(
                self.server_key
                    .seal(secret.expose(), &context, self.world.bytes())?,
            );
        }
        if let Some(domains) = &request.domains
            && let Some(domains) = errors.keep("domains", checked_domains(domains))
        {
            record.domains = domains;
        }
        if let Some(word) = request.newcomers.as_deref()
            && let Some(role) = errors.keep("newcomers", newcomers(word, record.organization))
        {
            let own = caller.principal.role_over(record.organization);
            if role.is_some_and(|role| !own.is_some_and(|own| own.covers(role))) {
                return Err(ControlError::Forbidden);
            }
            record.newcomers = role;
        }
        if let Some(enforced) = choice(
            errors,
            "policy",
            request.policy.as_deref(),
            ["optional", "enforced"],
        ) {
            record.enforced = enforced;
        }
        if let Some(disabled) = choice(errors, "state", request.state.as_deref(), ["enabled", "disabled"]) {
            let at = record.disabled_at.unwrap_or_else(|| self.world.now());
            record.disabled_at = disabled.then_some(at);
        }
        Ok(())
    }
}

/// Whether it is the second of two words.
fn choice(errors: &mut FieldErrors, field: &str, word: Option<&str>, words: [&str; 2]) -> Option<bool> {
    let word = word?;
    let place = words.iter().position(|known| *known == word);
    let allowed = || words.join(", ");
    errors.keep(
        field,
        place
            .map(|place| place == 1)
            .ok_or_else(|| Rule::OneOf { allowed: allowed() }),
    )
}

/// What a newcomer becomes. Nobody becomes an owner by a provider's word.
fn newcomers(word: &str, organization: Option<OrganizationId>) -> Result<Option<Role>, Rule> {
    let below_owner = match organization {
        None => StaffRole::ALL
            .iter()
            .skip(1)
            .copied()
            .map(Role::Staff)
            .collect::<Vec<_>>(),
        Some(_) => OrganizationRole::ALL
            .iter()
            .skip(1)
            .copied()
            .map(Role::Organization)
            .collect(),
    };
    if word == "none" {
        return Ok(None);
    }
    let role = below_owner.iter().find(|role| role.as_str() == word);
    role.copied().map(Some).ok_or_else(|| {
        let words: Vec<&str> = below_owner.iter().map(|role| role.as_str()).collect();
        Rule::OneOf {
            allowed: format!("none, {}", words.join(", ")),
        }
    })
}

fn checked_domains(texts: &[String]) -> Result<Vec<DomainName>, Rule> {
    if texts.len() > MOST_DOMAINS {
        return Err(Rule::Length {
            min: 0,
            max: MOST_DOMAINS,
        });
    }
    let mut domains = Vec::new();
    for text in texts {
        let domain: DomainName = text.trim().to_ascii_lowercase().parse()?;
        if !domain.as_str().contains('.') {
            return Err(Rule::Characters {
                allowed: "example.com",
            });
        }
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

fn checked_secret(secret: &Plaintext) -> Result<Plaintext, Rule> {
    printable(secret.expose()).map(Plaintext::new)
}

fn printable(text: &str) -> Result<String, Rule> {
    if !(1..=LONGEST).contains(&text.len()) {
        return Err(Rule::Length { min: 1, max: LONGEST });
    }
    match text.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(Rule::Characters { allowed: "ASCII" }),
    }
}

/// A provider in the audit trail, without its secret.
fn told(record: &ProviderRecord) -> Value {
    json!({
        "name": record.name,
        "issuer": record.issuer,
        "client_id": record.client_id,
        "organization": record.organization,
        "domains": record.domains.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "newcomers": record.newcomers.map(Role::as_str),
        "enforced": record.enforced,
        "enabled": record.disabled_at.is_none(),
    })
}
