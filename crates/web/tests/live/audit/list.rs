//! The list: filters, search, order, pages, whose eyes, and comma-separated values.

use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

fn texts(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| item[field].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn by(app: &App, person: &Person, path: &str) -> Outcome<Answer> {
    Answer::of(app.by(person, Method::GET, path)).await
}

#[tokio::test]
async fn every_filter_finds_what_it_says_and_pages_have_no_gaps() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "beta"] {
        app.tenant(name).await?;
    }
    let body = json!({ "reason": "unpaid", "note": "since May" });
    app.post("/api/tenants/acme/suspend", &body).await?.expect(200)?;
    app.bare(Method::GET, "/api/tenants")
        .bearer_auth("tnt_0")
        .send()
        .await?;
    let found = |query: &'static str| app.get(query);
    let suspended = found("/api/audit?tenant=acme&action=tenant.suspend*")
        .await?
        .expect(200)?;
    assert_eq!(
        texts(&suspended, "action"),
        ["tenant.suspend.succeeded", "tenant.suspend"]
    );
    let begun = &suspended["items"][1];
    assert_eq!(begun["reason"], "unpaid: since May");
    assert_eq!(
        (&begun["role"], &begun["address"]),
        (&json!("staff:owner"), &json!("127.0.0.1"))
    );
    assert_eq!(begun["title"], "Tenant suspended: begun");
    let spanish = app
        .request(Method::GET, "/api/audit?outcome=refused")
        .header("accept-language", "es");
    let refused = Answer::of(spanish).await?.expect(200)?;
    assert_eq!(texts(&refused, "title"), ["Rechazado: la credencial no sirve"]);
    for (query, actions) in [
        (
            "subject=beta&sort=at",
            vec!["tenant.create", "tenant.create.succeeded"],
        ),
        ("search=SINCE%20may", vec!["tenant.suspend"]),
        ("actor=nobody", vec!["refused.credential"]),
        (
            "address=127.0.0.1&action=tenant.create&sort=subject",
            vec!["tenant.create", "tenant.create"],
        ),
        ("to=2020-01-01", vec![]),
        (
            "from=2020-01-01&to=2100-01-01&outcome=refused",
            vec!["refused.credential"],
        ),
        ("search=%25", vec![]),
    ] {
        let page = app.get(&format!("/api/audit?{query}")).await?.expect(200)?;
        assert_eq!(texts(&page, "action"), actions, "{query}");
        assert_eq!(page["total"], json!(actions.len()), "{query}");
    }
    for sort in ["at", "-at", "action", "-action", "actor", "-subject"] {
        let whole = app
            .get(&format!("/api/audit?sort={sort}&limit=200"))
            .await?
            .expect(200)?;
        let ids = |page: &Value| -> Vec<i64> {
            let items = page["items"].as_array().cloned().unwrap_or_default();
            items.iter().filter_map(|item| item["id"].as_i64()).collect()
        };
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/audit?sort={sort}&limit=3{cursor}");
            let page = app.get(&path).await?.expect(200)?;
            seen.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert!(seen.len() > 9, "{sort}");
        assert_eq!(seen, ids(&whole), "{sort}");
    }
    let one = &begun["id"];
    let shown = app.get(&format!("/api/audit/{one}")).await?.expect(200)?;
    assert_eq!(
        (&shown["subject"], &shown["detail"]["added"]["reason"]),
        (&json!("acme"), &json!("unpaid"))
    );
    let actions = app.get("/api/audit/actions").await?.expect(200)?;
    assert!(texts(&actions, "action").contains(&"tenant.suspend.failed".to_owned()));
    for (query, field) in [
        ("outcome=odd", "outcome"),
        ("from=yesterday", "from"),
        ("sort=size", "sort"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("tenant=a", "tenant"),
        ("operation=1", "operation"),
    ] {
        app.get(&format!("/api/audit?{query}")).await?.refuses(field)?;
    }
    app.get("/api/audit/999999999").await?.problem(404, "not-found")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn members_see_what_is_for_their_organization_s_eyes_and_nothing_else() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "beta"] {
        app.tenant(name).await?;
    }
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    app.assign("acme", &own).await?;
    app.assign("beta", &other).await?;
    let ana = app.member(&own, "owner").await?;
    let eva = app.member(&other, "owner").await?;
    app.post("/api/tenants/acme/suspend", &json!({ "note": "talk to us" }))
        .await?
        .expect(200)?;
    app.post("/api/tenants/beta/suspend", &json!({}))
        .await?
        .expect(200)?;
    Answer::of(
        app.by(&ana, Method::POST, "/api/keys")
            .json(&json!({ "name": "ours", "organizations": [own] })),
    )
    .await?
    .expect(201)?;
    Answer::of(
        app.by(&ana, Method::POST, "/api/nodes/tokens")
            .json(&json!({ "name": "mine" })),
    )
    .await?
    .problem(403, "forbidden")?;
    let page = by(&app, &ana, "/api/audit?sort=at&limit=200")
        .await?
        .expect(200)?;
    let seen: Vec<String> = texts(&page, "action")
        .into_iter()
        .zip(texts(&page, "subject"))
        .map(|(action, subject)| format!("{action} {subject}"))
        .collect();
    // What was before the tenant was theirs is not theirs to see.
    let expected = [
        format!("organization.create {own}"),
        format!("member.invite {}", ana.email),
        format!("person.join {}", ana.email),
        "tenant.suspend acme".to_owned(),
        "tenant.suspend.succeeded acme".to_owned(),
        "key.create ours".to_owned(),
        "refused.role POST /api/nodes/tokens".to_owned(),
    ];
    assert_eq!(seen, expected);
    for item in page["items"].as_array().ok_or("no items")? {
        assert_eq!(item["organization"], json!(own));
        let theirs = item["role"]
            .as_str()
            .is_some_and(|role| role.starts_with("organization:"));
        // The staff's addresses and the inner workings are not for customers.
        assert_eq!(
            (item["address"].is_string(), item["detail"].is_object()),
            (theirs, theirs),
            "{item}"
        );
    }
    assert_eq!(page["items"][3]["reason"], "manual: talk to us");
    let by_address = by(&app, &ana, "/api/audit?address=127.0.0.1")
        .await?
        .expect(200)?;
    assert_eq!(by_address["total"], 2);
    // Neither by a filter nor by its number.
    let suspended = app
        .get("/api/audit?tenant=beta&action=tenant.suspend")
        .await?
        .expect(200)?;
    let path = format!("/api/audit/{}", suspended["items"][0]["id"]);
    by(&app, &ana, &path).await?.problem(404, "not-found")?;
    by(&app, &eva, &path).await?.expect(200)?;
    let foreign = format!("/api/audit?organization={other}");
    assert_eq!(by(&app, &ana, &foreign).await?.expect(200)?["total"], 0);
    let exported = by(&app, &ana, "/api/audit/export").await?;
    assert!(exported.text.contains("acme") && !exported.text.contains("beta"));
    for path in ["/api/audit/chain", "/api/audit/verification", "/api/audit/keys"] {
        by(&app, &ana, path).await?.problem(403, "forbidden")?;
    }
    let member = app.member(&own, "member").await?;
    by(&app, &member, "/api/audit").await?.problem(403, "forbidden")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_key_for_some_tenants_sees_their_entries_only() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["acme", "beta"] {
        app.tenant(name).await?;
    }
    let own = app.organization("Acme").await?;
    for name in ["acme", "beta"] {
        app.assign(name, &own).await?;
        app.post(&format!("/api/tenants/{name}/suspend"), &json!({}))
            .await?
            .expect(200)?;
    }
    let body = json!({ "name": "one", "organizations": [own], "tenants": ["acme"] });
    let key = app.post("/api/keys", &body).await?.expect(201)?;
    let secret = key["secret"].as_str().ok_or("no secret")?.to_owned();
    let request = app.bare(Method::GET, "/api/audit").bearer_auth(&secret);
    let page = Answer::of(request).await?.expect(200)?;
    assert_eq!(texts(&page, "subject"), ["acme", "acme"]);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn formulas_are_disarmed_and_secrets_never_entered_it() -> Outcome {
    let app = App::start().await?;
    app.post("/api/keys", &json!({ "name": "=HYPERLINK(\"http://evil\")" }))
        .await?
        .expect(201)?;
    let many: Vec<String> = (0..30).map(|number| format!("key number {number}")).collect();
    for name in &many {
        app.post("/api/keys", &json!({ "name": name }))
            .await?
            .expect(201)?;
    }
    let answer = app.get("/api/audit/export?action=key.create&sort=at").await?;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = answer.text.lines().collect();
    assert!(
        lines[0].starts_with("id,at,action,title,outcome,subject,"),
        "{}",
        lines[0]
    );
    assert_eq!(lines.len(), 1 + 2 + 1 + many.len());
    assert!(
        answer.text.contains(",\"'=HYPERLINK(\"\"http://evil\"\")\","),
        "{}",
        answer.text
    );
    let dump = app.database.dump().await?;
    assert!(!dump.contains("tnt_") || !dump.contains(&app.key));
    app.finish().await
}
