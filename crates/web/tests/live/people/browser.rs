//! Cookies, and pages of others that would like to use them.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, cookies};
use crate::app::{App, Outcome};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const PANEL: &str = "https://panel.example.com";

fn change(app: &App, cookie: &str) -> RequestBuilder {
    app.bare(Method::POST, "/api/organizations")
        .header("cookie", cookie)
        .json(&json!({ "name": "Acme" }))
}

#[tokio::test]
async fn cookies_have_the_flags_and_no_token_is_in_the_answer() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let body = json!({ "email": ana.email, "password": PASSWORD, "role": "admin" });
    let answer = Answer::of(app.bare(Method::POST, "/api/auth/login").json(&body)).await?;
    let set: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let [access, refresh] = set[..] else {
        return Err(format!("{set:?}").into());
    };
    assert!(access.starts_with("__Host-access_token=") && refresh.starts_with("__Secure-refresh_token=tnr_"));
    assert!(
        access.ends_with("; Path=/; SameSite=Lax; HttpOnly; Max-Age=900; Secure"),
        "{access}"
    );
    assert!(
        refresh.ends_with("; Path=/api/auth; SameSite=Strict; HttpOnly; Max-Age=604800; Secure"),
        "{refresh}"
    );
    assert!(!answer.text.contains("tnr_") && !answer.text.contains("eyJ"));
    assert_eq!(answer.json["requires_totp"], false);
    assert_eq!(
        (&answer.json["role"], &answer.json["user_id"]),
        (&json!("admin"), &json!(ana.id))
    );
    app.finish().await
}

#[tokio::test]
async fn a_change_with_cookies_needs_a_page_of_ours_and_the_token() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (cookie, csrf) = app.browse(&ana.email).await?;
    let before = app.database.dump().await?;
    let attacks = [
        change(&app, &cookie),
        change(&app, &cookie).header("origin", "https://evil.example.com"),
        change(&app, &cookie).header("sec-fetch-site", "cross-site"),
        change(&app, &cookie).header("origin", PANEL),
        change(&app, &cookie)
            .header("sec-fetch-site", "same-site")
            .header("x-csrf-token", &csrf),
        change(&app, &cookie)
            .header("origin", "https://tenant.example.com")
            .header("x-csrf-token", &csrf),
        change(&app, &cookie)
            .header("origin", "null")
            .header("x-csrf-token", &csrf),
        change(&app, &cookie)
            .header("origin", PANEL)
            .header("x-csrf-token", "0"),
        // The token of one session is none of another's.
        change(&app, &cookie)
            .header("origin", PANEL)
            .header("x-csrf-token", &ana.csrf),
        // As a form of another page sends it.
        app.bare(Method::POST, "/api/organizations")
            .header("cookie", &cookie)
            .header("origin", "https://evil.example.com")
            .form(&[("name", "Acme")]),
    ];
    for attack in attacks {
        Answer::of(attack).await?.problem(403, "foreign-page")?;
    }
    app.database.still(&before).await?;
    assert_eq!(
        app.trail("refused.foreign-page").await?,
        [format!("{} POST /api/organizations", ana.id)]
    );
    let own = change(&app, &cookie)
        .header("origin", PANEL)
        .header("x-csrf-token", &csrf);
    Answer::of(own).await?.expect(201)?;
    // Reading changes nothing, and needs neither.
    Answer::of(app.bare(Method::GET, "/api/tenants").header("cookie", &cookie))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn another_page_can_neither_sign_somebody_in_nor_out() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (cookie, _) = app.browse(&ana.email).await?;
    let body = json!({ "email": ana.email, "password": PASSWORD });
    for path in [
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/logout",
    ] {
        for (name, value) in [
            ("origin", "https://evil.example.com"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let request = app
                .bare(Method::POST, path)
                .header("cookie", &cookie)
                .header(name, value);
            let request = match path {
                "/api/auth/login" => request.json(&body),
                _ => request,
            };
            Answer::of(request)
                .await?
                .problem(403, "foreign-page")
                .map_err(|e| format!("{path} {name}: {e}"))?;
        }
    }
    Answer::of(app.bare(Method::GET, "/api/auth/me").header("cookie", &cookie))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn a_session_that_somebody_else_planted_does_not_become_mine() -> Outcome {
    let app = App::start().await?;
    let eva = app.staff("viewer").await?;
    let ana = app.staff("admin").await?;
    let (planted, _) = app.browse(&eva.email).await?;
    let body = json!({ "email": ana.email, "password": PASSWORD });
    let request = app
        .bare(Method::POST, "/api/auth/login")
        .header("cookie", &planted)
        .json(&body);
    let answer = Answer::of(request).await?;
    let mine = cookies(&answer.headers);
    answer.expect(200)?;
    assert_ne!(mine, planted);
    let who = |cookie: String| async {
        let request = app.bare(Method::GET, "/api/auth/me").header("cookie", cookie);
        Answer::of(request).await?.expect(200)
    };
    let (me, still) = (who(mine).await?, who(planted.clone()).await?);
    assert_eq!((&me["id"], &still["id"]), (&json!(ana.id), &json!(eva.id)));
    assert_ne!(me["session"], still["session"]);
    // What another host of the domain can set, a cookie without the prefix, is not looked at.
    let bare = planted.replace("__Host-", "");
    let request = app.bare(Method::GET, "/api/auth/me").header("cookie", bare);
    Answer::of(request).await?.problem(401, "unauthenticated")?;
    app.finish().await
}

#[tokio::test]
async fn cookies_are_renewed_and_at_the_end_taken_away() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (cookie, _) = app.browse(&ana.email).await?;
    let answer = Answer::of(
        app.bare(Method::POST, "/api/auth/refresh")
            .header("cookie", &cookie),
    )
    .await?;
    let renewed = cookies(&answer.headers);
    assert!(!answer.text.contains("tnr_") && renewed != cookie);
    answer.expect(200)?;
    let answer = Answer::of(
        app.bare(Method::POST, "/api/auth/logout")
            .header("cookie", &renewed),
    )
    .await?;
    let set: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    assert!(
        set.len() == 2
            && set
                .iter()
                .all(|line| line.contains("=; ") && line.contains("Max-Age=0")),
        "{set:?}"
    );
    Answer::of(app.bare(Method::GET, "/api/auth/me").header("cookie", &renewed))
        .await?
        .problem(401, "unauthenticated")?;
    let again = app
        .bare(Method::POST, "/api/auth/refresh")
        .header("cookie", &renewed);
    Answer::of(again).await?.problem(401, "unauthenticated")?;
    app.finish().await
}

#[tokio::test]
async fn a_script_in_a_company_s_name_is_text_to_every_page() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let mut body = crate::app::new_tenant("acme");
    body["company_name"] = json!("<script>alert(1)</script>");
    app.post("/api/tenants", &body).await?.expect(201)?;
    let organization = app.organization("<img src=x onerror=alert(1)>").await?;
    let path = format!("/api/organizations/{organization}");
    for path in [
        "/api/tenants",
        "/api/tenants/acme",
        "/api/organizations",
        path.as_str(),
    ] {
        let answer = app.get(path).await?;
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
    }
    drop(worker);
    app.finish().await
}
