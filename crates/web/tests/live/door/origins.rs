//! Whose scripts may use the API.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;

async fn asked_beforehand(app: &App, origin: &str) -> Outcome<Answer> {
    let request = app
        .bare(Method::OPTIONS, "/api/tenants")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-api-key");
    Answer::of(request).await
}

async fn read_from(app: &App, origin: &str) -> Outcome<Answer> {
    Answer::of(app.request(Method::GET, "/api/tenants").header("origin", origin)).await
}

#[tokio::test]
async fn nobody_s_scripts_may_until_their_origin_is_listed() -> Outcome {
    let app = App::start().await?;
    let ours = "https://panel.example.com";
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").to_owned();
    let closed = asked_beforehand(&app, ours).await?;
    assert_eq!((closed.status.as_u16(), allowed(&closed)), (405, String::new()));
    assert_eq!(allowed(&read_from(&app, ours).await?), "");
    let list = json!({ "value": [ours, "http://localhost:3000"] });
    app.put("/api/settings/cors.origins", &list).await?.expect(200)?;
    let open = asked_beforehand(&app, ours).await?;
    assert_eq!((open.status.as_u16(), allowed(&open)), (204, ours.to_owned()));
    assert!(open.header("access-control-allow-methods").contains("POST"));
    assert!(open.header("access-control-allow-headers").contains("x-api-key"));
    assert_eq!(open.header("access-control-allow-credentials"), "");
    let answer = read_from(&app, ours).await?;
    assert_eq!(
        (allowed(&answer), answer.header("vary")),
        (ours.to_owned(), "origin")
    );
    for foreign in [
        "https://evil.example.com",
        "null",
        "https://panel.example.com.evil.com",
        "*",
    ] {
        let answer = asked_beforehand(&app, foreign).await?;
        assert_eq!(
            (answer.status.as_u16(), allowed(&answer)),
            (405, String::new()),
            "{foreign}"
        );
        assert_eq!(allowed(&read_from(&app, foreign).await?), "", "{foreign}");
    }
    app.finish().await
}
