//! Creating tenants.

use crate::place::{Place, command_id, done, failed, password, run, run_as, standing_of};
use node::Standing;
use std::collections::HashSet;
use std::fs;
use wire::node::Order;

const ADMINISTRATOR: &str = "SELECT login || '|' || coalesce(email, '') || '|' || lang || '|' || coalesce(tz, '') \
     || '|' || email_normalized FROM res_users JOIN res_partner ON res_partner.id = partner_id WHERE res_users.id = 2";
const COMPANY: &str = "SELECT res_company.name || '|' || res_partner.name || '|' || complete_name || '|' \
     || res_country.code || '|' || res_currency.name || '|' || res_currency.active FROM res_company \
     JOIN res_partner ON res_partner.id = partner_id JOIN res_country ON res_country.id = country_id \
     JOIN res_currency ON res_currency.id = res_company.currency_id";
const WEBSITE: &str = "SELECT website.name || '|' || code || '|' || (SELECT count(*) FROM website_lang_rel) \
     FROM website JOIN res_lang ON res_lang.id = default_lang_id";

#[tokio::test]
async fn a_tenant_is_made_as_it_was_asked_for() {
    let (place, node) = Place::ready().await;
    let mut order = place.creation();
    order.admin_password = password("correct horse battery");
    let facts = done(&run(&node, Order::CreateTenant(order.clone())).await);
    assert!(facts.size_bytes.unwrap() > 1_000_000);
    let database = order.database.as_str();
    assert_eq!(place.owner(database).await.as_deref(), Some("odoo"));
    assert_eq!(
        place.text(database, ADMINISTRATOR).await.unwrap(),
        "Ana@example.com|Ana@example.com|es_ES|America/Santo_Domingo|ana@example.com"
    );
    let company = order.company_name.as_str();
    assert_eq!(
        place.text(database, COMPANY).await.unwrap(),
        format!("{company}|{company}|{company}|DO|DOP|true")
    );
    assert_eq!(
        place.text(database, WEBSITE).await.unwrap(),
        format!("{company}|es_ES|1")
    );
    assert_eq!(
        place.parameter(database, "web.base.url").await.unwrap(),
        order.base_url
    );
    assert_eq!(
        place.parameter(database, "web.base.url.freeze").await.unwrap(),
        "True"
    );
    assert!(place.marker("active", database));
    assert_eq!(fs::read_to_string(place.file(database)).unwrap(), "a picture");
    assert_eq!(
        standing_of(&node.inventory().await.unwrap(), order.tenant),
        Some((database.parse().unwrap(), Standing::Open))
    );
    let mut odoo = place.as_odoo(database).await.unwrap();
    sqlx::query("SELECT count(*) FROM res_users")
        .execute(&mut odoo)
        .await
        .unwrap();
}

#[tokio::test]
async fn two_clones_and_their_template_share_no_secret() {
    let (place, node) = Place::ready().await;
    let mut seen = HashSet::new();
    for order in [place.created(&node).await, place.created(&node).await] {
        for key in ["database.uuid", "database.secret"] {
            assert!(seen.insert(place.parameter(order.database.as_str(), key).await.unwrap()));
        }
    }
    for value in include_str!("odoo19.sql")
        .lines()
        .filter(|line| line.contains("\"database."))
    {
        assert!(!seen.iter().any(|secret| value.contains(secret.as_str())));
    }
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn files_of_a_clone_are_its_own() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    fs::remove_dir_all(place.settings.filestore_dir.join(order.database.as_str())).unwrap();
    assert_eq!(
        fs::read_to_string(place.file(place.template.as_str())).unwrap(),
        "a picture"
    );
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_what_bears_it_is_not_touched() {
    let (place, node) = Place::ready().await;
    let order = place.creation();
    let mut superuser = place.superuser("postgres").await;
    let text = format!("CREATE DATABASE \"{}\"", order.database);
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut superuser)
        .await
        .unwrap();
    let before = place.footprint(&[&order]).await;
    let outcome = run(&node, Order::CreateTenant(order.clone())).await;
    assert_eq!(failed(&outcome), "database-exists");
    assert_eq!(place.footprint(&[&order]).await, before);

    let order = place.creation();
    fs::create_dir(place.settings.filestore_dir.join(order.database.as_str())).unwrap();
    let before = place.footprint(&[&order]).await;
    let outcome = run(&node, Order::CreateTenant(order.clone())).await;
    assert_eq!(failed(&outcome), "filestore-exists");
    assert_eq!(place.footprint(&[&order]).await, before);
}

#[tokio::test]
async fn what_the_template_cannot_give_is_refused_and_undone() {
    let (place, node) = Place::ready().await;
    let mut order = place.creation();
    order.template = "no_such_template".parse().unwrap();
    assert_eq!(
        failed(&run(&node, Order::CreateTenant(order)).await),
        "template-missing"
    );

    let mut order = place.creation();
    let before = place.footprint(&[&order]).await;
    order.country = Some("ZW".parse().unwrap());
    let outcome = run(&node, Order::CreateTenant(order.clone())).await;
    assert_eq!(failed(&outcome), "country-not-found");
    assert_eq!(outcome.steps.last().unwrap().name, "identity");
    assert_eq!(outcome.steps.last().unwrap().state, "failed");
    assert_eq!(place.footprint(&[&order]).await, before);
}

#[tokio::test]
async fn the_same_command_again_is_only_told_again() {
    let (place, node) = Place::ready().await;
    let order = place.creation();
    let id = command_id();
    let first = run_as(&node, id, Order::CreateTenant(order.clone())).await;
    done(&first);
    let secret = place.parameter(order.database.as_str(), "database.secret").await;
    let again = run_as(&node, id, Order::CreateTenant(order.clone())).await;
    assert_eq!((again.result, again.steps), (first.result, first.steps));
    assert_eq!(
        place.parameter(order.database.as_str(), "database.secret").await,
        secret
    );
    // Another command for the same tenant is refused, for the tenant is there.
    assert_eq!(
        failed(&run(&node, Order::CreateTenant(order)).await),
        "database-exists"
    );
}

#[tokio::test]
async fn twenty_at_once_are_all_made() {
    let (place, node) = Place::ready().await;
    let orders: Vec<_> = (0..20).map(|_| place.creation()).collect();
    let tasks: Vec<_> = orders
        .iter()
        .map(|order| {
            let (node, order) = (node.clone(), order.clone());
            tokio::spawn(async move { run(&node, Order::CreateTenant(order)).await })
        })
        .collect();
    for task in tasks {
        done(&task.await.unwrap());
    }
    let mut secrets = HashSet::new();
    for order in &orders {
        secrets.insert(
            place
                .parameter(order.database.as_str(), "database.secret")
                .await
                .unwrap(),
        );
    }
    assert_eq!(secrets.len(), 20);
}

#[tokio::test]
async fn the_journal_holds_no_secret() {
    let (place, node) = Place::ready().await;
    let mut order = place.creation();
    order.admin_password = password("hunter2-hunter2");
    done(&run(&node, Order::CreateTenant(order)).await);
    let text = place
        .text(
            place.settings.cluster.journal.as_str(),
            "SELECT string_agg(command::text, ' ') FROM command",
        )
        .await
        .unwrap();
    assert!(!text.contains("hunter2") && !text.contains("pbkdf2"), "{text}");
}
