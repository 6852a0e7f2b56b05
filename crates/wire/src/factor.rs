//! Second factors, passkeys and proving anew who one is, as the API takes and shows them.

use crate::person::SignedIn;
use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a sign-in came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// Somebody is signed in.
    Done(SignedIn),
    /// The password is right, and a second factor is wanted.
    SecondStep(SecondStepWanted),
}

/// The password is right. No cookie is set before a second factor is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondStepWanted {
    /// What happened, for people.
    pub message: String,
    /// `admin` for the staff, `tenant` for customers.
    pub role: String,
    /// That a second factor is wanted: true.
    pub requires_totp: bool,
    /// For `POST /api/auth/totp/verify`, good for one sign-in.
    pub challenge: Plaintext,
    /// With what it can be answered: `totp`, `passkey`, `recovery`.
    pub methods: Vec<String>,
    /// In how many seconds it ends.
    pub expires_in: i64,
    /// The options for `navigator.credentials.get`, where there are passkeys; good for one try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub passkey: Option<Value>,
}

/// Answers the second step of a sign-in, with a code or with a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondStep {
    /// What the first step gave.
    #[serde(default)]
    #[schema(required = true)]
    pub challenge: Option<Plaintext>,
    /// A code of the app, or a recovery code.
    #[serde(default)]
    pub totp_code: Option<Plaintext>,
    /// What `navigator.credentials.get` gave, as its `toJSON` writes it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub credential: Option<Value>,
    /// `cookie` (the default) or `bearer`, as for signing in.
    #[serde(default)]
    pub transport: Option<String>,
}

/// The set-up of codes, shown this once. It counts when a code has confirmed it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotpSetup {
    /// What to do, for people.
    pub message: String,
    /// The secret in base32, to be typed where no picture can be read.
    pub secret: Plaintext,
    /// The same as an `otpauth://` address.
    pub otpauth_uri: Plaintext,
    /// The same as a picture, a `data:` address.
    pub qr_code: Plaintext,
    /// Ten recovery codes, which count from the confirmation on, in the place of earlier ones.
    pub backup_codes: Vec<Plaintext>,
}

/// A code of the app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGiven {
    /// The code.
    #[serde(default)]
    #[schema(required = true)]
    pub code: Option<Plaintext>,
}

/// A code of the app or a recovery code; without it, a proof of identity that is not long ago.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeAgain {
    /// The code.
    #[serde(default)]
    pub code: Option<Plaintext>,
}

/// How one's second factors stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactorStatus {
    /// Whether codes of an app are set up and confirmed.
    pub enabled: bool,
    /// How many recovery codes are left.
    pub remaining_backup_codes: i64,
    /// How many passkeys there are.
    pub passkeys: i64,
    /// Whether a second factor is wanted, so that the last one cannot be taken away.
    pub required: bool,
    /// Whether passkeys can be used at the panel's address.
    pub passkeys_available: bool,
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// What happened, for people.
    pub message: String,
    /// The codes; the earlier ones are void.
    pub backup_codes: Vec<Plaintext>,
}

/// What a passkey is to sign.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyCeremony {
    /// What the answer has to repeat; good for one answer.
    pub challenge: Plaintext,
    /// The options for `navigator.credentials`, to be read with `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub options: Value,
    /// In how many seconds it ends.
    pub expires_in: i64,
}

/// A new passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// What the ceremony gave.
    #[serde(default)]
    #[schema(required = true)]
    pub challenge: Option<Plaintext>,
    /// A name, 1 to 120 characters, by which to know it again.
    #[serde(default)]
    #[schema(required = true)]
    pub name: Option<String>,
    /// What `navigator.credentials.create` gave, as its `toJSON` writes it.
    #[serde(default)]
    #[schema(required = true, value_type = Object)]
    pub credential: Option<Value>,
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
pub struct Passkey {
    /// Identifier, `pky_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A passkey that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyAdded {
    /// The passkey.
    pub passkey: Passkey,
    /// Ten recovery codes, shown this once, if it is the first second factor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backup_codes: Vec<Plaintext>,
}

/// One's passkeys.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyList {
    /// The passkeys, the oldest first.
    pub items: Vec<Passkey>,
}

/// Signs in with a passkey alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    /// What the ceremony gave.
    #[serde(default)]
    #[schema(required = true)]
    pub challenge: Option<Plaintext>,
    /// What `navigator.credentials.get` gave, as its `toJSON` writes it.
    #[serde(default)]
    #[schema(required = true, value_type = Object)]
    pub credential: Option<Value>,
    /// `cookie` (the default) or `bearer`, as for signing in.
    #[serde(default)]
    pub transport: Option<String>,
}

/// Proves anew who one is, in one of these ways. A password serves only whoever has no second factor.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// The password.
    #[serde(default)]
    pub password: Option<Plaintext>,
    /// A code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<Plaintext>,
    /// What the passkey's ceremony gave.
    #[serde(default)]
    pub challenge: Option<Plaintext>,
    /// What `navigator.credentials.get` gave, as its `toJSON` writes it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub credential: Option<Value>,
}

/// Somebody proved anew who they are.
#[derive(Debug, Serialize, ToSchema)]
pub struct SteppedUp {
    /// What happened, for people.
    pub message: String,
    /// How.
    pub method: String,
    /// When, for this session.
    pub authenticated_at: Timestamp,
}

/// Says whether an organization's members must have a second factor.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireFactor {
    /// Whether they must.
    #[serde(default)]
    #[schema(required = true)]
    pub required: Option<bool>,
}
