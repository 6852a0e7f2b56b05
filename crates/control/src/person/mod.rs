//! People: signing in and out, sessions, passwords, one-time links, the staff.

pub(crate) mod account;
pub(crate) mod change;
pub(crate) mod forget;
pub(crate) mod invite;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod proof;
pub(crate) mod refresh;
pub(crate) mod refusal;
pub(crate) mod register;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod view;
