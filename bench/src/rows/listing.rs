//! Lists of tenants when there are a hundred thousand of them.

use crate::arguments::Effort;
use crate::ground::{Ground, POOL};
use crate::measure::{Contest, Figure, interleaved};
use crate::rows::Findings;
use crate::rows::creation::{RAW, Source, Way, measure};
use crate::table::{Goal, Row};
use crate::tenants::Access;
use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

const TENANTS: u32 = 100_000;
/// What the described system takes at 300 tenants, at best, in milliseconds.
const DESCRIBED: f64 = 800.0;

/// Rows that no node knows: a tenth for each trade, a hundredth for each trade and name.
const INSERT: &str = "
    INSERT INTO tenant (id, subdomain, database_name, host_label, company_name, admin_email, plan, product, node_id,
                        template, state, generation, language, created_at, updated_at)
    SELECT gen_random_uuid(), 'load-' || n, 'load_' || n, 'load-' || n,
           (ARRAY['Farmacia','Ferreteria','Colmado','Clinica','Taller','Libreria','Hotel','Estudio','Imprenta','Panaderia'])[1 + n % 10]
           || ' ' || (ARRAY['Gomez','Perez','Santos','Reyes','Cruz','Vargas','Rosario','Polanco','Mejia','Duran'])[1 + n / 10 % 10]
           || ' ' || n,
           'ana@load-' || n || '.example.com', (SELECT name FROM plan ORDER BY position OFFSET n / 100 % 5 LIMIT 1), 'odoo',
           (SELECT id FROM node LIMIT 1), 'template_tenant',
           CASE n % 20 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'suspended' ELSE 'active' END, 1, 'es_DO',
           now() - n * interval '7 minutes', now()
    FROM generate_series(1, $1::integer) n";
const RESERVE: &str = "
    INSERT INTO name_reservation (database_name, tenant_id)
    SELECT database_name, id FROM tenant ON CONFLICT DO NOTHING";

/// What is asked for: what it finds, and the query.
const QUESTIONS: [(&str, &str); 6] = [
    ("search for one", "search=load-77077"),
    (
        "search that finds 1,000, active ones only",
        "search=ferreteria%20polanco&state=active",
    ),
    ("search that finds 10,000", "search=ferreteria"),
    ("search of two letters", "search=77"),
    ("no search, one plan, by name", "plan=basic&sort=company_name"),
    ("no search", ""),
];

/// The panel's page of tenants.
const PAGES: [(&str, &str); 3] = [
    ("newest first", "/admin/tenants"),
    (
        "search that finds 10,000, by company",
        "/admin/tenants?search=ferreteria&sort=company_name",
    ),
    ("active ones of a plan", "/admin/tenants?state=active&plan=basic"),
];

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    fill(ground).await?;
    let mut times = Contest::new();
    for question in interleaved(effort.samples(40, 200), &QUESTIONS) {
        times.of(question.0).push_time(ask(ground, question.1).await?);
    }
    let mut pages = Contest::new();
    for page in interleaved(effort.samples(20, 100), &PAGES) {
        pages.of(page.0).push_time(look(ground, page.1).await?);
    }
    let mut findings = Findings::default();
    for (words, _) in PAGES {
        let words_of = format!("the panel's page of 100,000 tenants: {words}");
        let row = Row::time(words_of, pages.figure(&words)?);
        findings.rows.push(row.goal(Goal::Median(50.0)));
    }
    for (words, _) in QUESTIONS {
        let row = Row::time(format!("list 50 of 100,000: {words}"), times.figure(&words)?);
        let row = row.beside(
            "the described system at 300 tenants, at best",
            Figure::told(DESCRIBED),
        );
        findings.rows.push(row.goal(Goal::P99(10.0)));
    }
    ground.set_pool(POOL).await?;
    let ways = [Way::Ours(Access::Link), Way::Raw];
    let creations = measure(ground, Source::Pool, effort.samples(4, 10), &ways).await?;
    let row = Row::time(
        "create from the pool, 100,000 tenants in the control database",
        creations.ours(Access::Link)?,
    );
    findings.rows.push(row.beside(RAW, creations.raw()?));
    ground.purge_deleted().await?;
    Ok(findings)
}

async fn look(ground: &Ground, path: &str) -> Result<std::time::Duration> {
    let began = Instant::now();
    let page = ground.api.page(path).await?;
    let took = began.elapsed();
    anyhow::ensure!(page.contains("/admin/workspace/load-"), "{path} shows nobody");
    Ok(took)
}

async fn ask(ground: &Ground, query: &str) -> Result<std::time::Duration> {
    let path = format!("/api/tenants?{query}&limit=50");
    let path = path.replace("?&", "?");
    let began = Instant::now();
    let answer = ground
        .api
        .send(Method::GET, &path, &[], None)
        .await?
        .expect(200)?;
    let took = began.elapsed();
    let items = answer.body.get("items").and_then(Value::as_array);
    anyhow::ensure!(
        items.is_some_and(|items| !items.is_empty()),
        "{path} finds nothing"
    );
    Ok(took)
}

async fn fill(ground: &Ground) -> Result<()> {
    let mut control = ground.installation.postgres().connect("tenantry").await?;
    let count = i32::try_from(TENANTS).context("too many")?;
    sqlx::query(INSERT).bind(count).execute(&mut control).await?;
    sqlx::query(RESERVE).execute(&mut control).await?;
    sqlx::query("VACUUM (ANALYZE) tenant, name_reservation")
        .execute(&mut control)
        .await?;
    ground.rest(0).await
}
