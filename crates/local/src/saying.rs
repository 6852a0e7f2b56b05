//! What the local API says itself, in place of the control plane: problem documents, in English or Spanish.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::problem::Problem;

/// What there is to say.
pub(crate) enum Saying {
    /// The control plane does not answer.
    Away,
    /// There is no such address.
    NoRoute,
    /// The address does not take this method.
    Method,
    /// The node cannot look at itself, for this reason.
    Blind(String),
}

impl Saying {
    /// The answer, in the language of the request with these headers.
    pub(crate) fn to(self, asked: &HeaderMap) -> Response {
        let accepted = asked.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let spanish = wire::language::prefers_spanish(accepted.unwrap_or_default());
        let (status, kind, title, detail) = match self {
            Self::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                ["The control plane does not answer", "El plano de control no responde"],
                [
                    "The control plane does not answer this node. Try again shortly; a repeated request with the same \
                     Idempotency-Key is done once.",
                    "El plano de control no responde a este nodo. Inténtelo en un momento; una petición repetida con la \
                     misma Idempotency-Key se hace una sola vez.",
                ]
                .map(str::to_owned),
            ),
            Self::NoRoute => (
                StatusCode::NOT_FOUND,
                "not-found",
                ["Not found", "No encontrado"],
                [
                    "The node's local API has no such address.",
                    "La API local del nodo no tiene esa dirección.",
                ]
                .map(str::to_owned),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                ["Method not allowed", "Método no permitido"],
                [
                    "This address takes other methods; the header Allow names them.",
                    "Esta dirección admite otros métodos; la cabecera Allow los nombra.",
                ]
                .map(str::to_owned),
            ),
            Self::Blind(reason) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                ["The node cannot look at itself", "El nodo no puede examinarse"],
                [
                    format!("The node cannot look at itself: {reason}"),
                    format!("El nodo no puede examinarse: {reason}"),
                ],
            ),
        };
        let pick = usize::from(spanish);
        let problem = Problem {
            kind: format!("/problems/{kind}"),
            title: title.get(pick).copied().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: detail.get(pick).cloned().unwrap_or_default(),
            request_id: None,
            operation: None,
            block: None,
            methods: Vec::new(),
            errors: Vec::new(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CONTENT_LANGUAGE, if spanish { "es" } else { "en" }),
        ];
        let mut answer = (status, headers, body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let wait = axum::http::HeaderValue::from_static("5");
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        answer
    }
}
