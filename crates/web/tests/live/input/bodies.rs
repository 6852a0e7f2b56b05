//! Bodies that are no requests.

use super::prepared;
use crate::app::Outcome;
use crate::app::answer::Answer;
use crate::app::{App, new_tenant};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

/// The routes that read a body, with whatever credential they want.
const ROUTES: [(&str, &str); 67] = [
    ("POST", "/api/tenants"),
    ("PATCH", "/api/tenants/acme"),
    ("POST", "/api/tenants/acme/password"),
    ("POST", "/api/tenants/acme/suspend"),
    ("POST", "/api/tenants/acme/resume"),
    ("POST", "/api/tenants/acme/purge"),
    ("POST", "/api/tenants/acme/move"),
    ("POST", "/api/tenants/acme/support"),
    (
        "POST",
        "/api/tenants/acme/support/sup_00000000000000000000000000000001/approve",
    ),
    (
        "POST",
        "/api/tenants/acme/support/sup_00000000000000000000000000000001/refuse",
    ),
    ("POST", "/api/tenants/acme/backups"),
    ("PUT", "/api/backups/bak_00000000000000000000000000000001"),
    ("POST", "/api/backups/bak_00000000000000000000000000000001/verify"),
    (
        "POST",
        "/api/backups/bak_00000000000000000000000000000001/restore",
    ),
    ("PUT", "/api/backup-stores/offsite"),
    ("PUT", "/api/tenants/acme/backup-schedule"),
    ("PUT", "/api/plans/basic/backup-schedule"),
    ("POST", "/api/plans"),
    ("PATCH", "/api/plans/basic"),
    ("POST", "/api/products"),
    ("PATCH", "/api/products/odoo"),
    ("POST", "/api/register"),
    ("POST", "/api/provisioning/tenant"),
    ("DELETE", "/api/provisioning/tenant"),
    ("PUT", "/api/provisioning/tenant/password"),
    ("PUT", "/api/provisioning/tenant/suspend"),
    ("PUT", "/api/provisioning/tenant/email"),
    ("POST", "/api/provisioning/dns"),
    ("POST", "/api/provisioning/tenants/maintenance"),
    ("POST", "/api/bulk"),
    ("PATCH", "/api/nodes/alpha"),
    (
        "POST",
        "/api/operations/ope_00000000000000000000000000000001/cancel",
    ),
    (
        "POST",
        "/api/operations/ope_00000000000000000000000000000001/retry",
    ),
    (
        "POST",
        "/api/operations/ope_00000000000000000000000000000001/abandon",
    ),
    ("POST", "/api/jobs/job_00000000000000000000000000000001/retry"),
    ("POST", "/api/jobs/job_00000000000000000000000000000001/cancel"),
    ("POST", "/api/jobs/job_00000000000000000000000000000001/abandon"),
    ("POST", "/api/drift/apply"),
    ("PUT", "/api/tenants/acme/switch"),
    ("POST", "/api/sso/providers"),
    ("PATCH", "/api/sso/providers/idp_00000000000000000000000000000001"),
    ("POST", "/api/nodes/tokens"),
    ("POST", "/api/nodes/alpha/adopt"),
    ("POST", "/api/nodes/alpha/drain"),
    ("POST", "/api/nodes/alpha/drain/cancel"),
    ("POST", "/api/nodes/alpha/confirm-moves"),
    ("POST", "/api/templates/template_tenant/rebuild"),
    ("POST", "/api/templates/template_tenant/warm"),
    ("POST", "/api/templates/template_tenant/adopt"),
    ("POST", "/api/templates/template_tenant/retire"),
    ("PUT", "/api/templates/template_tenant/pool"),
    ("POST", "/api/templates"),
    ("POST", "/api/keys"),
    ("POST", "/api/keys/key_00000000000000000000000000000001/rotate"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/link"),
    ("POST", "/api/auth/totp/verify"),
    ("POST", "/api/auth/passkey/login"),
    ("POST", "/api/people/invitations"),
    ("PATCH", "/api/people/per_00000000000000000000000000000001"),
    ("POST", "/api/people/per_00000000000000000000000000000001/email"),
    ("POST", "/api/organizations"),
    ("PUT", "/api/tenants/acme/organization"),
    ("POST", "/api/settings/bulk"),
    ("PUT", "/api/settings/limits.per_key"),
    ("POST", "/welcome"),
    ("POST", "/set-password"),
];

fn request(app: &App, route: (&str, &str)) -> Outcome<RequestBuilder> {
    let request = app.request(Method::from_bytes(route.0.as_bytes())?, route.1);
    Ok(request.header("content-type", "application/json"))
}

#[tokio::test]
async fn what_is_no_json_is_malformed() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let texts: [&[u8]; 12] = [
        b"",
        b" ",
        b"{",
        b"{\"a\":}",
        b"{\"a\" 1}",
        b"{}x",
        b"{}{}",
        b"{'a':1}",
        b"{\"subdomain\":\"\xff\xfe\"}",
        b"{\"subdomain\":\"\\ud800\"}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for route in ROUTES {
        for text in texts {
            let answer = Answer::of(request(&app, route)?.body(text.to_vec())).await?;
            // What comes first in the text is told first, and a field that is not known or missing comes first.
            let missing = text.starts_with(b"{}")
                && (["/welcome", "/set-password"].contains(&route.1) || route.1.starts_with("/api/auth/"));
            let told_first = answer.status == 422 && (text.starts_with(b"{\"") || missing);
            if !told_first {
                let shown = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
                answer
                    .problem(400, "malformed")
                    .map_err(|e| format!("{route:?} {shown}: {e}"))?;
            }
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn json_that_is_no_object_is_refused() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    for route in ROUTES {
        for text in [
            "[]",
            " [\"Acme\",\"ana@example.com\",\"fresh\",\"basic\"]",
            "\"acme\"",
            "7",
            "true",
            "null",
            "[{}]",
        ] {
            for (language, words) in [("en", "must be a JSON object"), ("es", "debe ser un objeto JSON")] {
                let request = request(&app, route)?
                    .header("accept-language", language)
                    .body(text);
                let said = Answer::of(request)
                    .await?
                    .refuses("body")
                    .map_err(|e| format!("{route:?} {text}: {e}"))?;
                assert!(words.ends_with(&said) && said.len() > 10, "{said}");
            }
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn unknown_and_repeated_fields_are_refused_by_name() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    for route in ROUTES {
        for field in [
            "nonsense",
            "id",
            "is_admin",
            "__proto__",
            "Subdomain",
            "state",
            "",
        ] {
            let has_state = ["/api/bulk", "/api/people/per_", "/api/sso/providers/idp_"];
            if field == "state" && has_state.iter().any(|path| route.1.starts_with(path)) {
                continue;
            }
            for (language, words) in [("en", "is not a field"), ("es", "no es un campo")] {
                let request = request(&app, route)?.header("accept-language", language);
                let answer = Answer::of(request.json(&json!({ field: 1 }))).await?;
                let said = answer
                    .refuses(field)
                    .map_err(|e| format!("{route:?} {field}: {e}"))?;
                assert!(said.starts_with(words), "{said}");
            }
        }
    }
    let twice = [
        (
            "POST",
            "/api/tenants",
            r#"{"subdomain":"fresh","subdomain":"other"}"#,
            "subdomain",
        ),
        (
            "POST",
            "/api/tenants",
            r#"{"company_name":"a","tenant_name":"b"}"#,
            "company_name",
        ),
        (
            "POST",
            "/api/tenants",
            r#"{"email":"a@b.co","admin_email":"a@b.co"}"#,
            "admin_email",
        ),
        (
            "POST",
            "/api/provisioning/tenant",
            r#"{"server":"alpha","node":"alpha"}"#,
            "server",
        ),
        (
            "DELETE",
            "/api/provisioning/tenant",
            r#"{"subdomain":"acme","subdomain":"acme"}"#,
            "subdomain",
        ),
        ("POST", "/api/keys", r#"{"name":"a","name":"b"}"#, "name"),
    ];
    for (method, path, text, field) in twice {
        for (language, words) in [("en", "must be given once"), ("es", "debe ser dado una sola vez")] {
            let request = request(&app, (method, path))?
                .header("accept-language", language)
                .body(text);
            assert_eq!(Answer::of(request).await?.refuses(field)?, words);
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn huge_bodies_and_other_types_are_refused() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    let huge = json!({ "subdomain": "a".repeat(70_000) }).to_string();
    for route in ROUTES {
        let answer = Answer::of(request(&app, route)?.body(huge.clone())).await?;
        answer
            .problem(413, "too-large")
            .map_err(|e| format!("{route:?}: {e}"))?;
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/json",
            "",
        ] {
            let request = app
                .request(Method::from_bytes(route.0.as_bytes())?, route.1)
                .body(new_tenant("fresh").to_string());
            let request = if media.is_empty() {
                request
            } else {
                request.header("content-type", media)
            };
            Answer::of(request)
                .await?
                .problem(415, "media-type")
                .map_err(|e| format!("{route:?} {media}: {e}"))?;
        }
    }
    Answer::of(request(&app, ROUTES[0])?.body(vec![b'['; 200_000]))
        .await?
        .problem(413, "too-large")?;
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn charset_and_case_of_the_content_type_do_not_matter() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for (name, media) in [
        ("one", "application/json; charset=utf-8"),
        ("two", "Application/JSON"),
        ("three", "application/json;x"),
    ] {
        let request = app
            .request(Method::POST, "/api/tenants")
            .header("content-type", media);
        Answer::of(request.body(new_tenant(name).to_string()))
            .await?
            .expect(201)?;
    }
    drop(worker);
    app.finish().await
}
