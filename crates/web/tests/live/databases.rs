//! Tenants' databases through the API and on pages: what is measured, what is asked of nodes, what is done, and who may.

use crate::app::answer::Answer;
use crate::app::node::{Node, found};
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use wire::database::{About, Reply};
use wire::node::Order;
use wire::operation::Failure;

async fn measure(node: &Node, sizes: &Value, files: &Value) -> Outcome {
    let observed = json!({ "sizes": sizes, "file_sizes": files });
    let said = node.request(Method::POST, "/node/v1/observed").json(&observed);
    Answer::of(said).await?.expect(200)?;
    Ok(())
}

/// What the trail tells of an action.
async fn details(app: &App, action: &str) -> Outcome<Vec<Value>> {
    let query = "SELECT detail FROM audit_entry WHERE action = $1 ORDER BY id";
    Ok(sqlx::query_scalar(query)
        .bind(action)
        .fetch_all(&app.database.pool)
        .await?)
}

/// The identity of a tenant.
async fn identity(app: &App, name: &str) -> Outcome<String> {
    let tenant = app.get(&format!("/api/tenants/{name}")).await?.expect(200)?;
    Ok(tenant["id"].as_str().ok_or("no id")?.to_owned())
}

#[tokio::test]
async fn what_nodes_measure_becomes_a_series_which_customers_see_of_their_own() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    app.tenant("other").await?;
    let (acme, other) = (identity(&app, "acme").await?, identity(&app, "other").await?);
    let first = app.get("/api/tenants/acme/database").await?.expect(200)?;
    assert_eq!((&first["now"], &first["points"]), (&Value::Null, &json!([])));
    let node = worker.node();
    let second = app.world.now().as_second().rem_euclid(3600);
    app.world.advance(SignedDuration::from_secs(3600 - second));
    measure(node, &json!({ &acme: 1000, &other: 500 }), &json!({})).await?;
    // Within the hour the newest counts, and files that were measured stay known.
    measure(node, &json!({ &acme: 1100, &other: 500 }), &json!({ &acme: 40 })).await?;
    measure(node, &json!({ &acme: 1200, &other: 500 }), &json!({})).await?;
    app.world.advance(SignedDuration::from_hours(1));
    measure(
        node,
        &json!({ &acme: 1300, &other: 500 }),
        &json!({ &acme: 50, &other: 5 }),
    )
    .await?;
    let size = app.get("/api/tenants/acme/database").await?.expect(200)?;
    let points: Vec<(i64, Option<i64>)> = size["points"]
        .as_array()
        .ok_or("no points")?
        .iter()
        .map(|point| {
            (
                point["database_bytes"].as_i64().unwrap_or(-1),
                point["file_bytes"].as_i64(),
            )
        })
        .collect();
    assert_eq!(points, [(1200, Some(40)), (1300, Some(50))]);
    assert_eq!(size["now"]["database_bytes"], 1300);
    let total = app.get("/api/databases/size").await?.expect(200)?;
    assert_eq!(
        (&total["tenants"], &total["database_bytes"], &total["file_bytes"]),
        (&json!(2), &json!(1800), &json!(55))
    );
    // What another node says of a tenant that it does not have does not count.
    let stranger = app.enrol("beta").await?;
    measure(&stranger, &json!({ &acme: 9 }), &json!({})).await?;
    let size = app.get("/api/tenants/acme/database").await?.expect(200)?;
    assert_eq!(size["now"]["database_bytes"], 1300);
    assert_eq!(app.get("/api/databases/size").await?.expect(200)?["tenants"], 2);
    // A customer sees sizes, of the own tenants alone, and nothing else of databases.
    let organization = app.organization("Acme").await?;
    app.assign("acme", &organization).await?;
    let owner = app.member(&organization, "owner").await?;
    let get = |path: &'static str| Answer::of(app.by(&owner, Method::GET, path));
    assert_eq!(
        get("/api/tenants/acme/database").await?.expect(200)?["now"]["file_bytes"],
        50
    );
    get("/api/tenants/other/database")
        .await?
        .problem(404, "not-found")?;
    for part in ["tables", "connections", "hints", "statements"] {
        let path = format!("/api/tenants/acme/database/{part}");
        let answer = Answer::of(app.by(&owner, Method::GET, &path)).await?;
        answer.problem(403, "forbidden")?;
    }
    let page = get("/workspace/acme").await?;
    assert!(
        page.text.contains("class=\"chart series\"") && page.text.contains("1.3\u{a0}kB"),
        "{}",
        page.text
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_node_is_asked_and_its_answer_told_as_text() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let connections = app
        .get("/api/tenants/acme/database/connections")
        .await?
        .expect(200)?;
    assert_eq!(connections["items"][0]["pid"], 4711);
    let page = app.get("/admin/workspace/acme/database?sort=-dead").await?;
    assert_eq!(page.status, 200, "{}", page.text);
    for text in [
        "res_partner",
        "&lt;b&gt;odoo-1&lt;/b&gt;",
        "mail_message",
        "pg_stat_statements",
        "idle in a transaction",
    ] {
        assert!(
            page.text.contains(text)
                || page
                    .text
                    .contains(&text.replace("&lt;", "&#60;").replace("&gt;", "&#62;")),
            "{text}: {}",
            page.text
        );
    }
    assert!(page.text.contains("aria-sort=\"descending\"") && !page.text.contains("<b>odoo"));
    // Nothing is left of questions that were answered.
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM node_question")
        .fetch_one(&app.database.pool)
        .await?;
    assert_eq!(left, 0);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_question_reaches_its_node_alone_through_any_server_and_is_answered_once() -> Outcome {
    let (mut app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let node = worker.retire();
    let stranger = app.enrol("beta").await?;
    let replica = app.replica().await?;
    let url = format!("{replica}/api/tenants/acme/database/tables");
    let asking = tokio::spawn(app.client.get(url).header("x-api-key", &app.key).send());
    let question = node.questions(20).await?.pop().ok_or("nothing is asked")?;
    assert_eq!(
        (question.about, question.database.as_str()),
        (About::Tables, "acme")
    );
    // It is told once, and nobody else can answer it.
    assert!(node.questions(0).await?.is_empty() && stranger.questions(0).await?.is_empty());
    let reply = found(&About::Tables);
    stranger
        .reply(question.id, &reply)
        .await?
        .problem(404, "not-found")?;
    node.reply(question.id, &reply).await?.expect(204)?;
    let answer = asking.await??;
    assert_eq!(answer.status(), 200);
    node.reply(question.id, &reply).await?.problem(404, "not-found")?;
    // What the node cannot find out is told in the reader's language.
    let asking = tokio::spawn(
        app.request(Method::GET, "/api/tenants/acme/database/hints")
            .header("accept-language", "es")
            .send(),
    );
    let question = node.questions(20).await?.pop().ok_or("nothing is asked")?;
    let failure = Failure {
        code: "looked-too-long".to_owned(),
        detail: "It took too long.".to_owned(),
    };
    node.reply(question.id, &Reply::Failed(failure))
        .await?
        .expect(204)?;
    let answer = asking.await??;
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await?.contains("tardó demasiado"));
    app.finish().await
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_waited_for_no_longer_than_seconds() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let began = tokio::time::Instant::now();
    let answer = app.get("/api/tenants/acme/database/tables").await?;
    answer.problem(503, "node-silent")?;
    assert!(began.elapsed() < std::time::Duration::from_secs(60));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM node_question")
        .fetch_one(&app.database.pool)
        .await?;
    assert_eq!(left, 0);
    app.finish().await
}

#[tokio::test]
async fn vacuum_full_wants_the_name_and_a_tenant_that_is_not_in_use() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let path = "/api/tenants/acme/database/maintenance";
    let post = async |body: Value| app.post(path, &body).await;
    let refused = json!({ "work": "vacuum-full" });
    assert_eq!(
        post(refused.clone()).await?.problem(422, "invalid")?["errors"][0]["field"],
        "confirm"
    );
    let confirmed = json!({ "work": "vacuum-full", "confirm": "acme" });
    post(confirmed.clone()).await?.problem(409, "tenant-in-use")?;
    let forced = post(json!({ "work": "vacuum-full", "confirm": "acme", "force": true }))
        .await?
        .expect(200)?;
    assert_eq!(forced["kind"], "database.vacuum");
    app.post("/api/tenants/acme/pause", &json!({}))
        .await?
        .expect(200)?;
    post(confirmed).await?.expect(200)?;
    post(json!({ "work": "shred" })).await?.problem(422, "invalid")?;
    post(json!({ "work": "vacuum", "table": "" }))
        .await?
        .problem(422, "invalid")?;
    let orders: Vec<_> = worker
        .seen()
        .into_iter()
        .filter_map(|command| match command.order {
            Order::MaintainDatabase(order) => Some(order.work.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(orders, ["vacuum-full", "vacuum-full"]);
    // The trail tells what was done, and that it was forced.
    let forced = details(&app, "database.vacuum").await?;
    assert!(forced.iter().any(|detail| detail["forced"] == true), "{forced:?}");
    app.post("/api/tenants/acme/resume", &json!({}))
        .await?
        .expect(200)?;
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    post(json!({ "work": "vacuum" })).await?.problem(409, "state")?;
    app.get("/api/tenants/acme/database/tables")
        .await?
        .problem(409, "state")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn looking_after_one_database_goes_beside_other_work_and_is_stopped_on_demand() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "beta", "gamma", "delta"] {
        app.tenant(name).await?;
    }
    let node: Arc<Node> = worker.retire();
    let begin = |name: &str, work: &str| {
        let (path, body) = (
            format!("/api/tenants/{name}/database/maintenance"),
            json!({ "work": work }),
        );
        let app = &app;
        async move { app.at_once(Method::POST, &path, &body).await }
    };
    let begun = begin("acme", "reindex").await?.expect(202)?;
    let id = begun["id"].as_str().ok_or("no id")?.to_owned();
    let command = node.next().await?;
    // The tenant is not occupied, and is looked after once at a time.
    begin("acme", "vacuum").await?.problem(409, "busy")?;
    let nothing = json!({});
    let (_, paused) = tokio::join!(
        async {
            node.done(
                &node
                    .poll(&[command.id], 1, 10)
                    .await?
                    .pop()
                    .ok_or("nothing to do")?,
            )
            .await
        },
        app.post("/api/tenants/acme/pause", &nothing)
    );
    paused?.expect(200)?;
    // A node has only so many at once.
    begin("beta", "analyze").await?.expect(202)?;
    begin("gamma", "analyze").await?.expect(202)?;
    begin("delta", "analyze")
        .await?
        .problem(409, "upkeep-under-way")?;
    let reason = json!({ "reason": "not now" });
    let path = format!("/api/operations/{id}/cancel");
    let cancelling = tokio::spawn(app.request(Method::POST, &path).json(&reason).send());
    let question = node.questions(20).await?.pop().ok_or("nothing is asked")?;
    assert_eq!(question.about, About::Stop { command: command.id });
    node.reply(question.id, &found(&question.about))
        .await?
        .expect(204)?;
    node.failed(&command, "work-stopped").await?;
    let answer: Value = cancelling.await??.json().await?;
    assert_eq!(
        (&answer["state"], &answer["failure"]["code"]),
        (&json!("failed"), &json!("work-stopped"))
    );
    assert_eq!(app.trail("operation.cancel").await?.len(), 1);
    // What waits is taken back as ever.
    for command in node.poll(&[], 8, 10).await? {
        node.done(&command).await?;
    }
    begin("delta", "analyze").await?.expect(202)?;
    node.done(&node.next().await?).await?;
    app.finish().await
}

#[tokio::test]
async fn a_connection_is_named_by_number_and_beginning() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let path = "/api/tenants/acme/database/terminate";
    let missing = app
        .post(path, &json!({ "pid": 4711 }))
        .await?
        .problem(422, "invalid")?;
    assert_eq!(missing["errors"][0]["field"], "started_at");
    app.post(path, &json!({ "pid": 0, "started_at": "2026-11-29T10:00:00Z" }))
        .await?
        .problem(422, "invalid")?;
    let body = json!({ "pid": 4711, "started_at": "2026-11-29T10:00:00.123456Z" });
    app.post(path, &body).await?.expect(200)?;
    let order = worker.seen().pop().ok_or("no order")?.order;
    let Order::EndConnection(order) = order else {
        return Err(format!("{order:?}").into());
    };
    assert_eq!(
        (order.pid, order.started_at.to_string()),
        (4711, "2026-11-29T10:00:00.123456Z".to_owned())
    );
    assert_eq!(details(&app, "database.terminate").await?[0]["pid"], 4711);
    drop(worker);
    app.finish().await
}
