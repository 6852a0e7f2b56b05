//! What can be done with tenants, one file per verb.

pub(crate) mod adopt;
pub(crate) mod bulk;
pub(crate) mod check;
pub(crate) mod closure;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod email;
pub(crate) mod expiry;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod password;
pub(crate) mod purge;
pub(crate) mod relocate;
pub(crate) mod rename;
pub(crate) mod resume;
pub(crate) mod suspend;
pub(crate) mod switch;
pub(crate) mod undelete;
pub(crate) mod update;
pub(crate) mod view;
