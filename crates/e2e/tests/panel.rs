//! The panel and the portal in a real browser, with a real Odoo behind them.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Installation, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tokio::process::Command;

const PASSWORD: &str = "Quetzal-volando-47";
const MARKUP: &str = "<b onclick=alert(1)>Ñandú</b><script>alert(1)</script>";

/// Follows an invitation as whoever got it does.
async fn join(installation: &Installation, link: &str) -> Result<()> {
    let (_, token) = link.split_once('#').context("a link without a token")?;
    let body = json!({ "token": token, "new_password": PASSWORD });
    let nobody = installation.api_as(None)?;
    nobody
        .ask(Method::POST, "/api/auth/link", Some(&body))
        .await?
        .expect(200)?;
    Ok(())
}

async fn invited(installation: &Installation, path: &str, role: &str) -> Result<String> {
    let email = format!("{}@example.com", unique("p"));
    let body = json!({ "email": email, "role": role });
    let api = installation.api()?;
    let made = api.ask(Method::POST, path, Some(&body)).await?.expect(201)?;
    join(installation, made.text("link")).await?;
    Ok(email)
}

/// Takes a backup and has it restored for proof.
async fn back_up(api: &Api, name: &str) -> Result<String> {
    let wait = [("Prefer", "wait=120")];
    let path = format!("/api/tenants/{name}/backups");
    let taken = api
        .send(Method::POST, &path, &wait, Some(&json!({})))
        .await?
        .expect(200)?;
    let backup = taken.body["facts"]["backup"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let path = format!("/api/backups/{backup}/verify");
    let restore = json!({ "restore": true });
    api.send(Method::POST, &path, &wait, Some(&restore))
        .await?
        .expect(200)?;
    Ok(backup)
}

/// The tenants that the browser will meet, and whose they are.
async fn prepared(installation: &Installation, api: &Api) -> Result<Value> {
    let [tenant, suspended, deleted, markup] = ["pn", "ps", "pd", "pm"].map(unique);
    let made = api.create(&tenant, PASSWORD).await?;
    for name in [&suspended, &deleted, &markup] {
        api.create(name, PASSWORD).await?;
    }
    let renamed = json!({ "company_name": MARKUP });
    api.ask(Method::PATCH, &format!("/api/tenants/{markup}"), Some(&renamed))
        .await?
        .expect(200)?;
    let backup = back_up(api, &tenant).await?;
    // Odoo's own zip of it, which its account writes.
    let folder = std::env::temp_dir().join(&tenant);
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777))?;
    let zip = folder.join(format!("{tenant}.zip"));
    installation
        .odoo_db(&["dump", &tenant, zip.to_str().context("no path")?])
        .await?;
    let suspend = json!({ "reason": "unpaid" });
    api.ask(
        Method::POST,
        &format!("/api/tenants/{suspended}/suspend"),
        Some(&suspend),
    )
    .await?
    .expect(200)?;
    api.ask(
        Method::DELETE,
        &format!("/api/tenants/{deleted}?confirm={deleted}"),
        None,
    )
    .await?
    .expect(200)?;
    let named = json!({ "name": unique("Grupo ") });
    let organization = api
        .ask(Method::POST, "/api/organizations", Some(&named))
        .await?
        .expect(201)?;
    let organization = organization.text("id").to_owned();
    let path = format!("/api/tenants/{tenant}/organization");
    api.ask(Method::PUT, &path, Some(&json!({ "organization": organization })))
        .await?
        .expect(200)?;
    let owner = invited(installation, "/api/people/invitations", "owner").await?;
    let members = format!("/api/organizations/{organization}/invitations");
    let member = invited(installation, &members, "owner").await?;
    Ok(json!({
        "server": installation.server().trim_end_matches('/'), "chromium": "/usr/bin/chromium",
        "pictures": Path::new(env!("CARGO_TARGET_TMPDIR")).join("panel"),
        "owner": owner, "member": member, "password": PASSWORD, "newPassword": "Colibri-verde-83",
        "tenant": tenant, "suspended": suspended, "deleted": deleted, "company": "<b onclick=alert(1)>",
        "organization": organization, "markup": markup, "node": made.text("node"), "address": made.text("url"),
        "login": made.text("admin_email"), "backup": backup, "oldPassword": PASSWORD,
        "zip": zip, "imported": unique("pi"),
    }))
}

#[tokio::test]
async fn people_run_everything_in_a_browser() -> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    let told = prepared(&installation, &api).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/browser");
    let ran = Command::new(script)
        .arg("panel.mjs")
        .env("PANEL_TOLD", told.to_string())
        .kill_on_drop(true)
        .output()
        .await?;
    for name in ["tenant", "suspended", "markup", "imported"] {
        api.remove(told[name].as_str().unwrap_or_default()).await?;
    }
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(())
}
