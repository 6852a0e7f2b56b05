//! What happens to a tenant after it was made.

use crate::place::{Place, command_id, done, failed, password, run, standing_of};
use node::Standing;
use sqlx::{Connection, Row};
use std::fs;
use std::path::Path;
use std::process::Command;
use wire::node::{
    Command as NodeCommand, CreateTenant, DeleteTenant, Order, PurgeTenant, RenameTenant, ResumeTenant,
    Service, Sessions, SetPassword, SuspendTenant, UndeleteTenant,
};

fn suspend(order: &CreateTenant) -> Order {
    let (tenant, database) = (order.tenant, order.database.clone());
    Order::SuspendTenant(SuspendTenant {
        tenant,
        database,
        reason: "unpaid: it's \"due\"".to_owned(),
        service: Service::Suspended,
        cause: None,
    })
}

fn resume(order: &CreateTenant) -> Order {
    Order::ResumeTenant(ResumeTenant {
        tenant: order.tenant,
        database: order.database.clone(),
    })
}

pub fn delete(order: &CreateTenant) -> Order {
    Order::DeleteTenant(DeleteTenant {
        tenant: order.tenant,
        database: order.database.clone(),
    })
}

fn undelete(order: &CreateTenant, service: Service) -> Order {
    Order::UndeleteTenant(UndeleteTenant {
        tenant: order.tenant,
        database: order.database.clone(),
        service,
    })
}

/// Whether Python's own PBKDF2 finds this password behind the stored hash.
fn verifies(hash: &str, password: &str) -> bool {
    let program = "import base64,hashlib,sys\n_,_,r,s,h=sys.argv[1].split('$')\n\
        d=lambda t: base64.b64decode(t.replace('.','+')+'='*(-len(t)%4))\n\
        sys.exit(hashlib.pbkdf2_hmac('sha512',sys.argv[2].encode(),d(s),int(r))!=d(h))";
    Command::new("python3")
        .args(["-c", program, hash, password])
        .status()
        .unwrap()
        .success()
}

#[tokio::test]
async fn suspending_shuts_odoo_out_and_resuming_lets_it_in() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let mut session = place.as_odoo(database).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut session).await.unwrap();
    let outcome = run(&node, suspend(&order)).await;
    done(&outcome);
    assert!(sqlx::query("SELECT 1").execute(&mut session).await.is_err());
    assert!(place.as_odoo(database).await.is_err());
    assert!(place.marker("suspended", database) && !place.marker("active", database));
    assert_eq!(
        place.parameter(database, "tenant.suspended").await.as_deref(),
        Some("true")
    );
    assert_eq!(
        place
            .parameter(database, "tenant.suspend_reason")
            .await
            .as_deref(),
        Some("unpaid: it's \"due\"")
    );
    // A second reason changes nothing but the text.
    done(&run(&node, suspend(&order)).await);
    done(&run(&node, resume(&order)).await);
    assert!(place.as_odoo(database).await.is_ok());
    assert!(place.marker("active", database) && !place.marker("suspended", database));
    assert_eq!(
        place.parameter(database, "tenant.suspended").await.as_deref(),
        Some("false")
    );
    assert_eq!(place.parameter(database, "tenant.suspend_reason").await, None);
}

#[tokio::test]
async fn clients_that_keep_knocking_do_not_keep_a_tenant_from_being_suspended() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let knock = |place: &Place| {
        let options = place
            .cluster
            .options(database)
            .username("odoo")
            .password(crate::place::ODOO_PASSWORD);
        tokio::spawn(async move {
            loop {
                if let Ok(mut session) = sqlx::PgConnection::connect_with(&options).await {
                    let _ = sqlx::query("SELECT pg_sleep(0.01)").execute(&mut session).await;
                }
                tokio::task::yield_now().await;
            }
        })
    };
    let knocking: Vec<_> = (0..4).map(|_| knock(&place)).collect();
    for _ in 0..5 {
        done(&run(&node, suspend(&order)).await);
        assert!(place.as_odoo(database).await.is_err());
        done(&run(&node, resume(&order)).await);
    }
    knocking.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn any_password_is_stored_so_that_only_it_verifies() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let stored = "SELECT password FROM res_users WHERE id = 2";
    let signals = "SELECT max(id)::text FROM orm_signaling_default";
    for (text, sessions) in [
        (r#"O'Brien "x" \ $1 ;--"#, Sessions::End),
        ("contraseña %s {0}", Sessions::Leave),
    ] {
        let before = place.text(database, signals).await;
        let set = SetPassword {
            tenant: order.tenant,
            database: order.database.clone(),
            password: password(text),
            sessions,
        };
        done(&run(&node, Order::SetPassword(set)).await);
        let hash = place.text(database, stored).await.unwrap();
        assert!(
            verifies(&hash, text) && !verifies(&hash, "O'Brien") && !verifies(&hash, ""),
            "{text}"
        );
        assert_eq!(
            place.text(database, signals).await != before,
            sessions == Sessions::End
        );
    }
}

#[tokio::test]
async fn a_password_can_be_set_while_suspended_and_needs_an_administrator() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let set = |sessions| {
        let (tenant, database) = (order.tenant, order.database.clone());
        Order::SetPassword(SetPassword {
            tenant,
            database,
            password: password("good enough"),
            sessions,
        })
    };
    done(&run(&node, suspend(&order)).await);
    done(&run(&node, set(Sessions::End)).await);
    let mut superuser = place.superuser(order.database.as_str()).await;
    let text = "DELETE FROM ir_model_data WHERE name = 'user_admin'";
    sqlx::query(text).execute(&mut superuser).await.unwrap();
    assert_eq!(
        failed(&run(&node, set(Sessions::Leave)).await),
        "administrator-not-found"
    );
}

#[tokio::test]
async fn renaming_moves_everything() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let (old, new) = (order.database.as_str(), format!("{}_moved", order.database));
    let mut session = place.as_odoo(old).await.unwrap();
    let renamed = RenameTenant {
        tenant: order.tenant,
        from: order.database.clone(),
        to: new.parse().unwrap(),
        base_url: "https://moved.example.com".to_owned(),
    };
    done(&run(&node, Order::RenameTenant(renamed.clone())).await);
    assert!(session.ping().await.is_err());
    assert_eq!(place.owner(old).await, None);
    assert_eq!(place.owner(&new).await.as_deref(), Some("odoo"));
    assert_eq!(
        place.parameter(&new, "web.base.url").await.unwrap(),
        "https://moved.example.com"
    );
    assert!(place.file(&new).exists() && !place.file(old).exists());
    assert!(place.marker("active", &new));
    assert!(
        ["active", "maintenance"]
            .iter()
            .all(|kind| !place.marker(kind, old))
    );
    // Onto a name that is taken it does not go.
    let other = place.created(&node).await;
    let before = place.footprint(&[&order, &other]).await;
    let onto = RenameTenant {
        from: renamed.to.clone(),
        to: other.database.clone(),
        ..renamed
    };
    assert_eq!(
        failed(&run(&node, Order::RenameTenant(onto)).await),
        "database-exists"
    );
    assert_eq!(place.footprint(&[&order, &other]).await, before);
}

#[tokio::test]
async fn a_tombstone_can_come_back_open_or_suspended() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let secret = place.parameter(database, "database.secret").await;
    for (service, marker) in [(Service::Open, "active"), (Service::Suspended, "suspended")] {
        done(&run(&node, delete(&order)).await);
        assert_eq!(place.owner(database).await, None);
        assert!(!place.file(database).exists());
        assert!(
            ["active", "suspended"]
                .iter()
                .all(|kind| !place.marker(kind, database))
        );
        let (name, standing) = standing_of(&node.inventory().await.unwrap(), order.tenant).unwrap();
        assert_eq!(standing, Standing::Tombstone);
        assert!(place.as_odoo(name.as_str()).await.is_err());
        // Deleting it again changes nothing.
        done(&run(&node, delete(&order)).await);
        done(&run(&node, undelete(&order, service)).await);
        assert!(place.marker(marker, database));
        assert_eq!(place.as_odoo(database).await.is_ok(), service == Service::Open);
        assert_eq!(place.parameter(database, "database.secret").await, secret);
        assert!(place.file(database).exists());
    }
}

#[tokio::test]
async fn what_is_purged_can_be_restored_from_its_dump() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let secret = place.parameter(order.database.as_str(), "database.secret").await;
    let purge = PurgeTenant {
        last_backup: None,
        tenant: order.tenant,
        database: order.database.clone(),
    };
    assert_eq!(
        failed(&run(&node, Order::PurgeTenant(purge.clone())).await),
        "tenant-unknown"
    );
    done(&run(&node, delete(&order)).await);
    let facts = done(&run(&node, Order::PurgeTenant(purge.clone())).await);
    let kept = facts.kept_at.unwrap();
    let kept = Path::new(&kept);
    assert!(standing_of(&node.inventory().await.unwrap(), order.tenant).is_none());
    assert_eq!(
        fs::read_to_string(kept.join("filestore/1d/1d1e5c382d544d695a9e2b884cf7d1ce12d94384")).unwrap(),
        "a picture"
    );
    let manifest = fs::read_to_string(kept.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"filestore_files\": 1"), "{manifest}");

    let (restored, pool) = place.cluster.fresh_database().await.unwrap();
    pool.close().await;
    let access = place.cluster.superuser();
    let status = Command::new(place.settings.pg_bin_dir.join("pg_restore"))
        .args([
            "--no-owner",
            "--exit-on-error",
            "-h",
            &access.host,
            "-p",
            &access.port.to_string(),
        ])
        .args(["-U", &access.user, "-d", &restored])
        .arg(kept.join("database.dump"))
        .env("PGPASSWORD", access.password.expose())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(place.parameter(&restored, "database.secret").await, secret);
    // Purging it again only tells where it is kept.
    let again = done(&run(&node, Order::PurgeTenant(purge)).await);
    assert_eq!(again.kept_at.as_deref(), kept.to_str());
}

#[tokio::test]
async fn a_database_that_was_replaced_by_hand_is_not_touched() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let mut superuser = place.superuser("postgres").await;
    for text in ["DROP DATABASE", "CREATE DATABASE"] {
        let text = format!("{text} \"{}\"", order.database);
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut superuser)
            .await
            .unwrap();
    }
    let before = place.owner(order.database.as_str()).await;
    let outcome = run(&node, delete(&order)).await;
    assert_eq!(failed(&outcome), "internal");
    assert_eq!(place.owner(order.database.as_str()).await, before);
}

#[tokio::test]
async fn orders_of_strangers_and_old_orders_are_refused() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let mut stranger = place.creation();
    assert_eq!(failed(&run(&node, suspend(&stranger)).await), "tenant-unknown");
    stranger.tenant = order.tenant;
    assert_eq!(failed(&run(&node, delete(&stranger)).await), "tenant-unknown");
    let (progress, _) = tokio::sync::watch::channel(Vec::new());
    let id = command_id();
    let old = NodeCommand {
        id,
        generation: 0,
        order: suspend(&order),
    };
    assert_eq!(failed(&node.execute(old, &progress).await), "superseded");
}

#[tokio::test]
async fn a_second_agent_on_the_same_journal_is_refused() {
    let (place, node) = Place::ready().await;
    let second = node::Node::start(place.settings.clone()).await;
    assert!(matches!(second, Err(node::NodeError::JournalHeld { .. })));
    drop(node);
    place.start().await;
}

#[tokio::test]
async fn no_answer_is_not_an_empty_list() {
    let cluster = testkit::TestCluster::start().await.unwrap();
    let mut superuser = sqlx::PgConnection::connect_with(&cluster.options("postgres"))
        .await
        .unwrap();
    let row = sqlx::query("SELECT 1").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(row.get::<i32, _>(0), 1);
    superuser.close().await.unwrap();
    let place = Place::on(cluster).await;
    let node = place.start().await;
    assert!(node.inventory().await.unwrap().is_empty());
    place.cluster.stop().await;
    assert!(matches!(
        node.inventory().await,
        Err(node::NodeError::Unavailable { .. })
    ));
}
