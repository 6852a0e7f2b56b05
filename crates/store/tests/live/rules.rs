//! Rules of the database come back as what they mean to a caller.

use crate::{Database, Outcome};
use domain::{ApiKeyId, KeyAccess, KeyHolder, NodeId, OperationId, Role, StaffRole, TenantId};
use jiff::Timestamp;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use store::{Actor, Conflict, NewApiKeyRow, NewNode, NewTenant, Store, StoreError};
use testkit::eventually;
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn now() -> Outcome<Timestamp> {
    Ok("2026-11-22T10:00:00Z".parse()?)
}

async fn add_node(database: &Database) -> Outcome<NodeId> {
    let mut unit = database.store.on_behalf_of(Actor::System).begin().await?;
    let node = unit
        .enrol_node(NewNode {
            id: NodeId::from_uuid(id(1)),
            name: &"alpha".parse()?,
            domain: &"example.com".parse()?,
            address_pattern: "https://*.example.com",
            credential_hash: b"hash",
            version: "1",
            enrolled_at: now()?,
        })
        .await?;
    unit.commit().await?;
    Ok(node)
}

/// Writes down a tenant; the name is all that differs.
async fn add_tenant(
    database: &Database,
    node: NodeId,
    number: u128,
    name: &str,
    plan: &str,
) -> Outcome<Result<(), StoreError>> {
    let mut unit = database.store.on_behalf_of(Actor::System).begin().await?;
    let written = unit
        .insert_tenant(NewTenant {
            id: TenantId::from_uuid(id(number)),
            subdomain: &name.parse()?,
            company_name: &"Acme".parse()?,
            admin_email: None,
            plan: &plan.parse()?,
            product: &"odoo".parse()?,
            node,
            template: &"template_tenant".parse()?,
            operation: OperationId::from_uuid(id(number)),
            language: &"es".parse()?,
            country: None,
            timezone: None,
            now: now()?,
        })
        .await;
    Ok(match written {
        Ok(()) => unit.commit().await,
        Err(error) => Err(error),
    })
}

#[tokio::test]
async fn a_name_is_taken_in_every_spelling_and_a_unit_not_committed_never_was() -> Outcome {
    let database = Database::migrated().await?;
    let node = add_node(&database).await?;
    add_tenant(&database, node, 1, "demo-x", "basic").await??;
    for name in ["demo-x", "demo_x"] {
        let refused = add_tenant(&database, node, 2, name, "basic").await?;
        assert!(
            matches!(refused, Err(StoreError::Conflict(Conflict::TenantName))),
            "{refused:?}"
        );
    }
    let gone = add_tenant(&database, node, 3, "other", "gold").await?;
    assert!(
        matches!(gone, Err(StoreError::Conflict(Conflict::Reference))),
        "{gone:?}"
    );
    assert_eq!(
        database
            .texts("SELECT database_name FROM name_reservation")
            .await?,
        ["demo_x"]
    );
    Ok(())
}

#[tokio::test]
async fn a_key_s_name_is_free_again_when_the_key_is_revoked() -> Outcome {
    let database = Database::migrated().await?;
    let scoped = database.store.on_behalf_of(Actor::System);
    let now = now()?;
    let holders = [1, 2].map(|number| KeyHolder {
        key: ApiKeyId::from_uuid(id(number)),
        role: Role::Staff(StaffRole::Owner),
        access: KeyAccess::Full,
        organizations: Vec::new(),
        tenants: None,
    });
    let key = |number: u8| NewApiKeyRow {
        name: "robot",
        prefix: "tnt_000000",
        hash: if number == 1 { b"1" } else { b"2" },
        holder: if number == 1 { &holders[0] } else { &holders[1] },
        created_at: now,
        expires_at: None,
    };
    let mut unit = scoped.begin().await?;
    unit.insert_api_key(key(1)).await?;
    unit.commit().await?;
    let refused = scoped.begin().await?.insert_api_key(key(2)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(Conflict::ApiKeyName))),
        "{refused:?}"
    );
    let mut unit = scoped.begin().await?;
    assert_eq!(
        unit.revoke_api_key(ApiKeyId::from_uuid(id(1)), now)
            .await?
            .as_deref(),
        Some("robot")
    );
    assert_eq!(unit.revoke_api_key(ApiKeyId::from_uuid(id(1)), now).await?, None);
    unit.insert_api_key(key(2)).await?;
    unit.commit().await?;
    Ok(())
}

#[tokio::test]
async fn one_operation_at_a_time_and_generations_grow() -> Outcome {
    let database = Database::migrated().await?;
    let node = add_node(&database).await?;
    add_tenant(&database, node, 1, "acme", "basic").await??;
    let (tenant, now) = (TenantId::from_uuid(id(1)), now()?);
    let scoped = database.store.on_behalf_of(Actor::System);
    let mut unit = scoped.begin().await?;
    let second = OperationId::from_uuid(id(2));
    let refused = unit.occupy_tenant(tenant, second, now).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    let other = unit
        .settle_tenant(tenant, second, domain::TenantState::Active, now)
        .await;
    assert!(matches!(other, Err(StoreError::Stale)), "{other:?}");
    unit.settle_tenant(
        tenant,
        OperationId::from_uuid(id(1)),
        domain::TenantState::Active,
        now,
    )
    .await?;
    assert_eq!(unit.occupy_tenant(tenant, second, now).await?, 2);
    unit.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() -> Outcome {
    let port = testkit::free_port()?;
    let store = Store::open(&format!("postgres://postgres@127.0.0.1:{port}/none"), 1)?;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(
        store.authenticate_key(b"x", now()?).await,
        Err(StoreError::Unavailable(_))
    ));
    Ok(())
}

#[tokio::test]
async fn no_error_prints_its_cause_or_a_value() -> Outcome {
    let database = Database::migrated().await?;
    let node = add_node(&database).await?;
    add_tenant(&database, node, 1, "demo-x", "basic").await??;
    let refused = add_tenant(&database, node, 2, "demo_x", "basic").await?;
    let shown = refused.err().ok_or("not refused")?.to_string();
    assert!(!shown.contains("demo") && !shown.contains("duplicate"), "{shown}");
    Ok(())
}

/// A visitor who hangs up cancels the call in the middle of BEGIN. What is written next must not land in that forgotten
/// transaction, where nobody would ever commit it.
#[tokio::test]
async fn a_cancelled_begin_leaves_no_transaction_behind() -> Outcome {
    let database = Database::migrated().await?;
    let scoped = database.store.on_behalf_of(Actor::System);
    drop(scoped.begin().await?);
    for polls in 1..8 {
        {
            let mut begin = pin!(scoped.begin());
            for _ in 0..polls {
                if poll_fn(|context| Poll::Ready(begin.as_mut().poll(context).is_ready())).await {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        // What is under way still comes to its end by itself; what was forgotten stays.
        let none_is_left = async || {
            let left = sqlx::query_scalar::<_, i64>(
                "SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
            );
            left.fetch_one(&database.pool).await.is_ok_and(|left| left == 0)
        };
        if eventually(Duration::from_secs(20), none_is_left).await.is_err() {
            return Err(format!("cancelled after {polls} steps, BEGIN leaves a transaction open").into());
        }
    }
    Ok(())
}
