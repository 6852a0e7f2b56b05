//! Customers' way out and in, with the real Odoo on the other side.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Installation, Visitor, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const PASSWORD: &str = "a good long password";
/// `A contract` in base64.
const CONTENT: &str = "QSBjb250cmFjdA==";

async fn attach(inside: &mut Visitor) -> Result<String> {
    let fields = json!([[{ "name": "contract.txt", "datas": CONTENT }]]);
    let made = inside.call("ir.attachment", "create", fields).await?;
    let made: Value = serde_json::from_str(&made.text)?;
    let id = made["result"][0].as_i64().with_context(|| made.to_string())?;
    Ok(format!("/web/content/{id}"))
}

/// A folder that Odoo's account can read, too.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

async fn run(installation: &Installation, arguments: &[&str]) -> Result<String> {
    let (code, out, err) = installation.run(arguments, None).await?;
    ensure!(code == 0, "{arguments:?} ended with {code}: {err}{out}");
    Ok(out)
}

fn token(made: &Value) -> Result<String> {
    let url = made["url"].as_str().context("no link")?;
    Ok(url
        .split_once('#')
        .context("no secret behind the #")?
        .1
        .to_owned())
}

async fn backup_of(api: &Api, name: &str) -> Result<String> {
    let path = format!("/api/tenants/{name}/backups");
    let taken = api
        .ask(Method::POST, &path, Some(&json!({})))
        .await?
        .expect(200)?;
    Ok(taken.body["facts"]["backup"]
        .as_str()
        .context("no backup")?
        .to_owned())
}

#[tokio::test]
async fn a_downloaded_zip_is_restored_by_odoo_itself_and_its_users_log_in() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, there) = (installation.api()?, unique("out"), unique("restored"));
    api.create(&name, PASSWORD).await?;
    let login = format!("ana@{name}.example.com");
    let mut inside = installation.visitor(&name)?;
    ensure!(inside.log_in(&login, PASSWORD).await?, "not in");
    let address = attach(&mut inside).await?;
    let folder = folder(&name)?;
    let file = folder.join("out.zip");
    let path = file.to_str().context("no path")?;
    run(&installation, &["backup", "download", &name, "-o", path]).await?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;

    // Odoo makes the database itself, as whoever runs Odoo elsewhere would let it.
    let postgres = installation.postgres();
    postgres.run("postgres", "ALTER ROLE odoo CREATEDB").await?;
    let loaded = installation.odoo_db(&["load", &there, path]).await;
    postgres.run("postgres", "ALTER ROLE odoo NOCREATEDB").await?;
    loaded?;
    let mut visitor = installation.visitor_behind_edge(&there)?;
    ensure!(
        visitor.log_in(&login, PASSWORD).await?,
        "not in at what Odoo restored"
    );
    let page = visitor.get(&address).await?;
    ensure!(
        page.status == 200 && page.text == "A contract",
        "{} {}",
        page.status,
        page.text
    );
    postgres
        .run("postgres", &format!("DROP DATABASE \"{there}\" WITH (FORCE)"))
        .await?;
    let files = installation.filestore(&there);
    if files.exists() {
        fs::remove_dir_all(files)?;
    }
    fs::remove_dir_all(folder)?;
    api.remove(&name).await
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut_and_its_link_ends() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("cut"));
    api.create(&name, PASSWORD).await?;
    let backup = backup_of(&api, &name).await?;
    let path = format!("/api/backups/{backup}/downloads");
    let body = json!({ "repeatable": true });
    let made = api.ask(Method::POST, &path, Some(&body)).await?.expect(201)?;
    let token = token(&made.body)?;
    let client = reqwest::Client::builder().tls_certs_only([]).build()?;
    let content = format!("{}/download/content", installation.server());
    let from = |offset: u64| {
        let sent = client
            .post(&content)
            .json(&json!({ "token": token, "offset": offset }));
        async move { anyhow::Ok(sent.send().await?.error_for_status()?.bytes().await?) }
    };
    let whole = from(0).await?;
    ensure!(whole.starts_with(b"PK"), "no zip");
    let cut = whole.len() / 2;
    let rest = from(cut as u64).await?;
    ensure!(whole.get(cut..) == Some(&rest[..]), "the rest is not the rest");

    let id = made.text("id");
    let shown = api
        .ask(Method::GET, &format!("/api/downloads/{id}"), None)
        .await?
        .expect(200)?;
    ensure!(shown.body["fetches"][0]["skipped"] == cut, "{}", shown.body);
    ensure!(shown.body.get("url").is_none(), "the link is told again");
    api.ask(Method::DELETE, &format!("/api/downloads/{id}"), None)
        .await?
        .expect(200)?;
    let refused = client
        .post(&content)
        .json(&json!({ "token": token }))
        .send()
        .await?;
    ensure!(refused.status() == 410, "{}", refused.status());
    api.remove(&name).await
}

#[tokio::test]
async fn one_attachment_and_one_table_come_out_of_a_backup() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("piece"));
    api.create(&name, PASSWORD).await?;
    let mut inside = installation.visitor(&name)?;
    ensure!(
        inside
            .log_in(&format!("ana@{name}.example.com"), PASSWORD)
            .await?,
        "not in"
    );
    attach(&mut inside).await?;
    let backup = backup_of(&api, &name).await?;
    let folder = folder(&name)?;
    let at = |file: &str| folder.join(file).to_string_lossy().into_owned();
    let (files, table) = (at("files.zip"), at("table.csv"));
    run(
        &installation,
        &["backup", "extract", &backup, "--name", "CONTRACT", "-o", &files],
    )
    .await?;
    let zip = fs::read(&files)?;
    ensure!(zip.starts_with(b"PK"), "no zip");
    let named = b"-contract.txt";
    ensure!(
        zip.windows(named.len()).any(|part| part == named),
        "not in the zip"
    );
    run(
        &installation,
        &["backup", "extract", &backup, "--table", "res_users", "-o", &table],
    )
    .await?;
    let rows = fs::read_to_string(&table)?;
    ensure!(
        rows.lines()
            .next()
            .is_some_and(|head| head.split(',').any(|name| name == "login")),
        "no heading: {rows:.200}"
    );
    ensure!(rows.contains(&format!("ana@{name}.example.com")), "no row");
    let missing = installation
        .run(
            &["backup", "extract", &backup, "--table", "nosuch", "-o", &table],
            None,
        )
        .await?;
    ensure!(
        missing.0 != 0 && missing.2.contains("nosuch"),
        "{} {}",
        missing.0,
        missing.2
    );
    fs::remove_dir_all(folder)?;
    api.remove(&name).await
}
