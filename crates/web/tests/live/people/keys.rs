//! API keys: as narrow as they were made, and replaced without a gap.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

async fn key(app: &App, body: Value) -> Outcome<(String, Value)> {
    let made = app.post("/api/keys", &body).await?.expect(201)?;
    Ok((made["secret"].as_str().ok_or("no secret")?.to_owned(), made))
}

async fn ask(app: &App, key: &str, method: Method, path: &str, body: Value) -> Outcome<Answer> {
    let request = app.bare(method, path).header("x-api-key", key);
    Answer::of(if body.is_null() {
        request
    } else {
        request.json(&body)
    })
    .await
}

#[tokio::test]
async fn a_key_for_one_tenant_finds_no_other() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    app.tenant("beta").await?;
    let (narrow, made) = key(
        &app,
        json!({ "name": "narrow", "role": "operator", "tenants": ["acme"] }),
    )
    .await?;
    assert_eq!(made["tenants"].as_array().map(Vec::len), Some(1));
    let get = |path: &'static str| ask(&app, &narrow, Method::GET, path, Value::Null);
    get("/api/tenants/acme").await?.expect(200)?;
    get("/api/tenants/beta").await?.problem(404, "not-found")?;
    assert_eq!(get("/api/tenants").await?.expect(200)?["total"], 1);
    for operation in get("/api/operations").await?.expect(200)?["items"]
        .as_array()
        .ok_or("no items")?
    {
        assert_eq!(operation["subject"], "acme");
    }
    let suspend = |path: &'static str| ask(&app, &narrow, Method::POST, path, json!({}));
    suspend("/api/tenants/beta/suspend")
        .await?
        .problem(404, "not-found")?;
    suspend("/api/tenants/acme/suspend").await?.expect(200)?;
    // What belongs to no tenant is not within its reach.
    for path in ["/api/nodes", "/api/keys", "/api/people"] {
        let answer = ask(&app, &narrow, Method::GET, path, Value::Null).await?;
        assert!(
            answer.status == 403 || answer.json["items"] == json!([]),
            "{path}: {}",
            answer.text
        );
    }
    ask(
        &app,
        &narrow,
        Method::POST,
        "/api/bulk",
        json!({ "action": "suspend", "all": true }),
    )
    .await?
    .problem(403, "forbidden")?;
    ask(
        &app,
        &narrow,
        Method::POST,
        "/api/tenants",
        crate::app::new_tenant("more"),
    )
    .await?
    .problem(403, "forbidden")?;
    app.post("/api/keys", &json!({ "name": "x", "tenants": ["nobody"] }))
        .await?
        .refuses("tenants")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_key_of_an_organization_reaches_its_tenants_and_is_its_heads_to_make() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    app.tenant("beta").await?;
    drop(worker);
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    app.assign("acme", &own).await?;
    app.assign("beta", &other).await?;
    let admin = app.member(&own, "admin").await?;
    let make = |body: Value| Answer::of(app.by(&admin, Method::POST, "/api/keys").json(&body));
    make(json!({ "name": "a" })).await?.refuses("role")?;
    make(json!({ "name": "a", "role": "viewer" }))
        .await?
        .problem(403, "forbidden")?;
    make(json!({ "name": "a", "organizations": [own], "role": "owner" }))
        .await?
        .problem(403, "forbidden")?;
    make(json!({ "name": "a", "organizations": [other], "role": "viewer" }))
        .await?
        .problem(403, "forbidden")?;
    make(json!({ "name": "a", "organizations": [own, other], "role": "viewer" }))
        .await?
        .problem(403, "forbidden")?;
    make(json!({ "name": "a", "organizations": [own], "tenants": ["beta"] }))
        .await?
        .refuses("tenants")?;
    let made = make(json!({ "name": "a", "organizations": [own], "read_only": true }))
        .await?
        .expect(201)?;
    let secret = made["secret"].as_str().ok_or("no secret")?;
    assert_eq!(
        (&made["role"], &made["read_only"]),
        (&json!("admin"), &json!(true))
    );
    ask(&app, secret, Method::GET, "/api/tenants/acme", Value::Null)
        .await?
        .expect(200)?;
    ask(&app, secret, Method::GET, "/api/tenants/beta", Value::Null)
        .await?
        .problem(404, "not-found")?;
    ask(&app, secret, Method::POST, "/api/tenants/acme/pause", Value::Null)
        .await?
        .problem(403, "forbidden")?;
    let keys = Answer::of(app.by(&admin, Method::GET, "/api/keys"))
        .await?
        .expect(200)?;
    assert_eq!(keys["items"].as_array().map(Vec::len), Some(1));
    // The staff's keys are not there for them, whatever they do.
    let staff = app.get("/api/keys").await?.expect(200)?["items"][1]["id"].clone();
    let path = format!("/api/keys/{}", staff.as_str().unwrap_or_default());
    Answer::of(app.by(&admin, Method::DELETE, &path))
        .await?
        .problem(404, "not-found")?;
    let rotate = format!("{path}/rotate");
    Answer::of(app.by(&admin, Method::POST, &rotate))
        .await?
        .problem(404, "not-found")?;
    app.finish().await
}

#[tokio::test]
async fn a_rotated_key_goes_on_for_the_overlap_and_no_longer() -> Outcome {
    let app = App::start().await?;
    let (old, made) = key(
        &app,
        json!({ "name": "erp", "role": "support", "expires_in_days": 30 }),
    )
    .await?;
    let path = format!("/api/keys/{}/rotate", made["id"].as_str().unwrap_or_default());
    app.post(&path, &json!({ "overlap_hours": 721 }))
        .await?
        .refuses("overlap_hours")?;
    let next = app
        .post(&path, &json!({ "overlap_hours": 2 }))
        .await?
        .expect(201)?;
    let new = next["secret"].as_str().ok_or("no secret")?.to_owned();
    assert_eq!((&next["name"], &next["role"]), (&json!("erp"), &json!("support")));
    assert_ne!(next["id"], made["id"]);
    // It cannot be rotated again: there is one successor.
    app.post(&path, &json!({})).await?.problem(404, "not-found")?;
    for secret in [&old, &new] {
        ask(&app, secret, Method::GET, "/api/tenants", Value::Null)
            .await?
            .expect(200)?;
    }
    app.world
        .advance(SignedDuration::from_hours(2) + SignedDuration::from_secs(1));
    ask(&app, &old, Method::GET, "/api/tenants", Value::Null)
        .await?
        .problem(401, "unauthenticated")?;
    ask(&app, &new, Method::GET, "/api/tenants", Value::Null)
        .await?
        .expect(200)?;
    app.world.advance(SignedDuration::from_hours(20 * 24));
    let keys = app.get("/api/keys").await?.expect(200)?;
    let listed = keys["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|key| key["id"] == next["id"]);
    assert_eq!(listed.map(|key| &key["expires_soon"]), Some(&json!(true)));
    app.finish().await
}

#[tokio::test]
async fn keys_that_were_there_before_may_do_what_they_could() -> Outcome {
    let app = App::start().await?;
    let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations");
    let mut files: Vec<_> = std::fs::read_dir(migrations)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let (before, people): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|file| file.file_name() < *"20261122200000_people.sql");
    app.database
        .run("CREATE SCHEMA former; SET search_path TO former, public")
        .await?;
    let mut script = String::from("SET search_path TO former, public;");
    for file in before {
        script.push_str(&std::fs::read_to_string(file.path())?);
    }
    script.push_str(
        "INSERT INTO former.api_key (id, name, prefix, hash, scope, created_at) VALUES
         ('00000000-0000-0000-0000-000000000001', 'a', 'tnt_1', 'a', 'full', now()),
         ('00000000-0000-0000-0000-000000000002', 'b', 'tnt_2', 'b', 'read-only', now());",
    );
    script.push_str(&std::fs::read_to_string(
        people.first().ok_or("no migration")?.path(),
    )?);
    app.database.run(&script).await?;
    let query = "SELECT name || ' ' || staff_role || ' ' || read_only FROM former.api_key ORDER BY name";
    let keys: Vec<String> = sqlx::query_scalar(query).fetch_all(&app.database.pool).await?;
    assert_eq!(keys, ["a owner false", "b viewer true"]);
    app.finish().await
}
