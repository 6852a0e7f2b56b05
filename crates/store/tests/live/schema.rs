//! Everything in the schema is explained and named by us; migrations can be repeated.

use crate::{Database, Outcome};
use std::fs;
use store::Store;

/// Our tables; that of sqlx, which counts migrations, is its own.
const OURS: &str = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND c.relname <> '_sqlx_migrations'";

/// The text of all migrations.
fn migrations() -> Outcome<String> {
    let mut text = String::new();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))? {
        text.push_str(&fs::read_to_string(file?.path())?);
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

async fn texts(database: &Database, query: String) -> Outcome<Vec<String>> {
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_all(&database.pool)
        .await?)
}

#[tokio::test]
async fn every_table_and_column_has_a_comment() -> Outcome {
    let database = Database::migrated().await?;
    let tables = format!("SELECT relname::text FROM pg_class c WHERE {OURS}");
    assert!(texts(&database, tables.clone()).await?.len() >= 10);
    let silent = format!("{tables} AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''");
    assert_eq!(texts(&database, silent).await?, [""; 0]);
    let columns = format!(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE {OURS} AND a.attnum > 0 AND NOT a.attisdropped
         AND coalesce(col_description(c.oid, a.attnum), '') = ''"
    );
    assert_eq!(texts(&database, columns).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn every_constraint_and_index_has_a_name_of_ours() -> Outcome {
    let database = Database::migrated().await?;
    let migrations = migrations()?;
    // NOT NULL became a constraint with a name in PostgreSQL 18; nobody meets it by that name.
    let constraints = format!(
        "SELECT conname::text FROM pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE {OURS} AND contype <> 'n'"
    );
    let constraints = texts(&database, constraints).await?;
    assert!(constraints.len() > 20);
    for name in &constraints {
        assert!(migrations.contains(&format!("CONSTRAINT {name} ")), "{name}");
    }
    let indexes = format!(
        "SELECT i.relname::text FROM pg_index JOIN pg_class c ON c.oid = indrelid
         JOIN pg_class i ON i.oid = indexrelid WHERE {OURS}"
    );
    for name in texts(&database, indexes).await? {
        let named = constraints.contains(&name) || migrations.contains(&format!("INDEX {name} "));
        assert!(named, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn every_reference_to_a_tenant_is_indexed() -> Outcome {
    let database = Database::migrated().await?;
    // Without an index, removing the row that is referred to reads the whole table.
    let query = "SELECT conname::text FROM pg_constraint k WHERE contype = 'f'
        AND confrelid = 'tenant'::regclass AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = k.conrelid AND indkey[0] = k.conkey[1])
        ORDER BY 1";
    assert_eq!(database.texts(query).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn migrating_again_changes_nothing() -> Outcome {
    let database = Database::migrated().await?;
    let state = "SELECT version || ' ' || installed_on FROM _sqlx_migrations";
    let before = database.texts(state).await?;
    database.store.migrate().await?;
    assert_eq!(database.texts(state).await?, before);
    Ok(())
}

#[tokio::test]
async fn replicas_that_migrate_at_once_do_not_disturb_each_other() -> Outcome {
    let database = Database::empty().await?;
    let mut replicas = Vec::new();
    for _ in 0..5 {
        let store = Store::open(database.url.as_str(), 2)?;
        replicas.push(tokio::spawn(async move { store.migrate().await }));
    }
    for replica in replicas {
        replica.await??;
    }
    assert_eq!(
        database
            .texts("SELECT name FROM plan ORDER BY position")
            .await?
            .len(),
        7
    );
    Ok(())
}

#[tokio::test]
async fn every_place_of_sealed_secrets_is_known_to_their_rotation() -> Outcome {
    let database = Database::migrated().await?;
    let sealed = format!(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE {OURS} AND a.atttypid = 'bytea'::regtype AND a.attname LIKE '%sealed%' AND c.relname <> 'data_key' ORDER BY 1"
    );
    assert_eq!(texts(&database, sealed).await?, store::SEALED);
    Ok(())
}
