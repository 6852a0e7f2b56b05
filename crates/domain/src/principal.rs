//! Who was recognized, and how far each of their permissions reaches.

use crate::assurance::{Assurance, Duty, Freshness};
use crate::id::{ApiKeyId, OrganizationId, PersonId, SessionId, TenantId};
use crate::permission::{Action, OrganizationRole, Role, StaffRole};
use crate::step_up::Guarded;

/// Somebody who asks, recognized by what they showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person who signed in.
    Person(SignedIn),
    /// Whoever holds an API key.
    Key(KeyHolder),
    /// The holder of a one-time link, who may do what the link is for and nothing else.
    Link,
    /// The program itself.
    System,
}

/// A person in one of their sessions. Staff have a role, customers are members of organizations; both is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: PersonId,
    /// In which session.
    pub session: SessionId,
    /// Their role in the operator's staff.
    pub staff: Option<StaffRole>,
    /// The organizations that they belong to.
    pub memberships: Vec<Membership>,
    /// How they proved it, and what is still wanted of them.
    pub assurance: Assurance,
}

/// What a person is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Membership {
    /// The organization.
    pub organization: OrganizationId,
    /// The role in it.
    pub role: OrganizationRole,
}

/// What an API key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// Which key.
    pub key: ApiKeyId,
    /// Its role: the staff's, or an organization's in each of `organizations`.
    pub role: Role,
    /// Whether it may only look.
    pub access: KeyAccess,
    /// The organizations that it is for; none for a key of the staff.
    pub organizations: Vec<OrganizationId>,
    /// Only these tenants; nothing is no such limit.
    pub tenants: Option<Vec<TenantId>>,
}

/// Whether a key may change what it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccess {
    /// What its role allows.
    Full,
    /// Of that, only looking.
    ReadOnly,
}

/// A set of tenants, by whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Those of every organization and of none.
    everything: bool,
    /// Those of these organizations.
    organizations: Vec<OrganizationId>,
    /// Of those, only these; nothing is no such limit.
    tenants: Option<Vec<TenantId>>,
}

/// How far one permission of one principal reaches. Only [`Principal::reach`] makes one, and the store gives no tenant
/// without one: who may see a tenant and who may do something with it cannot be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    seen: Extent,
    done: Extent,
}

impl Extent {
    const fn all() -> Self {
        Self {
            everything: true,
            organizations: Vec::new(),
            tenants: None,
        }
    }

    /// Whether it holds every tenant there is.
    pub const fn is_everything(&self) -> bool {
        self.everything && self.tenants.is_none()
    }

    /// Whether tenants of every organization may be in it.
    pub const fn every_organization(&self) -> bool {
        self.everything
    }

    /// The organizations whose tenants are in it, if not those of every one.
    pub fn organizations(&self) -> &[OrganizationId] {
        &self.organizations
    }

    /// The only tenants that may be in it, if there is such a limit.
    pub fn tenants(&self) -> Option<&[TenantId]> {
        self.tenants.as_deref()
    }

    /// Whether this organization is in it, as a whole.
    pub fn holds_organization(&self, organization: OrganizationId) -> bool {
        self.tenants.is_none() && (self.everything || self.organizations.contains(&organization))
    }

    fn holds(&self, tenant: TenantId, organization: Option<OrganizationId>) -> bool {
        let owned = self.everything || organization.is_some_and(|id| self.organizations.contains(&id));
        let named = self.tenants.as_ref().is_none_or(|only| only.contains(&tenant));
        owned && named
    }
}

impl Reach {
    /// What may be looked at.
    pub const fn seen(&self) -> &Extent {
        &self.seen
    }

    /// What it may be done with.
    pub const fn done(&self) -> &Extent {
        &self.done
    }

    /// Whether it may be done with this tenant, which may be seen.
    pub fn holds(&self, tenant: TenantId, organization: Option<OrganizationId>) -> bool {
        self.done.holds(tenant, organization)
    }
}

impl Principal {
    /// How far this permission reaches; nothing when the principal has it nowhere.
    pub fn reach(&self, action: Action) -> Option<Reach> {
        let done = self.extent(action)?;
        let looking = match action {
            Action::ReadOperations => Action::ReadOperations,
            _ => Action::ReadTenants,
        };
        Some(Reach {
            seen: self.extent(looking).unwrap_or_default(),
            done,
        })
    }

    /// Whether the principal may do it to what belongs to no tenant, such as nodes and the staff.
    pub fn may_everywhere(&self, action: Action) -> bool {
        self.extent(action).is_some_and(|extent| extent.is_everything())
    }

    /// The role that counts when a role of this kind is given to somebody or taken away.
    pub fn role_over(&self, organization: Option<OrganizationId>) -> Option<Role> {
        match (self, organization) {
            (Self::System, _) => Some(Role::Staff(StaffRole::Owner)),
            (Self::Link, _) => None,
            (Self::Person(person), _) if person.assurance.duty == Duty::Enrol => None,
            (Self::Key(key), None) => matches!(key.role, Role::Staff(_)).then_some(key.role),
            (Self::Key(key), Some(id)) => match key.role {
                Role::Staff(_) => Some(key.role),
                Role::Organization(_) => key.organizations.contains(&id).then_some(key.role),
            },
            (Self::Person(person), None) => person.staff.map(Role::Staff),
            (Self::Person(person), Some(id)) => person.staff.map(Role::Staff).or_else(|| {
                let membership = person.memberships.iter().find(|one| one.organization == id);
                membership.map(|membership| Role::Organization(membership.role))
            }),
        }
    }

    /// Whether nothing may be done yet but setting up a second factor.
    pub fn must_enrol(&self) -> bool {
        matches!(self, Self::Person(person) if person.assurance.duty == Duty::Enrol)
    }

    /// Whether a person has to prove anew who they are before they do this. Keys have nothing to prove it with.
    pub fn must_step_up(&self, guarded: Option<Guarded>) -> bool {
        let stale = |person: &SignedIn| person.assurance.freshness == Freshness::Stale;
        guarded.is_some() && matches!(self, Self::Person(person) if stale(person))
    }

    fn extent(&self, action: Action) -> Option<Extent> {
        match self {
            Self::System => Some(Extent::all()),
            Self::Link => None,
            Self::Person(person) => person.extent(action),
            Self::Key(key) => key.extent(action),
        }
    }
}

impl SignedIn {
    fn extent(&self, action: Action) -> Option<Extent> {
        if self.assurance.duty == Duty::Enrol {
            return None;
        }
        if self.staff.is_some_and(|role| Role::Staff(role).allows(action)) {
            return Some(Extent::all());
        }
        let allowing = |one: &&Membership| Role::Organization(one.role).allows(action);
        let organizations: Vec<OrganizationId> = self
            .memberships
            .iter()
            .filter(allowing)
            .map(|one| one.organization)
            .collect();
        (!organizations.is_empty()).then(|| Extent {
            organizations,
            ..Extent::default()
        })
    }
}

impl KeyHolder {
    fn extent(&self, action: Action) -> Option<Extent> {
        if !self.role.allows(action) || (self.access == KeyAccess::ReadOnly && !action.only_reads()) {
            return None;
        }
        Some(Extent {
            everything: matches!(self.role, Role::Staff(_)),
            organizations: self.organizations.clone(),
            tenants: self.tenants.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn key(
        role: Role,
        access: KeyAccess,
        organizations: Vec<OrganizationId>,
        tenants: Option<Vec<TenantId>>,
    ) -> Principal {
        Principal::Key(KeyHolder {
            key: ApiKeyId::from_uuid(Uuid::from_u128(1)),
            role,
            access,
            organizations,
            tenants,
        })
    }

    fn assurance(duty: Duty, freshness: Freshness) -> Assurance {
        Assurance {
            duty,
            freshness,
            ..Assurance::default()
        }
    }

    fn member(memberships: &[(u128, OrganizationRole)]) -> Principal {
        Principal::Person(SignedIn {
            person: PersonId::from_uuid(Uuid::from_u128(1)),
            session: SessionId::from_uuid(Uuid::from_u128(1)),
            staff: None,
            memberships: memberships
                .iter()
                .map(|(id, role)| Membership {
                    organization: organization(*id),
                    role: *role,
                })
                .collect(),
            assurance: assurance(Duty::Done, Freshness::Fresh),
        })
    }

    #[test]
    fn a_member_reaches_the_own_organization_s_tenants_only() {
        let ana = member(&[(1, OrganizationRole::Owner)]);
        let reach = ana.reach(Action::PauseTenant).expect("an owner may pause");
        assert!(reach.holds(tenant(7), Some(organization(1))));
        assert!(!reach.holds(tenant(7), Some(organization(2))));
        assert!(!reach.holds(tenant(7), None));
        assert!(!ana.may_everywhere(Action::ReadTenants));
        assert_eq!(ana.reach(Action::SuspendTenant), None);
    }

    #[test]
    fn what_one_role_allows_does_not_spread_to_another_organization() {
        let eva = member(&[(1, OrganizationRole::Owner), (2, OrganizationRole::Viewer)]);
        let reach = eva.reach(Action::PauseTenant).expect("in the first one");
        assert!(reach.seen().organizations().contains(&organization(2)));
        assert!(!reach.holds(tenant(7), Some(organization(2))));
    }

    #[test]
    fn a_read_only_key_never_changes_anything() {
        for role in Role::all() {
            for action in Action::ALL.iter().filter(|action| !action.only_reads()) {
                let robot = key(role, KeyAccess::ReadOnly, vec![organization(1)], None);
                assert_eq!(robot.reach(*action), None, "{action}");
            }
        }
    }

    #[test]
    fn a_key_for_one_tenant_is_a_key_for_nothing_else() {
        let owner = Role::Staff(StaffRole::Owner);
        let robot = key(owner, KeyAccess::Full, Vec::new(), Some(vec![tenant(7)]));
        let reach = robot.reach(Action::SuspendTenant).expect("of its tenant");
        assert!(reach.holds(tenant(7), None) && !reach.holds(tenant(8), None));
        for action in Action::ALL {
            assert!(!robot.may_everywhere(*action), "{action}");
        }
    }

    #[test]
    fn whoever_has_to_set_up_a_second_factor_reaches_nothing_and_is_above_nobody() {
        let Principal::Person(mut ana) = member(&[(1, OrganizationRole::Owner)]) else {
            unreachable!("a member is a person")
        };
        ana.staff = Some(StaffRole::Owner);
        ana.assurance = assurance(Duty::Enrol, Freshness::Fresh);
        let ana = Principal::Person(ana);
        for action in Action::ALL {
            assert_eq!(ana.reach(*action), None, "{action}");
        }
        assert_eq!(
            (ana.role_over(None), ana.role_over(Some(organization(1)))),
            (None, None)
        );
        assert!(ana.must_enrol());
    }

    #[test]
    fn only_people_whose_proof_is_long_ago_have_to_prove_it_anew() {
        let Principal::Person(mut ana) = member(&[]) else {
            unreachable!("a member is a person")
        };
        assert!(!Principal::Person(ana.clone()).must_step_up(Some(Guarded::CreateKey)));
        ana.assurance.freshness = Freshness::Stale;
        let stale = Principal::Person(ana);
        assert!(stale.must_step_up(Some(Guarded::CreateKey)) && !stale.must_step_up(None));
        let owner = Role::Staff(StaffRole::Owner);
        for other in [key(owner, KeyAccess::Full, Vec::new(), None), Principal::System] {
            assert!(!other.must_step_up(Some(Guarded::CreateKey)));
        }
    }

    #[test]
    fn a_link_reaches_nothing() {
        for action in Action::ALL {
            assert_eq!(Principal::Link.reach(*action), None);
        }
    }
}
