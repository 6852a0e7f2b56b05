//! Closing a tenant, in every form, looked at from outside; its administrator's address; whether it is whole.

use crate::place::{Place, done, failed, run, standing_of};
use node::{EdgeAccess, Node, Standing};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wire::node::{
    Cause, CheckTenant, CreateTenant, DeleteTenant, Evidence, Order, ResumeTenant, Service, SetEmail,
    SuspendTenant, UndeleteTenant,
};

/// An edge that looks at the markers as the real one does, or does not.
async fn edge(hosts: PathBuf, is_stuck: Arc<AtomicBool>) -> EdgeAccess {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (hosts, is_stuck) = (hosts.clone(), Arc::clone(&is_stuck));
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(request.get(..length).unwrap_or_default()).into_owned();
                let host = text
                    .lines()
                    .find_map(|line| line.strip_prefix("host: "))
                    .unwrap_or("");
                let database = host.trim_end_matches(".example.com").replace('-', "_");
                let has = |marker: &str| hosts.join(marker).join(&database).exists();
                let status = match () {
                    () if is_stuck.load(Ordering::Relaxed) => 200,
                    () if has("suspended") => 402,
                    () if has("paused") => 503,
                    () if has("restricted") => 402,
                    () => 200,
                };
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    EdgeAccess {
        url: format!("http://{address}").parse().unwrap(),
        domain: "example.com".parse().unwrap(),
    }
}

async fn ready() -> (Place, Node, Arc<AtomicBool>) {
    let (mut place, node) = Place::ready().await;
    drop(node);
    let is_stuck = Arc::new(AtomicBool::new(false));
    place.settings.edge = Some(edge(place.settings.hosts_dir.clone(), Arc::clone(&is_stuck)).await);
    let node = place.start().await;
    (place, node, is_stuck)
}

fn close(order: &CreateTenant, service: Service) -> Order {
    Order::SuspendTenant(SuspendTenant {
        tenant: order.tenant,
        database: order.database.clone(),
        reason: "unpaid".to_owned(),
        service,
        cause: None,
    })
}

fn resume(order: &CreateTenant) -> Order {
    Order::ResumeTenant(ResumeTenant {
        tenant: order.tenant,
        database: order.database.clone(),
    })
}

#[tokio::test]
async fn what_is_closed_was_looked_at_from_outside() {
    let (place, node, _) = ready().await;
    let order = place.created(&node).await;
    let _session = place.as_odoo(order.database.as_str()).await.unwrap();
    let shut = |status, sessions_ended| Evidence {
        edge_status: Some(status),
        odoo_may_connect: false,
        odoo_lists_it: false,
        sessions_ended,
        sessions_left: 0,
    };
    let evidence = |outcome| done(&outcome).evidence.unwrap();
    let suspended = run(&node, close(&order, Service::Suspended)).await;
    assert_eq!(evidence(suspended), shut(402, 1));
    let paused = run(&node, close(&order, Service::Paused)).await;
    assert_eq!(evidence(paused), shut(503, 0));
    assert!(place.marker("paused", order.database.as_str()));
    let restricted = evidence(run(&node, close(&order, Service::Restricted)).await);
    assert_eq!(
        (restricted.edge_status, restricted.odoo_may_connect),
        (Some(402), true)
    );
    assert!(
        place.as_odoo(order.database.as_str()).await.is_ok(),
        "the website is served"
    );
    assert_eq!(
        place.owner(order.database.as_str()).await.as_deref(),
        Some("odoo")
    );
    let open = evidence(run(&node, resume(&order)).await);
    assert!(open.odoo_may_connect && open.odoo_lists_it);
    assert_eq!(open.edge_status, Some(200));
    assert!(place.marker("active", order.database.as_str()));
}

#[tokio::test]
async fn an_edge_that_still_keeps_visitors_out_fails_resuming_and_leaves_the_tenant_closed() {
    let (place, node, _) = ready().await;
    let order = place.created(&node).await;
    done(&run(&node, close(&order, Service::Suspended)).await);
    let before = place.footprint(&[&order]).await;
    // It reads another folder, where the tenant stays suspended.
    let elsewhere = tempfile::tempdir().unwrap();
    let stays = elsewhere.path().join("suspended");
    fs::create_dir_all(&stays).unwrap();
    fs::write(stays.join(order.database.as_str()), "").unwrap();
    let mut settings = place.settings.clone();
    settings.edge = Some(edge(elsewhere.path().to_owned(), Arc::default()).await);
    drop(node);
    let node = Node::start(settings).await.unwrap();
    assert_eq!(failed(&run(&node, resume(&order)).await), "edge-still-closed");
    assert_eq!(place.footprint(&[&order]).await, before);
    assert!(place.marker("suspended", order.database.as_str()));
    assert!(place.as_odoo(order.database.as_str()).await.is_err());
}

#[tokio::test]
async fn an_edge_that_still_lets_visitors_in_fails_the_order_and_changes_nothing() {
    let (place, node, is_stuck) = ready().await;
    let order = place.created(&node).await;
    let before = place.footprint(&[&order]).await;
    is_stuck.store(true, Ordering::Relaxed);
    let outcome = run(&node, close(&order, Service::Suspended)).await;
    assert_eq!(failed(&outcome), "edge-still-open");
    assert_eq!(place.footprint(&[&order]).await, before);
    assert_eq!(
        place
            .parameter(order.database.as_str(), "tenant.suspended")
            .await
            .as_deref(),
        Some("false")
    );
}

#[tokio::test]
async fn an_edge_that_does_not_answer_serves_nobody_and_keeps_nobody_from_closing() {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.edge = Some(EdgeAccess {
        url: "http://127.0.0.1:1".parse().unwrap(),
        domain: "example.com".parse().unwrap(),
    });
    let node = place.start().await;
    let order = place.created(&node).await;
    let outcome = run(&node, close(&order, Service::Suspended)).await;
    let evidence = done(&outcome).evidence.unwrap();
    assert_eq!((evidence.edge_status, evidence.odoo_may_connect), (None, false));
    assert!(
        outcome
            .steps
            .last()
            .unwrap()
            .note
            .as_ref()
            .unwrap()
            .contains("does not answer")
    );
}

#[tokio::test]
async fn a_tombstone_comes_back_as_it_was_closed() {
    let (place, node, _) = ready().await;
    for (service, marker, standing) in [
        (Service::Paused, "paused", Standing::Paused),
        (Service::Restricted, "restricted", Standing::Restricted),
        (Service::Suspended, "suspended", Standing::Suspended),
    ] {
        let order = place.created(&node).await;
        let (tenant, database) = (order.tenant, order.database.clone());
        let delete = DeleteTenant {
            tenant,
            database: database.clone(),
        };
        done(&run(&node, Order::DeleteTenant(delete)).await);
        let back = UndeleteTenant {
            tenant,
            database,
            service,
        };
        done(&run(&node, Order::UndeleteTenant(back)).await);
        assert!(
            place.marker(marker, order.database.as_str()) && !place.marker("active", order.database.as_str())
        );
        let (_, now) = standing_of(&node.inventory().await.unwrap(), tenant).unwrap();
        assert_eq!(now, standing);
    }
}

#[tokio::test]
async fn an_address_is_the_login_only_where_it_was() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let set = |email: &str| {
        Order::SetEmail(SetEmail {
            tenant: order.tenant,
            database: order.database.clone(),
            email: email.parse().unwrap(),
        })
    };
    let (login, email) = (
        "SELECT login FROM res_users WHERE id = 2",
        "SELECT email || ' ' || email_normalized FROM res_partner WHERE id = 3",
    );
    done(&run(&node, set("O'Brien+odoo@Example.com")).await);
    assert_eq!(
        place.text(database, login).await.unwrap(),
        "O'Brien+odoo@example.com"
    );
    assert_eq!(
        place.text(database, email).await.unwrap(),
        "O'Brien+odoo@example.com o'brien+odoo@example.com"
    );
    let mut inside = place.superuser(database).await;
    for text in [
        "UPDATE res_users SET login = 'jefa' WHERE id = 2",
        "UPDATE res_users SET login = 'taken@example.com' WHERE id = 4",
    ] {
        sqlx::query(text).execute(&mut inside).await.unwrap();
    }
    done(&run(&node, set("eva@example.com")).await);
    assert_eq!(place.text(database, login).await.unwrap(), "jefa");
    let rename = "UPDATE res_users SET login = 'eva@example.com' WHERE id = 2";
    sqlx::query(rename).execute(&mut inside).await.unwrap();
    let outcome = run(&node, set("taken@example.com")).await;
    assert_eq!(failed(&outcome), "login-taken");
    assert_eq!(place.text(database, login).await.unwrap(), "eva@example.com");
}

#[tokio::test]
async fn a_check_finds_what_is_missing_and_a_repair_brings_back_what_a_template_has() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let check = |repair| {
        Order::CheckTenant(CheckTenant {
            tenant: order.tenant,
            database: order.database.clone(),
            repair,
        })
    };
    let whole = done(&run(&node, check(false)).await).check.unwrap();
    assert_eq!((whole.files, whole.missing_files), (1, 0));
    assert!(whole.gate_right && whole.marker_right);
    fs::remove_file(place.file(database)).unwrap();
    fs::remove_file(place.settings.hosts_dir.join("active").join(database)).unwrap();
    let mut inside = place.superuser(database).await;
    let text = "INSERT INTO ir_attachment (name, store_fname) VALUES ('lost', 'cd/cdef'), ('out', '../../x')";
    sqlx::query(text).execute(&mut inside).await.unwrap();
    let broken = done(&run(&node, check(false)).await).check.unwrap();
    assert_eq!(
        (broken.files, broken.missing_files, broken.repaired_files),
        (3, 3, 0)
    );
    assert!(!broken.marker_right && !place.file(database).exists());
    let mended = done(&run(&node, check(true)).await).check.unwrap();
    assert_eq!((mended.missing_files, mended.repaired_files), (2, 1));
    assert!(mended.marker_right && place.marker("active", database) && place.file(database).exists());
}

#[tokio::test]
async fn a_backup_goes_on_while_its_tenant_is_closed_and_is_cut_off_when_it_is_deleted() {
    let (place, node, _) = ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let mut backup = place.as_node(database).await.unwrap();
    let mut odoo = place.as_odoo(database).await.unwrap();
    let read = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM res_users";
    sqlx::raw_sql(read).execute(&mut backup).await.unwrap();
    let evidence = done(&run(&node, close(&order, Service::Suspended)).await)
        .evidence
        .unwrap();
    assert_eq!((evidence.sessions_ended, evidence.sessions_left), (1, 0));
    let users = "SELECT count(*) FROM res_users";
    assert!(sqlx::raw_sql(users).execute(&mut odoo).await.is_err());
    sqlx::raw_sql(users).execute(&mut backup).await.unwrap();
    let mut later = place.as_node(database).await.unwrap();
    sqlx::raw_sql(users).execute(&mut later).await.unwrap();
    let delete = Order::DeleteTenant(DeleteTenant {
        tenant: order.tenant,
        database: order.database.clone(),
    });
    done(&run(&node, delete).await);
    for session in [&mut backup, &mut later] {
        assert!(
            sqlx::raw_sql(users).execute(session).await.is_err(),
            "it is cut off"
        );
    }
}

#[tokio::test]
async fn what_visitors_are_told_of_the_reason_outlives_whatever_happens_to_the_markers() {
    let (place, node, is_stuck) = ready().await;
    let order = place.created(&node).await;
    let database = order.database.as_str();
    let told = |name: &str| (place.marker("unpaid", name), place.marker("quota", name));
    let close_for = |cause, service| {
        Order::SuspendTenant(SuspendTenant {
            tenant: order.tenant,
            database: order.database.clone(),
            reason: "invoice 2041".to_owned(),
            service,
            cause,
        })
    };
    done(&run(&node, close_for(Some(Cause::Unpaid), Service::Restricted)).await);
    assert_eq!(told(database), (true, false));
    // Undone, it is told as before.
    is_stuck.store(true, Ordering::Relaxed);
    failed(&run(&node, close_for(Some(Cause::Quota), Service::Suspended)).await);
    is_stuck.store(false, Ordering::Relaxed);
    assert_eq!(told(database), (true, false));
    done(&run(&node, close_for(Some(Cause::Quota), Service::Suspended)).await);
    assert_eq!(told(database), (false, true));
    drop(node);
    fs::remove_dir_all(&place.settings.hosts_dir).unwrap();
    let node = place.start().await;
    assert_eq!(told(database), (false, true));
    assert!(place.marker("suspended", database));
    done(
        &run(
            &node,
            Order::DeleteTenant(DeleteTenant {
                tenant: order.tenant,
                database: order.database.clone(),
            }),
        )
        .await,
    );
    assert_eq!(told(database), (false, false));
    let back = UndeleteTenant {
        tenant: order.tenant,
        database: order.database.clone(),
        service: Service::Suspended,
    };
    done(&run(&node, Order::UndeleteTenant(back)).await);
    assert_eq!(told(database), (false, true));
    done(&run(&node, close_for(None, Service::Suspended)).await);
    assert_eq!(told(database), (false, false));
    done(&run(&node, resume(&order)).await);
    assert_eq!(told(database), (false, false));
}
