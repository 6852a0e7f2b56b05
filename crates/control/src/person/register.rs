//! Somebody registers: an account, an organization and a workspace for a while, in one transaction (ADR 0033).
//!
//! No mail is sent, so that nobody knows whose the address is that they give. It is kept as what they said and decides
//! nothing: they sign in by their workspace's address, and who really has the e-mail address finds it free.

use super::invite::check_can_be_had;
use super::sign_in::Attempt;
use crate::intent::Intent;
use crate::live::Trial;
use crate::tenant::create::{Wanted, order_of};
use crate::token::Tokens;
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use domain::placement::Wish;
use domain::{
    CompanyName, EmailAddress, FieldErrors, Language, NewPassword, OperationId, OperationKind,
    OrganizationId, OrganizationRole, PersonId, PersonName, Secret, Subdomain, TenantId, TenantState,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{
    Actor, AuditEntry, NewOperation, NewPerson, NewRegistration, PersonRecord, Place, StoreError, Unit,
};
use wire::registration::Register;

/// Over how long registrations are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// When whoever came too late is told to come again, in seconds.
const COME_AGAIN: u64 = 3600;
/// How much of a company's name the organization's name holds, in characters: the workspace's address has room beside it.
const COMPANY_IN_NAME: usize = 70;

/// What whoever registers gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// For how many days.
    pub days: u32,
}

/// Somebody registered.
#[derive(Debug)]
pub struct Registered {
    /// Who.
    pub person: PersonId,
    /// Their tokens.
    pub tokens: Tokens,
    /// What they sign in with.
    pub sign_in: String,
    /// Their workspace.
    pub subdomain: Subdomain,
    /// The operation that makes it; nothing when the same registration came again.
    pub operation: Option<OperationId>,
    /// When its time ends; nothing when the same registration came again.
    pub expires_at: Option<Timestamp>,
}

/// A registration whose every field passed its check.
struct Checked {
    company: CompanyName,
    name: PersonName,
    email: EmailAddress,
    password: NewPassword,
    subdomain: Subdomain,
    language: Option<Language>,
}

/// What is made together.
struct Made {
    person: PersonId,
    organization: OrganizationId,
    tenant: TenantId,
    operation: OperationId,
    now: Timestamp,
    end: Timestamp,
}

impl Control {
    /// What whoever registers gets, while somebody may.
    pub fn offer(&self) -> Option<Offer> {
        let live = self.live();
        live.trial.as_ref().map(|trial| Offer { days: trial.days })
    }

    /// Whether a workspace's address can be had.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] while nobody may register; [`ControlError::Invalid`] on `subdomain`.
    pub async fn address_is_free(&self, subdomain: &Subdomain) -> Result<bool, ControlError> {
        self.offer().ok_or(ControlError::NotFound("page"))?;
        let scoped = self.store.on_behalf_of(Actor::System);
        let account = EmailAddress::unconfirmed(subdomain);
        let is_taken = scoped.name_is_taken(&subdomain.database()).await?;
        Ok(!is_taken && scoped.person_by_email(&account).await?.is_none())
    }

    /// Registers somebody and signs them in. The same registration again signs them in again.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] while nobody may register; [`ControlError::Invalid`]; [`ControlError::Limited`];
    /// [`ConflictReason::NameTaken`]; [`ConflictReason::RegistrationFull`].
    pub async fn register(&self, client: &Client, request: &Register) -> Result<Registered, ControlError> {
        let trial = self.live().trial.clone().ok_or(ControlError::NotFound("page"))?;
        let checked = self.check_registration(request)?;
        let account = EmailAddress::unconfirmed(&checked.subdomain);
        let attempt = self.begin_attempt(client, account.as_str()).await?;
        let scoped = self.store.on_behalf_of(Actor::System);
        let known = scoped.person_by_email(&account).await?;
        scoped
            .attempt_was_on(attempt.id, known.as_ref().map(|person| person.id))
            .await?;
        let registered = match known {
            Some(person) => self.same_again(client, &attempt, &person, &checked).await?,
            None => {
                let hash = self.hash(&checked.password).await?;
                self.ready_to_sign().await?;
                self.register_afresh(client, &attempt, &trial, &checked, &hash)
                    .await?
            }
        };
        scoped.attempt_was_on(attempt.id, Some(registered.person)).await?;
        Ok(registered)
    }

    fn check_registration(&self, request: &Register) -> Result<Checked, ControlError> {
        let mut errors = FieldErrors::default();
        let company = errors.required::<CompanyName>("company_name", request.company_name.as_deref());
        let name = errors.required::<PersonName>("name", request.name.as_deref());
        let email = errors.required::<EmailAddress>("email", request.email.as_deref());
        let subdomain = errors.required::<Subdomain>("subdomain", request.subdomain.as_deref());
        let language = errors.optional::<Language>("language", request.language.as_deref());
        let names = [
            email.as_ref().map(EmailAddress::as_str),
            subdomain.as_ref().map(Subdomain::as_str),
            name.as_ref().map(PersonName::as_str),
        ];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let password = match self.new_password(request.new_password.as_ref(), &names) {
            Ok(password) => Some(password),
            Err(ControlError::Invalid(fields)) => {
                for field in fields {
                    errors.push(&field.field, field.rule);
                }
                None
            }
            Err(error) => return Err(error),
        };
        match (company, name, email, password, subdomain) {
            (Some(company), Some(name), Some(email), Some(password), Some(subdomain))
                if errors.is_empty() =>
            {
                check_can_be_had("email", &email)?;
                Ok(Checked {
                    company,
                    name,
                    email,
                    password,
                    subdomain,
                    language,
                })
            }
            _ => Err(ControlError::fields(errors)),
        }
    }

    /// A registration that came before, as when the answer was lost: whoever knows its password is signed in, and for
    /// everybody else the name is taken.
    async fn same_again(
        &self,
        client: &Client,
        attempt: &Attempt,
        person: &PersonRecord,
        checked: &Checked,
    ) -> Result<Registered, ControlError> {
        let taken = || ControlError::Conflict(ConflictReason::NameTaken);
        let password = Secret::new(checked.password.expose().to_owned());
        let fits = self
            .passwords
            .fits(password, person.password_hash.clone())
            .await?;
        let scoped = self.store.on_behalf_of(Actor::Person(person.id));
        let claimed = scoped.claimed_email(person.id).await?;
        let is_same = claimed.as_deref() == Some(checked.email.as_str());
        if !fits || !is_same || person.disabled_at.is_some() || scoped.factors(person.id).await?.any() {
            return Err(taken());
        }
        self.check_password_opens(client, person.id).await?;
        self.ready_to_sign().await?;
        let mut unit = scoped.begin().await?;
        let still = unit.lock_person(person.id).await?.ok_or_else(taken)?;
        if still.password_hash != person.password_hash || still.disabled_at.is_some() {
            return Err(taken());
        }
        unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
            .await?;
        let tokens = self
            .begin_session(&mut unit, client, person.id, "password")
            .await?;
        unit.commit().await?;
        Ok(Registered {
            person: person.id,
            tokens,
            sign_in: word(&person.email),
            subdomain: checked.subdomain.clone(),
            operation: None,
            expires_at: None,
        })
    }

    async fn register_afresh(
        &self,
        client: &Client,
        attempt: &Attempt,
        trial: &Trial,
        checked: &Checked,
        hash: &str,
    ) -> Result<Registered, ControlError> {
        let now = self.world.now();
        let made = Made {
            person: PersonId::from_uuid(self.world.uuid()),
            organization: OrganizationId::from_uuid(self.world.uuid()),
            tenant: TenantId::from_uuid(self.world.uuid()),
            operation: OperationId::from_uuid(self.world.uuid()),
            now,
            end: now + SignedDuration::from_hours(24 * i64::from(trial.days)),
        };
        let wanted = self.workspace_of(trial, checked)?;
        let mut unit = self
            .store
            .on_behalf_of(Actor::Person(made.person))
            .begin()
            .await?;
        // Placing is one at a time, and so is what is counted after it.
        let place = self.place_of_trial(&mut unit, &wanted).await?;
        let (all, near) = unit.registrations_since(now - DAY, &attempt.network).await?;
        if near >= i64::from(trial.most_from_one) {
            return Err(ControlError::Limited {
                retry_after: COME_AGAIN,
            });
        }
        if all >= i64::from(trial.most_a_day) {
            return Err(ControlError::Conflict(ConflictReason::RegistrationFull));
        }
        let sign_in = self
            .write_account(&mut unit, attempt, &made, checked, hash)
            .await?;
        self.note_registration(&mut unit, client, &made, checked).await?;
        self.order_workspace(&mut unit, client, &made, (&place, &wanted))
            .await?;
        unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
            .await?;
        let tokens = self
            .begin_session(&mut unit, client, made.person, "password")
            .await?;
        unit.commit().await?;
        Ok(Registered {
            person: made.person,
            tokens,
            sign_in,
            subdomain: checked.subdomain.clone(),
            operation: Some(made.operation),
            expires_at: Some(made.end),
        })
    }

    /// The workspace that whoever registers gets. Its administrator has no password: the account opens it.
    fn workspace_of(&self, trial: &Trial, checked: &Checked) -> Result<Wanted, ControlError> {
        let odd = |rule| {
            tracing::error!(%rule, plan = trial.plan, product = trial.product, "registration.plan or registration.product names nothing");
            ControlError::Conflict(ConflictReason::RegistrationFull)
        };
        Ok(Wanted {
            company_name: checked.company.clone(),
            admin_email: Some(checked.email.clone()),
            subdomain: checked.subdomain.clone(),
            plan: trial.plan.parse().map_err(odd)?,
            product: trial.product.parse().map_err(odd)?,
            wish: Wish::default(),
            template: self.settings.default_template.clone(),
            password: None,
            language: checked
                .language
                .clone()
                .unwrap_or_else(|| self.settings.default_language.clone()),
            country: None,
            timezone: None,
        })
    }

    /// Where it is made. What is in the way is the operator's affair, and is told to nobody else.
    async fn place_of_trial(&self, unit: &mut Unit, wanted: &Wanted) -> Result<Place, ControlError> {
        let placed = async {
            Self::check_offered(unit, wanted).await?;
            self.place(unit, wanted).await
        };
        placed.await.map_err(|error| match error {
            ControlError::Invalid(_) | ControlError::Conflict(_) => {
                tracing::warn!(why = ?error, "nobody can register: no workspace can be made");
                ControlError::Conflict(ConflictReason::RegistrationFull)
            }
            other => other,
        })
    }

    async fn write_account(
        &self,
        unit: &mut Unit,
        attempt: &Attempt,
        made: &Made,
        checked: &Checked,
        hash: &str,
    ) -> Result<String, ControlError> {
        let (now, sign_in) = (made.now, EmailAddress::unconfirmed(&checked.subdomain));
        // Whether a company is a customer is not told: its name is told apart by the workspace's.
        let company: String = checked.company.as_str().chars().take(COMPANY_IN_NAME).collect();
        let name = format!("{} ({})", company.trim_end(), checked.subdomain);
        let name: PersonName = name
            .parse()
            .map_err(|rule| ControlError::field("company_name", rule))?;
        unit.insert_organization(made.organization, &name, now)
            .await
            .map_err(taken)?;
        let person = NewPerson {
            id: made.person,
            email: &sign_in,
            name: &checked.name,
            password_hash: hash,
            staff: None,
            now,
        };
        unit.insert_person(person).await.map_err(taken)?;
        unit.set_membership(made.organization, made.person, Some(OrganizationRole::Owner), now)
            .await?;
        unit.insert_registration(NewRegistration {
            person: made.person,
            organization: made.organization,
            sign_in: &sign_in,
            claimed: &checked.email,
            network: &attempt.network,
            now,
        })
        .await?;
        Ok(word(&sign_in))
    }

    async fn note_registration(
        &self,
        unit: &mut Unit,
        client: &Client,
        made: &Made,
        checked: &Checked,
    ) -> Result<(), ControlError> {
        let detail = json!({ "person": made.person, "organization": made.organization, "claimed_email": checked.email,
            "expires_at": made.end });
        Ok(unit
            .audit(AuditEntry {
                at: made.now,
                action: "person.register",
                subject: checked.subdomain.as_str(),
                operation: Some(made.operation),
                request_id: client.request_id.as_deref(),
                detail,
            })
            .await?)
    }

    async fn order_workspace(
        &self,
        unit: &mut Unit,
        client: &Client,
        made: &Made,
        (place, wanted): (&Place, &Wanted),
    ) -> Result<(), ControlError> {
        let (tenant, operation, now) = (made.tenant, made.operation, made.now);
        self.insert_wanted(unit, tenant, operation, (place, wanted))
            .await?;
        unit.set_organization(tenant, Some(made.organization), now)
            .await?;
        unit.set_expiry(tenant, Some(made.end), now).await?;
        let intent = Intent::Serve {
            state: TenantState::Active,
            link: false,
        };
        let new = NewOperation {
            id: operation,
            kind: OperationKind::CreateTenant,
            tenant: Some(tenant),
            subject: wanted.subdomain.as_str(),
            intent: serde_json::to_value(intent).map_err(ControlError::internal)?,
            node: Some(place.id),
            parent: None,
            idempotency_key: None,
            request_hash: None,
            now,
        };
        let caller = Caller {
            request_id: client.request_id.clone(),
            ..Caller::system()
        };
        self.dispatch(unit, &caller, new, 1, order_of(tenant, place, wanted))
            .await
    }

    /// The e-mail address that the caller gave when they registered, while nobody has confirmed it.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn claimed_email(&self, caller: &Caller) -> Result<Option<String>, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        Ok(scoped.claimed_email(own.person).await?)
    }
}

/// What somebody types to sign in.
fn word(email: &EmailAddress) -> String {
    email.unconfirmed_word().unwrap_or(email.as_str()).to_owned()
}

/// The name of an account or an organization follows from the workspace's, so that it is that which is taken.
fn taken(error: StoreError) -> ControlError {
    match error {
        StoreError::Conflict(_) => ControlError::Conflict(ConflictReason::NameTaken),
        other => other.into(),
    }
}
