//! Backups of tenants: what lies in a store, how it is written and how it is read.
//!
//! A backup is a folder `tenants/<tenant>/<backup>` with three kinds of objects, each compressed with zstd and encrypted with age
//! before it leaves this machine: `database.dump`, archives of files that the store did not have before, and `manifest.json`,
//! which is written last. Without a manifest there is no backup. A later backup names archives of earlier ones for files that are
//! still the same, because Odoo's files never change. A folder of this machine says beside them which node's it is.

pub(crate) mod archive;
pub(crate) mod export;
pub(crate) mod fetch;
pub(crate) mod manifest;
mod owner;
pub(crate) mod page;
pub(crate) mod sealing;
pub(crate) mod snapshot;
pub(crate) mod space;
pub(crate) mod store;
pub(crate) mod write;

use crate::error::{Code, StepFailure};
use domain::{BackupId, TenantId};

/// The folder of all of a tenant's backups in a store.
pub(crate) fn tenant_folder(tenant: TenantId) -> String {
    format!("tenants/{}", tenant.uuid().simple())
}

/// The folder of one backup.
pub(crate) fn folder(tenant: TenantId, backup: BackupId) -> String {
    format!("{}/{}", tenant_folder(tenant), backup.uuid().simple())
}

/// The backup that an object of this name belongs to, and its name within.
pub(crate) fn parts(tenant: TenantId, object: &str) -> Option<(&str, &str)> {
    let rest = object.strip_prefix(&tenant_folder(tenant))?.strip_prefix('/')?;
    rest.split_once('/')
}

/// What is in the store is not what was put there.
pub(crate) fn damaged(what: impl std::fmt::Display) -> StepFailure {
    StepFailure::new(
        Code::BackupDamaged,
        format!("The backup is damaged: {what}. Nothing was changed; use another backup."),
    )
}
