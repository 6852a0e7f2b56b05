//! The commands as an operator meets them, against a real HTTP server that gives canned answers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod backups;
mod changes;
mod connection;
mod databases;
mod door;
mod draining;
mod guards;
mod people;
mod reading;
mod samples;
mod server;
mod shell;
mod support;
mod trail;
mod usage;
mod verbs;
