//! What can be done with templates, on the real Odoo: adopted from a tenant, warmed, built, built anew, retired.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Installation, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "a good long password";
/// The fewest modules with which Odoo serves pages: building takes seconds, not a minute.
const MODULES: [&str; 1] = ["web"];
const PATIENCE: Duration = Duration::from_secs(240);

/// Asks for something to be done with a template, and waits until it is.
async fn make(api: &Api, path: &str, body: &Value) -> Result<()> {
    let begun = api.ask(Method::POST, path, Some(body)).await?.expect(202)?;
    let operation = format!("/api/operations/{}", begun.text("id"));
    let ended = || async {
        let shown = api.send(Method::GET, &operation, &[], None).await;
        shown.is_ok_and(|shown| shown.body["finished_at"].is_string())
    };
    eventually(PATIENCE, path, ended).await?;
    let done = api.send(Method::GET, &operation, &[], None).await?;
    ensure!(done.text("state") == "succeeded", "{path}: {}", done.body);
    Ok(())
}

async fn template(api: &Api, name: &str) -> Result<Value> {
    let all = api.send(Method::GET, "/api/templates", &[], None).await?.body;
    let found = all["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["name"] == name);
    Ok(found
        .with_context(|| format!("no template {name} in {all}"))?
        .clone())
}

/// A tenant of this template, whose administrator gets in.
async fn tenant_of(installation: &Installation, template: &str) -> Result<String> {
    let (api, name) = (installation.api()?, unique("of"));
    let body = json!({ "company_name": "Of a template", "admin_email": "eva@example.com", "subdomain": name,
        "plan": "basic", "admin_password": PASSWORD, "language": "en_US", "template": template });
    let made = api
        .ask(Method::POST, "/api/tenants", Some(&body))
        .await?
        .expect(201)?;
    ensure!(made.text("template") == template, "{}", made.body);
    ensure!(
        installation
            .visitor(&name)?
            .log_in("eva@example.com", PASSWORD)
            .await?,
        "its administrator is not in"
    );
    Ok(name)
}

async fn retire(installation: &Installation, name: &str) -> Result<()> {
    let api = installation.api()?;
    make(
        &api,
        &format!("/api/templates/{name}/retire"),
        &json!({ "confirm": name }),
    )
    .await?;
    ensure!(template(&api, name).await?["state"] == "retired", "not retired");
    let left = installation.postgres().databases().await?;
    ensure!(!left.contains(&name.to_owned()), "its database is still there");
    ensure!(
        !installation.filestore(name).exists(),
        "its files are still there"
    );
    Ok(())
}

#[tokio::test]
async fn a_template_of_a_tenant_holds_its_settings_without_its_people_and_is_warmed() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, source, kept) = (installation.api()?, unique("source"), unique("kept"));
    api.create(&source, PASSWORD).await?;
    let mark = "INSERT INTO ir_config_parameter (key, value) VALUES ('test.mark', 'of the source')";
    installation.postgres().run(&source, mark).await?;
    make(
        &api,
        &format!("/api/templates/{kept}/adopt"),
        &json!({ "database": source }),
    )
    .await?;
    let first = template(&api, &kept).await?;
    ensure!(
        first["version"] == 1 && first["state"] == "ready" && first["adopted_from"] == source.as_str(),
        "{first}"
    );
    let path = format!("/api/templates/{kept}/warm");
    make(&api, &path, &json!({})).await?;
    let warm = template(&api, &kept).await?;
    ensure!(warm["version"] == 2 && warm["warmed_at"].is_string(), "{warm}");
    ensure!(warm["warmed_at"] != first["warmed_at"], "not warmed anew: {warm}");
    let rebuilt = format!("/api/templates/{kept}/rebuild");
    api.ask(Method::POST, &rebuilt, Some(&json!({})))
        .await?
        .expect(409)?;
    let name = tenant_of(&installation, &kept).await?;
    ensure!(
        installation.postgres().parameter(&name, "test.mark").await? == "of the source",
        "the source's settings are lost"
    );
    let stranger = format!("ana@{source}.example.com");
    ensure!(
        !installation.visitor(&name)?.log_in(&stranger, PASSWORD).await?,
        "the source's administrator gets in"
    );
    retire(&installation, &kept).await?;
    ensure!(
        installation.visitor(&name)?.open("/web/login").await?.status == 200,
        "its tenant went with it"
    );
    api.remove(&name).await?;
    api.remove(&source).await
}

#[tokio::test]
async fn a_template_of_few_modules_is_built_and_built_anew_and_serves_its_tenants() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, small) = (installation.api()?, unique("small"));
    let body = json!({ "name": small, "modules": MODULES, "languages": ["en_US"] });
    make(&api, "/api/templates", &body).await?;
    let first = template(&api, &small).await?;
    ensure!(first["version"] == 1 && first["digest"].is_string(), "{first}");
    make(&api, &format!("/api/templates/{small}/rebuild"), &json!({})).await?;
    let second = template(&api, &small).await?;
    ensure!(
        second["version"] == 2 && second["state"] == "ready" && second["modules"] == json!(MODULES),
        "{second}"
    );
    ensure!(
        second["built_at"] != first["built_at"],
        "not built anew: {second}"
    );
    let name = tenant_of(&installation, &small).await?;
    retire(&installation, &small).await?;
    api.remove(&name).await
}
