//! The node against a real PostgreSQL, with Odoo's own tables and a stand-in for its command line.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics has failed, which is what it is for"
)]

mod adopt_template;
mod agent;
mod asked;
mod backup;
mod closing;
mod create;
mod damage;
mod entry;
mod export;
mod faults;
mod full;
mod identity;
mod moving;
mod one_moment;
mod place;
mod pool;
mod real_odoo;
mod rewind;
mod shared_folder;
mod template;
mod tenant_life;
mod unmanaged;
mod upkeep;
