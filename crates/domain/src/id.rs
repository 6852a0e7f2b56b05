//! Identifiers: one type for each kind of thing, UUIDv7 inside, a readable prefix in text.

use crate::rule::Rule;
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of this kind's text form, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUID that was made for this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = Rule;
            fn from_str(text: &str) -> Result<Self, Rule> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(Rule::Identifier { prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = Rule;
            fn try_from(text: String) -> Result<Self, Rule> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

identifier!(
    /// A customer's instance of a product.
    TenantId, "ten"
);
identifier!(
    /// A server that runs products.
    NodeId, "nod"
);
identifier!(
    /// A durable piece of work with steps and an outcome.
    OperationId, "ope"
);
identifier!(
    /// One order to a node.
    CommandId, "cmd"
);
identifier!(
    /// A piece of the control plane's own durable work.
    JobId, "job"
);
identifier!(
    /// A prepared database that tenants are cloned from.
    TemplateId, "tpl"
);
identifier!(
    /// An API key's public identity; never its secret.
    ApiKeyId, "key"
);
identifier!(
    /// Somebody who can sign in.
    PersonId, "per"
);
identifier!(
    /// A time that somebody is signed in, on one device.
    SessionId, "ses"
);
identifier!(
    /// A passkey that somebody signs in with.
    PasskeyId, "pky"
);
identifier!(
    /// A customer's account, with members.
    OrganizationId, "org"
);
identifier!(
    /// An identity provider that people sign in with.
    ProviderId, "idp"
);
identifier!(
    /// A rule of the front door that refused an address; the same rule and address have the same one.
    BlockId, "blk"
);
identifier!(
    /// A support access: staff inside a customer's tenant, for a reason and a time.
    SupportId, "sup"
);
identifier!(
    /// A stream from one node to another, through the server.
    TransferId, "trf"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_goes_there_and_back_and_refuses_another_kind() {
        let id = TenantId::from_uuid(Uuid::from_u128(7));
        let text = id.to_string();
        assert_eq!(text, "ten_00000000000000000000000000000007");
        assert_eq!(text.parse::<TenantId>(), Ok(id));
        assert_eq!(text.parse::<NodeId>(), Err(Rule::Identifier { prefix: "nod" }));
    }
}
identifier!(
    /// A backup of a tenant.
    BackupId, "bak"
);
identifier!(
    /// Something that a node is asked, and that ends with whoever waits for the answer.
    QuestionId, "que"
);
identifier!(
    /// A link with which something can be fetched.
    DownloadId, "dwn"
);
identifier!(
    /// A file that comes in piece by piece.
    UploadId, "upl"
);
