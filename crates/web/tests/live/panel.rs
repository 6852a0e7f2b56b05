//! The panel's pages as a browser and a program meet them.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, COOKIE};
use reqwest::{Client, Method, redirect};
use std::collections::BTreeSet;

/// What the first page may weigh with all that it loads, in bytes as they are sent.
const MOST: usize = 150_000;
const HTML: &str = "text/html,application/xhtml+xml";

/// A browser that says where it is led, in place of going there.
fn browser() -> Outcome<Client> {
    Ok(Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()?)
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_where_one_signs_in_and_back() -> Outcome {
    let app = App::start().await?;
    let url = format!("{}/admin/tenants?plan=basic", app.base);
    let answer = browser()?.get(&url).header(ACCEPT, HTML).send().await?;
    assert_eq!(answer.status(), 303);
    let to = answer.headers()["location"].to_str()?;
    assert_eq!(to, "/login?next=%2Fadmin%2Ftenants%3Fplan%3Dbasic");
    app.finish().await
}

#[tokio::test]
async fn what_is_not_there_and_what_is_forbidden_are_pages_for_browsers_and_problems_for_programs() -> Outcome
{
    let app = App::start().await?;
    let organization = app.organization("Acme").await?;
    let member = app.member(&organization, "owner").await?;
    let (cookies, _) = app.browse(&member.email).await?;
    for (path, status) in [("/nowhere", 404), ("/admin/dashboard", 403)] {
        let url = format!("{}{path}", app.base);
        let page = browser()?
            .get(&url)
            .header(ACCEPT, HTML)
            .header(COOKIE, &cookies)
            .send()
            .await?;
        assert_eq!(page.status(), status, "{path}");
        let text = page.text().await?;
        assert!(text.starts_with("<!doctype html>"), "{path}: {text}");
        let program = Answer::of(app.by(&member, Method::GET, path)).await?;
        assert_eq!(program.status, status, "{path}");
        assert!(program.header("content-type").contains("problem+json"), "{path}");
    }
    app.finish().await
}

#[tokio::test]
async fn pages_and_their_parts_are_sent_smaller_and_what_may_hold_a_secret_is_not() -> Outcome {
    let app = App::start().await?;
    let page = app.get("/admin/tenants").await?;
    let style = page.text.split('"').find(|text| text.ends_with(".css"));
    for path in ["/admin/tenants", style.ok_or("the page has a style")?] {
        let whole = app.get(path).await?;
        assert_eq!(whole.header("content-encoding"), "", "{path}");
        let answer = app.request(Method::GET, path).header(ACCEPT_ENCODING, "gzip");
        let answer = answer.send().await?;
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        assert_eq!(answer.headers()["vary"], "accept-encoding", "{path}");
        let bytes = answer.bytes().await?;
        assert!(bytes.starts_with(&[0x1f, 0x8b]), "{path}");
        assert!(
            bytes.len() < whole.text.len() / 2,
            "{path}: {} bytes",
            bytes.len()
        );
    }
    // What comes in pieces comes whole.
    for path in ["/admin/tenants.csv", "/api/audit/export"] {
        let answer = app.request(Method::GET, path).header(ACCEPT_ENCODING, "gzip");
        let answer = answer.send().await?;
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        assert!(answer.bytes().await?.starts_with(&[0x1f, 0x8b]), "{path}");
    }
    let answer = app.request(Method::GET, "/api/tenants");
    let answer = answer.header(ACCEPT_ENCODING, "gzip").send().await?;
    assert!(!answer.headers().contains_key("content-encoding"));
    app.finish().await
}

#[tokio::test]
async fn the_first_load_is_light_and_what_never_changes_is_kept_for_ever() -> Outcome {
    let app = App::start().await?;
    let page = app.get("/admin/tenants").await?;
    let mut waiting: Vec<String> = page
        .text
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .map(ToOwned::to_owned)
        .collect();
    let (mut seen, mut sum) = (BTreeSet::new(), page.text.len());
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let asset = app.get(&path).await?;
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("cache-control").contains("immutable"), "{path}");
        sum += asset.text.len();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let imported = asset.text.split('"').filter_map(|text| text.strip_prefix("./"));
        waiting.extend(imported.map(|name| format!("{folder}/{name}")));
    }
    assert!(seen.len() > 8 && sum < MOST, "{} files, {sum} bytes", seen.len());
    app.finish().await
}

#[tokio::test]
async fn a_company_of_markup_is_text_in_the_panel_and_in_its_file() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let mut tenant = crate::app::new_tenant("markup");
    tenant["company_name"] = "<script>alert(1)</script>".into();
    app.post("/api/tenants", &tenant).await?.expect(201)?;
    for path in [
        "/admin/tenants",
        "/admin/workspace/markup",
        "/admin/dashboard",
        "/admin/databases",
    ] {
        let page = app.get(path).await?;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(!page.text.contains("<script>alert"), "{path}");
    }
    tenant["subdomain"] = "formula".into();
    tenant["company_name"] = "=HYPERLINK(1)".into();
    app.post("/api/tenants", &tenant).await?.expect(201)?;
    let file = app.get("/admin/tenants.csv").await?;
    assert!(file.text.contains("'=HYPERLINK(1)"), "{}", file.text);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn the_language_that_was_chosen_goes_before_the_browser_s() -> Outcome {
    let app = App::start().await?;
    for (cookie, lang) in [("lang=es", "es"), ("lang=en", "en"), ("lang=fr", "en")] {
        let request = app.bare(Method::GET, "/login").header(COOKIE, cookie);
        let page = Answer::of(request).await?;
        assert!(page.text.contains(&format!("<html lang=\"{lang}\"")), "{cookie}");
    }
    app.finish().await
}
