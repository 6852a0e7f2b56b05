//! What happens when a person follows their one-time link.

use crate::sealing::token_hash;
use crate::token::Tokens;
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use domain::{EmailAddress, FieldErrors, PersonId, PersonName, Role, StaffRole};
use serde_json::json;
use store::{
    Actor, AuditEntry, EndReason, LinkPurpose, NewPerson, PersonLink, PersonLinkPurpose, Scoped, Unit,
    UsedLink,
};
use wire::person::{LinkUsed, UseLink};

/// What the owner's page sends, its fields still unchecked.
#[derive(Debug)]
pub struct Founding<'a> {
    /// The token of the link.
    pub token: &'a str,
    /// What the owner will sign in with.
    pub email: Option<&'a str>,
    /// The password.
    pub new_password: Option<&'a wire::Plaintext>,
}

impl Control {
    /// Uses up the link that the first start printed: whoever brings it becomes an owner, and is signed in. For an
    /// address that is there already it sets the password anew, which is how an owner who forgot it gets back in.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`]; [`ControlError::Invalid`], and the link still works then.
    pub async fn found_installation(
        &self,
        client: &Client,
        wanted: Founding<'_>,
    ) -> Result<(PersonId, Tokens), ControlError> {
        let mut errors = FieldErrors::default();
        let email: Option<EmailAddress> = errors.required("email", wanted.email);
        let names: Vec<&str> = email.as_ref().map(EmailAddress::as_str).into_iter().collect();
        let password = match self.new_password(wanted.new_password, &names) {
            Ok(password) => Some(password),
            Err(ControlError::Invalid(fields)) => {
                for field in fields {
                    errors.push(&field.field, field.rule);
                }
                None
            }
            Err(error) => return Err(error),
        };
        let hash = token_hash(wanted.token);
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::Link);
        // Whoever has no link that works learns nothing of the rules, and no hash is made for them.
        if !scoped.owner_link_works(&hash, now).await? {
            return Err(ControlError::LinkOver);
        }
        let (Some(email), Some(password), true) = (email, password, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let password = self.hash(&password).await?;
        self.ready_to_sign().await?;
        let mut unit = scoped.begin().await?;
        if unit.use_link(&hash, LinkPurpose::Owner, now).await? != UsedLink::Installation {
            return Err(ControlError::LinkOver);
        }
        let person = match unit.lock_person_by_email(&email).await? {
            Some(known) => {
                unit.set_staff_role(known.id, Some(StaffRole::Owner)).await?;
                unit.set_disabled(known.id, None).await?;
                let request_id = client.request_id.as_deref();
                self.write_password(&mut unit, known.id, &password, None, request_id)
                    .await?;
                // The link is made on the server's own machine: it is the way back for an owner who lost their factors.
                let caller = Caller::link(client.request_id.clone());
                self.remove_factors(&mut unit, &caller, known.id).await?;
                known.id
            }
            None => {
                let id = PersonId::from_uuid(self.world.uuid());
                let name = name_for(None, &email)?;
                let staff = Some(StaffRole::Owner);
                let password_hash = &password;
                let email = &email;
                unit.insert_person(NewPerson {
                    id,
                    email,
                    name: &name,
                    password_hash,
                    staff,
                    now,
                })
                .await?;
                id
            }
        };
        unit.audit(AuditEntry {
            at: now,
            action: "person.owner",
            subject: email.as_str(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: json!({ "person": person }),
        })
        .await?;
        let tokens = self.begin_session(&mut unit, client, person, "link").await?;
        unit.commit().await?;
        Ok((person, tokens))
    }

    /// Uses up a person's link. It is used up only together with what it is for.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`]; [`ControlError::Invalid`] and [`ConflictReason::EmailTaken`], and the link still
    /// works then.
    pub async fn use_person_link(
        &self,
        caller: Option<&Caller>,
        client: &Client,
        request: &UseLink,
    ) -> Result<LinkUsed, ControlError> {
        let token = request
            .token
            .as_ref()
            .ok_or_else(|| ControlError::field("token", domain::Rule::Required))?;
        let hash = token_hash(token.expose());
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::Link);
        let link = scoped
            .person_link(&hash, now)
            .await?
            .ok_or(ControlError::LinkOver)?;
        // Hashed before the transaction begins: it takes long, and has to wait for its turn.
        let password = self.password_for(&scoped, &link, request).await?;
        let mut unit = scoped.begin().await?;
        let link = unit
            .use_person_link(&hash, now)
            .await?
            .ok_or(ControlError::LinkOver)?;
        let follower = Follower {
            caller,
            request_id: client.request_id.as_deref(),
            request,
            password: password.as_deref(),
        };
        let login = match link.purpose {
            PersonLinkPurpose::Invitation => self.accept(&mut unit, &follower, &link).await?,
            PersonLinkPurpose::Reset => self.reset(&mut unit, &follower, &link).await?,
            PersonLinkPurpose::Email => self.change_address(&mut unit, &follower, &link).await?,
        };
        unit.commit().await?;
        Ok(LinkUsed {
            message: String::new(),
            login: login.to_string(),
            url: format!("{}/login", self.settings.panel),
        })
    }

    /// The hash of the password that the link is to set, if it sets one.
    async fn password_for(
        &self,
        scoped: &Scoped,
        link: &PersonLink,
        request: &UseLink,
    ) -> Result<Option<String>, ControlError> {
        let names = match (link.purpose, &link.email, link.person) {
            (PersonLinkPurpose::Invitation, Some(email), _) => match scoped.person_by_email(email).await? {
                Some(_) => return Ok(None),
                None => vec![email.to_string()],
            },
            (PersonLinkPurpose::Reset, _, Some(id)) => {
                let person = scoped.person(id).await?.ok_or(ControlError::LinkOver)?;
                vec![person.email.to_string(), person.name]
            }
            _ => return Ok(None),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let password = self.new_password(request.new_password.as_ref(), &names)?;
        self.hash(&password).await.map(Some)
    }

    async fn accept(
        &self,
        unit: &mut Unit,
        follower: &Follower<'_>,
        link: &PersonLink,
    ) -> Result<EmailAddress, ControlError> {
        let (Some(email), Some(role)) = (&link.email, link.role) else {
            return Err(ControlError::LinkOver);
        };
        let staff = match role {
            Role::Staff(role) => Some(role),
            Role::Organization(_) => None,
        };
        let now = self.world.now();
        let person = match unit.lock_person_by_email(email).await? {
            // The link came to whoever invited. It may add to an account that is there only together with a session of it.
            Some(known) => {
                if follower.person() != Some(known.id) {
                    return Err(ControlError::Conflict(ConflictReason::EmailTaken));
                }
                let own = known.staff.map(Role::Staff);
                // An invitation raises; it does not take away what somebody is already.
                if staff.is_some() && !own.is_some_and(|own| own.covers(role)) {
                    unit.set_staff_role(known.id, staff).await?;
                }
                known.id
            }
            None => {
                let name = name_for(follower.request.name.as_deref(), email)?;
                let password_hash = follower.password.ok_or(ControlError::LinkOver)?;
                let id = PersonId::from_uuid(self.world.uuid());
                unit.insert_person(NewPerson {
                    id,
                    email,
                    name: &name,
                    password_hash,
                    staff,
                    now,
                })
                .await?;
                id
            }
        };
        if let (Role::Organization(given), Some(organization)) = (role, link.organization) {
            let (own, _) = unit.lock_membership(organization, person).await?;
            if !own.is_some_and(|own| Role::Organization(own).covers(role)) {
                unit.set_membership(organization, person, Some(given), now)
                    .await?;
            }
        }
        let detail = json!({ "person": person, "role": role.as_str(), "organization": link.organization });
        self.note_link(unit, follower, "person.join", email, detail)
            .await?;
        Ok(email.clone())
    }

    async fn reset(
        &self,
        unit: &mut Unit,
        follower: &Follower<'_>,
        link: &PersonLink,
    ) -> Result<EmailAddress, ControlError> {
        let (Some(id), Some(hash)) = (link.person, follower.password) else {
            return Err(ControlError::LinkOver);
        };
        let person = unit.lock_person(id).await?;
        let person = person.filter(|person| person.disabled_at.is_none());
        let person = person.ok_or(ControlError::LinkOver)?;
        self.write_password(unit, id, hash, None, follower.request_id)
            .await?;
        Ok(person.email)
    }

    async fn change_address(
        &self,
        unit: &mut Unit,
        follower: &Follower<'_>,
        link: &PersonLink,
    ) -> Result<EmailAddress, ControlError> {
        let (Some(id), Some(email)) = (link.person, &link.email) else {
            return Err(ControlError::LinkOver);
        };
        let person = unit
            .lock_person(id)
            .await?
            .filter(|person| person.disabled_at.is_none());
        let before = person.ok_or(ControlError::LinkOver)?.email;
        unit.set_person_email(id, email).await?;
        unit.end_sessions(id, None, EndReason::Revoked, self.world.now())
            .await?;
        let detail = json!({ "person": id, "before": before });
        self.note_link(unit, follower, "person.email", email, detail)
            .await?;
        Ok(email.clone())
    }

    async fn note_link(
        &self,
        unit: &mut Unit,
        follower: &Follower<'_>,
        action: &str,
        email: &EmailAddress,
        detail: serde_json::Value,
    ) -> Result<(), ControlError> {
        let caller = Caller::link(follower.request_id.map(ToOwned::to_owned));
        self.note(unit, &caller, action, email.as_str(), detail).await
    }
}

/// Whoever follows a link.
struct Follower<'a> {
    caller: Option<&'a Caller>,
    request_id: Option<&'a str>,
    request: &'a UseLink,
    /// The hash of the password that they chose, if the link sets one.
    password: Option<&'a str>,
}

impl Follower<'_> {
    /// The person who is signed in while they follow it.
    fn person(&self) -> Option<PersonId> {
        let person = self.caller?.person().ok()?;
        Some(person.person)
    }
}

/// The name that was given, or the address.
fn name_for(name: Option<&str>, email: &EmailAddress) -> Result<PersonName, ControlError> {
    let fallback = email.as_str().split('@').next().unwrap_or_default();
    let text = name.filter(|name| !name.trim().is_empty()).unwrap_or(fallback);
    text.parse().map_err(|rule| ControlError::field("name", rule))
}
