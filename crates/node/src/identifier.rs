//! Names of databases and roles on their way into SQL. This file alone quotes them.

use domain::{DatabaseName, TemplateName, TenantId};
use std::{fmt, str::FromStr};
use thiserror::Error;
use uuid::Uuid;

/// PostgreSQL's limit for a name, in bytes.
const LONGEST: usize = 63;

/// The text is not a name that the node would write into SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a name must be 1 to 63 of a-z 0-9 _")]
pub struct NameRefused;

/// A name of a database or a role: 1 to 63 of `a-z 0-9 _`.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identifier(String);

impl Identifier {
    /// The name as it is, for a bind parameter, a path or a person.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as SQL takes it.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// The database that a tenant is made in before it gets its name.
    pub(crate) fn unborn(tenant: TenantId) -> Self {
        Self(format!("tenantry_new_{}", tenant.uuid().simple()))
    }

    /// A clone that waits for its tenant.
    pub(crate) fn pooled(id: Uuid) -> Self {
        Self(format!("tenantry_pool_{}", id.simple()))
    }

    /// Whether this is the name of a clone that waits, or waited, for its tenant.
    pub(crate) fn is_pooled(&self) -> bool {
        self.0.starts_with("tenantry_pool_")
    }

    /// The role that fills a tenant's database from a file that somebody uploaded.
    pub(crate) fn importer(tenant: TenantId) -> Self {
        Self(format!("tenantry_import_{}", tenant.uuid().simple()))
    }

    /// What a deleted tenant's database is called.
    pub(crate) fn tombstone(tenant: TenantId) -> Self {
        Self(format!("tenantry_tomb_{}", tenant.uuid().simple()))
    }

    /// What is left of a tenant that moved to another node.
    pub(crate) fn kept(tenant: TenantId) -> Self {
        Self(format!("tenantry_kept_{}", tenant.uuid().simple()))
    }

    /// The folder of a backup's second links to files; `id` is the backup's.
    pub(crate) fn links(id: Uuid) -> Self {
        Self(format!("tenantry_backup_{}", id.simple()))
    }

    /// The database that a backup is restored into to prove it; `id` is the backup's.
    pub(crate) fn proof(id: Uuid) -> Self {
        Self(format!("tenantry_proof_{}", id.simple()))
    }

    /// The database that a template is built in; `id` is the command's.
    pub(crate) fn build(id: Uuid) -> Self {
        Self(format!("tenantry_build_{}", id.simple()))
    }

    /// What a template that was replaced is called until it is dropped; `id` is the command's.
    pub(crate) fn replaced(id: Uuid) -> Self {
        Self(format!("tenantry_old_{}", id.simple()))
    }
}

impl From<&DatabaseName> for Identifier {
    fn from(name: &DatabaseName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl From<&TemplateName> for Identifier {
    fn from(name: &TemplateName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl FromStr for Identifier {
    type Err = NameRefused;
    fn from_str(text: &str) -> Result<Self, NameRefused> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned())).ok_or(NameRefused)
    }
}

impl TryFrom<String> for Identifier {
    type Error = NameRefused;
    fn try_from(text: String) -> Result<Self, NameRefused> {
        text.parse()
    }
}

impl From<Identifier> for String {
    fn from(name: Identifier) -> Self {
        name.0
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A table or an index as PostgreSQL's catalogue names it, whatever it is called. It comes from there alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    schema: String,
    name: String,
}

impl Relation {
    /// What the catalogue says; both of its own types, so that neither is longer than a name can be.
    pub(crate) const fn new(schema: String, name: String) -> Self {
        Self { schema, name }
    }

    /// The name as SQL takes it.
    pub(crate) fn quoted(&self) -> String {
        let quoted = |part: &str| part.replace('"', "\"\"");
        format!("\"{}\".\"{}\"", quoted(&self.schema), quoted(&self.name))
    }

    /// The name as people are told it.
    pub(crate) fn told(&self) -> String {
        match self.schema.as_str() {
            "public" => self.name.clone(),
            schema => format!("{schema}.{}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_leave_its_quotes_is_a_name() {
        for text in ["", "a\"b", "a b", "á", "A", "a-b", "a;b", &"a".repeat(64)] {
            assert_eq!(text.parse::<Identifier>(), Err(NameRefused), "{text}");
        }
        let name: Identifier = "acme_2".parse().unwrap();
        assert_eq!(name.quoted(), "\"acme_2\"");
    }

    #[test]
    fn what_the_catalogue_names_does_not_leave_its_quotes() {
        let odd = Relation::new("public".to_owned(), "a\"; DROP TABLE b; --".to_owned());
        assert_eq!(odd.quoted(), "\"public\".\"a\"\"; DROP TABLE b; --\"");
        assert_eq!(odd.told(), "a\"; DROP TABLE b; --");
    }
}
