//! Bad input: a 4xx whose problem names the field in the caller's language, and nothing changed.

mod bodies;
mod fields;
mod hostile;
mod kinds;
mod queries;

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use fields::table;
use kinds::{Kind, bad_values};
use reqwest::Method;
use serde_json::{Value, json};

/// An app with the tenant `acme` on the node `alpha`, an identity provider, and nobody who does anything.
async fn prepared() -> Outcome<App> {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let provider = "INSERT INTO sso_provider (id, name, issuer, client_id, domains, enforced, created_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'Known', 'https://known.example.com', 'panel', '{}', false, now())";
    sqlx::query(provider).execute(&app.database.pool).await?;
    let backup = "INSERT INTO backup (id, tenant_id, subdomain, database_name, store_id, node_id, kind, state, asked_by, operation_id,
            begun_at, ended_at, kept, proven_at, proven)
        SELECT '00000000-0000-0000-0000-000000000001', t.id, t.subdomain, t.database_name, s.id, t.node_id, 'manual', 'kept', 'system',
            gen_random_uuid(), now(), now(), $1::jsonb, now(), $2::jsonb FROM tenant t, backup_store s";
    let kept = serde_json::to_string(&wire::backup::Kept::default())?;
    // Nothing of it is due: it was restored for proof.
    let proven = serde_json::to_string(&wire::backup::Proven {
        rows: Some(1),
        ..wire::backup::Proven::default()
    })?;
    sqlx::query(backup)
        .bind(kept)
        .bind(proven)
        .execute(&app.database.pool)
        .await?;
    app.put_value("registration.trial", json!("on")).await?;
    app.control.look_again().await?;
    let upload = "INSERT INTO upload (id, file_name, bytes, created_by, created_at, expires_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'acme.sql', 5, 'system', now(), '2100-01-01')";
    sqlx::query(upload).execute(&app.database.pool).await?;
    std::fs::write(app.uploads.path().join(fields::UPLOAD), "-- a\n")?;
    drop(worker);
    Ok(app)
}

/// What Spanish sentences about a field begin with.
const SPANISH: [&str; 6] = ["debe ", "no ", "solo ", "es ", "necesita ", "está "];

/// Sends it in both languages; the field must be named in both, in words of their own.
async fn refused(app: &App, method: &Method, path: &str, body: &Value, field: &str) -> Outcome {
    let send = |language: &'static str| {
        let request = app
            .request(method.clone(), path)
            .header("accept-language", language);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        async move { Answer::of(request).await?.refuses(field) }
    };
    let (english, spanish) = (send("en").await?, send("es-DO, en;q=0.5").await?);
    let looks_spanish = |text: &str| SPANISH.iter().any(|begin| text.starts_with(begin));
    if !looks_spanish(&spanish) || english == spanish {
        return Err(format!("{field}: {english:?} is {spanish:?} in Spanish").into());
    }
    Ok(())
}

/// Whether the front door refuses this address before anybody reads it.
fn is_walled_off(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    let path = address.split('?').next().unwrap_or_default();
    address.contains("%00") || path.contains("..%2f")
}

/// Sends it; the door must refuse it, with the number under which staff find that.
async fn walled_off(app: &App, method: &Method, path: &str) -> Outcome {
    let problem = Answer::of(app.request(method.clone(), path))
        .await?
        .problem(403, "blocked")?;
    match problem["block"].as_str() {
        Some(block) if block.starts_with("blk_") => Ok(()),
        _ => Err(format!("no block: {problem}").into()),
    }
}

fn shown(text: String) -> String {
    text.chars().take(200).collect()
}

#[tokio::test]
async fn every_bad_value_of_every_field_is_refused_by_name() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    let mut failures = Vec::new();
    for request in table() {
        let method = Method::from_bytes(request.method.as_bytes())?;
        for (field, kind, need) in &request.fields {
            for bad in bad_values(*kind, *need) {
                let mut body = request.body.clone();
                body[*field] = bad.clone();
                // A wrong type inside a list is named by its place.
                let named = match (kind, bad.get(0)) {
                    (
                        Kind::Words | Kind::Labels | Kind::Names | Kind::Ids | Kind::Configs | Kind::Domains,
                        Some(first),
                    ) if !first.is_string() => {
                        format!("{field}[0]")
                    }
                    _ => (*field).to_owned(),
                };
                if let Err(error) = refused(&app, &method, request.path, &body, &named).await {
                    failures.push(shown(format!(
                        "{method} {} {field} = {bad}: {error}",
                        request.path
                    )));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} are not refused:\n{}",
        failures.len(),
        failures.join("\n")
    );
    app.database.still(&before).await?;
    app.finish().await
}

const OPERATION: &str = "ope_00000000000000000000000000000001";

#[tokio::test]
async fn every_field_of_the_document_stands_in_the_table() -> Outcome {
    let document: Value = serde_json::from_str(&web::document())?;
    let mut missing = Vec::new();
    for (path, methods) in document["paths"].as_object().ok_or("no paths")? {
        for (method, operation) in methods.as_object().ok_or("no methods")? {
            let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
                continue;
            };
            // A body that may be left out is one of the object and nothing.
            let schema = schema.get("$ref").or_else(|| schema.pointer("/oneOf/0/$ref"));
            let schema = schema
                .and_then(Value::as_str)
                .ok_or_else(|| format!("{method} {path} takes no object"))?;
            let schema = document
                .pointer(schema.trim_start_matches('#'))
                .ok_or("no schema")?;
            let named = match path.as_str() {
                path if path.starts_with("/api/nodes") => "alpha",
                path if path.starts_with("/api/backup-stores") => "offsite",
                path if path.starts_with("/api/plans") => "basic",
                path if path.starts_with("/api/products") => "odoo",
                _ => "template_tenant",
            };
            let id = match path.as_str() {
                path if path.starts_with("/api/operations") => OPERATION,
                path if path.starts_with("/api/backups") => "bak_00000000000000000000000000000001",
                path if path.starts_with("/api/jobs") => "job_00000000000000000000000000000001",
                path if path.contains("/support/") => "sup_00000000000000000000000000000001",
                _ => "key_00000000000000000000000000000001",
            };
            let path = path
                .replace("{subdomain}", "acme")
                .replace("{name}", named)
                .replace("{person}", "per_00000000000000000000000000000001")
                .replace("{provider}", "idp_00000000000000000000000000000001")
                .replace("{key}", "limits.per_key")
                .replace("{id}", id);
            // These want a person, a session or an organization that is there; `people` and `factor` test their fields.
            let elsewhere = ["/api/auth/refresh", "/api/auth/password", "/api/auth/link"]
                .contains(&path.as_str())
                || path.starts_with("/api/organizations/")
                || [
                    "/api/auth/2fa/",
                    "/api/auth/passkey",
                    "/api/auth/step-up",
                    "/api/auth/totp/",
                ]
                .iter()
                .any(|place| path.starts_with(place));
            if elsewhere {
                continue;
            }
            let row = table()
                .into_iter()
                .find(|row| row.path == path && row.method.eq_ignore_ascii_case(method));
            let Some(row) = row else {
                missing.push(format!("{method} {path}"));
                continue;
            };
            for field in schema["properties"].as_object().ok_or("no properties")?.keys() {
                if !row.fields.iter().any(|(known, ..)| known == field) {
                    missing.push(format!("{method} {path}: {field}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the table: {missing:#?}");
    Ok(())
}

#[tokio::test]
async fn all_broken_fields_are_named_at_once() -> Outcome {
    let app = prepared().await?;
    let body = json!({ "subdomain": "A", "plan": "?", "admin_email": "ana", "admin_password": "x", "country": "ZZ" });
    let problem = app.post("/api/tenants", &body).await?.problem(422, "invalid")?;
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let mut named: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["field"].as_str())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "admin_email",
            "admin_password",
            "company_name",
            "country",
            "plan",
            "subdomain"
        ]
    );
    app.finish().await
}

#[tokio::test]
async fn a_company_may_be_called_what_would_break_others() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let names = [
        "'; DROP DATABASE x; --",
        "$(id)",
        "--version",
        "../../etc",
        "🦤 Ñandú & Søn \"S.R.L.\"",
        "<b>%s{}</b>",
    ];
    for (number, name) in names.iter().enumerate() {
        let mut body = crate::app::new_tenant(&format!("odd{number}"));
        body["company_name"] = json!(name);
        let tenant = app.post("/api/tenants", &body).await?.expect(201)?;
        assert_eq!(tenant["company_name"], *name);
        assert_eq!(
            app.get(&format!("/api/tenants/odd{number}")).await?.expect(200)?["company_name"],
            *name
        );
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_password_may_be_odd_and_is_not_repeated_when_it_is_refused() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    for password in [
        "O'Brien \"x\" \\ $1 ;--",
        "'; DROP DATABASE x; --",
        "contraseña 🦤🦤",
    ] {
        app.post("/api/tenants/acme/password", &json!({ "new_password": password }))
            .await?
            .expect(200)?;
    }
    let names = json!({ "new_password": "acme" });
    app.post("/api/tenants/acme/password", &names)
        .await?
        .refuses("new_password")?;
    for secret in ["hush-37", "hush-37 hush-37\u{0}"] {
        let answer = app
            .post("/api/tenants/acme/password", &json!({ "new_password": secret }))
            .await?;
        assert!(
            answer.status == 422 && !answer.text.contains("hush-37"),
            "{}",
            answer.text
        );
        let typed = json!({ "new_password": { "hush-37": "x" }, "end_sessions": secret });
        assert!(
            !app.post("/api/tenants/acme/password", &typed)
                .await?
                .text
                .contains("hush-37")
        );
    }
    let echo = json!({ "new_password": "Quetzal-volando-47", "end_sessions": "expected hush-37" });
    assert!(
        !app.post("/api/tenants/acme/password", &echo)
            .await?
            .text
            .contains("hush-37")
    );
    drop(worker);
    app.finish().await
}
