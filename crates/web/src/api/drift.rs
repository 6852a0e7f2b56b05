//! `/api/drift`: what nodes see otherwise than the control plane believes, and having it mended.

use crate::App;
use crate::identity::Known;
use crate::input::Body;
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::{difference_words, remedy_word, sides, with_words};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use control::{Drift, DriftFound};
use wire::operation::Operation;
use wire::work::{ApplyDrift, DriftItem, DriftNode, DriftPlan, DriftReport};

/// Compares what the control plane believes of tenants with what nodes last saw.
#[utoipa::path(get, path = "/api/drift", tag = "work", responses((status = 200, body = DriftReport), Problems))]
pub(crate) async fn show(State(app): State<App>, Known(caller): Known) -> Answer<Json<DriftReport>> {
    let drift = app.control.drift(&caller).await?;
    let differences = drift.found.iter().map(item).collect();
    let nodes = drift.nodes.into_iter().map(|node| DriftNode {
        name: node.name.to_string(),
        observed_at: node.observed_at,
        compared: node.compared,
        tenants: node.tenants,
    });
    Ok(Json(DriftReport {
        nodes: nodes.collect(),
        differences,
    }))
}

/// Shows what would be mended and what is left to a person, under a name by which it can be applied.
#[utoipa::path(get, path = "/api/drift/plan", tag = "work", responses((status = 200, body = DriftPlan), Problems))]
pub(crate) async fn plan(State(app): State<App>, Known(caller): Known) -> Answer<Json<DriftPlan>> {
    let drift = app.control.drift(&caller).await?;
    Ok(Json(plan_view(&drift)))
}

/// Has a plan done that was shown. It is refused when anything in it is another by now.
#[utoipa::path(post, path = "/api/drift/apply", tag = "work", request_body = ApplyDrift,
    responses((status = 202, body = Operation), Problems))]
pub(crate) async fn apply(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<ApplyDrift>,
) -> Answer<(StatusCode, Json<Operation>)> {
    let operation = app.control.apply_drift(&caller, request.plan.as_deref()).await?;
    let shown = app.control.show_operation(&caller, operation).await?;
    let mut shown = with_words(vec![shown]);
    Ok((StatusCode::ACCEPTED, Json(shown.remove(0))))
}

fn plan_view(drift: &Drift) -> DriftPlan {
    let (mend, leave): (Vec<_>, Vec<_>) = drift.found.iter().partition(|one| one.is_mended());
    DriftPlan {
        plan: drift.plan(),
        mend: mend.into_iter().map(item).collect(),
        leave: leave.into_iter().map(item).collect(),
    }
}

fn item(one: &DriftFound) -> DriftItem {
    let (believed, seen) = sides(&one.found.difference);
    DriftItem {
        subject: one.found.subject.clone(),
        node: one.node.to_string(),
        kind: one.found.difference.kind().to_owned(),
        believed,
        seen,
        remedy: remedy_word(one.found.remedy).to_owned(),
        words: difference_words(&one.found, one.node.as_str()),
    }
}
