//! What the system that this one replaces got wrong at its front door, shown to be absent here. The rest stands where the
//! right thing is tested: any password, addresses that are told apart, forwarded addresses, tokens without an end,
//! ownership, forged tokens.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use crate::routes::table::{Access, table};
use reqwest::Method;

/// What one gets with the test's key, without the rows that say when somebody was last seen.
async fn look(app: &App, method: Method, path: &str) -> Outcome<Answer> {
    Answer::of(app.request(method, path)).await
}

#[tokio::test]
async fn a_credential_in_the_address_opens_nothing() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("owner").await?;
    for (name, value) in [
        ("authorization", format!("Bearer {}", app.key)),
        ("authorization", format!("Bearer {}", ana.access)),
        ("api_key", app.key.clone()),
        ("X-API-KEY", app.key.clone()),
        ("access_token", ana.access.clone()),
        ("token", ana.access.clone()),
    ] {
        for method in [Method::GET, Method::POST] {
            let request = app.bare(method, "/api/tenants").query(&[(name, &value)]);
            Answer::of(request).await?.problem(401, "unauthenticated")?;
        }
    }
    app.finish().await
}

#[tokio::test]
async fn looking_changes_nothing() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let before = app.database.dump().await?;
    for route in table() {
        if route.method == Method::GET && route.access != Access::Node {
            look(&app, Method::GET, &route.path).await?;
            look(&app, Method::HEAD, &route.path).await?;
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn nothing_that_is_open_holds_a_key_an_address_or_a_name() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let ana = app.staff("owner").await?;
    for route in table() {
        if let Access::Open(_) = route.access {
            let answer = Answer::of(app.bare(route.method.clone(), &route.path)).await?;
            for secret in ["tnt_", "tnr_", &ana.email, "ana@example.com", "acme"] {
                assert!(!answer.text.contains(secret), "{} holds {secret}", route.path);
            }
        }
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_customer_s_token_opens_nothing_of_the_staff_s() -> Outcome {
    let app = App::start().await?;
    let organization = app.organization("Acme").await?;
    let owner = app.member(&organization, "owner").await?;
    for path in [
        "/api/nodes",
        "/api/templates",
        "/api/metrics",
        "/api/people",
        "/api/nodes/alpha",
    ] {
        let answer = Answer::of(app.by(&owner, Method::GET, path)).await?;
        answer
            .problem(403, "forbidden")
            .map_err(|e| format!("{path}: {e}"))?;
    }
    assert_eq!(app.trail("refused.role").await?.len(), 5);
    app.finish().await
}
