//! The HTTP face over a real control plane and a real PostgreSQL, driven by clients and by nodes that speak
//! the protocol.

mod app;
mod create;
mod events;
mod input;
mod life;
mod list;
mod observed;
mod openapi;
mod owner;
mod people;
mod protocol;
mod provisioning;
mod routes;
