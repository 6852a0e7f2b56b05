//! `GET /admin/nodes/{name}/drain`: emptying a node: the plan, and how the newest one stands.

use crate::App;
use crate::input::{Query, Segment};
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::{Answer, Failure};
use crate::words::spoken;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::{Caller, ControlError};
use domain::{Action, NodeName};
use serde_json::json;
use wire::drain::{Drain, DrainPlan, DrainTerms};
use wire::operation;

#[derive(Template)]
#[template(path = "admin/drain.html")]
struct DrainPage {
    v: View,
    node: String,
    terms: DrainTerms,
    drain: Option<Drain>,
    plan: Option<DrainPlan>,
    /// Why there is no plan.
    without: Option<String>,
    values: String,
}

/// The page.
pub(crate) async fn drain(
    State(app): State<App>,
    visit: Visit,
    Segment(name): Segment<NodeName>,
    Query(terms): Query<DrainTerms>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let node = app.control.node(&caller, &name).await?.node.name;
    let drain = match app.control.show_drain(&caller, &name).await {
        Ok(drain) => Some(drain),
        Err(ControlError::NotFound("drain")) => None,
        Err(error) => return Err(error.into()),
    };
    let is_under_way = drain.as_ref().is_some_and(|drain| drain.ended_at.is_none());
    let (plan, without) = match is_under_way {
        true => (None, None),
        false => planned(&app, &caller, &name, &terms).await?,
    };
    let values = json!({ "subject": node }).to_string();
    let page_of = DrainPage {
        v,
        node,
        terms,
        drain,
        plan,
        without,
        values,
    };
    Ok(page(page_of.render()))
}

/// The plan on these terms, or why there is none: what was typed stays.
async fn planned(
    app: &App,
    caller: &Caller,
    name: &NodeName,
    terms: &DrainTerms,
) -> Answer<(Option<DrainPlan>, Option<String>)> {
    match app.control.plan_drain(caller, name, terms).await {
        Ok(plan) => Ok((Some(plan), None)),
        Err(error @ (ControlError::Invalid(_) | ControlError::Conflict(_))) => {
            Ok((None, Some(Failure::from(error).detail())))
        }
        Err(error) => Err(error.into()),
    }
}

impl DrainPage {
    fn labels(&self) -> Vec<&str> {
        let labels = self.terms.node_labels.as_deref().unwrap_or_default().split(',');
        labels.map(str::trim).filter(|label| !label.is_empty()).collect()
    }

    /// The terms, as the request to begin wants them.
    fn asked(&self, plan: &DrainPlan) -> String {
        let labels = self.labels();
        json!({
            "subject": self.node, "plan": plan.plan, "labels": json!(labels).to_string(), "pinned": self.terms.pinned,
            "any_domain": self.terms.any_domain, "parallel": plan.parallel,
        })
        .to_string()
    }

    fn stays(&self, code: &str, detail: &str) -> String {
        spoken(&operation::Failure {
            code: code.to_owned(),
            detail: detail.to_owned(),
        })
    }

    fn why(&self, failure: &operation::Failure) -> String {
        spoken(failure)
    }

    /// For how long a tenant was closed.
    fn closed(&self, milliseconds: &i64) -> String {
        self.v.took(&u64::try_from(*milliseconds).unwrap_or_default())
    }

    /// How many tenants are where they should be, and of how many.
    fn moved(&self, drain: &Drain) -> (i64, i64) {
        let to_go = drain.tenants.iter().filter(|tenant| tenant.state != "stays");
        let (mut moved, mut all) = (0, 0);
        for tenant in to_go {
            all += 1;
            moved += i64::from(matches!(tenant.state.as_str(), "moved" | "gone"));
        }
        (moved, all)
    }
}
