//! The HTTP face of the control plane: the API, the protocol with nodes, a few pages, the OpenAPI document.
//!
//! The only crate that knows status codes. A handler parses, calls one use case and converts.

mod answer;
mod api;
mod client;
mod cookies;
mod identity;
mod input;
mod language;
mod node_protocol;
mod observation;
mod openapi;
mod origin;
mod pages;
mod prefer;
mod problem;
mod refusal;
mod router;
mod serving;

pub use openapi::document;
pub use router::router;
pub use serving::serve;

use control::Control;

/// What every handler can reach.
#[derive(Clone, Debug)]
pub struct App {
    /// The use cases.
    pub control: Control,
}
