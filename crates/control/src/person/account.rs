//! One's own account: who one is, another password.

use super::sign_in::{Credentials, word};
use crate::{Caller, Client, Control, ControlError};
use domain::{NewPassword, PersonId, Secret};
use serde_json::json;
use store::{AuditEntry, EndReason, LiveSession, Unit};
use wire::Plaintext;
use wire::person::{ChangePassword, Me, MembershipView};

impl Control {
    /// Who the caller is.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn me(&self, caller: &Caller) -> Result<Me, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let ended = || ControlError::Unauthenticated;
        let person = scoped.person(own.person).await?.ok_or_else(ended)?;
        let session: LiveSession = self
            .store
            .live_session(own.session, self.world.now())
            .await?
            .ok_or_else(ended)?;
        let names = match caller.reach(domain::Action::ReadOrganizations) {
            Ok(extent) => scoped.organizations(extent.done(), None).await?,
            // What they belong to is none of their business yet.
            Err(ControlError::FactorRequired) => Vec::new(),
            Err(error) => return Err(error),
        };
        let memberships = own.memberships.iter().filter_map(|membership| {
            let organization = names.iter().find(|one| one.id == membership.organization)?;
            Some(MembershipView {
                organization: membership.organization.to_string(),
                name: organization.name.clone(),
                role: membership.role.to_string(),
            })
        });
        Ok(Me {
            id: own.person.to_string(),
            email: person.email.to_string(),
            name: person.name,
            role: word(own.staff).to_owned(),
            staff_role: own.staff.map(|role| role.to_string()),
            memberships: memberships.collect(),
            session: own.session.to_string(),
            methods: session.methods,
            authenticated_at: session.authenticated_at,
            requires_setup: caller.principal.must_enrol(),
            step_up_methods: own.assurance.serving.iter().map(ToString::to_string).collect(),
            csrf_token: self.csrf_token(own.session),
        })
    }

    /// Sets another password of the caller's own. Every other session ends, and every link to set one.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on either password; [`ControlError::Limited`].
    pub async fn change_password(
        &self,
        caller: &Caller,
        client: &Client,
        request: &ChangePassword,
    ) -> Result<(), ControlError> {
        let own = caller.person()?;
        let current = Credentials::password("current_password", request.current_password.as_ref())?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let person = scoped
            .person(own.person)
            .await?
            .ok_or(ControlError::Unauthenticated)?;
        let new = self.new_password(
            request.new_password.as_ref(),
            &[person.email.as_str(), &person.name],
        )?;
        // Whoever sits down at an open browser does not get to try passwords either.
        let attempt = self.begin_attempt(client, person.email.as_str()).await?;
        scoped.attempt_was_on(attempt.id, Some(person.id)).await?;
        if !self.passwords.fits(current, person.password_hash.clone()).await? {
            return Err(ControlError::field(
                "current_password",
                domain::Rule::WrongPassword,
            ));
        }
        let hash = self.hash(&new).await?;
        let mut unit = scoped.begin().await?;
        let still = unit
            .lock_person(own.person)
            .await?
            .ok_or(ControlError::Unauthenticated)?;
        if still.password_hash != person.password_hash {
            return Err(ControlError::field(
                "current_password",
                domain::Rule::WrongPassword,
            ));
        }
        unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
            .await?;
        self.write_password(
            &mut unit,
            own.person,
            &hash,
            Some(own.session),
            caller.request_id.as_deref(),
        )
        .await?;
        Ok(unit.commit().await?)
    }

    /// Sets a password: other sessions and every open link end with the old one. The caller commits the unit.
    pub(crate) async fn write_password(
        &self,
        unit: &mut Unit,
        person: PersonId,
        hash: &str,
        keep: Option<domain::SessionId>,
        request_id: Option<&str>,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        unit.set_person_password(person, hash, now).await?;
        let ended = unit.end_sessions(person, keep, EndReason::Password, now).await?;
        unit.void_person_links(person, now).await?;
        unit.void_challenges(person).await?;
        Ok(unit
            .audit(AuditEntry {
                at: now,
                action: "person.password",
                subject: &person.to_string(),
                operation: None,
                request_id,
                detail: json!({ "sessions_ended": ended }),
            })
            .await?)
    }

    /// A new password that passed the rules.
    pub(crate) fn new_password(
        &self,
        password: Option<&Plaintext>,
        names: &[&str],
    ) -> Result<NewPassword, ControlError> {
        let text = password.map(|password| password.expose().to_owned());
        text.ok_or(domain::Rule::Required)
            .and_then(|text| NewPassword::check(text, self.live().shortest_password, names))
            .map_err(|rule| ControlError::field("new_password", rule))
    }

    /// The hash of a new password, with a salt of its own.
    pub(crate) async fn hash(&self, password: &NewPassword) -> Result<String, ControlError> {
        let secret = Secret::new(password.expose().to_owned());
        self.passwords.hash(secret, self.world.bytes()).await
    }
}
