//! Real PostgreSQL servers and real child processes, started, killed and started again.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on shall say where"
)]

mod cluster_life;
mod crash;
mod helper;
mod leftover;
mod readiness;
mod supervision;
mod support;
