//! Tenants: `/api/tenants`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod organization;
pub(crate) mod password;
pub(crate) mod pause;
pub(crate) mod purge;
pub(crate) mod relocate;
pub(crate) mod resume;
pub(crate) mod show;
pub(crate) mod suspend;
pub(crate) mod switch;
pub(crate) mod undelete;
pub(crate) mod update;
