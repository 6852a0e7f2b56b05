//! Errors as problem+json: the one place that knows which error is which status.

mod control_error;
mod factor;
mod failure_text;
mod kind;
mod rule_text;
mod sign_on;

pub(crate) use factor::FactorKind;
pub(crate) use failure_text::{plain, told};
pub(crate) use kind::Kind;
pub(crate) use sign_on::explained;

use crate::language::Language;
use crate::observation::request_id;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{BlockId, FieldError, Method, OperationId};
use wire::problem::{FieldProblem, Problem};

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    fields: Vec<FieldError>,
    operation: Option<OperationId>,
    block: Option<BlockId>,
    /// After how many seconds to come again.
    after: Option<u64>,
    /// With what the caller can prove anew who they are.
    methods: Option<Box<[Method]>>,
    /// Words that replace the kind's own, for failures that a node explained.
    words: Option<String>,
}

/// What handlers give: an answer, or a failure that becomes a problem document.
pub(crate) type Answer<T> = Result<T, Failure>;

impl Failure {
    /// A failure of this kind.
    pub(crate) const fn of(kind: Kind) -> Self {
        Self {
            kind,
            fields: Vec::new(),
            operation: None,
            block: None,
            after: None,
            methods: None,
            words: None,
        }
    }

    /// Fields that broke rules.
    pub(crate) fn fields(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::of(Kind::Invalid)
        }
    }

    /// What kind of failure it is.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// What it says, for pages that say it themselves.
    pub(crate) fn detail(self) -> String {
        let (_, problem) = self.problem(Language::current());
        problem.detail
    }

    /// The operation that failed or stands in the way.
    pub(crate) fn with_operation(self, operation: Option<OperationId>) -> Self {
        Self { operation, ..self }
    }

    /// The block that stands in the way.
    pub(crate) fn with_block(self, id: BlockId) -> Self {
        let (_, words) = self.kind.text(Language::current());
        Self {
            block: Some(id),
            words: Some(format!("{words} {id}")),
            ..self
        }
    }

    /// After how many seconds to come again.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self {
            after: Some(seconds),
            ..self
        }
    }

    /// With what the caller can prove anew who they are.
    pub(crate) fn with_methods(self, methods: Vec<Method>) -> Self {
        Self {
            methods: Some(methods.into_boxed_slice()),
            ..self
        }
    }

    /// The words of whoever knows better.
    pub(crate) fn in_words(self, words: String) -> Self {
        Self {
            words: Some(words),
            ..self
        }
    }

    fn problem(self, language: Language) -> (StatusCode, Problem) {
        let status = self.kind.status();
        let errors: Vec<FieldProblem> = self
            .fields
            .into_iter()
            .map(|error| FieldProblem {
                detail: rule_text::text(&error.rule, language),
                field: error.field,
            })
            .collect();
        let (title, own_words) = self.kind.text(language);
        let detail = match (self.words, errors.is_empty()) {
            (Some(words), _) => words,
            (None, true) => own_words.to_owned(),
            (None, false) => {
                let named: Vec<String> = errors
                    .iter()
                    .map(|error| format!("{}: {}", error.field, error.detail))
                    .collect();
                named.join("; ")
            }
        };
        let problem = Problem {
            kind: format!("/problems/{}", self.kind.slug()),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            request_id: request_id(),
            operation: self.operation.map(|id| id.to_string()),
            block: self.block.map(|id| id.to_string()),
            methods: self.methods.iter().flatten().map(ToString::to_string).collect(),
            errors,
        };
        (status, problem)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let kind = self.kind;
        let after = self.after.or(match kind {
            Kind::Unavailable => Some(5),
            Kind::Overloaded | Kind::TookTooLong => Some(1),
            _ => None,
        });
        let (status, problem) = self.problem(Language::current());
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if kind == Kind::Unauthenticated {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"Tenantry\""),
            );
        }
        if let Some(seconds) = after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if kind == Kind::SlowBody {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(kind);
        response
    }
}
