//! Backups on the pages: what they hold and lack, and into which store one is taken.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;
use wire::backup::{Kept, Proven};

/// The moment that the backup holds.
const MOMENT: &str = "2026-11-28T10:00:00Z";
const BACKUP: &str = "/admin/backups/bak_00000000000000000000000000000001";

/// Writes down a whole backup of the only tenant, begun later than the moment that it holds, without three files, and restored for
/// proof where Odoo did not answer.
async fn lacking(app: &App) -> Outcome {
    let backup = "INSERT INTO backup (id, tenant_id, subdomain, database_name, store_id, node_id, kind, state, asked_by, operation_id,
            begun_at, ended_at, kept, proven_at, proven)
        SELECT '00000000-0000-0000-0000-000000000001', t.id, t.subdomain, t.database_name, s.id, t.node_id, 'manual', 'kept', 'system',
            gen_random_uuid(), now(), now(), $1::jsonb, now(), $2::jsonb FROM tenant t, backup_store s";
    let kept = Kept {
        taken_at: Some(MOMENT.parse()?),
        files_missing: 3,
        ..Kept::default()
    };
    let proven = Proven {
        rows: Some(1),
        ..Proven::default()
    };
    sqlx::query(backup)
        .bind(serde_json::to_string(&kept)?)
        .bind(serde_json::to_string(&proven)?)
        .execute(&app.database.pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn what_a_backup_holds_and_lacks_is_said_wherever_it_is_shown() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let organization = app.organization("Acme").await?;
    app.assign("acme", &organization).await?;
    let member = app.member(&organization, "owner").await?;
    lacking(&app).await?;
    for (language, missing, unseen) in [
        ("en", "were not there: 3", "Odoo did not answer"),
        ("es", "que faltaban: 3", "Odoo no respondió"),
    ] {
        let panel = ["/admin/backups", BACKUP, "/admin/workspace/acme"];
        let panel = panel.map(|path| (path, app.request(Method::GET, path)));
        let portal = ("/workspace/acme", app.by(&member, Method::GET, "/workspace/acme"));
        for (path, request) in panel.into_iter().chain([portal]) {
            let page = Answer::of(request.header("accept-language", language)).await?;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            for said in [MOMENT, missing, unseen] {
                assert!(page.text.contains(said), "{path}: {said}: {}", page.text);
            }
        }
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn staff_choose_among_stores_and_remove_an_empty_one_and_customers_do_not() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let organization = app.organization("Acme").await?;
    app.assign("acme", &organization).await?;
    let member = app.member(&organization, "owner").await?;
    lacking(&app).await?;
    let (choice, remove) = ("id=\"ba-store\"", "data-open=\"d-store-remove\"");
    let (tenant, stores) = ("/admin/workspace/acme", "/admin/backups");
    assert!(!app.get(tenant).await?.text.contains(choice));
    assert!(!app.get(stores).await?.text.contains(remove));
    let bucket = json!({ "kind": "s3", "endpoint": "https://s3.example.com", "bucket": "backups", "access_key": "ak",
        "secret_key": "sk", "scheduled": false });
    app.put("/api/backup-stores/offsite", &bucket)
        .await?
        .expect(200)?;
    let page = app.get(tenant).await?.text;
    assert!(page.contains(choice), "{page}");
    assert!(page.contains("<option>offsite</option>"), "{page}");
    assert!(app.get(stores).await?.text.contains(remove));
    let own = Answer::of(app.by(&member, Method::GET, "/workspace/acme"))
        .await?
        .text;
    assert!(own.contains("id=\"d-backup\"") && !own.contains(choice), "{own}");
    drop(worker);
    app.finish().await
}
