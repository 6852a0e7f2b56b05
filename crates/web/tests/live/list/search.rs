//! Filter and search.

use super::{names, page, seed};
use crate::app::{App, Outcome};

/// Parameters of the list.
type Filter = &'static [(&'static str, &'static str)];

const ROWS: &str = r#"gen_random_uuid(), s, replace(s, '-', '_'), replace(s, '_', '-'), c, e, p, 'odoo',
    (SELECT id FROM node), 'template_tenant', t, 1, 'es', timestamptz '2026-01-01' + n * interval '1 s', now()
    FROM (VALUES
        (1, 'percent', '100% real', 'ana@example.com', 'basic', 'active'),
        (2, 'under_score', 'Plain', 'bob@example.com', 'pro', 'suspended'),
        (3, 'dash-ed', 'back\slash', 'carl@example.com', 'pro', 'provisioning'),
        (4, 'nandu', 'Ñandú S.A.', 'Dora@example.com', 'free', 'paused'),
        (5, 'quote', 'O''Brien "x"', 'eve+odoo@example.com', 'basic', 'failed'),
        (6, 'underxscore', '100 percent', 'fay@example.org', 'basic', 'cancelled')
    ) AS v (n, s, c, e, p, t)"#;

#[tokio::test]
async fn search_looks_for_the_very_text_in_name_company_and_address() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    let cases: [(&str, &[&str]); 17] = [
        ("%", &["percent"]),
        ("100%", &["percent"]),
        ("_", &["under_score"]),
        ("r_s", &["under_score"]),
        ("\\", &["dash-ed"]),
        ("k\\s", &["dash-ed"]),
        ("\\_", &[]),
        ("'", &["quote"]),
        ("\"x\"", &["quote"]),
        ("+odoo@", &["quote"]),
        ("PERCENT", &["percent", "underxscore"]),
        ("dora@EXAMPLE", &["nandu"]),
        ("ñandú", &["nandu"]),
        ("ÑANDÚ", &["nandu"]),
        ("example.org", &["underxscore"]),
        ("nobody", &[]),
        (
            "",
            &[
                "percent",
                "under_score",
                "dash-ed",
                "nandu",
                "quote",
                "underxscore",
            ],
        ),
    ];
    for (text, wanted) in cases {
        let found = page(&app, &[("search", text), ("sort", "created_at")]).await?;
        assert_eq!(names(&found), wanted, "{text}");
        assert_eq!(found["total"], wanted.len(), "{text}");
    }
    app.finish().await
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_total() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    app.database.run("UPDATE tenant SET state = 'deleted', deleted_at = now(), purge_after = now() + interval '30 days' WHERE subdomain = 'quote'").await?;
    let cases: [(Filter, &[&str]); 9] = [
        (
            &[],
            &["percent", "under_score", "dash-ed", "nandu", "underxscore"],
        ),
        (
            &[("state", "all")],
            &[
                "percent",
                "under_score",
                "dash-ed",
                "nandu",
                "quote",
                "underxscore",
            ],
        ),
        (&[("state", "deleted")], &["quote"]),
        (&[("state", "suspended")], &["under_score"]),
        (&[("plan", "pro")], &["under_score", "dash-ed"]),
        (&[("plan", "basic"), ("state", "active")], &["percent"]),
        (&[("node", "alpha"), ("plan", "free")], &["nandu"]),
        (&[("node", "beta")], &[]),
        (
            &[("product", "odoo"), ("search", "under")],
            &["under_score", "underxscore"],
        ),
    ];
    for (filter, wanted) in cases {
        let mut parameters = filter.to_vec();
        parameters.push(("sort", "created_at"));
        let found = page(&app, &parameters).await?;
        assert_eq!(names(&found), wanted, "{filter:?}");
        assert_eq!(found["total"], wanted.len(), "{filter:?}");
        parameters.push(("limit", "1"));
        assert_eq!(
            page(&app, &parameters).await?["total"],
            wanted.len(),
            "{filter:?}"
        );
    }
    app.finish().await
}

#[tokio::test]
async fn newest_come_first_when_nothing_is_said() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    let wanted = [
        "underxscore",
        "quote",
        "nandu",
        "dash-ed",
        "under_score",
        "percent",
    ];
    assert_eq!(names(&page(&app, &[]).await?), wanted);
    assert_eq!(names(&page(&app, &[("sort", "-created_at")]).await?), wanted);
    app.finish().await
}

#[tokio::test]
async fn the_older_list_shows_every_tenant_that_was_not_deleted() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    let listed = app.get("/api/provisioning/tenants").await?.expect(200)?;
    assert_eq!(
        (&listed["total"], &listed["server"]),
        (&serde_json::json!(6), &serde_json::json!("all"))
    );
    for server in ["alpha", "primary"] {
        assert_eq!(
            app.get(&format!("/api/provisioning/tenants?server={server}"))
                .await?
                .expect(200)?["total"],
            6
        );
    }
    assert_eq!(
        app.get("/api/provisioning/tenants?server=beta")
            .await?
            .expect(200)?["total"],
        0
    );
    app.finish().await
}
