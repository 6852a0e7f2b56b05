//! A template that does not hold any more what it was built with is not cloned, and says what to do.

use crate::place::{Place, done, failed, run};
use node::{Node, PoolPolicy};
use std::fs;
use std::time::Duration;
use wire::node::{CommandResult, Order, TemplateSource};

async fn damage(node: &Node) -> Option<String> {
    node.pools().await.unwrap().pop().unwrap().damage
}

async fn ready(least: u32) -> (Place, Node) {
    let (mut place, node) = Place::ready().await;
    place.settings.pool = PoolPolicy {
        least,
        most: 5,
        pause: Duration::ZERO,
        sessions: 0,
    };
    let node = place.start_in_place_of(node, "").await;
    (place, node)
}

async fn refused(place: &Place, node: &Node) -> String {
    let outcome = run(node, Order::CreateTenant(place.creation())).await;
    assert_eq!(failed(&outcome), "template-damaged");
    match outcome.result {
        CommandResult::Failed(failure) => failure.detail,
        CommandResult::Done(_) => String::new(),
    }
}

/// Changes rows of the template, as somebody with the superuser's rights might.
async fn alter_template(place: &Place, statement: &'static str) {
    let mut postgres = place.superuser("postgres").await;
    for (word, statement) in [("true", Some(statement)), ("false", None)] {
        let allow = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {word}", place.template);
        sqlx::raw_sql(sqlx::AssertSqlSafe(allow))
            .execute(&mut postgres)
            .await
            .unwrap();
        if let Some(statement) = statement {
            let mut inside = place.superuser(place.template.as_str()).await;
            sqlx::raw_sql(statement).execute(&mut inside).await.unwrap();
            sqlx::Connection::close(inside).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_template_without_one_of_its_files_is_not_cloned_until_the_file_is_back() {
    let (place, node) = ready(0).await;
    assert_eq!(damage(&node).await, None);
    let file = place.file(place.template.as_str());
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    let words = damage(&node).await.unwrap();
    assert!(
        words.contains("1 files") && words.contains("template rebuild"),
        "{words}"
    );
    assert_eq!(refused(&place, &node).await, words);
    // Warming would make the damage what was built.
    let mut warming = place.template_order();
    warming.source = TemplateSource::Itself;
    let warmed = run(&node, Order::BuildTemplate(warming)).await;
    assert_eq!(failed(&warmed), "template-damaged");
    drop(node);
    let mut place = place;
    place.settings.pool.least = 1;
    let node = place.start().await;
    while node.tend_pool().await.unwrap() {}
    assert_eq!(node.pools().await.unwrap().pop().unwrap().ready, 0);
    fs::rename(&aside, &file).unwrap();
    assert_eq!(damage(&node).await, None);
    done(&run(&node, Order::CreateTenant(place.creation())).await);
}

#[tokio::test]
async fn a_template_whose_rows_were_changed_is_found_out_by_its_next_clone_and_rebuilt() {
    let (place, node) = ready(1).await;
    while node.tend_pool().await.unwrap() {}
    alter_template(
        &place,
        "UPDATE ir_module_module SET latest_version = '19.0.9.9' WHERE name = 'web'",
    )
    .await;
    // What was cloned before is whole; there is none after it.
    let made = run(&node, Order::CreateTenant(place.creation())).await;
    assert_eq!(done(&made).from_pool, Some(true));
    assert!(node.tend_pool().await.is_err(), "the next clone differs");
    let words = damage(&node).await.unwrap();
    assert!(words.contains("not what was built"), "{words}");
    assert!(!node.tend_pool().await.unwrap(), "it is not cloned again");
    assert_eq!(refused(&place, &node).await, words);
    done(&run(&node, Order::BuildTemplate(place.template_order())).await);
    assert_eq!(damage(&node).await, None);
    done(&run(&node, Order::CreateTenant(place.creation())).await);
}

#[tokio::test]
async fn a_clone_on_the_spot_is_looked_at_before_it_becomes_a_tenant() {
    let (place, node) = ready(0).await;
    alter_template(&place, "UPDATE res_lang SET active = NOT active").await;
    let order = place.creation();
    let before = place.footprint(&[&order]).await;
    let outcome = run(&node, Order::CreateTenant(order.clone())).await;
    assert_eq!(failed(&outcome), "template-damaged");
    assert_eq!(place.footprint(&[&order]).await, before);
    assert!(damage(&node).await.is_some());
}
