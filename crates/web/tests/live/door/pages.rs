//! What a browser may do with our pages.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_page_has_a_policy_of_its_own_that_names_its_scripts_and_styles() -> Outcome {
    let app = App::start().await?;
    let mut nonces = std::collections::BTreeSet::new();
    for path in ["/", "/welcome", "/set-password", "/api/docs"] {
        let page = app.get(path).await?;
        let policy = page.header("content-security-policy").to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        for wanted in ["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(wanted), "{path}: {policy}");
        }
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        let nonce = nonce.ok_or("no nonce")?.to_owned();
        assert_eq!(nonce.len(), 32, "{path}");
        for tag in page
            .text
            .split('<')
            .filter(|tag| tag.starts_with("script") || tag.contains("rel=\"stylesheet\""))
        {
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: {tag}");
        }
        assert!(
            !page.text.contains("<style") && !page.text.contains(" style="),
            "{path}"
        );
        assert!(nonces.insert(nonce), "{path}");
    }
    app.finish().await
}

#[tokio::test]
async fn a_name_with_a_script_in_it_stays_a_name() -> Outcome {
    let app = App::start().await?;
    app.put_value("brand.name", json!("<script>alert(1)</script>"))
        .await?;
    let page = Answer::of(app.bare(Method::GET, "/")).await?.text;
    assert!(
        !page.contains("<script>alert") && page.contains("alert(1)"),
        "{page}"
    );
    app.finish().await
}
