//! Whose scripts may use the API from a browser (CORS): nobody's, but for the origins that the operator lists.
//! Cookies are not for them: nothing here lets a browser send credentials along by itself.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// For how long a browser may remember a permission, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const ASKED: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept-language, idempotency-key, prefer, x-api-key",
);
const TOLD: HeaderValue =
    HeaderValue::from_static("location, ratelimit, ratelimit-policy, retry-after, x-request-id");

/// What an answer says to the browser of another origin.
#[derive(Debug)]
pub(super) struct Told {
    allowed: Option<HeaderValue>,
    depends: bool,
}

/// Judges a request's origin; gives the answer as well if it is the browser's question beforehand.
pub(super) fn judge(origins: &[String], request: &Request) -> (Told, Option<Response>) {
    let open = !origins.is_empty() && request.uri().path().starts_with("/api/");
    let origin = request.headers().get(header::ORIGIN).filter(|_| open);
    let listed = |value: &&HeaderValue| origins.iter().any(|known| value.as_bytes() == known.as_bytes());
    let told = Told {
        allowed: origin.filter(listed).cloned(),
        depends: open,
    };
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let answer = (asks && told.allowed.is_some()).then(|| {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    });
    (told, answer)
}

impl Told {
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        if self.depends {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = &self.allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, TOLD);
        }
    }
}
