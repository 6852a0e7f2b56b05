//! `/api/nodes/{name}/drain`: emptying a node, by a plan that is looked at first.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::{spoken, with_words};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use control::DrainPace;
use domain::NodeName;
use wire::drain::{ConfirmMoves, ConfirmedMoves, Drain, DrainPlan, DrainTerms, StartDrain};
use wire::operation::{Failure, Operation};
use wire::work::Decide;

/// Shows where each tenant of a node would go, in which order, and which would stay and why; under a name by which it can be
/// begun. Nothing changes.
#[utoipa::path(get, path = "/api/nodes/{name}/drain/plan", tag = "nodes", params(("name" = String, Path), DrainTerms),
    responses((status = 200, body = DrainPlan), Problems))]
pub(crate) async fn plan(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Query(terms): Query<DrainTerms>,
) -> Answer<Json<DrainPlan>> {
    let mut plan = app.control.plan_drain(&caller, &name, &terms).await?;
    for one in &mut plan.stay {
        let (code, detail) = (one.reason.clone(), std::mem::take(&mut one.words));
        one.words = spoken(&Failure { code, detail });
    }
    Ok(Json(plan))
}

/// Has a plan done that was shown, on the same terms. The node takes no new tenants from this moment. It is refused when the
/// plan is another one by now.
#[utoipa::path(post, path = "/api/nodes/{name}/drain", tag = "nodes", params(("name" = String, Path)),
    request_body = StartDrain, responses((status = 202, body = Operation), Problems))]
pub(crate) async fn start(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Body(request): Body<StartDrain>,
) -> Answer<(StatusCode, Json<Operation>)> {
    let operation = app.control.start_drain(&caller, &name, &request).await?;
    let shown = app.control.show_operation(&caller, operation).await?;
    let mut shown = with_words(vec![shown]);
    Ok((StatusCode::ACCEPTED, Json(shown.remove(0))))
}

/// Shows how the newest drain of a node stands, tenant by tenant.
#[utoipa::path(get, path = "/api/nodes/{name}/drain", tag = "nodes", params(("name" = String, Path)),
    responses((status = 200, body = Drain), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
) -> Answer<Json<Drain>> {
    Ok(Json(shown(app.control.show_drain(&caller, &name).await?)))
}

/// Pauses the drain of a node: moves under way end, and no more are begun.
#[utoipa::path(post, path = "/api/nodes/{name}/drain/pause", tag = "nodes", params(("name" = String, Path)),
    responses((status = 200, body = Drain), Problems))]
pub(crate) async fn pause(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
) -> Answer<Json<Drain>> {
    app.control.pace_drain(&caller, &name, DrainPace::Pause).await?;
    Ok(Json(shown(app.control.show_drain(&caller, &name).await?)))
}

/// Has a paused drain go on.
#[utoipa::path(post, path = "/api/nodes/{name}/drain/resume", tag = "nodes", params(("name" = String, Path)),
    responses((status = 200, body = Drain), Problems))]
pub(crate) async fn resume(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
) -> Answer<Json<Drain>> {
    app.control.pace_drain(&caller, &name, DrainPace::Resume).await?;
    Ok(Json(shown(app.control.show_drain(&caller, &name).await?)))
}

/// Cancels the drain of a node: no more moves are begun, those under way end, and the node goes back to its mode before. What
/// has moved stays where it is.
#[utoipa::path(post, path = "/api/nodes/{name}/drain/cancel", tag = "nodes", params(("name" = String, Path)),
    request_body = Decide, responses((status = 200, body = Drain), Problems))]
pub(crate) async fn cancel(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Body(request): Body<Decide>,
) -> Answer<Json<Drain>> {
    let reason = request.reason.as_deref();
    app.control.cancel_drain(&caller, &name, reason).await?;
    Ok(Json(shown(app.control.show_drain(&caller, &name).await?)))
}

/// Drops every copy that moves left on a node. No tenant can go back to them.
#[utoipa::path(post, path = "/api/nodes/{name}/confirm-moves", tag = "nodes", params(("name" = String, Path)),
    request_body = ConfirmMoves, responses((status = 202, body = ConfirmedMoves), Problems))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Body(request): Body<ConfirmMoves>,
) -> Answer<(StatusCode, Json<ConfirmedMoves>)> {
    let confirm = request.confirm.as_deref();
    let begun = app.control.confirm_moves(&caller, &name, confirm).await?;
    let operations = begun.iter().map(ToString::to_string).collect();
    Ok((StatusCode::ACCEPTED, Json(ConfirmedMoves { operations })))
}

/// In the reader's language, as far as there are words for it.
fn shown(mut drain: Drain) -> Drain {
    let failures = drain
        .tenants
        .iter_mut()
        .filter_map(|tenant| tenant.failure.as_mut());
    for failure in failures.chain(drain.failure.as_mut()) {
        failure.detail = spoken(failure);
    }
    drain
}
