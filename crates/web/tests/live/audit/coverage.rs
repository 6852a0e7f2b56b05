//! No route that changes something is without its entry, and none can be forgotten: the table of routes drives it.

use super::scenes::{Scene, Stage};
use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use crate::routes::table::{Access, Route, table};
use domain::audit::meaning;
use reqwest::Method;

/// An entry as a row: action, actor, role, address, outcome.
type Row = (String, String, Option<String>, Option<String>, String);

async fn entries(app: &App, request: &str) -> Outcome<Vec<Row>> {
    let query =
        "SELECT action, actor, role, address, outcome FROM audit_entry WHERE request_id = $1 ORDER BY id";
    Ok(sqlx::query_as(query)
        .bind(request)
        .fetch_all(&app.database.pool)
        .await?)
}

fn changes(route: &Route) -> bool {
    !route.method.is_safe() && !route.path.is_empty()
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_an_entry_with_actor_role_and_address() -> Outcome {
    let stage = Stage::set().await?;
    let mut wrong = Vec::new();
    let mut seen = 0;
    for route in table().iter().filter(|route| changes(route)) {
        let place = format!("{} {}", route.method, route.pattern);
        let request = match stage.scene(route).await {
            Ok(Scene::Request(request)) => *request,
            Ok(Scene::Nothing(why)) => {
                println!("{place} is left out: {why}");
                continue;
            }
            Err(error) => {
                wrong.push(format!("{place} cannot be set: {error}"));
                continue;
            }
        };
        seen += 1;
        let answer = Answer::of(request).await?;
        if !answer.status.is_success() {
            wrong.push(format!("{place} was not done: {} {}", answer.status, answer.text));
            continue;
        }
        let found = entries(&stage.app, answer.header("x-request-id")).await?;
        let whole = |(action, actor, role, address, outcome): &Row| {
            let meaning = meaning(action);
            !actor.is_empty()
                && role.is_some()
                && address.as_deref() == Some("127.0.0.1")
                && meaning.is_some_and(|meaning| meaning.outcome.as_str() == outcome)
        };
        if found.is_empty() || !found.iter().all(whole) {
            wrong.push(format!("{place} wrote {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 40, "{seen}");
    stage.app.finish_with_open_commands().await
}

#[tokio::test]
async fn every_refusal_for_want_of_a_role_or_a_credential_leaves_an_entry() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let organization = app.organization("Acme").await?;
    app.assign("acme", &organization).await?;
    let viewer = app.member(&organization, "viewer").await?;
    for route in table()
        .iter()
        .filter(|route| matches!(route.access, Access::May(_)))
    {
        let Access::May(action) = route.access else {
            continue;
        };
        let place = format!("{} {}", route.method, route.pattern);
        let path = route
            .path
            .replace(crate::routes::table::ORGANIZATION, &organization);
        let role = domain::Role::Organization(domain::OrganizationRole::Viewer);
        let request = match role.allows(action) {
            // Whom their role allows it is refused with a credential that does not work.
            true => app.bare(route.method.clone(), &path).bearer_auth("tnt_0"),
            false => app.by(&viewer, route.method.clone(), &path),
        };
        let request = match &route.body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = Answer::of(request).await?;
        assert!(
            matches!(answer.status.as_u16(), 401 | 403),
            "{place}: {}",
            answer.text
        );
        let subject = format!("{} {}", route.method, route.pattern);
        let query = "SELECT outcome || ' ' || address || ' ' || coalesce(role, '-') FROM audit_entry WHERE subject LIKE $1 || '%'
            AND action LIKE 'refused.%'";
        let found: Vec<String> = sqlx::query_scalar(query)
            .bind(&subject)
            .fetch_all(&app.database.pool)
            .await?;
        let role = if role.allows(action) {
            "-"
        } else {
            "organization:viewer"
        };
        assert!(
            found.contains(&format!("refused 127.0.0.1 {role}")),
            "{place}: {found:?}"
        );
    }
    // A link that does not work, too.
    let body = serde_json::json!({ "token": "0", "new_password": "Quetzal-volando-47" });
    let answer = Answer::of(app.bare(Method::POST, "/api/auth/link").json(&body)).await?;
    answer.problem(410, "link-over")?;
    assert_eq!(app.trail("refused.link").await?.len(), 1);
    app.finish().await
}
