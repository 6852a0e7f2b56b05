//! Pages have no gap and nothing twice, however the list is ordered.

use super::{insert, names, page, seed};
use crate::app::{App, Outcome};
use std::collections::BTreeSet;

/// Five hundred tenants with few different times and companies, so that the identity has to break ties.
const ROWS: &str = "gen_random_uuid(), 'tenant-' || n, 'tenant_' || n, 'tenant-' || n,
    (ARRAY['Acme', 'acme', 'Ñandú', 'ácme', '\"Quoted, Ltd\"', 'Zeta', '1st', ' b', 'B', 'Acme 2'])[1 + n % 10],
    'a' || n || '@example.com', (ARRAY['basic', 'pro'])[1 + n % 2], 'odoo', (SELECT id FROM node), 'template_tenant',
    'active', 1, 'es', timestamptz '2026-01-01' + (n % 7) * interval '0.000001 s', now()
    FROM generate_series(1, 500) n";

const SORTS: [(&str, &str); 6] = [
    ("created_at", "created_at, id"),
    ("-created_at", "created_at DESC, id DESC"),
    ("subdomain", "subdomain, id"),
    ("-subdomain", "subdomain DESC, id DESC"),
    ("company_name", "company_name, id"),
    ("-company_name", "company_name DESC, id DESC"),
];

/// All pages of this size, one after the other.
async fn walk(app: &App, sort: &str, limit: &str) -> Outcome<Vec<String>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut parameters = vec![("sort", sort), ("limit", limit)];
        if !cursor.is_empty() {
            parameters.push(("cursor", &cursor));
        }
        let found = page(app, &parameters).await?;
        let items = names(&found);
        assert!(
            !items.is_empty() && items.len() <= limit.parse()?,
            "{sort} {limit}"
        );
        all.extend(items);
        match found["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return Ok(all),
        }
    }
}

#[tokio::test]
async fn pages_over_five_hundred_rows_have_no_gap_and_nothing_twice() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    for (sort, order) in SORTS {
        let query = format!("SELECT array_agg(subdomain ORDER BY {order}) FROM tenant");
        let wanted: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_one(&app.database.pool)
            .await?;
        for limit in ["7", "100", "125", "200"] {
            assert_eq!(walk(&app, sort, limit).await?, wanted, "{sort} {limit}");
        }
    }
    app.finish().await
}

#[tokio::test]
async fn rows_that_come_meanwhile_disturb_no_other() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    for (number, (sort, _)) in SORTS.into_iter().enumerate() {
        let before: BTreeSet<String> = walk(&app, sort, "200").await?.into_iter().collect();
        let (mut seen, mut cursor, mut round) = (Vec::new(), None::<String>, 0);
        loop {
            let mut parameters = vec![("sort", sort), ("limit", "50")];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let found = page(&app, &parameters).await?;
            seen.extend(names(&found));
            round += 1;
            // One more at either end of the alphabet.
            let end = format!("{number}-{round}");
            let rows = format!(
                "gen_random_uuid(), s, replace(s, '-', '_'), s, company_name, admin_email, plan, product, node_id,
                 template, state, 1, language, created_at, now()
                 FROM (SELECT * FROM tenant LIMIT 1) t, (VALUES ('a-{end}'), ('z-{end}')) AS v (s)"
            );
            insert(&app, &rows).await?;
            match found["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        let unique: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len(), "{sort}: something twice");
        assert!(before.is_subset(&unique), "{sort}: a gap");
    }
    app.finish().await
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() -> Outcome {
    let app = App::start().await?;
    seed(&app, ROWS).await?;
    for (sort, _) in SORTS {
        let found = page(&app, &[("sort", sort), ("limit", "10")]).await?;
        let cursor = found["next_cursor"].as_str().ok_or("no cursor")?;
        for (other, _) in SORTS.iter().filter(|(other, _)| *other != sort) {
            let answer = app
                .get(&format!("/api/tenants?sort={other}&cursor={cursor}"))
                .await?;
            answer
                .refuses("cursor")
                .map_err(|e| format!("{sort} used for {other}: {e}"))?;
        }
    }
    app.finish().await
}
