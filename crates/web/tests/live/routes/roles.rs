//! Every role at every route: what the table of permissions says is what the server does.

use super::table::{Access, ORGANIZATION, PERSON, Route, table};
use super::with_body;
use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use domain::{Action, Role};
use serde_json::json;

fn path(route: &Route, organization: &str) -> String {
    route
        .path
        .replace(ORGANIZATION, organization)
        .replace(PERSON, "per_00000000000000000000000000000009")
}

/// Routes of customers' data whose place in the path another organization must not find.
fn names_a_tenant_or_an_organization(route: &Route) -> bool {
    route.pattern.contains("{subdomain}") || route.pattern.contains("{organization}")
}

async fn ask(app: &App, person: &Person, route: &Route, path: &str) -> Outcome<Answer> {
    Answer::of(with_body(app.by(person, route.method.clone(), path), route)).await
}

#[tokio::test]
async fn every_role_may_do_what_the_table_says_and_nothing_else() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let organization = app.organization("Acme").await?;
    for role in Role::all() {
        app.assign("acme", &organization).await.ok();
        let person = app.person(role, &organization).await?;
        for route in table() {
            let place = format!("{role:?}: {} {}", route.method, route.pattern);
            let path = path(&route, &organization);
            // It would take the tenant away from those who come after.
            let destroys = matches!(
                route.access,
                Access::May(
                    Action::DeleteTenant | Action::PurgeTenant | Action::AssignTenant | Action::SuspendTenant
                )
            );
            match route.access {
                Access::May(action) if role.allows(action) => {
                    if destroys {
                        continue;
                    }
                    let answer = ask(&app, &person, &route, &path).await?;
                    assert!(
                        !matches!(answer.status.as_u16(), 401 | 403),
                        "{place}: {}",
                        answer.text
                    );
                    assert!(answer.status.as_u16() != 500, "{place}: {}", answer.text);
                }
                Access::May(_) => {
                    let answer = ask(&app, &person, &route, &path).await?;
                    answer
                        .problem(403, "forbidden")
                        .map_err(|e| format!("{place}: {e}"))?;
                }
                Access::Person => {
                    let answer = ask(&app, &person, &route, &path).await?;
                    assert!(
                        !matches!(answer.status.as_u16(), 401 | 403 | 500),
                        "{place}: {}",
                        answer.text
                    );
                }
                Access::Node => {
                    let answer = ask(&app, &person, &route, &path).await?;
                    answer
                        .problem(401, "unauthenticated")
                        .map_err(|e| format!("{place}: {e}"))?;
                }
                Access::Open(_)
                | Access::Token(_)
                | Access::SignIn
                | Access::Challenge
                | Access::Registration
                | Access::Provider => {}
            }
        }
        // The last route of the table signed out everywhere.
        let answer = Answer::of(app.by(&person, reqwest::Method::GET, "/api/auth/me")).await?;
        answer.problem(401, "unauthenticated")?;
    }
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn another_organization_s_owner_finds_nothing_and_changes_nothing() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    app.assign("acme", &own).await?;
    let stranger = app.member(&other, "owner").await?;
    let operation = app.get("/api/operations").await?.expect(200)?["items"][0]["id"].clone();
    let before = app.database.dump().await?;
    for route in table()
        .iter()
        .filter(|route| names_a_tenant_or_an_organization(route))
    {
        let place = format!("{} {}", route.method, route.pattern);
        let Access::May(action) = route.access else {
            continue;
        };
        let answer = ask(&app, &stranger, route, &path(route, &own)).await?;
        let owner = Role::Organization(domain::OrganizationRole::Owner);
        let (status, kind) = match owner.allows(action) {
            true => (404, "not-found"),
            false => (403, "forbidden"),
        };
        answer
            .problem(status, kind)
            .map_err(|e| format!("{place}: {e}"))?;
    }
    let path = format!("/api/operations/{}", operation.as_str().unwrap_or_default());
    Answer::of(app.by(&stranger, reqwest::Method::GET, &path))
        .await?
        .problem(404, "not-found")?;
    for list in ["/api/tenants", "/api/operations", "/api/keys"] {
        let answer = Answer::of(app.by(&stranger, reqwest::Method::GET, list))
            .await?
            .expect(200)?;
        assert_eq!(answer["items"], json!([]), "{list}");
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn a_member_sees_the_own_tenants_and_no_others() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "beta", "nobodys"] {
        app.tenant(name).await?;
    }
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    app.assign("acme", &own).await?;
    app.assign("beta", &other).await?;
    let member = app.member(&own, "admin").await?;
    let get = |path: &'static str| Answer::of(app.by(&member, reqwest::Method::GET, path));
    let tenants = get("/api/tenants").await?.expect(200)?;
    assert_eq!(
        (&tenants["total"], &tenants["items"][0]["subdomain"]),
        (&json!(1), &json!("acme"))
    );
    assert_eq!(tenants["items"][0]["organization"], json!(own));
    get("/api/tenants/acme").await?.expect(200)?;
    let organizations = get("/api/organizations").await?.expect(200)?;
    assert_eq!(organizations["items"].as_array().map(Vec::len), Some(1));
    // What they begin, they may follow.
    let paused = Answer::of(app.by(&member, reqwest::Method::POST, "/api/tenants/acme/pause"))
        .await?
        .expect(200)?;
    let operation = format!(
        "/api/operations/{}",
        paused["operation_id"].as_str().unwrap_or_default()
    );
    Answer::of(app.by(&member, reqwest::Method::GET, &operation))
        .await?
        .expect(200)?;
    Answer::of(app.by(&member, reqwest::Method::POST, "/api/tenants/acme/resume"))
        .await?
        .expect(200)?;
    // A suspension is not theirs to end.
    app.post("/api/tenants/acme/suspend", &json!({ "reason": "unpaid" }))
        .await?
        .expect(200)?;
    let resumed = Answer::of(app.by(&member, reqwest::Method::POST, "/api/tenants/acme/resume")).await?;
    resumed.problem(403, "forbidden")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn who_is_moved_or_taken_out_loses_the_reach_at_once() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let own = app.organization("Acme").await?;
    app.assign("acme", &own).await?;
    let _owner = app.member(&own, "owner").await?;
    let member = app.member(&own, "member").await?;
    let see = || Answer::of(app.by(&member, reqwest::Method::GET, "/api/tenants/acme"));
    see().await?.expect(200)?;
    let path = format!("/api/organizations/{own}/members/{}", member.id);
    Answer::of(app.request(reqwest::Method::DELETE, &path))
        .await?
        .expect(204)?;
    see().await?.problem(403, "forbidden")?;
    app.finish().await
}
