//! The administrator of a new tenant gets in with their password, and nobody else with any other.

use anyhow::{Result, ensure};
use e2e::{Installation, unique};
use reqwest::Method;
use serde_json::json;

const PASSWORD: &str = r#"O'Brien "x" \ $1 ;--"#;

fn login_of(subdomain: &str) -> String {
    format!("ana@{subdomain}.example.com")
}

#[tokio::test]
async fn administrator_logs_in_with_their_password_and_with_no_other() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("login"));
    api.create(&name, PASSWORD).await?;
    ensure!(
        installation
            .visitor(&name)?
            .log_in(&login_of(&name), PASSWORD)
            .await?,
        "the password was refused"
    );
    for (login, password) in [
        (login_of(&name).as_str(), "another password"),
        (login_of(&name).as_str(), ""),
        (login_of(&name).as_str(), "admin"),
        ("admin", "admin"),
        ("admin", PASSWORD),
    ] {
        ensure!(
            !installation.visitor(&name)?.log_in(login, password).await?,
            "{login} got in with {password:?}"
        );
    }
    let hash = installation
        .postgres()
        .text(&name, "SELECT password FROM res_users WHERE id = 2")
        .await?;
    ensure!(
        hash.starts_with("$pbkdf2-sha512$600000$"),
        "not a hash of Odoo's: {hash:.30}"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn without_a_password_a_one_time_link_sets_it_once() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("link"));
    let body =
        json!({ "company_name": "Link", "admin_email": login_of(&name), "subdomain": name, "plan": "basic" });
    let made = api
        .ask(Method::POST, "/api/tenants", Some(&body))
        .await?
        .expect(201)?;
    let token = made
        .text("set_password_link")
        .split_once('#')
        .map(|(_, token)| token.to_owned())
        .unwrap_or_default();
    ensure!(token.len() == 64, "no link in {}", made.body);
    ensure!(
        !installation
            .visitor(&name)?
            .log_in(&login_of(&name), "admin")
            .await?,
        "a tenant without a password let somebody in"
    );
    let anybody = installation.api_as(None)?;
    let body = json!({ "token": token, "new_password": PASSWORD });
    let set = anybody
        .ask(Method::POST, "/set-password", Some(&body))
        .await?
        .expect(200)?;
    ensure!(set.text("login") == login_of(&name), "{}", set.body);
    ensure!(
        installation
            .visitor(&name)?
            .log_in(&login_of(&name), PASSWORD)
            .await?,
        "the password of the link was refused"
    );
    anybody
        .ask(Method::POST, "/set-password", Some(&body))
        .await?
        .expect(410)?;
    api.remove(&name).await
}

#[tokio::test]
async fn changed_password_works_at_once_and_ends_other_sessions_when_asked() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("change"));
    api.create(&name, PASSWORD).await?;
    let mut inside = installation.visitor(&name)?;
    ensure!(inside.log_in(&login_of(&name), PASSWORD).await?, "not in");
    let body = json!({ "new_password": "another good one 1", "end_sessions": true });
    api.ask(
        Method::POST,
        &format!("/api/tenants/{name}/password"),
        Some(&body),
    )
    .await?
    .expect(200)?;
    ensure!(!inside.is_inside().await?, "the session went on");
    ensure!(
        installation
            .visitor(&name)?
            .log_in(&login_of(&name), "another good one 1")
            .await?,
        "the new password was refused"
    );
    ensure!(
        !installation
            .visitor(&name)?
            .log_in(&login_of(&name), PASSWORD)
            .await?,
        "the old password still works"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn missing_administrator_is_said_and_nothing_is_changed() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("nobody"));
    api.create(&name, PASSWORD).await?;
    let postgres = installation.postgres();
    postgres
        .run(
            &name,
            "DELETE FROM ir_model_data WHERE module = 'base' AND name = 'user_admin'",
        )
        .await?;
    let body = json!({ "new_password": "another good one 1" });
    let refused = api
        .ask(
            Method::POST,
            &format!("/api/tenants/{name}/password"),
            Some(&body),
        )
        .await?
        .expect(409)?;
    ensure!(
        refused.text("detail").contains("administrator-not-found"),
        "{}",
        refused.body
    );
    ensure!(
        installation
            .visitor(&name)?
            .log_in(&login_of(&name), PASSWORD)
            .await?,
        "the old password was changed all the same"
    );
    api.remove(&name).await
}
