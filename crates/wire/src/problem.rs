//! Errors on the wire: RFC 9457 problem details.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error as `application/problem+json` (RFC 9457). `detail` is where older clients look too.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem, as a stable path below the documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words, in the caller's language.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// This occurrence in words, in the caller's language, with what to do next.
    pub detail: String,
    /// The id under which the log tells more; the `X-Request-Id` of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The operation that failed, or that stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The block of the front door that stands in the way; staff can look it up and lift it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// With what the caller can prove anew who they are, where that is wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The fields that broke a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// One field that broke a rule.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// The field's name, as a path when it is nested.
    pub field: String,
    /// The rule that it broke, in the caller's language.
    pub detail: String,
}
