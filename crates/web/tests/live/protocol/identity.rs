//! How server and node know each other, and what becomes of a node that is not heard of.

use crate::app::answer::Answer;
use crate::app::node::Node;
use crate::app::{App, Outcome, new_tenant};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use wire::handshake::{CHALLENGE, PROOF, SERVER_KEY, signed};

const POLL: &str = "/node/v1/commands?slots=1&wait=0&version=1";

async fn polls_with(app: &App, credential: &str) -> Outcome<Answer> {
    Answer::of(app.bare(Method::GET, POLL).bearer_auth(credential)).await
}

async fn tell(node: &Node) -> Outcome<Value> {
    Answer::of(node.request(Method::POST, "/node/v1/observed").json(&json!({})))
        .await?
        .expect(200)
}

fn sha256(text: &str) -> String {
    hex_of(digest(&SHA256, text.as_bytes()).as_ref())
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hex: &str) -> Outcome<Vec<u8>> {
    let pairs =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2).unwrap_or("?"), 16));
    Ok(pairs.collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn a_credential_is_exchanged_without_a_moment_in_which_none_works() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    assert!(tell(&node).await?.get("rotate").is_none());
    app.post("/api/nodes/alpha/rotate", &Value::Null)
        .await?
        .expect(202)?;
    assert_eq!(tell(&node).await?["rotate"], true);
    let next = format!("tnn_{}", "ab".repeat(32));
    let offer = || {
        let request = node.request(Method::POST, "/node/v1/credential");
        Answer::of(request.json(&json!({ "sha256": sha256(&next) })))
    };
    // The first answer may be lost: offered again, nothing has changed.
    offer().await?.expect(204)?;
    offer().await?.expect(204)?;
    polls_with(&app, &node.credential).await?.expect(200)?;
    polls_with(&app, &next).await?.expect(200)?;
    polls_with(&app, &node.credential)
        .await?
        .problem(401, "unauthenticated")?;
    let request = app.bare(Method::POST, "/node/v1/observed").bearer_auth(&next);
    assert!(
        Answer::of(request.json(&json!({})))
            .await?
            .expect(200)?
            .get("rotate")
            .is_none()
    );
    assert!(!app.database.dump().await?.contains(&next));
    assert_eq!(app.trail("node.credential").await?.len(), 1);
    app.finish().await
}

#[tokio::test]
async fn an_old_credential_is_asked_to_be_exchanged() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    app.world.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(tell(&node).await?["rotate"], true);
    app.finish().await
}

#[tokio::test]
async fn another_s_credential_cannot_be_offered() -> Outcome {
    let app = App::start().await?;
    let (alpha, beta) = (app.enrol("alpha").await?, app.enrol("beta").await?);
    for wrong in [sha256(&beta.credential), "ab".to_owned(), "zz".repeat(32)] {
        let request = alpha.request(Method::POST, "/node/v1/credential");
        Answer::of(request.json(&json!({ "sha256": wrong })))
            .await?
            .refuses("sha256")?;
    }
    polls_with(&app, &beta.credential).await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn the_server_proves_itself_in_every_answer_that_it_is_challenged_for() -> Outcome {
    let app = App::start().await?;
    let token = app
        .post("/api/nodes/tokens", &json!({ "name": "alpha" }))
        .await?
        .expect(201)?;
    let token = token["token"].as_str().ok_or("no token")?.to_owned();
    let (_, fingerprint) = token.split_once('.').ok_or("no fingerprint")?;
    let challenge = "5a".repeat(32);
    for (method, path, status) in [(Method::GET, "/node/v1/identity", 204), (Method::GET, POLL, 401)] {
        let answer = Answer::of(app.bare(method, path).header(CHALLENGE, &challenge)).await?;
        assert_eq!(answer.status.as_u16(), status);
        let key = bytes_of(answer.header(SERVER_KEY))?;
        assert_eq!(hex_of(digest(&SHA256, &key).as_ref()), fingerprint);
        let path = path.split('?').next().unwrap_or(path);
        let proof = bytes_of(answer.header(PROOF))?;
        let verifies = |challenge: &str, path: &str, status: u16, body: &str| {
            let message = signed(challenge, path, status, &sha256(body));
            UnparsedPublicKey::new(&ED25519, &key)
                .verify(&message, &proof)
                .is_ok()
        };
        assert!(verifies(&challenge, path, status, &answer.text));
        assert!(!verifies(&"5b".repeat(32), path, status, &answer.text));
        assert!(!verifies(&challenge, "/node/v1/other", status, &answer.text));
        assert!(!verifies(&challenge, path, 200, &answer.text));
        assert!(!verifies(&challenge, path, status, &format!("{} ", answer.text)));
    }
    let bare = Answer::of(app.bare(Method::GET, "/node/v1/identity")).await?;
    assert_eq!(bare.header(PROOF), "");
    app.finish().await
}

#[tokio::test]
async fn a_node_is_not_given_what_it_does_not_know() -> Outcome {
    let app = App::start().await?;
    let node = app.node_with_template("alpha").await?;
    let hello = json!({ "version": "9", "orders": [{ "kind": "build-template", "version": 1 }], "products": ["odoo"],
        "postgres": "17.1", "time": app.world.now().to_string(), "something": "newer" });
    let said = node.request(Method::POST, "/node/v1/hello").json(&hello);
    assert!(Answer::of(said).await?.expect(200)?["version"].is_string());
    let begun = app
        .at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    assert!(node.poll(&[], 1, 0).await?.is_empty());
    let ended = app
        .ended(begun["operation_id"].as_str().ok_or("no operation")?)
        .await?;
    assert_eq!(ended["failure"]["code"], "order-unknown");
    let shown = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(shown["postgres"], "17.1");
    assert_eq!(shown["orders"][0]["kind"], "build-template");
    app.finish().await
}

#[tokio::test]
async fn a_wrong_clock_is_noticed() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    let time = app.world.now() + SignedDuration::from_mins(3);
    let hello = json!({ "version": "1", "time": time.to_string() });
    let answer = Answer::of(node.request(Method::POST, "/node/v1/hello").json(&hello))
        .await?
        .expect(200)?;
    let ahead = answer["clock_ahead_ms"].as_i64().unwrap_or_default();
    assert!((170_000..=180_000).contains(&ahead), "{ahead}");
    app.finish_despite(&["a node's clock is wrong"]).await
}

#[tokio::test]
async fn a_lost_node_s_tenants_are_left_alone_until_it_is_back() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let node = worker.retire();
    app.world.advance(SignedDuration::from_mins(16));
    let shown = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(shown["state"], "lost");
    let text = Answer::of(app.request(Method::GET, "/api/metrics")).await?.text;
    assert!(
        text.contains("tenantry_node_state{node=\"alpha\",state=\"lost\"} 1"),
        "{text}"
    );
    let delete = || async {
        Answer::of(
            app.request(Method::DELETE, "/api/tenants/acme?confirm=acme")
                .header("prefer", "respond-async"),
        )
        .await
    };
    delete().await?.problem(409, "node-lost")?;
    app.post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "name-taken")?;
    node.poll(&[], 1, 0).await?;
    delete().await?.expect(202)?;
    let command = node.next().await?;
    node.done(&command).await?;
    app.finish().await
}

#[tokio::test]
async fn a_lost_node_is_given_up_with_all_that_is_named_and_told_so_when_it_comes_back() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "zeta"] {
        app.tenant(name).await?;
    }
    let node = worker.retire();
    let remove =
        |query: &'static str| Answer::of(app.request(Method::DELETE, &format!("/api/nodes/alpha?{query}")));
    let whole = "confirm=alpha&lost=true&tenants=zeta,acme";
    remove(whole).await?.problem(409, "node-not-lost")?;
    app.world.advance(SignedDuration::from_mins(16));
    let open = app
        .at_once(
            Method::POST,
            "/api/tenants/acme/suspend",
            &json!({ "reason": "unpaid" }),
        )
        .await?
        .expect(202)?;
    remove("confirm=alpha").await?.problem(409, "node-in-use")?;
    remove("confirm=alpha&lost=true&tenants=acme")
        .await?
        .refuses("tenants")?;
    remove("lost=true&tenants=acme,zeta").await?.refuses("confirm")?;
    remove(whole).await?.expect(204)?;
    let ended = app
        .ended(open["operation_id"].as_str().ok_or("no operation")?)
        .await?;
    assert_eq!(ended["failure"]["code"], "node-removed");
    app.get("/api/tenants/acme").await?.problem(404, "not-found")?;
    polls_with(&app, &node.credential)
        .await?
        .problem(410, "node-removed")?;
    // The name is free for another node.
    let _beta = app.node_with_template("beta").await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM audit_entry WHERE action = 'node.give_up' AND detail -> 'tenants' = '[\"acme\", \"zeta\"]'")
            .await?,
        1
    );
    app.finish_with_open_commands().await
}
