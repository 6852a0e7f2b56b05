//! Single sign-on as the API takes and shows it: identity providers, and signing in with one.

use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Adds an identity provider.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddProvider {
    /// Name for people: what stands behind "Continue with".
    #[serde(default)]
    #[schema(required = true)]
    pub name: Option<String>,
    /// The provider's own name and address, to the letter. It cannot be changed.
    #[serde(default)]
    #[schema(required = true)]
    pub issuer: Option<String>,
    /// What the provider calls us. It cannot be changed.
    #[serde(default)]
    #[schema(required = true)]
    pub client_id: Option<String>,
    /// How the provider knows us. It is sealed and never shown.
    #[serde(default)]
    pub client_secret: Option<Plaintext>,
    /// The organization whose members it speaks for, `org_…`; without it, the staff. It cannot be changed.
    #[serde(default)]
    pub organization: Option<String>,
    /// The e-mail domains that it may speak for. Without any, accounts are joined with it by their people alone.
    #[serde(default)]
    pub domains: Option<Vec<String>>,
    /// The role of somebody who has no account yet, never `owner`; `none` (the default) lets only known people in.
    #[serde(default)]
    pub newcomers: Option<String>,
    /// `optional` (the default), or `enforced`: passwords open nothing any more where it speaks.
    #[serde(default)]
    pub policy: Option<String>,
}

/// Changes an identity provider.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProvider {
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// How the provider knows us.
    #[serde(default)]
    pub client_secret: Option<Plaintext>,
    /// The e-mail domains that it may speak for.
    #[serde(default)]
    pub domains: Option<Vec<String>>,
    /// The role of somebody who has no account yet, or `none`.
    #[serde(default)]
    pub newcomers: Option<String>,
    /// `optional` or `enforced`.
    #[serde(default)]
    pub policy: Option<String>,
    /// `enabled`, or `disabled`: nobody signs in with it, and every session that it opened ends.
    #[serde(default)]
    pub state: Option<String>,
}

/// An identity provider.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Provider {
    /// Identifier, `idp_…`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Its own name and address.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// Whether it knows us by a secret.
    pub has_secret: bool,
    /// `staff` or `organization`.
    pub scope: String,
    /// The organization, `org_…`.
    pub organization: Option<String>,
    /// The e-mail domains that it may speak for.
    pub domains: Vec<String>,
    /// The role of somebody who has no account yet, or `none`.
    pub newcomers: String,
    /// `optional` or `enforced`.
    pub policy: String,
    /// `enabled` or `disabled`.
    pub state: String,
    /// What has to be written down at the provider as the redirect address.
    pub redirect_uri: String,
    /// What can be written down at the provider as the address for back-channel logout.
    pub logout_uri: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The identity providers.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ProviderList {
    /// The providers, by name.
    pub items: Vec<Provider>,
}

/// What was found when a provider was asked.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ProviderCheck {
    /// Whether somebody can sign in with it, as far as that can be seen without somebody who does.
    pub ok: bool,
    /// What was found, for people.
    pub detail: String,
    /// What was wrong, as a stable word.
    pub problem: Option<String>,
    /// With what it signs, of what is taken here.
    pub algorithms: Vec<String>,
    /// How many of its keys can be used.
    pub keys: usize,
}

/// A provider that is offered at sign-in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct OfferedProvider {
    /// Identifier, `idp_…`.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// What is offered at sign-in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct OfferedProviders {
    /// The providers, by name.
    pub items: Vec<OfferedProvider>,
}

/// A sign-in at a provider was begun.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct SignOnBegun {
    /// Where the browser goes now.
    pub url: String,
}

/// Who one is at a provider.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct LinkedProvider {
    /// The provider, `idp_…`.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// When it was added to the account.
    pub linked_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
}

/// Who one is at providers.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct LinkedProviders {
    /// By the providers' names.
    pub items: Vec<LinkedProvider>,
}

/// A provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0), as a form.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BackChannelLogout {
    /// The signed token that says who.
    pub logout_token: Plaintext,
}
