//! A tenant's life as its visitors see it: renamed, suspended, deleted, brought back, purged.

use anyhow::{Result, ensure};
use e2e::{Installation, unique};
use reqwest::Method;
use serde_json::json;

const PASSWORD: &str = "a good long password";

#[tokio::test]
async fn renamed_tenant_answers_under_its_new_name_only() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, old, new) = (installation.api()?, unique("old"), unique("new-name-"));
    api.create(&old, PASSWORD).await?;
    let login = format!("ana@{old}.example.com");
    ensure!(
        installation.visitor(&old)?.log_in(&login, PASSWORD).await?,
        "not in"
    );
    let body = json!({ "subdomain": new });
    let renamed = api
        .ask(Method::PATCH, &format!("/api/tenants/{old}"), Some(&body))
        .await?
        .expect(200)?;
    ensure!(
        renamed.text("subdomain") == new && renamed.text("database") == new.replace('-', "_"),
        "{}",
        renamed.body
    );
    ensure!(
        installation.visitor(&new)?.log_in(&login, PASSWORD).await?,
        "not in under the new name"
    );
    ensure!(
        installation
            .visitor(&new.replace('-', "_"))?
            .log_in(&login, PASSWORD)
            .await?,
        "not in under the spelling with _"
    );
    ensure!(
        installation.visitor(&old)?.get("/web/login").await?.status == 404,
        "the old name still answers"
    );
    api.send(Method::GET, &format!("/api/tenants/{old}"), &[], None)
        .await?
        .expect(404)?;
    let url = installation
        .postgres()
        .parameter(&new.replace('-', "_"), "web.base.url")
        .await?;
    ensure!(url == renamed.text("url"), "the base URL is {url}");
    api.remove(&new).await
}

#[tokio::test]
async fn suspended_tenant_refuses_a_logged_in_user_at_once_and_goes_on_after() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("unpaid"));
    api.create(&name, PASSWORD).await?;
    let mut inside = installation.visitor(&name)?;
    ensure!(
        inside
            .log_in(&format!("ana@{name}.example.com"), PASSWORD)
            .await?,
        "not in"
    );
    let active = "SELECT string_agg(login || ' ' || active, ',' ORDER BY id) FROM res_users";
    let before = installation.postgres().text(&name, active).await?;
    let path = format!("/api/tenants/{name}/suspend");
    let suspended = api
        .ask(Method::POST, &path, Some(&json!({ "reason": "unpaid" })))
        .await?
        .expect(200)?;
    ensure!(suspended.text("state") == "suspended", "{}", suspended.body);
    ensure!(
        inside.get("/odoo").await?.status == 402,
        "a logged-in user is still served"
    );
    let odoo = installation
        .postgres()
        .text(
            "postgres",
            &format!(
                "SELECT has_database_privilege('odoo', '{name}', 'CONNECT')::text || ' ' || \
         (SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND usename = 'odoo')"
            ),
        )
        .await?;
    ensure!(
        odoo == "false 0",
        "Odoo's role can connect, or is connected: {odoo}"
    );
    let resumed = api
        .ask(Method::POST, &format!("/api/tenants/{name}/resume"), None)
        .await?
        .expect(200)?;
    ensure!(resumed.text("state") == "active", "{}", resumed.body);
    ensure!(inside.is_inside().await?, "the session was lost");
    ensure!(
        installation.postgres().text(&name, active).await? == before,
        "users were changed"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn deleted_tenant_is_kept_hidden_and_comes_back_as_it_was() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("gone"));
    api.create(&name, PASSWORD).await?;
    let login = format!("ana@{name}.example.com");
    let wrong = format!("/api/tenants/{name}?confirm=another");
    api.ask(Method::DELETE, &wrong, None).await?.expect(422)?;
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 200,
        "a wrong confirmation deleted"
    );
    let deleted = api
        .ask(
            Method::DELETE,
            &format!("/api/tenants/{name}?confirm={name}"),
            None,
        )
        .await?
        .expect(200)?;
    ensure!(
        deleted.text("state") == "deleted" && !deleted.text("purge_after").is_empty(),
        "{}",
        deleted.body
    );
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 404,
        "a deleted tenant answers"
    );
    ensure!(
        !installation.postgres().databases().await?.contains(&name),
        "its database has its name still"
    );
    ensure!(
        !installation.filestore(&name).exists(),
        "its filestore has its name still"
    );
    let again =
        json!({ "company_name": "x", "admin_email": "x@example.com", "subdomain": name, "plan": "basic" });
    api.ask(Method::POST, "/api/tenants", Some(&again))
        .await?
        .expect(409)?;
    api.ask(Method::POST, &format!("/api/tenants/{name}/undelete"), None)
        .await?
        .expect(200)?;
    ensure!(
        installation.visitor(&name)?.log_in(&login, PASSWORD).await?,
        "not in after coming back"
    );
    api.purge(&name).await?;
    let kept = Installation::entries(&installation.path("dumps"))?;
    ensure!(
        kept.iter().any(|entry| entry.starts_with(&name)),
        "no last dump of {name} in {kept:?}"
    );
    api.send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
        .await?
        .expect(404)?;
    let left: Vec<String> = installation.postgres().databases().await?;
    ensure!(
        !left.iter().any(|database| database.contains(&name)),
        "left over: {left:?}"
    );
    Ok(())
}

#[tokio::test]
async fn strangers_databases_are_neither_listed_nor_touched() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("stranger"));
    let postgres = installation.postgres();
    postgres
        .run("postgres", &format!("CREATE DATABASE {name}"))
        .await?;
    let body = json!({
        "company_name": "x", "admin_email": "x@example.com", "subdomain": name, "plan": "basic", "admin_password": PASSWORD
    });
    let refused = api
        .ask(Method::POST, "/api/tenants", Some(&body))
        .await?
        .expect(409)?;
    ensure!(
        refused.text("detail").contains("database-exists"),
        "{}",
        refused.body
    );
    for path in [
        format!("/api/tenants?search={name}"),
        "/api/provisioning/tenants".to_owned(),
    ] {
        let listed = api.send(Method::GET, &path, &[], None).await?.expect(200)?;
        ensure!(
            !listed.body.to_string().contains(&name),
            "{path} lists a stranger's database"
        );
    }
    let local = installation
        .local_api()?
        .send(Method::GET, "/api/tenants", &[], None)
        .await?
        .expect(200)?;
    ensure!(
        !local.body.to_string().contains(&name),
        "the node lists a stranger's database"
    );
    api.ask(
        Method::DELETE,
        &format!("/api/tenants/{name}?confirm={name}"),
        None,
    )
    .await?
    .expect(404)?;
    ensure!(
        postgres.databases().await?.contains(&name),
        "a stranger's database was dropped"
    );
    postgres.run("postgres", &format!("DROP DATABASE {name}")).await
}
