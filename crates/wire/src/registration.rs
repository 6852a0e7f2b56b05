//! Customers who register themselves.

use crate::person::TokensGiven;
use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Registers somebody, and makes a workspace for them to try.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The company's name, 1 to 120 characters.
    #[serde(default)]
    #[schema(required = true, example = "Acme S.R.L.")]
    pub company_name: Option<String>,
    /// Their own name, 1 to 120 characters.
    #[serde(default)]
    #[schema(required = true, example = "Ana Pérez")]
    pub name: Option<String>,
    /// Their e-mail address. Nobody confirms it, so that it is no address to sign in with yet.
    #[serde(default)]
    #[schema(required = true, example = "ana@example.com")]
    pub email: Option<String>,
    /// The password.
    #[serde(default)]
    #[schema(required = true)]
    pub new_password: Option<Plaintext>,
    /// The workspace's address: 3 to 40 of `a-z 0-9 - _`, letters or digits at both ends, not reserved. They sign in by it.
    #[serde(default)]
    #[schema(required = true, example = "acme")]
    pub subdomain: Option<String>,
    /// The workspace's language: `es` or `en`, or one of them with a country; the installation's by default.
    #[serde(default)]
    pub language: Option<String>,
    /// `cookie` (the default) sets the tokens as cookies for browsers; `bearer` gives them in the answer and sets none.
    #[serde(default)]
    pub transport: Option<String>,
}

/// Somebody registered, and is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// What happened, for people.
    pub message: String,
    /// What they sign in with, until staff confirm their e-mail address.
    pub sign_in: String,
    /// The workspace.
    pub subdomain: String,
    /// The operation that makes it, `ope_…`; nothing when the same registration was sent again.
    pub operation_id: Option<String>,
    /// When its time ends.
    pub expires_at: Option<Timestamp>,
    /// Where to go on.
    pub redirect_url: String,
    /// Who, `per_…`.
    pub user_id: String,
    /// What is new about the tokens.
    #[serde(flatten)]
    pub tokens: TokensGiven,
}

/// The address that somebody wishes for their workspace.
#[derive(Clone, Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WishedAddress {
    /// The address.
    #[serde(default)]
    #[param(required = true)]
    pub subdomain: Option<String>,
}

/// Whether an address can be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressState {
    /// The address.
    pub subdomain: String,
    /// Whether it can be had now.
    pub is_free: bool,
}
