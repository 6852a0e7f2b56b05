//! The API, one endpoint a file.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod backups;
pub(crate) mod bulk;
pub(crate) mod database;
pub(crate) mod downloads;
pub(crate) mod drain;
pub(crate) mod drift;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod metrics;
pub(crate) mod nodes;
pub(crate) mod operations;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod provisioning;
pub(crate) mod security;
pub(crate) mod settings;
pub(crate) mod sso;
pub(crate) mod support;
pub(crate) mod templates;
pub(crate) mod tenants;
pub(crate) mod uploads;
pub(crate) mod work;
