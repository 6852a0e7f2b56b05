//! The audit trail over HTTP: every route that changes something writes into it, and everybody sees what is theirs.

mod chain;
mod coverage;
mod list;
mod scenes;
