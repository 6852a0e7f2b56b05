//! What the front door refuses, and how staff let it pass.

use super::PATIENCE;
use super::{from, read};
use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::eventually;

/// Looks a block up until it was kept.
async fn kept(app: &App, id: &str) -> Outcome<Value> {
    app.control.keep_found().await?;
    app.get(&format!("/api/security/blocks/{id}")).await?.expect(200)
}

#[tokio::test]
async fn an_attack_is_refused_with_a_number_that_staff_look_up_and_lift() -> Outcome {
    let app = App::behind_a_proxy().await?;
    let attack = "/..%2f..%2fetc%2fpasswd";
    let problem = read(&app, "192.0.2.1", attack).await?.problem(403, "blocked")?;
    let id = problem["block"].as_str().unwrap_or_default().to_owned();
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains(&id)));
    read(&app, "192.0.2.1", attack).await?.problem(403, "blocked")?;
    let block = kept(&app, &id).await?;
    assert_eq!(block["rule"], "traversal");
    assert_eq!(block["address"], "192.0.2.1");
    assert_eq!(
        (&block["count"], &block["refused"], &block["path"]),
        (&json!(2), &json!(true), &json!(attack))
    );
    let list = app
        .get("/api/security/blocks?rule=traversal&address=192.0.2.1")
        .await?
        .expect(200)?;
    assert_eq!(list["items"][0]["id"], id.as_str());
    let none = app.get("/api/security/blocks?rule=headers").await?.expect(200)?;
    assert_eq!(none["items"], json!([]));
    let lifted = app
        .delete(&format!("/api/security/blocks/{id}"))
        .await?
        .expect(200)?;
    assert!(
        lifted["lifted_until"].is_string()
            && lifted["lifted_by"]
                .as_str()
                .is_some_and(|by| by.starts_with("key_"))
    );
    // For this address and this rule only.
    read(&app, "192.0.2.1", attack).await?.problem(404, "not-found")?;
    read(&app, "192.0.2.1", "/%00").await?.problem(403, "blocked")?;
    let other = read(&app, "192.0.2.2", attack).await?.problem(403, "blocked")?;
    assert_ne!(other["block"], id.as_str());
    app.world.advance(jiff::SignedDuration::from_hours(24 * 31));
    read(&app, "192.0.2.1", attack).await?.problem(403, "blocked")?;
    let audit = "SELECT count(*) FROM audit_entry WHERE action = 'block.lift' AND actor LIKE 'key_%'";
    assert_eq!(app.database.count(audit).await?, 1);
    app.finish().await
}

#[tokio::test]
async fn a_block_lifted_here_is_lifted_on_the_other_servers() -> Outcome {
    let mut app = App::start().await?;
    let replica = app.replica().await?;
    let attack = |base: &str| Answer::of(app.client.get(format!("{base}/.env")));
    let problem = attack(&replica).await?.problem(403, "blocked")?;
    let id = problem["block"].as_str().unwrap_or_default().to_owned();
    // Both give it the same number.
    assert_eq!(
        attack(&app.base).await?.problem(403, "blocked")?["block"],
        id.as_str()
    );
    kept(&app, &id).await?;
    app.delete(&format!("/api/security/blocks/{id}"))
        .await?
        .expect(200)?;
    eventually(PATIENCE, || async {
        attack(&replica).await.is_ok_and(|answer| answer.status == 404)
    })
    .await?;
    app.finish().await
}

#[tokio::test]
async fn a_rule_can_report_without_refusing_or_be_off() -> Outcome {
    let app = App::behind_a_proxy().await?;
    let scan = || async {
        let request = from(&app, "192.0.2.7", Method::GET, "/api/tenants");
        Answer::of(request.header("user-agent", "sqlmap/1.8")).await
    };
    let problem = scan().await?.problem(403, "blocked")?;
    let id = problem["block"].as_str().unwrap_or_default().to_owned();
    let set = |word: &'static str| app.put_value("wall.scanner_agent", json!(word));
    set("report").await?;
    scan().await?.expect(200)?;
    let block = kept(&app, &id).await?;
    assert_eq!((&block["count"], &block["refused"]), (&json!(2), &json!(false)));
    set("off").await?;
    scan().await?.expect(200)?;
    assert_eq!(kept(&app, &id).await?["count"], 2);
    app.finish().await
}

#[tokio::test]
async fn what_is_never_legitimate_is_refused_in_both_languages() -> Outcome {
    let app = App::start().await?;
    for (path, agent) in [
        ("/%2e%2e%5cwindows", "curl"),
        ("/%c0%ae%c0%ae/x", "curl"),
        ("/api/tenants?search=%00", "curl"),
        ("/wp-login.php", "curl"),
        ("/.git/config", "curl"),
        ("/", "Nikto/2.5"),
    ] {
        for (language, word) in [("en", "attack"), ("es", "ataque")] {
            let request = app.bare(Method::GET, path).header("user-agent", agent);
            let answer = Answer::of(request.header("accept-language", language)).await?;
            let problem = answer
                .problem(403, "blocked")
                .map_err(|e| format!("{path}: {e}"))?;
            assert!(problem["detail"].as_str().is_some_and(|text| text.contains(word)));
        }
    }
    let twice = app
        .request(Method::GET, "/api/tenants")
        .header("x-api-key", "another");
    Answer::of(twice).await?.problem(403, "blocked")?;
    app.finish().await
}

#[tokio::test]
async fn blocks_are_bounded_and_the_lifted_ones_stay() -> Outcome {
    let app = App::start().await?;
    let many = "INSERT INTO security_block (id, rule, address, refused, method, path, agent, request_id, first_at, last_at, count, lifted_until)
         SELECT gen_random_uuid(), 'traversal', '192.0.2.1', true, 'GET', '/', '', '', now(), now() - make_interval(secs => n), 1,
                CASE WHEN n = 11000 THEN now() + interval '1 day' END
         FROM generate_series(1, 11000) n";
    app.database.run(many).await?;
    Answer::of(app.bare(Method::GET, "/.env"))
        .await?
        .problem(403, "blocked")?;
    app.control.keep_found().await?;
    let left = app.database.count("SELECT count(*) FROM security_block").await?;
    assert!((10_000..=10_002).contains(&left), "{left}");
    let lifted = "SELECT count(*) FROM security_block WHERE lifted_until > now()";
    assert_eq!(app.database.count(lifted).await?, 1);
    app.finish().await
}
