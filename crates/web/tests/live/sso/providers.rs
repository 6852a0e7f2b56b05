//! Providers as staff look after them.

use super::{Ground, SECRET, add};
use crate::app::{App, Outcome};
use serde_json::{Value, json};

#[tokio::test]
async fn a_provider_is_added_changed_and_removed_and_its_secret_is_never_shown() -> Outcome {
    let ground = Ground::of_staff().await?;
    let path = format!("/api/sso/providers/{}", ground.provider);
    let shown = ground.app.get(&path).await?.expect(200)?;
    assert_eq!(
        (&shown["scope"], &shown["has_secret"], &shown["policy"]),
        (&json!("staff"), &json!(true), &json!("optional"))
    );
    assert_eq!(
        shown["redirect_uri"],
        json!(format!("http://127.0.0.1:4443/sso/{}/callback", ground.provider))
    );
    let answer = ground.sign_in("u-1", "ana@staff.example.com").await?;
    let changed = ground
        .app
        .patch(&path, &json!({ "state": "disabled", "newcomers": "none" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&changed["state"], &changed["newcomers"]),
        (&json!("disabled"), &json!("none"))
    );
    // Its sessions have ended, and it is not offered.
    ground.me(&answer).await?.problem(401, "unauthenticated")?;
    assert_eq!(
        ground.app.get("/api/auth/sso").await?.expect(200)?["items"],
        json!([])
    );
    ground.app.delete(&path).await?.expect(204)?;
    ground.app.delete(&path).await?.problem(404, "not-found")?;
    for action in ["sso.add", "sso.change", "sso.remove"] {
        assert_eq!(ground.app.trail(action).await?.len(), 1, "{action}");
    }
    assert_eq!(
        ground.app.database.count("SELECT count(*) FROM session").await?,
        0
    );
    let said: String = sqlx::query_scalar("SELECT string_agg(detail::text, '') FROM audit_entry")
        .fetch_one(&ground.app.database.pool)
        .await?;
    assert!(!said.contains(SECRET));
    ground.finish().await
}

#[tokio::test]
async fn what_is_wrong_with_a_provider_is_said_field_by_field() -> Outcome {
    let ground = Ground::of_staff().await?;
    let organization = ground.app.organization("Acme").await?;
    let sound = json!({ "name": "B", "issuer": "https://login.example.com", "client_id": "panel" });
    let cases: [(&str, Value); 14] = [
        ("name", json!("")),
        ("issuer", json!("http://login.example.com")),
        ("issuer", json!("https://169.254.169.254/")),
        ("issuer", json!("https://10.0.0.7/realm")),
        ("issuer", json!("https://login.example.com/?x=1")),
        ("issuer", Value::Null),
        ("client_id", json!("a b")),
        ("client_secret", json!("")),
        ("organization", json!("org_00000000000000000000000000000001")),
        ("domains", json!(["localhost"])),
        ("domains", json!(["*.example.com"])),
        ("newcomers", json!("owner")),
        ("newcomers", json!("member")),
        ("policy", json!("perhaps")),
    ];
    for (field, value) in cases {
        let mut body = sound.clone();
        body[field] = value;
        ground
            .app
            .post("/api/sso/providers", &body)
            .await?
            .refuses(field)
            .map_err(|e| format!("{body}: {e}"))?;
    }
    let mut body = sound.clone();
    body["organization"] = json!(organization);
    body["newcomers"] = json!("operator");
    ground
        .app
        .post("/api/sso/providers", &body)
        .await?
        .refuses("newcomers")?;
    let mut taken = sound;
    taken["name"] = json!("corp");
    ground
        .app
        .post("/api/sso/providers", &taken)
        .await?
        .problem(409, "provider-name-taken")?;
    ground.finish().await
}

#[tokio::test]
async fn nobody_gives_newcomers_more_than_they_have_and_only_admins_change_providers() -> Outcome {
    let app = App::on_loopback().await?;
    let operator = app.staff("operator").await?;
    let body = json!({ "name": "B", "issuer": "https://login.example.com", "client_id": "panel" });
    let request = app
        .by(&operator, reqwest::Method::POST, "/api/sso/providers")
        .json(&body);
    crate::app::answer::Answer::of(request)
        .await?
        .problem(403, "forbidden")?;
    app.finish().await
}

#[tokio::test]
async fn the_key_rotation_seals_a_provider_s_secret_anew() -> Outcome {
    let ground = Ground::of_staff().await?;
    let before: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM sso_provider")
        .fetch_one(&ground.app.database.pool)
        .await?;
    ground.app.control.open_keys().await?;
    let caller = control::Caller::system();
    ground
        .app
        .control
        .rotate_keys(&caller, control::Reencrypt::All)
        .await?;
    let after: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM sso_provider")
        .fetch_one(&ground.app.database.pool)
        .await?;
    assert_ne!(before, after);
    assert_eq!(ground.sign_in("u-1", "ana@staff.example.com").await?.status, 303);
    ground.finish().await
}

#[tokio::test]
async fn on_an_installation_in_the_world_a_provider_on_loopback_is_none() -> Outcome {
    let app = App::start().await?;
    let issuer = testkit::Issuer::start().await?;
    assert!(add(&app, &issuer, "Near", json!({})).await.is_err());
    for near in ["https://127.0.0.1:8443", "https://localhost", "https://[::1]"] {
        let body = json!({ "name": "Near", "issuer": near, "client_id": "panel" });
        app.post("/api/sso/providers", &body).await?.refuses("issuer")?;
    }
    app.finish().await
}
