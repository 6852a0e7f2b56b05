//! Every order with a fault before, in and after each of its steps: nothing half done is ever left.

use crate::adopt_template;
use crate::place::{Place, command_id, done, failed, password, run, run_as};
use node::ORDERS;
use std::process::Command;
use wire::node::{
    AdoptTenant, CheckTenant, CreateTenant, DeleteTenant, Order, PurgeTenant, RenameTenant, ResumeTenant,
    RetireTemplate, Service, Sessions, SetEmail, SetPassword, SuspendTenant, UndeleteTenant,
};

/// A template of a copy of a database goes other ways than one that is built from nothing.
const ADOPT_TEMPLATE: &str = "adopt-template";

/// The kind of order that an example is of.
fn kind_of(example: &str) -> &str {
    match example {
        ADOPT_TEMPLATE => "build-template",
        kind => kind,
    }
}

/// Every place in an order where a fault can strike: `(when, where)`.
fn points(kind: &str) -> Vec<(&'static str, String)> {
    let (_, steps) = ORDERS.iter().find(|(known, _)| *known == kind_of(kind)).unwrap();
    let mut points = Vec::new();
    for step in *steps {
        points.push(("", step.name.to_owned()));
        points.extend(step.parts.iter().map(|part| ("", (*part).to_owned())));
        points.push(("-after", step.name.to_owned()));
    }
    points
}

/// Past this point of a purge there is no way back, only onward.
fn no_way_back(kind: &str, when: &str, point: &str) -> bool {
    kind == "purge-tenant"
        && (point == "drop/filestore" || point == "drop/journal" || (point, when) == ("drop", "-after"))
}

async fn order_of(kind: &str, place: &Place, node: &node::Node) -> (Order, CreateTenant) {
    let made = match kind {
        "create-tenant" => place.creation(),
        ADOPT_TEMPLATE => adopt_template::lived_in(place, node).await,
        _ => place.created(node).await,
    };
    let (tenant, database) = (made.tenant, made.database.clone());
    let suspend = SuspendTenant {
        tenant,
        database: database.clone(),
        reason: "unpaid".to_owned(),
        service: Service::Suspended,
    };
    let delete = DeleteTenant {
        tenant,
        database: database.clone(),
    };
    let order = match kind {
        "create-tenant" => Order::CreateTenant(made.clone()),
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
        cause: Some(Cause::Unpaid),
            done(&run(node, Order::DeleteTenant(delete)).await);
            Order::PurgeTenant(PurgeTenant { tenant, database })
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
        "retire-template" => Order::RetireTemplate(RetireTemplate {
            name: place.template.clone(),
        }),
        other => panic!("no example of {other}; add one"),
    };
    (order, made)
}

async fn every_failure_is_undone(kind: &str) {
    let (place, node) = Place::ready().await;
    let (mut order, mut made) = order_of(kind, &place, &node).await;
    drop(node);
    for (when, point) in points(kind) {
        let before = place.footprint(&[&made]).await;
        let node = place
            .start_with(&format!("fail{when}:{}:{point}", kind_of(kind)))
            .await;
        let outcome = run(&node, order.clone()).await;
        assert_eq!(failed(&outcome), "fault-injected", "{when} {point}");
        drop(node);
        let node = place.start().await;
        if no_way_back(kind, when, &point) {
            let facts = done(&run(&node, order).await);
            assert!(
                std::path::Path::new(&facts.kept_at.unwrap())
                    .join("manifest.json")
                    .exists()
            );
            (order, made) = order_of(kind, &place, &node).await;
        } else {
            assert_eq!(place.footprint(&[&made]).await, before, "{when} {point}");
        }
    }
    done(&run(&place.start().await, order).await);
}

async fn every_end_of_the_process_is_undone_at_the_next_start(kind: &str) {
    let (place, node) = Place::ready().await;
    let (mut order, mut made) = order_of(kind, &place, &node).await;
    drop(node);
    let mut id = command_id();
    let all = points(kind);
    // A process that ends after a step leaves what one leaves that ends before the next.
    let last = all.len() - 1;
    let chosen = all
        .into_iter()
        .enumerate()
        .filter(|(index, (when, _))| when.is_empty() || *index == last);
    for (_, (when, point)) in chosen {
        let before = place.footprint(&[&made]).await;
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
        let node = place.start().await;
        if no_way_back(kind, when, &point) {
            done(&run_as(&node, id, order).await);
            (order, made) = order_of(kind, &place, &node).await;
            id = command_id();
        } else {
            assert_eq!(place.footprint(&[&made]).await, before, "{when} {point}");
        }
    }
    // Delivered again, it is done afresh.
    done(&run_as(&place.start().await, id, order).await);
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
    let (place, node) = Place::ready().await;
    drop(node);
    let (_, steps) = ORDERS.iter().find(|(known, _)| *known == kind_of(kind)).unwrap();
    for step in *steps {
        let (order, _) = order_of(kind, &place, &place.start().await).await;
        let node = place
            .start_with(&format!("repeat:{}:{}", kind_of(kind), step.name))
            .await;
        done(&run(&node, order).await);
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
}
