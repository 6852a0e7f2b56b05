//! A new tenant: check everything, take the name, order it from a node.

use crate::intent::Intent;
use crate::node::list::AWAY_AFTER;
use crate::sealing::token_hash;
use crate::tenant::expiry::Expiry;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::placement::{self, Wish};
use domain::{
    Action, CompanyName, CountryCode, DomainName, EmailAddress, FieldErrors, Language, NewPassword,
    OperationId, OperationKind, PlanName, ProductName, Rule, Subdomain, TemplateName, TenantId, TenantState,
    TimeZoneName,
};
use jiff::SignedDuration;
use store::{LinkPurpose, NewLink, NewOperation, NewTenant, Place, Unit};
use wire::Plaintext;
use wire::node::{CreateTenant as CreateOrder, Order};
use wire::tenant::CreateTenant;

/// How long the link to set the first password works.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A request for a tenant whose every field passed its check.
pub(crate) struct Wanted {
    pub(crate) company_name: CompanyName,
    pub(crate) admin_email: Option<EmailAddress>,
    pub(crate) subdomain: Subdomain,
    pub(crate) plan: PlanName,
    pub(crate) product: ProductName,
    pub(crate) wish: Wish,
    pub(crate) template: TemplateName,
    pub(crate) password: Option<NewPassword>,
    pub(crate) language: Language,
    pub(crate) country: Option<CountryCode>,
    pub(crate) timezone: Option<TimeZoneName>,
}

/// How much a request for a tenant must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Company, administrator's address and plan must be there.
    Complete,
    /// Only the name; the rest has defaults, and the login is `admin` without an address.
    NameOnly,
}

/// The administrator's login where no address was given, as Odoo itself names it.
const DEFAULT_LOGIN: &str = "admin";

impl Control {
    /// Begins to make a tenant.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] with every field that broke a rule; [`ConflictReason::NameTaken`];
    /// [`ConflictReason::NoTemplate`] when no node can clone the template, [`ConflictReason::NoRoom`] when none of
    /// those that could may take another tenant.
    pub async fn create_tenant(
        &self,
        caller: &Caller,
        mut request: CreateTenant,
        registration: Registration,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::CreateTenant)?;
        let fingerprint = self.fingerprint(
            "tenant.create",
            request.subdomain.as_deref().unwrap_or_default(),
            &request,
        )?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        if registration == Registration::NameOnly {
            request.plan = request
                .plan
                .or_else(|| Some(self.settings.default_plan.to_string()));
        }
        let expiry = request.expires_at.clone();
        let wanted = self.check_new_tenant(request, registration)?;
        let expiry = expiry.and_then(|text| text.parse().ok());
        let attempt = self.create_afresh(caller, wanted, expiry, &fingerprint).await;
        self.begun(caller, &fingerprint, attempt).await
    }

    fn check_new_tenant(
        &self,
        request: CreateTenant,
        registration: Registration,
    ) -> Result<Wanted, ControlError> {
        let mut errors = FieldErrors::default();
        let subdomain = errors.required::<Subdomain>("subdomain", request.subdomain.as_deref());
        let company_name = match (registration, &request.company_name, &subdomain) {
            // Every subdomain would do as a company's name; a broken one is told once.
            (Registration::NameOnly, None, name) => name.as_ref().and_then(|name| name.as_str().parse().ok()),
            (_, company_name, _) => errors.required("company_name", company_name.as_deref()),
        };
        let admin_email = errors.optional::<EmailAddress>("admin_email", request.admin_email.as_deref());
        if request.admin_email.is_none() && registration == Registration::Complete {
            errors.push("admin_email", Rule::Required);
        }
        let plan = errors.required("plan", request.plan.as_deref());
        let product = errors.optional("product", request.product.as_deref());
        let node = errors.optional("node", request.node.as_deref());
        let domain = errors.optional::<DomainName>("domain", request.domain.as_deref());
        let labels = crate::node::change::labels(request.node_labels.as_deref(), "node_labels", &mut errors);
        let template = errors.optional("template", request.template.as_deref());
        let language = errors.optional("language", request.language.as_deref());
        let country = errors.optional("country", request.country.as_deref());
        let timezone = errors.optional("timezone", request.timezone.as_deref());
        errors.optional::<Expiry>("expires_at", request.expires_at.as_deref());
        let names = [
            admin_email.as_ref().map(EmailAddress::as_str),
            subdomain.as_ref().map(Subdomain::as_str),
        ];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let password = request.admin_password.and_then(|password| {
            let checked = NewPassword::check(
                password.expose().to_owned(),
                self.live().shortest_password,
                &names,
            );
            errors.keep("admin_password", checked)
        });
        match (company_name, subdomain, plan) {
            (Some(company_name), Some(subdomain), Some(plan)) if errors.is_empty() => Ok(Wanted {
                company_name,
                admin_email,
                subdomain,
                plan,
                product: product.unwrap_or_else(ProductName::odoo),
                wish: Wish {
                    node,
                    domain,
                    labels: labels.unwrap_or_default(),
                },
                template: template.unwrap_or_else(|| self.settings.default_template.clone()),
                password,
                language: language.unwrap_or_else(|| self.settings.default_language.clone()),
                country,
                timezone,
            }),
            _ => Err(ControlError::fields(errors)),
        }
    }

    async fn create_afresh(
        &self,
        caller: &Caller,
        wanted: Wanted,
        expiry: Option<Expiry>,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        Self::check_offered(&mut unit, &wanted).await?;
        let place = self.place(&mut unit, &wanted).await?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let tenant = TenantId::from_uuid(self.world.uuid());
        let now = self.world.now();
        self.insert_wanted(&mut unit, tenant, operation, (&place, &wanted))
            .await?;
        if let Some(end) = expiry.and_then(Expiry::at) {
            unit.set_expiry(tenant, Some(end), now).await?;
        }
        if wanted.password.is_none() {
            let hash = token_hash(&self.set_password_token(operation));
            let expires_at = now + LINK_LIFE;
            let purpose = LinkPurpose::SetPassword;
            unit.insert_link(NewLink {
                hash: &hash,
                purpose,
                tenant: Some(tenant),
                created_at: now,
                expires_at,
            })
            .await?;
        }
        let link = wanted.password.is_none();
        let intent = serde_json::to_value(Intent::Serve {
            state: TenantState::Active,
            link,
        })
        .map_err(ControlError::internal)?;
        let new = NewOperation {
            id: operation,
            kind: OperationKind::CreateTenant,
            tenant: Some(tenant),
            subject: wanted.subdomain.as_str(),
            intent,
            node: Some(place.id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now,
        };
        self.dispatch(&mut unit, caller, new, 1, order_of(tenant, &place, &wanted))
            .await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// Writes a new tenant down with where it wants to be, and takes its name.
    pub(crate) async fn insert_wanted(
        &self,
        unit: &mut Unit,
        tenant: TenantId,
        operation: OperationId,
        (place, wanted): (&Place, &Wanted),
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        unit.insert_tenant(NewTenant {
            id: tenant,
            subdomain: &wanted.subdomain,
            company_name: &wanted.company_name,
            admin_email: wanted.admin_email.as_ref(),
            plan: &wanted.plan,
            product: &wanted.product,
            node: place.id,
            template: &wanted.template,
            operation,
            language: &wanted.language,
            country: wanted.country.as_ref(),
            timezone: wanted.timezone.as_ref(),
            now,
        })
        .await?;
        if wanted.wish.node.is_some() || !wanted.wish.labels.is_empty() {
            let labels: Vec<String> = wanted.wish.labels.iter().map(ToString::to_string).collect();
            let is_pinned = wanted.wish.node.is_some();
            unit.set_node_wish(tenant, &labels, is_pinned).await?;
        }
        Ok(())
    }

    /// Checks that a tenant may be put on this plan and be of this product.
    pub(crate) async fn check_offered(unit: &mut Unit, wanted: &Wanted) -> Result<(), ControlError> {
        let mut errors = FieldErrors::default();
        if !unit.plan_is_offered(&wanted.plan).await? {
            let allowed = unit.plan_names().await?.join(", ");
            errors.push("plan", Rule::OneOf { allowed });
        }
        if !unit.product_is_offered(&wanted.product).await? {
            errors.push("product", Rule::Unknown);
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(ControlError::fields(errors)),
        }
    }

    /// Checks that plan and product exist and finds the node that will do it, among those that hold the template.
    pub(crate) async fn place(&self, unit: &mut Unit, wanted: &Wanted) -> Result<Place, ControlError> {
        let mut errors = named(unit, wanted).await?;
        if wanted.template != self.settings.default_template
            && !unit.template_exists(&wanted.template).await?
        {
            errors.push("template", Rule::Unknown);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let horizon = self.world.now() - AWAY_AFTER;
        choose(unit.places(&wanted.template, horizon).await?, wanted)
    }

    /// The same for a tenant that is made of what was kept: no template is cloned, so that a machine that holds none yet will do.
    pub(crate) async fn place_of_kept(
        &self,
        unit: &mut Unit,
        wanted: &Wanted,
    ) -> Result<Place, ControlError> {
        let errors = named(unit, wanted).await?;
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let horizon = self.world.now() - AWAY_AFTER;
        let places = unit.places_to_move(Some(&wanted.template), horizon).await?;
        choose(places, wanted)
    }

    /// The token of the link with which the first password of a new tenant is set.
    pub(crate) fn set_password_token(&self, operation: OperationId) -> String {
        self.server_key.derive("set-password", &operation.to_string())
    }
}

/// What is named and is not there.
async fn named(unit: &mut Unit, wanted: &Wanted) -> Result<FieldErrors, ControlError> {
    let mut errors = FieldErrors::default();
    if !unit.plan_exists(&wanted.plan).await? {
        let allowed = unit.plan_names().await?.join(", ");
        errors.push("plan", Rule::OneOf { allowed });
    }
    if !unit.product_exists(&wanted.product).await? {
        errors.push("product", Rule::Unknown);
    }
    if let Some(name) = &wanted.wish.node
        && !unit.node_exists(name).await?
    {
        errors.push("node", Rule::Unknown);
    }
    if let Some(domain) = &wanted.wish.domain {
        let served = unit.served_domains().await?;
        if !served.contains(domain.as_str()) {
            let allowed = served.into_iter().collect::<Vec<_>>().join(", ");
            errors.push("domain", Rule::OneOf { allowed });
        }
    }
    Ok(errors)
}

fn choose(mut places: Vec<Place>, wanted: &Wanted) -> Result<Place, ControlError> {
    let candidates: Vec<_> = places.iter().map(|place| place.candidate.clone()).collect();
    let chosen = match placement::choose(&candidates, &wanted.wish) {
        Ok(chosen) => candidates
            .iter()
            .position(|candidate| candidate.name == chosen.name),
        Err(obstacles) if obstacles.is_empty() => None,
        Err(obstacles) => return Err(ControlError::Conflict(ConflictReason::NoRoom(obstacles))),
    };
    let place = chosen.map(|index| places.swap_remove(index));
    place.ok_or(ControlError::Conflict(ConflictReason::NoTemplate))
}

pub(crate) fn order_of(tenant: TenantId, place: &Place, wanted: &Wanted) -> Order {
    let host_label = wanted.subdomain.host_label();
    Order::CreateTenant(CreateOrder {
        tenant,
        database: wanted.subdomain.database(),
        base_url: place.address_pattern.replacen('*', host_label.as_str(), 1),
        host_label,
        template: wanted.template.clone(),
        company_name: wanted.company_name.clone(),
        admin_login: wanted
            .admin_email
            .as_ref()
            .map_or(DEFAULT_LOGIN.to_owned(), ToString::to_string),
        admin_email: wanted.admin_email.as_ref().map(ToString::to_string),
        admin_password: wanted
            .password
            .as_ref()
            .map(|password| Plaintext::new(password.expose().to_owned())),
        language: wanted.language.clone(),
        country: wanted.country.clone(),
        timezone: wanted.timezone.clone(),
    })
}
