//! Backups with the real Odoo: what was broken comes back as it was, and its visitors find it so; a copy is another tenant; and
//! what is proven was served by Odoo.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Installation, Visitor, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;

const PASSWORD: &str = "a good long password";
/// `A contract` in base64.
const CONTENT: &str = "QSBjb250cmFjdA==";

/// Does it, and waits until it ends; gives what was learned.
async fn done(api: &Api, method: Method, path: &str, body: &Value) -> Result<Value> {
    let headers = [("Prefer", "wait=120")];
    let answer = api.send(method, path, &headers, Some(body)).await?.expect(200)?;
    Ok(answer.body["facts"].clone())
}

async fn back_up(api: &Api, name: &str) -> Result<String> {
    let facts = done(
        api,
        Method::POST,
        &format!("/api/tenants/{name}/backups"),
        &json!({}),
    )
    .await?;
    Ok(facts["backup"].as_str().context("no backup")?.to_owned())
}

/// Attaches a file as a user does; gives its address.
async fn attach(inside: &mut Visitor) -> Result<String> {
    let fields = json!([[{ "name": "contract.txt", "datas": CONTENT }]]);
    let made = inside.call("ir.attachment", "create", fields).await?;
    let made: Value = serde_json::from_str(&made.text)?;
    let id = made["result"][0].as_i64().with_context(|| made.to_string())?;
    Ok(format!("/web/content/{id}"))
}

#[tokio::test]
async fn what_was_broken_comes_back_and_its_visitors_find_it_as_it_was() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("kept"));
    api.create(&name, PASSWORD).await?;
    let login = format!("ana@{name}.example.com");
    let mut inside = installation.visitor(&name)?;
    ensure!(inside.log_in(&login, PASSWORD).await?, "not in");
    let address = attach(&mut inside).await?;
    let backup = back_up(&api, &name).await?;

    // Half of the files, a table, and the attachments' rows.
    let folder = installation.filestore(&name);
    for entry in Installation::entries(&folder)?.iter().step_by(2) {
        let path = folder.join(entry);
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        }
    }
    let postgres = installation.postgres();
    for statement in [
        "DROP TABLE res_partner_category CASCADE",
        "DELETE FROM ir_attachment",
    ] {
        postgres.run(&name, statement).await?;
    }

    let path = format!("/api/backups/{backup}/restore");
    let facts = done(&api, Method::POST, &path, &json!({ "confirm": name })).await?;
    ensure!(facts["restored"]["stop_ms"].is_u64(), "{facts}");
    let safety = facts["safety"].as_str().context("no backup of what was there")?;
    let shown = api
        .ask(Method::GET, &format!("/api/backups/{safety}"), None)
        .await?
        .expect(200)?;
    ensure!(
        shown.text("state") == "kept" && shown.text("kind") == "before",
        "{}",
        shown.body
    );

    let mut again = installation.visitor(&name)?;
    ensure!(again.log_in(&login, PASSWORD).await?, "not in afterwards");
    let page = again.get(&address).await?;
    ensure!(
        page.status == 200 && page.text == "A contract",
        "{} {}",
        page.status,
        page.text
    );
    let table = "SELECT to_regclass('res_partner_category')::text";
    ensure!(
        postgres.text(&name, table).await? == "res_partner_category",
        "the table is not back"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn a_copy_is_another_tenant_and_a_proof_is_a_page_that_odoo_rendered() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("source"));
    api.create(&name, PASSWORD).await?;
    let backup = back_up(&api, &name).await?;
    let verify = format!("/api/backups/{backup}/verify");
    let facts = done(&api, Method::POST, &verify, &json!({ "restore": true })).await?;
    ensure!(facts["proven"]["login_status"] == 200, "{facts}");
    let scratch = backup.replace("bak_", "tenantry_proof_");
    let databases = installation.postgres().databases().await?;
    ensure!(!databases.contains(&scratch), "{databases:?}");
    let shown = api
        .ask(Method::GET, &format!("/api/backups/{backup}"), None)
        .await?
        .expect(200)?;
    ensure!(shown.body["proof"]["restored"] == true, "{}", shown.body);

    let copy = unique("copy");
    let body = json!({ "subdomain": copy, "company_name": "The copy" });
    done(
        &api,
        Method::POST,
        &format!("/api/backups/{backup}/restore"),
        &body,
    )
    .await?;
    let login = format!("ana@{name}.example.com");
    for label in [&copy, &name] {
        let mut visitor = installation.visitor(label)?;
        ensure!(visitor.log_in(&login, PASSWORD).await?, "not in at {label}");
    }
    let postgres = installation.postgres();
    for key in ["database.uuid", "database.secret", "web.base.url"] {
        let (one, other) = (
            postgres.parameter(&name, key).await?,
            postgres.parameter(&copy, key).await?,
        );
        ensure!(one != other, "{key} is the same in both");
    }
    api.remove(&copy).await?;
    api.remove(&name).await
}
