//! What is sold: plans and products, as the API takes and shows them.

use crate::backups::BackupSchedule;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Plan {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// How many users a tenant may have; nothing is no limit.
    pub max_users: Option<i64>,
    /// How much a tenant's database and files may hold together, in bytes; nothing is no limit.
    pub max_storage_bytes: Option<i64>,
    /// Order in lists, the smallest first.
    pub position: i64,
    /// Whether tenants are put on it; those that are on it stay.
    pub is_offered: bool,
    /// When its tenants are backed up, as far as it says so.
    #[serde(default)]
    pub backup_schedule: BackupSchedule,
    /// How many tenants are on it, deleted ones not counted.
    pub tenants: i64,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Product {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// The driver that makes it.
    pub driver: String,
    /// Order in lists, the smallest first.
    pub position: i64,
    /// Whether tenants of it are made; those that are there stay.
    pub is_offered: bool,
    /// How many tenants there are of it, deleted ones not counted.
    pub tenants: i64,
}

/// Adds a plan.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePlan {
    /// Its name in the API: 2 to 40 of `a-z 0-9 - _`. It stays.
    #[serde(default)]
    #[schema(required = true, example = "team")]
    pub name: Option<String>,
    /// Its name for people, 1 to 120 characters.
    #[serde(default)]
    #[schema(required = true, example = "Team")]
    pub display_name: Option<String>,
    /// How many users a tenant may have; 0, as without it, is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_users: Option<i64>,
    /// How many bytes a tenant's database and files may hold together; 0, as without it, is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_storage_bytes: Option<i64>,
    /// Order in lists; the last by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether tenants are put on it; `true` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_offered: Option<bool>,
}

/// Changes a plan. At least one field; what is not said stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePlan {
    /// Another name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// How many users a tenant may have; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_users: Option<i64>,
    /// How many bytes a tenant's database and files may hold together; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_storage_bytes: Option<i64>,
    /// Order in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether tenants are put on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_offered: Option<bool>,
}

/// Adds a product.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    /// Its name in the API: 2 to 40 of `a-z 0-9 - _`. It stays.
    #[serde(default)]
    #[schema(required = true, example = "shop")]
    pub name: Option<String>,
    /// Its name for people, 1 to 120 characters.
    #[serde(default)]
    #[schema(required = true, example = "Shop")]
    pub display_name: Option<String>,
    /// The driver that makes it: `odoo`, as by default. It stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Order in lists; the last by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether tenants of it are made; `true` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_offered: Option<bool>,
}

/// Changes a product. At least one field; what is not said stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProduct {
    /// Another name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Order in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Whether tenants of it are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_offered: Option<bool>,
}

/// Repeats the name of what will be removed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemovalOfSold {
    /// The name, again.
    #[serde(default)]
    #[param(required = true)]
    pub confirm: Option<String>,
}
