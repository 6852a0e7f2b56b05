//! Who asked for something, by the name that people know them under.

use crate::error::StoreError;
use crate::scope::Scoped;
use domain::{ApiKeyId, PersonId};
use uuid::Uuid;

/// Somebody who asked for something.
#[derive(Debug, Clone)]
pub struct AskerRecord {
    /// As the actor is written: `per_…` or `key_…`.
    pub actor: String,
    /// The name of the person or the key; a person may have none.
    pub name: String,
    /// A person's address.
    pub email: Option<String>,
    /// Whether they are of the staff.
    pub is_staff: bool,
}

impl Scoped {
    /// Those of these actors who are persons or keys.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn askers(&self, actors: &[&str]) -> Result<Vec<AskerRecord>, StoreError> {
        let people: Vec<Uuid> = actors
            .iter()
            .filter_map(|actor| Some(actor.parse::<PersonId>().ok()?.uuid()))
            .collect();
        let keys: Vec<Uuid> = actors
            .iter()
            .filter_map(|actor| Some(actor.parse::<ApiKeyId>().ok()?.uuid()))
            .collect();
        if people.is_empty() && keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", name AS "name!", email AS "email?", staff_role IS NOT NULL AS "is_staff!", true AS "is_person!"
               FROM person WHERE id = ANY($1)
               UNION ALL SELECT id, name, NULL, staff_role IS NOT NULL, false FROM api_key WHERE id = ANY($2)"#,
            &people,
            &keys,
        )
        .fetch_all(&self.pool)
        .await?;
        let known = rows.into_iter().map(|row| AskerRecord {
            actor: match row.is_person {
                true => PersonId::from_uuid(row.id).to_string(),
                false => ApiKeyId::from_uuid(row.id).to_string(),
            },
            name: row.name,
            email: row.email,
            is_staff: row.is_staff,
        });
        Ok(known.collect())
    }
}
