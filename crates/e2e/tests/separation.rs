//! Tenants that were cloned from one template share nothing, and one's host never reaches the other.

use anyhow::{Context as _, Result, ensure};
use e2e::{Installation, unique};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

const PASSWORD: &str = "a good long password";

#[tokio::test]
async fn clones_and_template_have_their_own_identities() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, one, two) = (installation.api()?, unique("one"), unique("two"));
    api.create(&one, PASSWORD).await?;
    api.create(&two, PASSWORD).await?;
    let postgres = installation.postgres();
    for key in ["database.uuid", "database.secret"] {
        let values = [
            postgres.parameter(&one, key).await?,
            postgres.parameter(&two, key).await?,
        ];
        ensure!(values[0] != values[1], "{key} is shared");
        // The template takes no connections, so a copy of it is asked.
        let copy = unique("copy_of_template_");
        postgres
            .run(
                "postgres",
                &format!("CREATE DATABASE {copy} TEMPLATE template_tenant"),
            )
            .await?;
        let template = postgres.parameter(&copy, key).await?;
        postgres.run("postgres", &format!("DROP DATABASE {copy}")).await?;
        ensure!(!values.contains(&template), "{key} is the template's");
    }
    api.remove(&one).await?;
    api.remove(&two).await
}

#[tokio::test]
async fn base_url_survives_the_administrators_login() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("url"));
    let url = api.create(&name, PASSWORD).await?.text("url").to_owned();
    let login = format!("ana@{name}.example.com");
    ensure!(
        installation.visitor(&name)?.log_in(&login, PASSWORD).await?,
        "not in"
    );
    let known = installation.postgres().parameter(&name, "web.base.url").await?;
    ensure!(known == url, "{known} in place of {url}");
    api.remove(&name).await
}

#[tokio::test]
async fn attachments_are_shared_by_links_and_removed_alone() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("files"));
    api.create(&name, PASSWORD).await?;
    let query = "SELECT id || ' ' || store_fname FROM ir_attachment WHERE store_fname IS NOT NULL AND mimetype LIKE 'image/%' \
                 AND res_model IN ('res.company', 'res.partner', 'res.lang', 'ir.ui.menu', 'website') ORDER BY id LIMIT 1";
    let found = installation
        .postgres()
        .text(&name, query)
        .await
        .context("the template has no attachment to look at")?;
    let (id, file) = found.split_once(' ').context("no file")?;
    let of_clone = installation.filestore(&name).join(file);
    let of_template: PathBuf = installation.filestore("template_tenant").join(file);
    let inode = |path: &PathBuf| std::fs::metadata(path).map(|metadata| metadata.ino());
    ensure!(inode(&of_clone)? == inode(&of_template)?, "not a hard link");
    let login = format!("ana@{name}.example.com");
    let mut inside = installation.visitor(&name)?;
    ensure!(inside.log_in(&login, PASSWORD).await?, "not in");
    let opened = inside.get(&format!("/web/content/{id}")).await?;
    ensure!(
        opened.status == 200 && !opened.text.is_empty(),
        "the attachment answers {}",
        opened.status
    );
    api.remove(&name).await?;
    ensure!(
        !of_clone.exists() && of_template.exists(),
        "removing the clone's file touched the template's"
    );
    Ok(())
}

#[tokio::test]
async fn host_of_one_never_reaches_the_other() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, short) = (installation.api()?, unique("acme"));
    let long = format!("{short}2");
    api.create(&short, PASSWORD).await?;
    api.create(&long, "another good password").await?;
    let login = format!("ana@{long}.example.com");
    // The other's credentials never work here, whatever the client adds.
    for (name, value) in [
        ("X-Odoo-dbfilter", format!("^{long}$")),
        ("X-Odoo-Dbfilter", ".*".to_owned()),
        ("X_Odoo_dbfilter", format!("^{long}$")),
        ("X-Odoo-Database", long.clone()),
        ("X-Forwarded-Host", format!("{long}.localhost")),
        ("Forwarded", format!("host={long}.localhost")),
        ("X-Original-URL", "/web/database/manager".to_owned()),
    ] {
        let mut visitor = installation.visitor(&short)?.with_header(name, &value);
        ensure!(
            !visitor.log_in(&login, "another good password").await?,
            "{name}: {value} reached the other tenant"
        );
        let page = visitor.get(&format!("/web/login?db={long}")).await?;
        ensure!(
            !page.text.contains(&format!("Company {long}")),
            "{name}: {value} shows the other tenant"
        );
    }
    // Nor does the other's session.
    let mut inside = installation.visitor(&long)?;
    ensure!(inside.log_in(&login, "another good password").await?, "not in");
    ensure!(
        !inside.at(&short).is_inside().await?,
        "a session of one works at the other"
    );
    ensure!(inside.is_inside().await?, "the session was lost by that");
    remote_calls_obey_the_host(&installation, &short, &long, &login).await?;
    api.remove(&short).await?;
    api.remove(&long).await
}

/// Remote procedure calls name their database in the body.
async fn remote_calls_obey_the_host(
    installation: &Installation,
    short: &str,
    long: &str,
    login: &str,
) -> Result<()> {
    let call = |service: &str, method: &str, arguments: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"call","params":{{"service":"{service}","method":"{method}","args":{arguments}}},"id":1}}"#
        )
    };
    let arguments = format!(r#"["{long}","{login}","another good password",{{}}]"#);
    let body = call("common", "authenticate", &arguments);
    let refused = installation
        .visitor(short)?
        .post("/jsonrpc", "application/json", body.clone())
        .await?;
    ensure!(
        !refused.text.contains("\"result\": 2"),
        "a call through one host logged in to the other: {:.200}",
        refused.text
    );
    let allowed = installation
        .visitor(long)?
        .post("/jsonrpc", "application/json", body)
        .await?;
    ensure!(
        allowed.text.contains("\"result\": 2"),
        "a call to the own database is refused: {:.300}",
        allowed.text
    );
    for (service, method, arguments) in [
        ("db", "list", "[]"),
        ("db", "db_exist", &format!(r#"["{long}"]"#)),
    ] {
        let page = installation
            .visitor(short)?
            .post("/jsonrpc", "application/json", call(service, method, arguments))
            .await?;
        ensure!(
            !page.text.contains(long) && !page.text.contains("\"result\": true"),
            "{method} tells: {:.200}",
            page.text
        );
    }
    Ok(())
}

#[tokio::test]
async fn unknown_hosts_and_the_database_manager_are_not_found() -> Result<()> {
    let installation = Installation::under_test()?;
    for host in [
        "nosuchtenant.localhost",
        "localhost",
        "demo.example.com",
        "a.demo.localhost",
        "template-tenant.localhost",
        "postgres.localhost",
    ] {
        let page = installation.visitor_of_host(host)?.get("/").await?;
        ensure!(page.status == 404, "{host} answers {}", page.status);
    }
    for path in [
        "/web/database/manager",
        "/web/database/selector",
        "//web/database/list",
        "/web/%64atabase/manager",
        "/es/web/database/manager",
    ] {
        let page = installation.visitor("demo")?.get(path).await?;
        ensure!(page.status == 404, "{path} answers {}", page.status);
    }
    Ok(())
}
