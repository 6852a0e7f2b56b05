//! The HTTP face over a real control plane and a real PostgreSQL, driven by clients and by nodes that speak
//! the protocol.

mod app;
mod audit;
mod backups;
mod catalogue;
mod create;
mod databases;
mod door;
mod draining;
mod events;
mod expiry;
mod factor;
mod input;
mod life;
mod list;
mod nodes;
mod observed;
mod openapi;
mod owner;
mod panel;
mod people;
mod protocol;
mod provisioning;
mod registration;
mod routes;
mod sso;
mod support;
mod uploads;
