//! Who may use which route: every one of the router stands in the table.

mod roles;
pub mod table;

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::{Method, RequestBuilder};
use std::collections::BTreeSet;
use table::{Access, Route, table};

/// Keys and credentials that open nothing.
const GARBAGE: [&str; 6] = [
    "garbage",
    "tnt_",
    "tnt_0000000000000000000000000000000000000000000000000000000000000000",
    "tnn_0000000000000000000000000000000000000000000000000000000000000000",
    "tnt_' OR '1'='1",
    "system",
];

fn with_body(request: RequestBuilder, route: &Route) -> RequestBuilder {
    match &route.body {
        Some(body) => request.json(body),
        None => request,
    }
}

/// The path patterns of the router, from its own description of itself.
fn patterns(app: &App) -> BTreeSet<String> {
    let router = web::router(web::App {
        control: app.control.clone(),
        door: web::Door::default(),
        certificate: None,
    });
    let described = format!("{router:?}");
    let paths = described.split('"').filter(|text| text.starts_with('/'));
    // Axum keeps the fallback as a route of its own.
    paths
        .filter(|path| !path.contains("__private__"))
        .map(ToOwned::to_owned)
        .collect()
}

#[tokio::test]
async fn every_route_stands_in_the_table() -> Outcome {
    let app = App::start().await?;
    let known: BTreeSet<String> = table().iter().map(|route| route.pattern.to_owned()).collect();
    assert_eq!(patterns(&app), known);
    let document: serde_json::Value = serde_json::from_str(&web::document())?;
    for (path, methods) in document["paths"].as_object().ok_or("no paths")? {
        for method in methods.as_object().ok_or("no methods")?.keys() {
            let listed = table()
                .iter()
                .any(|route| route.pattern == path && route.method.as_str().eq_ignore_ascii_case(method));
            assert!(listed, "{method} {path}");
        }
    }
    app.finish().await
}

#[tokio::test]
async fn a_method_that_is_not_in_the_table_is_not_answered() -> Outcome {
    let app = App::start().await?;
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    for route in table() {
        for method in &methods {
            if !table()
                .iter()
                .any(|other| other.pattern == route.pattern && other.method == method)
            {
                let answer = Answer::of(app.request(method.clone(), &route.path)).await?;
                answer
                    .problem(405, "method")
                    .map_err(|e| format!("{method} {}: {e}", route.path))?;
            }
        }
    }
    app.finish().await
}

#[tokio::test]
async fn an_address_that_is_not_there_is_a_problem_too() -> Outcome {
    let app = App::start().await?;
    for path in ["/api", "/api/nothing", "/node/v1/nothing", "/api/tenants/"] {
        app.get(path)
            .await?
            .problem(404, "not-found")
            .map_err(|e| format!("{path}: {e}"))?;
    }
    app.finish().await
}

#[tokio::test]
async fn no_route_but_the_exceptions_answers_without_a_key() -> Outcome {
    let app = App::start().await?;
    let before = app.database.dump().await?;
    for route in table()
        .into_iter()
        // What is asked of a passkey is written down, as an attempt to sign in is.
        .filter(|route| !route.path.ends_with("/login") && route.path != "/api/auth/passkey/options")
    {
        let answer = Answer::of(with_body(app.bare(route.method.clone(), &route.path), &route)).await?;
        let place = format!("{} {}", route.method, route.path);
        match route.access {
            Access::Open(reason) => {
                // The server's proof stands in the headers, and there is nothing else to say.
                let status = if route.path == "/node/v1/identity" {
                    204
                } else {
                    200
                };
                assert_eq!(answer.status, status, "{place}, open as {reason}");
            }
            Access::Token(reason) => {
                answer
                    .problem(410, "link-over")
                    .map_err(|e| format!("{place}, open as {reason}: {e}"))?;
            }
            Access::Challenge => {
                answer
                    .problem(410, "challenge-over")
                    .map_err(|e| format!("{place}: {e}"))?;
            }
            Access::Provider => assert!(
                matches!(answer.status.as_u16(), 400 | 404),
                "{place}: {}",
                answer.text
            ),
            Access::Registration => drop(
                answer
                    .problem(404, "not-found")
                    .map_err(|e| format!("{place}: {e}"))?,
            ),
            Access::SignIn => drop(answer.expect(401).map_err(|e| format!("{place}: {e}"))?),
            Access::May(_) | Access::Person | Access::Node => {
                assert!(
                    answer.header("www-authenticate").contains("realm=\"Tenantry"),
                    "{place}"
                );
                answer
                    .problem(401, "unauthenticated")
                    .map_err(|e| format!("{place}: {e}"))?;
            }
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn garbage_opens_nothing() -> Outcome {
    let app = App::start().await?;
    let guarded = |route: &Route| matches!(route.access, Access::May(_) | Access::Person | Access::Node);
    for route in table().iter().filter(|route| guarded(route)) {
        for garbage in GARBAGE {
            for request in [
                app.bare(route.method.clone(), &route.path)
                    .header("x-api-key", garbage),
                app.bare(route.method.clone(), &route.path).bearer_auth(garbage),
                app.bare(route.method.clone(), &route.path)
                    .basic_auth("any", Some(garbage)),
            ] {
                let answer = Answer::of(with_body(request, route)).await?;
                answer
                    .problem(401, "unauthenticated")
                    .map_err(|e| format!("{} {} with {garbage}: {e}", route.method, route.path))?;
            }
        }
    }
    app.finish().await
}

#[tokio::test]
async fn a_key_and_a_credential_do_not_open_each_other_s_doors() -> Outcome {
    let (app, node) = App::with_node().await?;
    for route in table() {
        let foreign = match route.access {
            Access::Node => &app.key,
            Access::May(_) | Access::Person => &node.credential,
            Access::Open(_)
            | Access::Token(_)
            | Access::SignIn
            | Access::Challenge
            | Access::Registration
            | Access::Provider => continue,
        };
        let request = app.bare(route.method.clone(), &route.path).bearer_auth(foreign);
        let answer = Answer::of(with_body(request, &route)).await?;
        answer
            .problem(401, "unauthenticated")
            .map_err(|e| format!("{} {}: {e}", route.method, route.path))?;
    }
    app.finish().await
}

#[tokio::test]
async fn a_read_only_key_changes_nothing_and_reads_everything() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    // The node goes on answering what it is asked.
    app.tenant("acme").await?;
    let before = app.database.dump().await?;
    // The key is a viewer's, so that what viewers may not look at stays closed, too.
    let viewer = domain::Role::Staff(domain::StaffRole::Viewer);
    // What is asked of a passkey is written down, as an attempt to sign in is.
    let signs_in = |route: &Route| {
        matches!(route.access, Access::SignIn | Access::Challenge)
            || route.path == "/api/auth/passkey/options"
    };
    for route in table().into_iter().filter(|route| !signs_in(route)) {
        let request = app
            .bare(route.method.clone(), &route.path)
            .header("x-api-key", &app.reader);
        let place = format!("{} {}", route.method, route.path);
        let answer = Answer::of(with_body(request, &route)).await?;
        match route.access {
            Access::May(action) if !action.only_reads() || !viewer.allows(action) => drop(
                answer
                    .problem(403, "forbidden")
                    .map_err(|e| format!("{place}: {e}"))?,
            ),
            // A key is nobody's account.
            Access::Person => drop(
                answer
                    .problem(403, "forbidden")
                    .map_err(|e| format!("{place}: {e}"))?,
            ),
            // The operation of the table is nobody's, so that one is not found.
            Access::May(_) => assert!(
                matches!(answer.status.as_u16(), 200 | 404),
                "{place}: {}",
                answer.text
            ),
            _ => {}
        }
    }
    app.database.still(&before).await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn every_answer_has_an_id_and_lets_browsers_do_nothing_with_it() -> Outcome {
    let app = App::start().await?;
    let mut ids = BTreeSet::new();
    for route in table() {
        let answer = Answer::of(with_body(app.request(route.method.clone(), &route.path), &route)).await?;
        let place = format!("{} {}", route.method, route.path);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("content-language", "en"),
        ] {
            assert_eq!(answer.header(name), value, "{place}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{place}"
        );
        let cached = route.path.starts_with("/assets/");
        assert!(
            cached || answer.header("cache-control").contains("no-"),
            "{place}"
        );
        let id = answer.header("x-request-id").to_owned();
        if let Some(told) = answer.json["request_id"].as_str() {
            assert_eq!(told, id, "{place}");
        }
        assert!(id.len() == 32 && ids.insert(id), "{place}");
    }
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_revoked_key_and_one_past_its_end_open_nothing() -> Outcome {
    let app = App::start().await?;
    let mut keys = Vec::new();
    for (name, days) in [("revoked", None), ("ended", Some(1))] {
        let body = serde_json::json!({ "name": name, "expires_in_days": days });
        let key = app.post("/api/keys", &body).await?.expect(201)?;
        let secret = key["secret"].as_str().ok_or("no secret")?.to_owned();
        let request = app.bare(Method::GET, "/api/tenants").bearer_auth(&secret);
        Answer::of(request).await?.expect(200)?;
        keys.push((key["id"].as_str().unwrap_or_default().to_owned(), secret));
    }
    app.delete(&format!("/api/keys/{}", keys[0].0))
        .await?
        .expect(204)?;
    app.delete(&format!("/api/keys/{}", keys[0].0))
        .await?
        .problem(404, "not-found")?;
    app.world.advance(jiff::SignedDuration::from_hours(25));
    for (_, secret) in &keys {
        let request = app.bare(Method::GET, "/api/tenants").bearer_auth(secret);
        Answer::of(request).await?.problem(401, "unauthenticated")?;
    }
    let listed = app.get("/api/keys").await?;
    assert!(
        keys.iter()
            .all(|(_, secret)| !listed.text.contains(secret.as_str()))
    );
    app.finish().await
}
