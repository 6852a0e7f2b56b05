//! Databases that nobody manages: looked into when they appear or change, and not all the time.

use crate::place::Place;
use node::Node;
use std::time::Duration;
use testkit::{eventually, fresh_name};

/// How many sessions there were on a database so far, once PostgreSQL has counted more than these.
async fn sessions(place: &Place, database: &str, before: i64) -> i64 {
    let count = async || -> i64 {
        sqlx::query_scalar("SELECT sessions FROM pg_stat_database WHERE datname = $1")
            .bind(database)
            .fetch_one(&mut place.superuser("postgres").await)
            .await
            .unwrap()
    };
    let counted = async || count().await > before;
    eventually(Duration::from_secs(10), counted).await.unwrap();
    count().await
}

async fn owner(node: &Node, database: &str) -> String {
    let found = node.unmanaged().await.unwrap().into_iter();
    let mut found = found.filter(|one| one.database == database);
    found.next().unwrap().owner
}

#[tokio::test]
async fn a_database_that_nobody_manages_is_looked_into_anew_only_when_it_has_changed() {
    let place = Place::new().await;
    let node = place.start().await;
    let name = fresh_name("unmanaged");
    let mut postgres = place.superuser("postgres").await;
    let mut change = async |statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut postgres)
            .await
            .unwrap();
    };
    change(format!("CREATE DATABASE {name} OWNER odoo")).await;
    for _ in 0..8 {
        assert_eq!(owner(&node, &name).await, "odoo");
    }
    // The first session makes PostgreSQL write a cache of its catalogue there, which is a change of size.
    let first = sessions(&place, &name, 0).await;
    assert!(first <= 3, "looked into {first} times");
    change(format!("ALTER DATABASE {name} OWNER TO tenantry_node")).await;
    for _ in 0..8 {
        assert_eq!(owner(&node, &name).await, "tenantry_node");
    }
    let second = sessions(&place, &name, first).await;
    assert!(second <= first + 3, "looked into {} times more", second - first);
    let mut inside = place.superuser(&name).await;
    sqlx::raw_sql("CREATE TABLE grown AS SELECT generate_series(1, 10000) AS number")
        .execute(&mut inside)
        .await
        .unwrap();
    sqlx::Connection::close(inside).await.unwrap();
    for _ in 0..8 {
        owner(&node, &name).await;
    }
    let third = sessions(&place, &name, second + 1).await;
    assert!(third <= second + 4, "{} times, one of them ours", third - second);
    change(format!("DROP DATABASE {name}")).await;
    assert!(
        node.unmanaged()
            .await
            .unwrap()
            .iter()
            .all(|one| one.database != name)
    );
}
