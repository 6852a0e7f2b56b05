//! Registering: off until the operator lets it, an account that takes nobody's address, and a page to sign out.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person, cookies};
use crate::app::worker::Worker;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

fn body(subdomain: &str, email: &str) -> Value {
    json!({ "company_name": "<script>alert(1)</script> S.R.L.", "name": "Ana \"<b>\" Pérez", "email": email,
        "new_password": PASSWORD, "subdomain": subdomain, "language": "es", "transport": "bearer" })
}

async fn open() -> Outcome<(App, Worker)> {
    let (app, worker) = App::with_worker().await?;
    app.put_value("registration.trial", json!("on")).await?;
    app.control.look_again().await?;
    Ok((app, worker))
}

async fn register(app: &App, body: &Value) -> Outcome<Answer> {
    Answer::of(app.bare(Method::POST, "/api/register").json(body)).await
}

async fn sign_in(app: &App, email: &str) -> Outcome<Answer> {
    let body = json!({ "email": email, "password": PASSWORD, "transport": "bearer" });
    Answer::of(app.bare(Method::POST, "/api/auth/login").json(&body)).await
}

#[tokio::test]
async fn whoever_registers_is_signed_in_and_has_a_workspace_for_a_while() -> Outcome {
    let (app, worker) = open().await?;
    let done = register(&app, &body("acme_shop", "Ana@Example.com"))
        .await?
        .expect(201)?;
    let ana = Person::of("", &done)?;
    assert_eq!(
        (&done["sign_in"], &done["redirect_url"]),
        (&json!("acme-shop"), &json!("/workspace/acme_shop"))
    );
    app.ended(done["operation_id"].as_str().unwrap_or_default())
        .await?;
    let list = Answer::of(app.by(&ana, Method::GET, "/api/tenants"))
        .await?
        .expect(200)?;
    let tenant = &list["items"][0];
    assert_eq!(
        (&list["total"], &tenant["state"], &tenant["plan"]),
        (&json!(1), &json!("active"), &json!("free"))
    );
    let end: jiff::Timestamp = tenant["expires_at"].as_str().ok_or("no end")?.parse()?;
    let left = end.duration_since(app.world.now()).as_hours();
    assert!((14 * 24 - 1..=14 * 24).contains(&left), "{left}");
    let me = Answer::of(app.by(&ana, Method::GET, "/api/auth/me"))
        .await?
        .expect(200)?;
    assert_eq!(me["memberships"][0]["role"], "owner");
    // They may do what a customer may, and nothing else.
    Answer::of(app.by(&ana, Method::GET, "/api/plans"))
        .await?
        .problem(403, "forbidden")?;
    // The word that they sign in with, in any spelling of their workspace; the address that they gave is none.
    for word in ["acme-shop", "acme_shop", "Acme-Shop"] {
        sign_in(&app, word).await?.expect(200)?;
    }
    sign_in(&app, "ana@example.com")
        .await?
        .problem(401, "credentials")?;
    assert_eq!(
        app.trail("person.register").await?,
        [format!("{} acme_shop", ana.id)]
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn an_account_that_is_not_confirmed_stands_in_nobody_s_way() -> Outcome {
    let (app, worker) = open().await?;
    let staff = app.staff("admin").await?;
    // Somebody gives the address of one of the staff: the answer is what it is for everybody.
    let known = register(&app, &body("one", &staff.email)).await?.expect(201)?;
    let unknown = register(&app, &body("two", "nobody@example.com"))
        .await?
        .expect(201)?;
    let keys = |answer: &Value| {
        answer
            .as_object()
            .map(|all| all.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(keys(&known), keys(&unknown));
    // The staff's account is as it was, and it is theirs alone.
    let signed = sign_in(&app, &staff.email).await?.expect(200)?;
    assert_eq!(signed["user_id"], json!(staff.id));
    // Whoever has the address joins an organization with it, as if nobody had registered.
    let organization = app.organization("Beta").await?;
    let path = format!("/api/organizations/{organization}/invitations");
    let invite = json!({ "email": "nobody@example.com", "role": "member" });
    let link = app.post(&path, &invite).await?.expect(201)?;
    app.follow(&link).await?.expect(200)?;
    let owner = sign_in(&app, "nobody@example.com").await?.expect(200)?;
    assert_ne!(owner["user_id"], unknown["user_id"]);
    // Nobody is invited as what somebody signs in with.
    let odd = json!({ "email": "three@unconfirmed.invalid", "role": "member" });
    app.post(&path, &odd).await?.refuses("email")?;
    // Staff confirm an address by a link that they send there: from then on it signs in, and the word does not.
    let id = known["user_id"].as_str().unwrap_or_default();
    let wanted = json!({ "new_email": "real@example.com" });
    let link = app
        .post(&format!("/api/people/{id}/email"), &wanted)
        .await?
        .expect(201)?;
    app.follow(&link).await?.expect(200)?;
    assert_eq!(
        sign_in(&app, "real@example.com").await?.expect(200)?["user_id"],
        known["user_id"]
    );
    sign_in(&app, "one").await?.problem(401, "credentials")?;
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn the_same_registration_again_is_the_same_and_another_one_finds_the_name_taken() -> Outcome {
    let (app, worker) = open().await?;
    let first = register(&app, &body("acme", "ana@example.com"))
        .await?
        .expect(201)?;
    let again = register(&app, &body("acme", "ana@example.com"))
        .await?
        .expect(201)?;
    assert_eq!(first["user_id"], again["user_id"]);
    assert!(again["operation_id"].is_null());
    let mut other = body("acme", "ana@example.com");
    other["new_password"] = json!("Otra-cosa-del-todo-9");
    register(&app, &other).await?.problem(409, "name-taken")?;
    register(&app, &body("acme", "eva@example.com"))
        .await?
        .problem(409, "name-taken")?;
    app.tenant("theirs").await?;
    register(&app, &body("theirs", "eva@example.com"))
        .await?
        .problem(409, "name-taken")?;
    for (name, free) in [("acme", false), ("theirs", false), ("a-cme", true)] {
        let path = format!("/api/register/address?subdomain={name}");
        let answer = Answer::of(app.bare(Method::GET, &path)).await?.expect(200)?;
        assert_eq!(answer["is_free"], json!(free), "{name}");
    }
    let people: i64 = sqlx::query_scalar("SELECT count(*) FROM person")
        .fetch_one(&app.database.pool)
        .await?;
    assert_eq!(people, 1);
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn registrations_are_bounded_from_one_address_and_in_all() -> Outcome {
    let (app, worker) = open().await?;
    for name in ["one", "two", "three"] {
        register(&app, &body(name, "ana@example.com"))
            .await?
            .expect(201)?;
    }
    let over = register(&app, &body("four", "ana@example.com")).await?;
    assert_eq!(over.header("retry-after"), "3600");
    over.problem(429, "too-many-attempts")?;
    app.put_value("registration.most_a_day", json!(3)).await?;
    app.control.look_again().await?;
    // As if they had come from elsewhere.
    sqlx::query("UPDATE registration SET network = '192.0.2.1'")
        .execute(&app.database.pool)
        .await?;
    register(&app, &body("four", "ana@example.com"))
        .await?
        .problem(409, "registration-full")?;
    app.world.advance(jiff::SignedDuration::from_hours(25));
    app.put_value("registration.plan", json!("gone")).await?;
    app.control.look_again().await?;
    let answer = register(&app, &body("four", "ana@example.com")).await?;
    let problem = answer.problem(409, "registration-full")?;
    assert!(!problem.to_string().contains("gone"), "{problem}");
    let tenants: i64 = sqlx::query_scalar("SELECT count(*) FROM tenant")
        .fetch_one(&app.database.pool)
        .await?;
    assert_eq!(tenants, 3);
    drop(worker);
    app.finish_despite(&["nobody can register"]).await
}

#[tokio::test]
async fn while_it_is_off_there_is_no_such_page_and_none_leads_there() -> Outcome {
    let app = App::start().await?;
    let page = |path: &'static str| Answer::of(app.bare(Method::GET, path).header("accept", "text/html"));
    let missing = page("/register").await?;
    assert_eq!(missing.status, 404);
    assert!(missing.header("content-type").starts_with("text/html"));
    assert!(!page("/login").await?.text.contains("/register"));
    app.put_value("registration.trial", json!("on")).await?;
    app.control.look_again().await?;
    assert_eq!(page("/register").await?.status, 200);
    assert!(page("/login").await?.text.contains("/register"));
    app.finish().await
}

#[tokio::test]
async fn a_customer_s_markup_is_text_on_every_page_of_theirs() -> Outcome {
    let (app, worker) = open().await?;
    let mut request = body("acme", "ana@example.com");
    request["transport"] = json!("cookie");
    let answer = register(&app, &request).await?;
    let cookie = cookies(&answer.headers);
    let done = answer.expect(201)?;
    app.ended(done["operation_id"].as_str().unwrap_or_default())
        .await?;
    let organization = app.get("/api/organizations").await?.expect(200)?["items"][0]["id"].clone();
    let organization = format!("/organization/{}", organization.as_str().unwrap_or_default());
    for path in ["/", "/workspace/acme", "/account", &organization] {
        let page = Answer::of(app.bare(Method::GET, path).header("cookie", &cookie)).await?;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.text.contains("<script>alert") && !page.text.contains("<b>\" P"),
            "{path}"
        );
    }
    let account = Answer::of(app.bare(Method::GET, "/account").header("cookie", &cookie)).await?;
    assert!(account.text.contains("ana@example.com") && !account.text.contains("unconfirmed.invalid"));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn signing_out_needs_no_script_and_no_session() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (cookie, _) = app.browse(&ana.email).await?;
    let asks = Answer::of(app.bare(Method::GET, "/logout").header("cookie", &cookie)).await?;
    assert!(asks.status == 200 && asks.text.contains("action=\"/api/auth/logout\""));
    let me = || app.bare(Method::GET, "/api/auth/me").header("cookie", &cookie);
    Answer::of(me()).await?.expect(200)?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let form = |site: &'static str| {
        client
            .post(format!("{}/api/auth/logout", app.base))
            .header("cookie", &cookie)
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded")
    };
    Answer::of(form("cross-site"))
        .await?
        .problem(403, "foreign-page")?;
    Answer::of(me()).await?.expect(200)?;
    // The second time its session has ended.
    for _ in 0..2 {
        let answer = Answer::of(form("same-origin")).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/logout?done=1")
        );
        Answer::of(me()).await?.problem(401, "unauthenticated")?;
    }
    let says = Answer::of(app.bare(Method::GET, "/logout?done=1")).await?;
    assert!(says.text.contains("You are signed out") && !says.text.contains("<form"));
    app.finish().await
}
