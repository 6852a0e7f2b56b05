//! `/api/jobs`, `/api/reconcilers`, `/api/schedules`: the control plane's own work.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use control::{Decision, Regular};
use domain::{JobId, Rule};
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;
use wire::work::{Decide, Job, JobQuery, RegularWork};

/// Jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobList {
    /// The jobs.
    items: Vec<Job>,
}

/// What is done regularly.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegularList {
    /// By name.
    items: Vec<RegularWork>,
}

/// The name of something regular.
pub(crate) struct RegularName(String);

impl FromStr for RegularName {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        let known = |c: char| c.is_ascii_lowercase() || c == '-';
        match (1..=40).contains(&text.len()) && text.chars().all(known) {
            true => Ok(Self(text.to_owned())),
            false => Err(Rule::Unknown),
        }
    }
}

/// Lists the control plane's own jobs; those that are `dead` need a person.
#[utoipa::path(get, path = "/api/jobs", tag = "work", params(JobQuery),
    responses((status = 200, body = JobList), Problems))]
pub(crate) async fn jobs(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<JobQuery>,
) -> Answer<Json<JobList>> {
    Ok(Json(JobList {
        items: app.control.jobs(&caller, &query).await?,
    }))
}

/// Has a job that is dead, or waits to be tried again, done now.
#[utoipa::path(post, path = "/api/jobs/{id}/retry", tag = "work", params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Job), Problems))]
pub(crate) async fn retry(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<JobId>,
    Body(request): Body<Decide>,
) -> Answer<Json<Job>> {
    let reason = request.reason.as_deref();
    Ok(Json(
        app.control
            .decide_job(&caller, id, Decision::Retry, reason)
            .await?,
    ))
}

/// Takes a job back; a saga that has begun is undone.
#[utoipa::path(post, path = "/api/jobs/{id}/cancel", tag = "work", params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Job), Problems))]
pub(crate) async fn cancel(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<JobId>,
    Body(request): Body<Decide>,
) -> Answer<Json<Job>> {
    let reason = request.reason.as_deref();
    Ok(Json(
        app.control
            .decide_job(&caller, id, Decision::Cancel, reason)
            .await?,
    ))
}

/// Leaves a job as it is for good; nothing is undone.
#[utoipa::path(post, path = "/api/jobs/{id}/abandon", tag = "work", params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Job), Problems))]
pub(crate) async fn abandon(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<JobId>,
    Body(request): Body<Decide>,
) -> Answer<Json<Job>> {
    let reason = request.reason.as_deref();
    Ok(Json(
        app.control
            .decide_job(&caller, id, Decision::Abandon, reason)
            .await?,
    ))
}

/// Lists the reconcilers: what each keeps true, what it found last, when it looks again.
#[utoipa::path(get, path = "/api/reconcilers", tag = "work", responses((status = 200, body = RegularList), Problems))]
pub(crate) async fn reconcilers(State(app): State<App>, Known(caller): Known) -> Answer<Json<RegularList>> {
    let all = app.control.regular_work(&caller).await?;
    let items = all.into_iter().filter(|one| one.record.is_reconciler).map(view);
    Ok(Json(RegularList {
        items: items.collect(),
    }))
}

/// Lists what is done by the clock.
#[utoipa::path(get, path = "/api/schedules", tag = "work", responses((status = 200, body = RegularList), Problems))]
pub(crate) async fn schedules(State(app): State<App>, Known(caller): Known) -> Answer<Json<RegularList>> {
    let all = app.control.regular_work(&caller).await?;
    let items = all.into_iter().filter(|one| !one.record.is_reconciler).map(view);
    Ok(Json(RegularList {
        items: items.collect(),
    }))
}

/// Has a schedule, or a reconciler, run now. While it is under way it is not run twice.
#[utoipa::path(post, path = "/api/schedules/{name}/run", tag = "work", params(("name" = String, Path)),
    responses((status = 200, body = RegularWork), Problems))]
pub(crate) async fn run(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<RegularName>,
) -> Answer<Json<RegularWork>> {
    Ok(Json(view(app.control.run_regular(&caller, &name.0).await?)))
}

fn view(regular: Regular) -> RegularWork {
    let [english, spanish] = regular.keeps;
    let record = regular.record;
    RegularWork {
        name: record.name,
        keeps: Language::current().pick(english, spanish).to_owned(),
        rhythm: record.rhythm,
        time_zone: record.time_zone,
        next_run_at: record.next_run_at,
        last_run_at: record.last_finished_at,
        last_result: record.last_result,
        last_error: record.last_error,
        last_error_at: record.last_error_at,
        failing_since: record.failing_since,
        runs: record.runs,
        failures: record.failures,
    }
}
