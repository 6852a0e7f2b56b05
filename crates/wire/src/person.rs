//! People, their sessions and their organizations as the API takes and shows them.

use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The e-mail address.
    #[serde(default)]
    #[schema(required = true)]
    pub email: Option<String>,
    /// The password.
    #[serde(default)]
    #[schema(required = true)]
    pub password: Option<Plaintext>,
    /// A code of the second factor, or a recovery code, for whoever sends it along at once.
    #[serde(default)]
    pub totp_code: Option<Plaintext>,
    /// `admin` for the staff only, `tenant` for members of an organization only; without it, either.
    #[serde(default)]
    pub role: Option<String>,
    /// `cookie` (the default) sets the tokens as cookies for browsers; `bearer` gives them in the answer and sets none.
    #[serde(default)]
    pub transport: Option<String>,
}

/// Somebody has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// What happened, for people.
    pub message: String,
    /// `admin` for the staff, `tenant` for customers.
    pub role: String,
    /// Whether a code of a second factor is still wanted: false.
    pub requires_totp: bool,
    /// Whether a second factor has to be set up before anything else is allowed.
    pub requires_setup: bool,
    /// Where to go on.
    pub redirect_url: String,
    /// Who, `per_…`.
    pub user_id: String,
    /// What is new about the tokens.
    #[serde(flatten)]
    pub tokens: TokensGiven,
}

/// Tokens, as far as the answer may show them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensGiven {
    /// What a change must repeat in the header `X-CSRF-Token` when it comes with cookies.
    pub csrf_token: String,
    /// In how many seconds the access token ends.
    pub expires_in: i64,
    /// The access token, with `transport: bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Plaintext>,
    /// The refresh token, with `transport: bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Plaintext>,
}

/// Asks for new tokens without cookies.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token, where there is no cookie.
    #[serde(default)]
    pub refresh_token: Option<Plaintext>,
}

/// New tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refreshed {
    /// What happened, for people.
    pub message: String,
    /// The tokens.
    #[serde(flatten)]
    pub tokens: TokensGiven,
}

/// What happened, for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// What happened.
    pub message: String,
}

/// How close the caller's address is to the limit on failed sign-ins.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateLimitStatus {
    /// Whether attempts are refused now.
    pub blocked: bool,
    /// How many failures on one account from one address are let through.
    pub max_requests: i64,
    /// Within how many seconds.
    pub window_seconds: i64,
}

/// What somebody is in an organization.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MembershipView {
    /// The organization, `org_…`.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The role in it.
    pub role: String,
}

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Identifier, `per_…`.
    pub id: String,
    /// What they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// `admin` for the staff, `tenant` for customers.
    pub role: String,
    /// Their role in the staff.
    pub staff_role: Option<String>,
    /// The organizations that they belong to.
    pub memberships: Vec<MembershipView>,
    /// The session, `ses_…`.
    pub session: String,
    /// How they proved who they are.
    pub methods: Vec<String>,
    /// When they last did.
    pub authenticated_at: Timestamp,
    /// Whether a second factor has to be set up before anything else is allowed.
    pub requires_setup: bool,
    /// With what they can prove anew who they are: `password`, `totp`, `passkey`, `recovery`.
    pub step_up_methods: Vec<String>,
    /// What a change must repeat in the header `X-CSRF-Token` when it comes with cookies.
    pub csrf_token: String,
}

/// A session of the person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Identifier, `ses_…`.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// How they proved who they are.
    pub methods: Vec<String>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_seen_at: Timestamp,
    /// When they have to sign in anew.
    pub expires_at: Timestamp,
    /// The client's address at sign-in.
    pub address: Option<String>,
    /// What the client called itself.
    pub user_agent: Option<String>,
}

/// Sessions in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// The sessions, newest first.
    pub items: Vec<Session>,
}

/// An attempt to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInEntry {
    /// When.
    pub at: Timestamp,
    /// From which address; of IPv6, from which network.
    pub address: String,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// `succeeded`, `failed`, or `challenged`: the password was right and no second factor was shown.
    pub outcome: String,
}

/// Attempts to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInHistory {
    /// The attempts, newest first, at most a hundred.
    pub items: Vec<SignInEntry>,
}

/// Asks for another password of one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password in force.
    #[serde(default)]
    #[schema(required = true)]
    pub current_password: Option<Plaintext>,
    /// The new one.
    #[serde(default)]
    #[schema(required = true)]
    pub new_password: Option<Plaintext>,
}

/// Uses up a one-time link of a person's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseLink {
    /// What stands behind the `#` of the link.
    #[serde(default)]
    #[schema(required = true)]
    pub token: Option<Plaintext>,
    /// The password to set; not for another address.
    #[serde(default)]
    pub new_password: Option<Plaintext>,
    /// The name for people, for an invitation; the address by default.
    #[serde(default)]
    pub name: Option<String>,
}

/// What became of a person's link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkUsed {
    /// What happened, for people.
    pub message: String,
    /// What to sign in with.
    pub login: String,
    /// Where to sign in.
    pub url: String,
}

/// A one-time link, to be handed to the person that it is for. It is shown this once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OneTimeLink {
    /// The link.
    pub link: Plaintext,
    /// Whom it is for.
    pub email: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Invites somebody.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Their e-mail address.
    #[serde(default)]
    #[schema(required = true)]
    pub email: Option<String>,
    /// The role that they get, never above the caller's own.
    #[serde(default)]
    #[schema(required = true)]
    pub role: Option<String>,
}

/// Somebody of the staff.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Identifier, `per_…`.
    pub id: String,
    /// What they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their role in the staff; none for a customer.
    pub role: Option<String>,
    /// `active` or `disabled`.
    pub state: String,
    /// When they accepted their invitation.
    pub created_at: Timestamp,
    /// When they were shut out.
    pub disabled_at: Option<Timestamp>,
}

/// An invitation that was not accepted yet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Whom it invites.
    pub email: String,
    /// The role that it gives.
    pub role: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The staff.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonList {
    /// The people, by address.
    pub items: Vec<Person>,
    /// Those who did not accept yet.
    pub invitations: Vec<Invitation>,
}

/// Changes a person. At least one field.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePerson {
    /// Another role in the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `disabled` shuts them out and ends their sessions at once; `active` lets them in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// Makes a link with which a person signs in with another address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new address.
    #[serde(default)]
    #[schema(required = true)]
    pub new_email: Option<String>,
}

/// Makes an organization, or gives it another name.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameOrganization {
    /// Its name, 1 to 120 characters, of no other organization.
    #[serde(default)]
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A customer's account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Identifier, `org_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many belong to it.
    pub members: i64,
    /// How many tenants it has, tombstones not counted.
    pub tenants: i64,
    /// Whether its members must have a second factor.
    #[serde(default)]
    pub requires_second_factor: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it wants of support accesses to its tenants: `open`, `approval` or `never`.
    pub support_access: String,
}

/// Customers' accounts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganizationList {
    /// The organizations, by name.
    pub items: Vec<Organization>,
}

/// Somebody who belongs to an organization.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Identifier, `per_…`.
    pub id: String,
    /// What they sign in with.
    pub email: String,
    /// The e-mail address that they gave when they registered, while nobody has confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_email: Option<String>,
    /// Their name.
    pub name: String,
    /// Their role in the organization.
    pub role: String,
    /// When they joined.
    pub since: Timestamp,
}

/// Who belongs to an organization.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    /// The members, by address.
    pub items: Vec<Member>,
    /// Those who did not accept yet.
    pub invitations: Vec<Invitation>,
}

/// Gives a member another role.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// The role in the organization.
    #[serde(default)]
    #[schema(required = true)]
    pub role: Option<String>,
}

/// Gives a tenant to an organization, or takes it back.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTenant {
    /// The organization, `org_…`; nothing takes the tenant back.
    #[serde(default)]
    pub organization: Option<String>,
}
