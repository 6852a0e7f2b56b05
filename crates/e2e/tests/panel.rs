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

/// What the browser seldom meets: a backup that is held, and an operation that waits because its tenant is stopped.
async fn seldom(api: &Api, name: &str) -> Result<(String, String)> {
    let held = back_up(api, name).await?;
    let hold = json!({ "held": true });
    api.ask(Method::PUT, &format!("/api/backups/{held}"), Some(&hold))
        .await?
        .expect(200)?;
    let stop = json!({ "switch": "stopped", "reason": "being looked at" });
    api.ask(Method::PUT, &format!("/api/tenants/{name}/switch"), Some(&stop))
        .await?
        .expect(200)?;
    let path = format!("/api/tenants/{name}/pause");
    let at_once = [("Prefer", "wait=0")];
    let waits = api
        .send(Method::POST, &path, &at_once, Some(&json!({})))
        .await?
        .expect(202)?;
    Ok((held, waits.text("operation_id").to_owned()))
}

/// Leaves the installation as it was.
async fn clear(api: &Api, told: &Value) -> Result<()> {
    ordinary_again(api, told).await?;
    for key in ["registration.most_from_one", "registration.trial"] {
        api.ask(Method::DELETE, &format!("/api/settings/{key}"), None)
            .await?
            .expect(200)?;
    }
    for name in ["tenant", "suspended", "markup", "newcomer", "imported"] {
        api.remove(told[name].as_str().unwrap_or_default()).await?;
    }
    Ok(())
}

/// Takes back what would keep a tenant from being deleted.
async fn ordinary_again(api: &Api, told: &Value) -> Result<()> {
    let (name, waits) = (&told["markup"], &told["waits"]);
    let path = format!("/api/operations/{}/cancel", waits.as_str().unwrap_or_default());
    let why = json!({ "reason": "seen" });
    api.ask(Method::POST, &path, Some(&why)).await?.expect(200)?;
    let path = format!("/api/tenants/{}/switch", name.as_str().unwrap_or_default());
    let switch = json!({ "switch": "active" });
    api.ask(Method::PUT, &path, Some(&switch)).await?.expect(200)?;
    Ok(())
}

/// The tenants that the browser will meet, and whose they are.
async fn prepared(installation: &Installation, api: &Api) -> Result<Value> {
    let [tenant, suspended, deleted, markup, newcomer] = ["pn", "ps", "pd", "pm", "pw"].map(unique);
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
    let (held, waits) = seldom(api, &markup).await?;
    Ok(json!({
        "held": held, "waits": waits,
        "server": installation.server().trim_end_matches('/'), "chromium": "/usr/bin/chromium",
        "pictures": Path::new(env!("CARGO_TARGET_TMPDIR")).join("panel"),
        "owner": owner, "member": member, "password": PASSWORD, "newPassword": "Colibri-verde-83",
        "tenant": tenant, "suspended": suspended, "deleted": deleted, "company": "<b onclick=alert(1)>",
        "organization": organization, "markup": markup, "newcomer": newcomer, "node": made.text("node"), "address": made.text("url"),
        "login": made.text("admin_email"), "backup": backup, "oldPassword": PASSWORD,
        "zip": zip, "imported": unique("pi"),
    }))
}

#[tokio::test]
async fn people_run_everything_in_a_browser() -> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    let told = prepared(&installation, &api).await?;
    for (key, value) in [
        ("registration.most_from_one", json!(10_000)),
        ("registration.trial", json!("on")),
    ] {
        let path = format!("/api/settings/{key}");
        api.ask(Method::PUT, &path, Some(&json!({ "value": value })))
            .await?
            .expect(200)?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/browser");
    let ran = Command::new(script)
        .arg("panel.mjs")
        .env("PANEL_TOLD", told.to_string())
        .kill_on_drop(true)
        .output()
        .await?;
    let cleared = clear(&api, &told).await;
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    cleared
}
