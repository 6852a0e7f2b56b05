//! Closing a tenant as its users meet it: at once, in every form, in the middle of whatever they do, and back.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Installation, Visitor, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

const PASSWORD: &str = "a good long password";

/// A tenant and its administrator, logged in.
async fn inside(installation: &Installation, prefix: &str) -> Result<(Api, String, Visitor)> {
    let (api, name) = (installation.api()?, unique(prefix));
    api.create(&name, PASSWORD).await?;
    let mut visitor = installation.visitor(&name)?;
    let login = format!("ana@{name}.example.com");
    ensure!(visitor.log_in(&login, PASSWORD).await?, "not in");
    Ok((api, name, visitor))
}

async fn change(api: &Api, name: &str, verb: &str, body: &Value) -> Result<Value> {
    let path = format!("/api/tenants/{name}/{verb}");
    Ok(api.ask(Method::POST, &path, Some(body)).await?.expect(200)?.body)
}

async fn state(api: &Api, name: &str) -> Result<String> {
    let shown = api
        .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
        .await?;
    Ok(shown.text("state").to_owned())
}

/// Has Odoo's cron look at this database now.
async fn wake_cron(installation: &Installation, name: &str) -> Result<()> {
    let due = "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 hour'";
    installation.postgres().run(name, due).await?;
    let wake = format!("NOTIFY cron_trigger, '{name}'");
    installation.postgres().run("postgres", &wake).await
}

async fn last_cron(installation: &Installation, name: &str) -> Result<String> {
    let last = "SELECT coalesce(max(lastcall)::text, 'never') FROM ir_cron";
    installation.postgres().text(name, last).await
}

#[tokio::test]
async fn the_first_request_after_the_answer_is_refused_and_nothing_of_the_tenant_is_touched() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, mut visitor) = inside(&installation, "shut").await?;
    let archive = "UPDATE res_users SET active = false WHERE login = 'portaltemplate'";
    installation.postgres().run(&name, archive).await?;
    let users = "SELECT string_agg(login || ' ' || active, ',' ORDER BY id) FROM res_users";
    let before = installation.postgres().text(&name, users).await?;
    ensure!(visitor.get("/odoo").await?.status == 200, "not served");
    let mut hammering = visitor.clone();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let (first, served) = tokio::sync::oneshot::channel();
    let hammer = tokio::spawn(async move {
        let mut seen = Vec::new();
        let mut first = Some(first);
        while !*stopped.borrow_and_update() {
            let began = Instant::now();
            let page = hammering.get("/odoo").await?;
            seen.push((began, page.status.as_u16()));
            if let Some(first) = first.take_if(|_| page.status == 200) {
                let _ = first.send(());
            }
        }
        // However slow the machine is, one comes after the answer.
        let began = Instant::now();
        let page = hammering.get("/odoo").await?;
        seen.push((began, page.status.as_u16()));
        anyhow::Ok(seen)
    });
    served.await.context("never served before")?;
    let shut = change(
        &api,
        &name,
        "suspend",
        &json!({ "reason": "unpaid", "note": "invoice 2041" }),
    )
    .await?;
    let answered = Instant::now();
    sleep(Duration::from_millis(500)).await;
    stop.send(true)?;
    let seen = hammer.await??;
    let late: Vec<u16> = seen
        .iter()
        .filter(|(began, _)| *began > answered)
        .map(|(_, status)| *status)
        .collect();
    ensure!(
        !late.is_empty() && late.iter().all(|status| *status == 402),
        "after the answer: {late:?}"
    );

    let page = visitor.get("/odoo").await?;
    ensure!(
        page.cache
            .as_deref()
            .is_some_and(|cache| cache.contains("no-store"))
            && !page.sets_cookies,
        "the page may be kept, or touches the session: {page:?}"
    );
    ensure!(
        !page.text.contains("database/selector") && page.text.len() < 20_000,
        "not the edge's own page"
    );
    let operation = shut["operation_id"].as_str().context("no operation")?;
    let told = api
        .send(Method::GET, &format!("/api/operations/{operation}"), &[], None)
        .await?;
    let evidence = &told.body["facts"]["evidence"];
    ensure!(
        evidence["edge_status"] == 402
            && evidence["odoo_may_connect"] == false
            && evidence["odoo_lists_it"] == false
            && evidence["sessions_left"] == 0,
        "{evidence}"
    );

    let last = last_cron(&installation, &name).await?;
    wake_cron(&installation, &name).await?;
    sleep(Duration::from_secs(3)).await;
    ensure!(
        last_cron(&installation, &name).await? == last,
        "cron ran on a closed tenant"
    );
    let dump = installation.backup(&name)?.output().await?;
    ensure!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let login = format!("ana@{name}.example.com");
    ensure!(
        String::from_utf8_lossy(&dump.stdout).contains(&login),
        "the backup has no rows"
    );

    change(&api, &name, "resume", &json!({})).await?;
    ensure!(visitor.is_inside().await?, "the session was lost");
    ensure!(
        installation.postgres().text(&name, users).await? == before,
        "users were changed"
    );
    // The same call that had no effect has one now.
    eventually(Duration::from_secs(90), "cron runs again", || async {
        let woken = wake_cron(&installation, &name).await.is_ok();
        sleep(Duration::from_secs(1)).await;
        woken && last_cron(&installation, &name).await.is_ok_and(|now| now != last)
    })
    .await?;
    api.remove(&name).await
}

#[tokio::test]
async fn a_pause_is_the_customer_s_page_and_a_closed_back_office_leaves_the_website_open() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, mut visitor) = inside(&installation, "half").await?;
    let mut stranger = installation.visitor(&name)?;
    let soft = json!({ "reason": "unpaid", "form": "back-office" });
    change(&api, &name, "suspend", &soft).await?;
    ensure!(stranger.open("/").await?.status == 200, "the website is closed");
    for path in ["/web/login", "/odoo", "/web", "/es/web/login"] {
        ensure!(
            stranger.get(path).await?.status == 402,
            "a stranger gets to {path}"
        );
        ensure!(
            visitor.get(path).await?.status == 402,
            "a logged-in user gets to {path}"
        );
    }
    let read = visitor.call("res.partner", "search_count", json!([[]])).await?;
    ensure!(read.status == 402, "{}", read.status);
    let pause = api
        .ask(Method::POST, &format!("/api/tenants/{name}/pause"), None)
        .await?;
    pause.expect(409)?;
    change(&api, &name, "resume", &json!({})).await?;
    ensure!(visitor.is_inside().await?, "the session was lost");
    api.ask(Method::POST, &format!("/api/tenants/{name}/pause"), None)
        .await?
        .expect(200)?;
    for who in [&mut visitor, &mut stranger] {
        let page = who.get("/").await?;
        ensure!(page.status == 503 && !page.sets_cookies, "{page:?}");
    }
    change(&api, &name, "resume", &json!({})).await?;
    ensure!(visitor.is_inside().await?, "the session was lost");
    api.remove(&name).await
}

#[tokio::test]
async fn a_large_import_is_cut_off_and_leaves_nothing_of_itself() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, mut visitor) = inside(&installation, "import").await?;
    let contacts: Vec<Value> = (0..4000)
        .map(|number| json!({ "name": format!("Imported {number}") }))
        .collect();
    let importing =
        tokio::spawn(async move { visitor.call("res.partner", "create", json!([contacts])).await });
    let busy =
        format!("SELECT count(*)::text FROM pg_stat_activity WHERE datname = '{name}' AND state <> 'idle'");
    eventually(Duration::from_secs(20), "the import is under way", || async {
        let busy = installation.postgres().text("postgres", &busy).await;
        busy.is_ok_and(|busy| busy != "0")
    })
    .await?;
    change(&api, &name, "suspend", &json!({})).await?;
    let answer = importing.await?;
    ensure!(
        !answer.is_ok_and(|page| page.status == 200 && page.text.contains("\"result\"")),
        "the import says that it was done"
    );
    let left = "SELECT count(*)::text FROM res_partner WHERE name LIKE 'Imported %'";
    ensure!(
        installation.postgres().text(&name, left).await? == "0",
        "a part of the import was kept"
    );
    change(&api, &name, "resume", &json!({})).await?;
    ensure!(
        installation.visitor(&name)?.open("/web/login").await?.status == 200,
        "not served again"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn an_installation_of_a_module_is_cut_off_and_the_tenant_is_served_again() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, mut visitor) = inside(&installation, "module").await?;
    let found = "SELECT id::text FROM ir_module_module WHERE name = 'contacts'";
    let module: u32 = installation.postgres().text(&name, found).await?.parse()?;
    let installing = tokio::spawn(async move {
        let arguments = json!([[module]]);
        visitor
            .call("ir.module.module", "button_immediate_install", arguments)
            .await
    });
    let begun = "SELECT state FROM ir_module_module WHERE name = 'contacts'";
    eventually(
        Duration::from_secs(60),
        "the installation is under way",
        || async {
            let state = installation.postgres().text(&name, begun).await;
            state.is_ok_and(|state| state != "uninstalled")
        },
    )
    .await?;
    change(&api, &name, "suspend", &json!({})).await?;
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 402,
        "not closed"
    );
    let answer = installing.await?;
    let state = installation.postgres().text(&name, begun).await?;
    let told_done = answer.is_ok_and(|page| page.status == 200 && page.text.contains("\"result\""));
    ensure!(
        !told_done || state == "installed",
        "said to be installed, and is {state}"
    );
    change(&api, &name, "resume", &json!({})).await?;
    let served = || async {
        let Ok(mut visitor) = installation.visitor(&name) else {
            return false;
        };
        visitor
            .open("/web/login")
            .await
            .is_ok_and(|page| page.status == 200)
    };
    eventually(Duration::from_secs(60), "it is served again", served).await?;
    api.remove(&name).await
}

#[tokio::test]
async fn two_suspensions_at_once_are_one() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, _) = inside(&installation, "twice").await?;
    let path = format!("/api/tenants/{name}/suspend");
    let (unpaid, abuse) = (json!({ "reason": "unpaid" }), json!({ "reason": "abuse" }));
    let (one, other) = tokio::join!(
        api.ask(Method::POST, &path, Some(&unpaid)),
        api.ask(Method::POST, &path, Some(&abuse))
    );
    let statuses = [one?.status.as_u16(), other?.status.as_u16()];
    ensure!(
        statuses.contains(&200) && statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
    ensure!(state(&api, &name).await? == "suspended", "not suspended");
    ensure!(
        installation.visitor(&name)?.get("/").await?.status == 402,
        "the edge lets visitors in"
    );
    api.remove(&name).await
}

#[tokio::test]
async fn a_database_that_nobody_manages_is_shown_and_taken_over_as_it_is() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("before"));
    let postgres = installation.postgres();
    // As somebody may have made it by hand.
    let make = format!("CREATE DATABASE {name} TEMPLATE template_tenant OWNER odoo");
    postgres.run("postgres", &make).await?;
    let linked = Command::new("cp")
        .args([
            "-al".as_ref(),
            installation.filestore("template_tenant").as_os_str(),
        ])
        .arg(installation.filestore(&name))
        .status()
        .await?;
    ensure!(linked.success(), "no filestore");
    let nodes = api.send(Method::GET, "/api/nodes", &[], None).await?.body;
    let node = nodes["items"][0]["name"].as_str().context("no node")?.to_owned();
    let seen = || async {
        let shown = api
            .send(Method::GET, &format!("/api/nodes/{node}"), &[], None)
            .await;
        shown.is_ok_and(|shown| shown.body["unmanaged"].to_string().contains(&name))
    };
    eventually(Duration::from_secs(180), "the node tells of the database", seen).await?;
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 404,
        "it is served before it is anybody's"
    );
    let users = "SELECT string_agg(login || password, ',' ORDER BY id) FROM res_users";
    let before = postgres.text(&name, users).await?;
    let body = json!({ "database": name, "company_name": "Before", "admin_email": "eva@example.com", "plan": "basic" });
    let adopted = api
        .ask(Method::POST, &format!("/api/nodes/{node}/adopt"), Some(&body))
        .await?
        .expect(201)?;
    ensure!(adopted.text("state") == "active", "{}", adopted.body);
    ensure!(
        installation.visitor(&name)?.open("/web/login").await?.status == 200,
        "not served"
    );
    ensure!(postgres.text(&name, users).await? == before, "users were changed");
    api.ask(Method::POST, &format!("/api/nodes/{node}/adopt"), Some(&body))
        .await?
        .expect(409)?;
    api.remove(&name).await
}

#[tokio::test]
async fn a_new_tenant_is_warm_and_its_node_says_how_its_pool_stands() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("warm"));
    api.create(&name, PASSWORD).await?;
    let bundles = "SELECT count(*)::text FROM ir_attachment WHERE url LIKE '/web/assets/%'";
    let count: u32 = installation.postgres().text(&name, bundles).await?.parse()?;
    ensure!(count >= 5, "{count} compiled bundles");
    let traces =
        "SELECT ((SELECT count(*) FROM res_users_log) + (SELECT count(*) FROM res_device_log))::text";
    ensure!(
        installation.postgres().text(&name, traces).await? == "0",
        "the template's visit left traces"
    );
    let templates = api.send(Method::GET, "/api/templates", &[], None).await?.body;
    // Another test may have templates of its own.
    let of_tenants = |one: &&Value| one["name"] == "template_tenant" || one["template"] == "template_tenant";
    let template = templates["items"]
        .as_array()
        .and_then(|all| all.iter().find(of_tenants));
    ensure!(
        template.is_some_and(|one| one["warmed_at"].is_string()),
        "{templates}"
    );
    let nodes = api.send(Method::GET, "/api/nodes", &[], None).await?.body;
    let node = nodes["items"][0]["name"].as_str().context("no node")?.to_owned();
    let told = || async {
        let shown = api
            .send(Method::GET, &format!("/api/nodes/{node}"), &[], None)
            .await;
        shown.is_ok_and(|shown| {
            let pools = shown.body["pools"].as_array();
            let Some(pool) = pools.and_then(|all| all.iter().find(of_tenants)) else {
                return false;
            };
            let count = |figure: &str| pool[figure].as_u64().unwrap_or_default();
            // Other tests make tenants meanwhile; which of them found one ready is chance.
            count("wanted") >= 2 && count("hits") + count("misses") >= 1
        })
    };
    eventually(Duration::from_secs(60), "the node tells of its pool", told).await?;
    api.remove(&name).await
}
