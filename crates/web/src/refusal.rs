//! Writing down what was refused: who asked for what, and why not.

use crate::App;
use crate::client;
use crate::identity::shows_something;
use crate::problem::{FactorKind, Kind};
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, OnceLock};
use store::Behalf;

/// Who was recognized in the course of a request, for whoever looks at its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recognized(Arc<OnceLock<Behalf>>);

impl Recognized {
    /// Notes who asks.
    pub(crate) fn note(parts: &Parts, actor: Behalf) {
        if let Some(Self(who)) = parts.extensions.get::<Self>() {
            // The first to be recognized is the one who asks.
            let _ = who.set(actor);
        }
    }
}

/// Why an answer is a refusal that is worth an entry, as a stable word. Nothing that was shown is no attempt.
fn reason(kind: Kind, shown: bool) -> Option<&'static str> {
    match kind {
        Kind::Forbidden => Some("role"),
        Kind::ForeignPage => Some("foreign-page"),
        Kind::LinkOver => Some("link"),
        Kind::Factor(FactorKind::Required) => Some("factor"),
        Kind::Factor(FactorKind::StepUp) => Some("step-up"),
        Kind::Factor(FactorKind::ChallengeOver) => Some("challenge"),
        Kind::Unauthenticated if shown => Some("credential"),
        _ => None,
    }
}

/// Writes refusals into the audit trail. Doors that people sign in at write their own.
pub(crate) async fn audit(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let recognized = Recognized::default();
    parts.extensions.insert(recognized.clone());
    let shown = shows_something(&parts, &app);
    let client = client::of(&parts);
    let route = parts
        .extensions
        .get::<MatchedPath>()
        .map(|path| format!("{} {}", parts.method, path.as_str()));
    let response = next.run(Request::from_parts(parts, body)).await;
    let because = response
        .extensions()
        .get::<Kind>()
        .and_then(|kind| reason(*kind, shown));
    if let (Some(because), Some(route)) = (because, route) {
        let actor = recognized.0.get().cloned();
        if let Err(error) = app.control.note_refusal(actor, &client, &route, because).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a refusal could not be written down"
            );
        }
    }
    response
}
