//! The HTTP face over a real control plane and a real PostgreSQL, driven by clients and by nodes that speak
//! the protocol.

mod app;
mod create;
mod input;
mod life;
mod openapi;
mod routes;
