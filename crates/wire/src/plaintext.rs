//! A secret that has to travel: readable by serde, invisible to `Debug`.

use domain::Secret;
use serde::{Deserialize, Serialize, Serializer};

/// A secret text on its way through the wire. Unlike [`Secret`] it can be serialized, so it may only
/// stand in messages whose purpose is to carry it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Plaintext(Secret<String>);

impl Plaintext {
    /// Wraps a secret text.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Serialize for Plaintext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl utoipa::PartialSchema for Plaintext {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::Password,
            )))
            .into()
    }
}

impl utoipa::ToSchema for Plaintext {}
