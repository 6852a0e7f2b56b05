//! Every field of every request.

mod kept;
mod machines;
mod people;
mod tenants;

use super::kinds::{Kind, Need};
use serde_json::Value;

/// A request that has nothing wrong with it, and its fields.
#[derive(Debug)]
pub struct Request {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub fields: Vec<(&'static str, Kind, Need)>,
}

/// The upload that is there.
pub const UPLOAD: &str = "upl_00000000000000000000000000000001";

/// The whole table. The node is `alpha`, its domain `example.com`, and there is a tenant `acme`.
pub fn table() -> Vec<Request> {
    let parts = [tenants::rows(), kept::rows(), people::rows(), machines::rows()];
    parts.into_iter().flatten().collect()
}

const fn row(
    method: &'static str,
    path: &'static str,
    body: Value,
    fields: Vec<(&'static str, Kind, Need)>,
) -> Request {
    Request {
        method,
        path,
        body,
        fields,
    }
}
