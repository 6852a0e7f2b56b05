//! `Prefer: wait=N` (RFC 7240): how long a call waits for its operation.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::time::Duration;

/// How long to wait when the caller does not say.
const DEFAULT: Duration = Duration::from_secs(10);
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(120);

/// How long the caller is ready to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefer(pub(crate) Duration);

impl Prefer {
    /// What a request with these headers prefers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut wait = DEFAULT;
        for value in headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            for preference in value.split([',', ';']).map(str::trim) {
                if preference.eq_ignore_ascii_case("respond-async") {
                    wait = Duration::ZERO;
                } else if let Some(seconds) = preference
                    .strip_prefix("wait=")
                    .and_then(|text| text.trim_matches('"').parse().ok())
                {
                    wait = Duration::from_secs(seconds);
                }
            }
        }
        Self(wait.min(LONGEST))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}
