//! `GET /admin/work`: what the control plane does by itself, and what nodes see otherwise than it believes.

use crate::App;
use crate::language::Language;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use crate::words::difference_words;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::Action;
use jiff::Timestamp;
use serde_json::json;
use wire::work::{Job, JobQuery};

#[derive(Template)]
#[template(path = "admin/work.html")]
struct WorkPage {
    v: View,
    regular: Vec<Line>,
    jobs: Vec<Job>,
    differences: Vec<Difference>,
    /// The name of the plan that would mend what can be mended; nothing when nothing can.
    plan: Option<String>,
}

/// Something that is done regularly.
struct Line {
    name: String,
    keeps: &'static str,
    next: Timestamp,
    last: Option<Timestamp>,
    error: Option<String>,
    runs: i64,
    failures: i64,
}

/// A difference in words.
struct Difference {
    words: String,
    is_mended: bool,
}

/// The page.
pub(crate) async fn work(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let spanish = usize::from(v.language == Language::Spanish);
    let regular = app
        .control
        .regular_work(&caller)
        .await?
        .into_iter()
        .map(|one| Line {
            keeps: one.keeps.get(spanish).copied().unwrap_or_default(),
            name: one.record.name,
            next: one.record.next_run_at,
            last: one.record.last_finished_at,
            error: one.record.failing_since.and(one.record.last_error),
            runs: one.record.runs,
            failures: one.record.failures,
        });
    let query = JobQuery {
        limit: Some(30),
        ..JobQuery::default()
    };
    let jobs = app.control.jobs(&caller, &query).await?;
    let drift = app.control.drift(&caller).await?;
    let differences: Vec<Difference> = drift
        .found
        .iter()
        .map(|one| Difference {
            words: difference_words(&one.found, one.node.as_str()),
            is_mended: one.is_mended(),
        })
        .collect();
    let some = differences.iter().any(|one| one.is_mended);
    Ok(page(
        WorkPage {
            plan: some.then(|| drift.plan()),
            regular: regular.collect(),
            jobs,
            differences,
            v,
        }
        .render(),
    ))
}

impl WorkPage {
    fn values(&self, job: &Job) -> String {
        json!({ "id": job.id, "name": job.kind }).to_string()
    }
}
