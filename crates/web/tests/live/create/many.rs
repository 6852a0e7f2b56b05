//! Many at once.

use crate::app::{App, Outcome, new_tenant};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

#[tokio::test]
async fn fifty_names_at_once_are_fifty_tenants() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let names: Vec<String> = (0..50).map(|number| format!("tenant{number}")).collect();
    let bodies: Vec<_> = names.iter().map(|name| new_tenant(name)).collect();
    for answer in try_join_all(bodies.iter().map(|body| app.post("/api/tenants", body))).await? {
        assert_eq!(answer.expect(201)?["state"], "active");
    }
    let page = app
        .get("/api/tenants?limit=200&state=active")
        .await?
        .expect(200)?;
    let listed: BTreeSet<&str> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| t["subdomain"].as_str())
        .collect();
    assert_eq!(listed, names.iter().map(String::as_str).collect());
    assert_eq!(page["total"], 50);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn one_name_fifty_times_at_once_is_one_tenant_in_whatever_spelling() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let spellings = ["demo-x", "demo_x"].map(new_tenant);
    let requests = (0..50).map(|number| app.post("/api/tenants", &spellings[number % 2]));
    let mut made = 0;
    for answer in try_join_all(requests).await? {
        if answer.status == 201 {
            made += 1;
        } else {
            let problem = answer.problem(409, "name-taken")?;
            assert!(
                problem["detail"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("subdomain:"))
            );
        }
    }
    assert_eq!(made, 1);
    assert_eq!(app.database.count("SELECT count(*) FROM tenant").await?, 1);
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM operation WHERE kind = 'tenant.create'")
            .await?,
        1
    );
    drop(worker);
    app.finish().await
}
