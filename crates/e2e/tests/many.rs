//! Many creations at once.

use anyhow::{Result, ensure};
use e2e::{Installation, unique};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

const MANY: usize = 50;

fn request(name: &str) -> serde_json::Value {
    json!({
        "company_name": name, "admin_email": "ana@example.com", "subdomain": name, "plan": "basic",
        "admin_password": "a good long password"
    })
}

#[tokio::test]
async fn fifty_names_at_once_are_fifty_tenants() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, prefix) = (installation.api()?, unique("many"));
    let mut creations = JoinSet::new();
    for index in 0..MANY {
        let (api, name) = (api.clone(), format!("{prefix}-{index}"));
        creations.spawn(async move {
            api.ask(Method::POST, "/api/tenants", Some(&request(&name)))
                .await?
                .expect(201)
        });
    }
    while let Some(created) = creations.join_next().await {
        created??;
    }
    let listed = api
        .send(
            Method::GET,
            &format!("/api/tenants?search={prefix}&state=active&limit=200"),
            &[],
            None,
        )
        .await?;
    ensure!(
        listed.body.get("total").and_then(serde_json::Value::as_u64) == Some(MANY as u64),
        "{}",
        listed.body
    );
    let databases = installation.postgres().databases().await?;
    let count = databases.iter().filter(|name| name.starts_with(&prefix)).count();
    ensure!(count == MANY, "{count} databases");
    let mut removals = JoinSet::new();
    for index in 0..MANY {
        let (api, name) = (api.clone(), format!("{prefix}-{index}"));
        removals.spawn(async move { api.remove(&name).await });
    }
    while let Some(removed) = removals.join_next().await {
        removed??;
    }
    Ok(())
}

#[tokio::test]
async fn one_name_fifty_times_is_one_tenant_and_forty_nine_refusals() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("only"));
    let mut creations = JoinSet::new();
    for _ in 0..MANY {
        let (api, name) = (api.clone(), name.clone());
        creations.spawn(async move { api.ask(Method::POST, "/api/tenants", Some(&request(&name))).await });
    }
    let (mut made, mut refused) = (0, 0);
    while let Some(answer) = creations.join_next().await {
        let answer = answer??;
        match answer.status.as_u16() {
            201 => made += 1,
            409 if answer.text("type") == "/problems/name-taken" => refused += 1,
            _ => anyhow::bail!("{}: {}", answer.status, answer.body),
        }
    }
    ensure!((made, refused) == (1, MANY - 1), "{made} made, {refused} refused");
    api.remove(&name).await
}

#[tokio::test]
async fn repeated_idempotency_key_answers_the_same() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, key) = (installation.api()?, unique("twice"), unique("key-"));
    let headers = [("Prefer", "wait=120"), ("Idempotency-Key", key.as_str())];
    let body = request(&name);
    let mut answers = JoinSet::new();
    for _ in 0..5 {
        let (api, body, key) = (api.clone(), body.clone(), key.clone());
        answers.spawn(async move {
            let headers = [("Prefer", "wait=120"), ("Idempotency-Key", key.as_str())];
            api.send(Method::POST, "/api/tenants", &headers, Some(&body))
                .await?
                .expect(201)
        });
    }
    let first = api
        .send(Method::POST, "/api/tenants", &headers, Some(&body))
        .await?
        .expect(201)?;
    while let Some(answer) = answers.join_next().await {
        ensure!(answer??.body == first.body, "another answer");
    }
    let mut other = request(&name);
    if let Some(fields) = other.as_object_mut() {
        fields.insert("plan".to_owned(), "pro".into());
    }
    api.send(Method::POST, "/api/tenants", &headers, Some(&other))
        .await?
        .expect(422)?;
    api.remove(&name).await
}
