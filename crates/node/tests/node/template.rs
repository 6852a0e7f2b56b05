//! Building templates.

use crate::place::{Place, done, failed, run};
use domain::Secret;
use node::{NodeSettings, Standing};
use std::fs;
use wire::node::Order;

#[tokio::test]
async fn a_template_is_built_closed_and_told_of() {
    let (place, node) = Place::ready().await;
    let name = place.template.as_str();
    assert_eq!(place.owner(name).await.as_deref(), Some("tenantry_node"));
    assert!(place.as_odoo(name).await.is_err());
    let inventory = node.inventory().await.unwrap();
    assert_eq!(inventory.len(), 1);
    assert_eq!(inventory[0].standing, Standing::Template);
    // The password of Odoo's role was in a file that is gone.
    let mut left = fs::read_dir(&place.settings.work_dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folder = left.next().unwrap();
    assert!(folder.join("odoo.log").exists());
    assert!(!folder.join("odoo.conf").exists());
}

#[tokio::test]
async fn building_it_again_puts_the_new_one_in_its_place() {
    let (place, node) = Place::ready().await;
    let before = node.inventory().await.unwrap();
    let tenant = place.created(&node).await;
    let facts = done(&run(&node, Order::BuildTemplate(place.template_order())).await);
    assert_eq!(facts.odoo_version.as_deref(), Some("19.0"));
    assert_eq!(facts.languages, ["en_US", "es_ES"]);
    let gone = testkit::eventually(std::time::Duration::from_secs(10), || async {
        node.inventory().await.unwrap().len() == 2
    });
    gone.await.unwrap();
    let after = node.inventory().await.unwrap();
    let template = |list: &[node::Managed]| {
        list.iter()
            .find(|found| found.standing == Standing::Template)
            .unwrap()
            .oid
    };
    assert_ne!(template(&before), template(&after));
    assert_eq!(fs::read_dir(&place.settings.filestore_dir).unwrap().count(), 2);
    // Tenants of the old one and of the new one live on.
    assert!(place.file(tenant.database.as_str()).exists());
    place.created(&node).await;
}

#[tokio::test]
async fn odoos_own_words_are_told_when_it_fails_and_the_old_template_stays() {
    let (place, node) = Place::ready().await;
    let before = place.footprint(&[]).await;
    drop(node);
    let mut odoo = place.settings.odoo.clone();
    odoo.password = Secret::new("broken".to_owned());
    let node = node::Node::start(NodeSettings {
        odoo,
        ..place.settings.clone()
    })
    .await
    .unwrap();
    let outcome = run(&node, Order::BuildTemplate(place.template_order())).await;
    assert_eq!(failed(&outcome), "odoo-failed");
    let note = outcome.steps.last().unwrap().note.clone().unwrap();
    assert!(note.contains("no such luck"), "{note}");
    assert_eq!(place.footprint(&[]).await, before);

    let mut order = place.template_order();
    order.modules.push("no_such_module".to_owned());
    drop(node);
    let outcome = run(&place.start().await, Order::BuildTemplate(order)).await;
    assert_eq!(failed(&outcome), "odoo-failed");
    assert_eq!(place.footprint(&[]).await, before);
}

#[tokio::test]
async fn a_foreign_database_of_that_name_is_not_touched() {
    let place = Place::new().await;
    let node = place.start().await;
    let mut superuser = place.superuser("postgres").await;
    let text = format!("CREATE DATABASE \"{}\"", place.template);
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut superuser)
        .await
        .unwrap();
    let before = place.footprint(&[]).await;
    let outcome = run(&node, Order::BuildTemplate(place.template_order())).await;
    assert_eq!(failed(&outcome), "database-exists");
    assert_eq!(place.footprint(&[]).await, before);
}
