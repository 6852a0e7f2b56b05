//! The HTTP face of the control plane: the API, the protocol with nodes, a few pages, the OpenAPI document.
//!
//! The only crate that knows status codes. A handler parses, calls one use case and converts.

mod answer;
mod api;
mod client;
mod compression;
mod cookies;
mod door;
mod identity;
mod input;
mod language;
mod node_proof;
mod node_protocol;
mod node_transfer;
mod observation;
mod openapi;
mod origin;
mod pages;
mod prefer;
mod problem;
mod refusal;
mod relay;
mod router;
mod serving;
mod tls;
mod words;

pub use door::{Connection, Door, DoorSettings, Scheme};
pub use openapi::document;
pub use router::router;
pub use serving::{redirect, serve};
pub use tls::{Certificate, CertificateError, Reloaded};

use control::Control;

/// What every handler can reach.
#[derive(Clone, Debug)]
pub struct App {
    /// The use cases.
    pub control: Control,
    /// What every request passes first.
    pub door: Door,
    /// The certificate that the server itself serves with.
    pub certificate: Option<Certificate>,
}
