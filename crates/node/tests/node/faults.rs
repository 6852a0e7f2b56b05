//! Every order with a fault before, in and after each of its steps: nothing half done is ever left.

use crate::adopt_template;
use crate::backup;
use crate::entry::entering;
use crate::moving;
use crate::place::{Place, command_id, done, failed, password, run, run_as};
use crate::upkeep;
use node::{Node, ORDERS, PoolPolicy, Standing};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;
use wire::entry::EndEntries;
use wire::node::{
    AdoptTenant, Cause, CheckTenant, CreateTenant, DeleteTenant, Facts, Order, PurgeTenant, RenameTenant,
    ResumeTenant, RetireTemplate, Service, Sessions, SetEmail, SetPassword, SuspendTenant, UndeleteTenant,
};

/// A template of a copy of a database goes other ways than one that is built from nothing.
const ADOPT_TEMPLATE: &str = "adopt-template";

/// A tenant that takes a ready clone goes another way than one that waits for its own.
const CREATE_FROM_POOL: &str = "create-from-pool";
/// The parts that a ready clone saves.
const SAVED: [&str; 2] = ["clone/database", "clone/close"];

/// The kind of order that an example is of.
fn kind_of(example: &str) -> &str {
    match example {
        ADOPT_TEMPLATE => "build-template",
        CREATE_FROM_POOL => "create-tenant",
        kind => kind,
    }
}

/// Every place in an order where a fault can strike: `(when, where)`.
fn points(kind: &str) -> Vec<(&'static str, String)> {
    let (_, steps) = ORDERS.iter().find(|(known, _)| *known == kind_of(kind)).unwrap();
    let mut points = Vec::new();
    for step in *steps {
        points.push(("", step.name.to_owned()));
        let parts = step.parts.iter();
        let parts = parts.filter(|part| kind != CREATE_FROM_POOL || !SAVED.contains(part));
        points.extend(parts.map(|part| ("", (*part).to_owned())));
        points.push(("-after", step.name.to_owned()));
    }
    points
}

/// Past this point of a purge there is no way back, only onward.
fn no_way_back(kind: &str, when: &str, point: &str) -> bool {
    if kind == "prune-backups" {
        return when == "-after" || matches!(point, "prune/rest" | "prune/next");
    }
    matches!(kind, "purge-tenant" | "discard-copy")
        && (point == "drop/filestore" || point == "drop/journal" || (point, when) == ("drop", "-after"))
}

/// A place with what the example needs: for one that takes a ready clone, always one of them.
async fn ready(kind: &str) -> (Place, Node) {
    if kind == "rewind-tenant" {
        return Place::archived().await.with_template().await;
    }
    let (mut place, node) = Place::ready().await;
    if kind != CREATE_FROM_POOL {
        return (place, node);
    }
    drop(node);
    place.settings.pool = PoolPolicy {
        least: 1,
        most: 1,
        pause: Duration::ZERO,
        sessions: 1,
    };
    let node = place.start().await;
    (place, node)
}

/// What is there once the pool is as it should be. Which clone waits makes no difference, how many do does.
async fn footprint(place: &Place, node: &Node, made: &CreateTenant) -> BTreeSet<String> {
    while node.tend_pool().await.unwrap() {}
    let inventory = node.inventory().await.unwrap();
    let pooled: Vec<String> = inventory
        .iter()
        .filter(|known| known.standing == Standing::Pooled)
        .map(|known| known.name.to_string())
        .collect();
    let seen = place.footprint(&[made]).await.into_iter();
    let seen = seen.map(|line| match pooled.iter().find(|name| line.contains(*name)) {
        Some(name) => line.replace(name, "a clone"),
        None => line,
    });
    seen.chain([format!("{} clones", pooled.len())]).collect()
}

async fn order_of(kind: &str, place: &Place, node: &node::Node) -> (Order, CreateTenant) {
    let made = match kind {
        "create-tenant" | CREATE_FROM_POOL => place.creation(),
        ADOPT_TEMPLATE => adopt_template::lived_in(place, node).await,
        _ => place.created(node).await,
    };
    let (tenant, database) = (made.tenant, made.database.clone());
    let suspend = SuspendTenant {
        tenant,
        database: database.clone(),
        reason: "unpaid".to_owned(),
        service: Service::Suspended,
        cause: Some(Cause::Unpaid),
    };
    let delete = DeleteTenant {
        tenant,
        database: database.clone(),
    };
    let order = match kind {
        "create-tenant" | CREATE_FROM_POOL => Order::CreateTenant(made.clone()),
        "set-password" => Order::SetPassword(SetPassword {
            tenant,
            database,
            password: password("another good one"),
            sessions: Sessions::End,
        }),
        "set-email" => Order::SetEmail(SetEmail {
            tenant,
            database,
            email: "eva@example.com".parse().unwrap(),
        }),
        "check-tenant" => Order::CheckTenant(CheckTenant {
            tenant,
            database,
            repair: true,
        }),
        "rename-tenant" => Order::RenameTenant(RenameTenant {
            tenant,
            from: database.clone(),
            to: format!("{database}_new").parse().unwrap(),
            base_url: "https://new.example.com".to_owned(),
        }),
        "suspend-tenant" => Order::SuspendTenant(suspend),
        "resume-tenant" => {
            done(&run(node, Order::SuspendTenant(suspend)).await);
            Order::ResumeTenant(ResumeTenant { tenant, database })
        }
        "delete-tenant" => Order::DeleteTenant(delete),
        "undelete-tenant" => {
            done(&run(node, Order::DeleteTenant(delete)).await);
            Order::UndeleteTenant(UndeleteTenant {
                tenant,
                database,
                service: Service::Open,
            })
        }
        "purge-tenant" => {
            done(&run(node, Order::DeleteTenant(delete)).await);
            Order::PurgeTenant(PurgeTenant {
                tenant,
                database,
                last_backup: None,
            })
        }
        "build-template" => Order::BuildTemplate(place.template_order()),
        ADOPT_TEMPLATE => Order::BuildTemplate(adopt_template::adopting(place, database.as_str())),
        "adopt-tenant" => {
            // What was made is forgotten by the node, so that it is nobody's.
            let mut journal = place.superuser(place.settings.cluster.journal.as_str()).await;
            sqlx::query("DELETE FROM managed_database WHERE name = $1")
                .bind(database.as_str())
                .execute(&mut journal)
                .await
                .unwrap();
            let _ = std::fs::remove_file(place.settings.hosts_dir.join("active").join(database.as_str()));
            let note = place
                .settings
                .filestore_dir
                .join(database.as_str())
                .join(".tenantry-subject");
            let _ = std::fs::remove_file(note);
            Order::AdoptTenant(AdoptTenant { tenant, database })
        }
        "enter-tenant" => Order::EnterTenant(entering(&made, 1)),
        "end-entries" => {
            let mut entering = entering(&made, 1);
            // Each example of the same tenant enters anew.
            entering.entry = command_id().uuid();
            let access = crate::entry::access();
            done(&run(node, Order::EnterTenant(entering)).await);
            Order::EndEntries(EndEntries {
                tenant,
                database,
                access,
            })
        }
        "retire-template" => Order::RetireTemplate(RetireTemplate {
            name: place.template.clone(),
        }),
        "send-tenant" | "receive-tenant" | "shelve-tenant" | "discard-copy" => {
            return moving::example(kind, place, node, &made).await;
        }
        "back-up-tenant" | "verify-backup" | "restore-tenant" | "prune-backups" => {
            return (backup::example(kind, place, node, &made).await, made);
        }
        "maintain-database" => upkeep::reindexing(&made),
        "end-connection" => upkeep::ending_a_connection(place, &made).await,
        "send-backup" | "import-tenant" => {
            let sending = backup::sending(place, node, &made).await;
            return crate::export::example(kind, place, node, &made, sending).await;
        }
        "rewind-tenant" => return (crate::rewind::example(place, node, &made).await, made),
        other => panic!("no example of {other}; add one"),
    };
    (order, made)
}

/// Without the ends of steps, but for the last: what ends after a step leaves what one leaves that ends before the next.
fn without_ends(mut points: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let last = points.pop();
    points.retain(|(when, _)| when.is_empty());
    points.into_iter().chain(last).collect()
}

async fn every_failure_is_undone(kind: &str) {
    let (place, mut node) = ready(kind).await;
    let (mut order, mut made) = order_of(kind, &place, &node).await;
    let all = match kind {
        // Each of its points restores a whole cluster aside.
        "rewind-tenant" => without_ends(points(kind)),
        _ => points(kind),
    };
    for (when, point) in all {
        let before = footprint(&place, &node, &made).await;
        drop(node);
        let failing = place
            .start_with(&format!("fail{when}:{}:{point}", kind_of(kind)))
            .await;
        let outcome = run(&failing, order.clone()).await;
        assert_eq!(failed(&outcome), "fault-injected", "{when} {point}");
        node = place.start_in_place_of(failing, "").await;
        if no_way_back(kind, when, &point) {
            let facts = done(&run(&node, order).await);
            let kept = |at| std::path::Path::new(&at).join("manifest.json").exists();
            assert!(kind != "purge-tenant" || facts.kept_at.is_some_and(kept));
            (order, made) = order_of(kind, &place, &node).await;
        } else {
            assert_eq!(footprint(&place, &node, &made).await, before, "{when} {point}");
        }
    }
    assert_took_a_clone(kind, &done(&run(&node, order).await));
}

fn assert_took_a_clone(kind: &str, facts: &Facts) {
    if kind == CREATE_FROM_POOL {
        assert_eq!(facts.from_pool, Some(true));
    }
}

async fn every_end_of_the_process_is_undone_at_the_next_start(kind: &str) {
    let (place, mut node) = ready(kind).await;
    let (mut order, mut made) = order_of(kind, &place, &node).await;
    let mut id = command_id();
    for (when, point) in without_ends(points(kind)) {
        let before = footprint(&place, &node, &made).await;
        drop(node);
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "faults::a_process_that_ends_itself",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .envs(place.environment())
            .env("PLACE_FAULT", format!("abort{when}:{}:{point}", kind_of(kind)))
            .env("PLACE_COMMAND", id.to_string())
            .env("PLACE_ORDER", serde_json::to_string(&order).unwrap())
            .output()
            .unwrap();
        use std::os::unix::process::ExitStatusExt;
        let words = String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.signal(), Some(6), "{when} {point}: {words}");
        node = place.start().await;
        if no_way_back(kind, when, &point) {
            done(&run_as(&node, id, order).await);
            (order, made) = order_of(kind, &place, &node).await;
            id = command_id();
        } else {
            assert_eq!(footprint(&place, &node, &made).await, before, "{when} {point}");
        }
    }
    // Delivered again, it is done afresh.
    assert_took_a_clone(kind, &done(&run_as(&node, id, order).await));
}

#[tokio::test]
#[ignore = "run by the tests of this file in a process of its own"]
async fn a_process_that_ends_itself() {
    let place = Place::of_parent().await;
    let variable = |name: &str| std::env::var(name).unwrap();
    let node = place.start_with(&variable("PLACE_FAULT")).await;
    let order = serde_json::from_str(&variable("PLACE_ORDER")).unwrap();
    let outcome = run_as(&node, variable("PLACE_COMMAND").parse().unwrap(), order).await;
    panic!("the process should have ended, not come to {:?}", outcome.result);
}

async fn every_step_may_be_repeated(kind: &str) {
    let (place, mut node) = ready(kind).await;
    let (_, steps) = ORDERS.iter().find(|(known, _)| *known == kind_of(kind)).unwrap();
    for step in *steps {
        let (order, _) = order_of(kind, &place, &node).await;
        while node.tend_pool().await.unwrap() {}
        drop(node);
        let repeating = place
            .start_with(&format!("repeat:{}:{}", kind_of(kind), step.name))
            .await;
        assert_took_a_clone(kind, &done(&run(&repeating, order).await));
        node = place.start_in_place_of(repeating, "").await;
    }
}

macro_rules! orders {
    ($($name:ident = $kind:literal),+ $(,)?) => {
        $(mod $name {
            #[tokio::test]
            async fn every_failure_is_undone() {
                super::every_failure_is_undone($kind).await;
            }

            #[tokio::test]
            async fn every_end_of_the_process_is_undone_at_the_next_start() {
                super::every_end_of_the_process_is_undone_at_the_next_start($kind).await;
            }

            #[tokio::test]
            async fn every_step_may_be_repeated() {
                super::every_step_may_be_repeated($kind).await;
            }
        })+

        #[test]
        fn no_order_is_forgotten() {
            let known: Vec<&str> = ORDERS.iter().map(|(kind, _)| *kind).collect();
            let mut tested = vec![$($kind),+];
            tested.retain(|example| kind_of(example) == *example);
            tested.sort_by_key(|kind| known.iter().position(|known| known == kind));
            assert_eq!(tested, known);
        }
    };
}

orders! {
    create = "create-tenant",
    create_from_pool = "create-from-pool",
    set_password = "set-password",
    set_email = "set-email",
    check = "check-tenant",
    rename = "rename-tenant",
    suspend = "suspend-tenant",
    resume = "resume-tenant",
    delete = "delete-tenant",
    undelete = "undelete-tenant",
    purge = "purge-tenant",
    build_template = "build-template",
    build_of_a_copy = "adopt-template",
    adopt = "adopt-tenant",
    retire = "retire-template",
    enter = "enter-tenant",
    end_entries = "end-entries",
    send_tenant = "send-tenant",
    receive_tenant = "receive-tenant",
    shelve_tenant = "shelve-tenant",
    discard_copy = "discard-copy",
    back_up = "back-up-tenant",
    verify_backup = "verify-backup",
    restore_tenant = "restore-tenant",
    prune_backups = "prune-backups",
    maintain_database = "maintain-database",
    end_connection = "end-connection",
    import_tenant = "import-tenant",
    send_backup = "send-backup",
    rewind_tenant = "rewind-tenant",
}
