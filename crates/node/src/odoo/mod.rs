//! What the node writes into Odoo's own tables. Every statement takes its values as parameters.

pub(crate) mod administrator;
pub(crate) mod attachment;
pub(crate) mod company;
pub(crate) mod content;
pub(crate) mod entry;
pub(crate) mod identity;
pub(crate) mod language;
pub(crate) mod module;
pub(crate) mod parameter;
pub(crate) mod password;
pub(crate) mod relation;
pub(crate) mod signal;
pub(crate) mod strip;
pub(crate) mod website;
