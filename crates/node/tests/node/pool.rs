//! Clones that wait ready: offered once, checked before, gone with their template, never left half made.

use crate::place::{Place, command_id, done, run, run_as};
use node::{Node, NodeSettings, PoolPolicy, Standing};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;
use tokio::task::JoinSet;
use wire::node::{Order, PoolState};

fn policy(least: u32) -> PoolPolicy {
    PoolPolicy {
        least,
        most: 50,
        pause: Duration::ZERO,
        sessions: 2,
    }
}

/// A node that keeps `least` clones ready and has them.
async fn filled(least: u32) -> (Place, Node) {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = policy(least);
    let node = place.start().await;
    while node.tend_pool().await.unwrap() {}
    (place, node)
}

async fn state(node: &Node) -> PoolState {
    node.pools().await.unwrap().pop().unwrap()
}

async fn pooled(node: &Node) -> BTreeSet<String> {
    let all = node.inventory().await.unwrap();
    all.iter()
        .filter(|known| known.standing == Standing::Pooled)
        .map(|known| known.name.to_string())
        .collect()
}

#[tokio::test]
async fn a_tenant_takes_a_ready_clone_and_without_one_gets_its_own() {
    let (place, node) = filled(1).await;
    let waiting = pooled(&node).await;
    assert_eq!(waiting.len(), 1);
    for name in &waiting {
        assert_eq!(place.owner(name).await.unwrap(), "tenantry_node");
        assert!(
            place.as_odoo(name).await.is_err(),
            "Odoo cannot connect to {name}"
        );
        assert!(place.file(name).exists());
    }
    let first = place.creation();
    assert_eq!(
        done(&run(&node, Order::CreateTenant(first.clone())).await).from_pool,
        Some(true)
    );
    let second = place.creation();
    assert_eq!(
        done(&run(&node, Order::CreateTenant(second.clone())).await).from_pool,
        Some(false)
    );
    for order in [&first, &second] {
        let database = order.database.to_string();
        assert_eq!(place.owner(&database).await.unwrap(), "odoo");
        assert!(place.file(&database).exists() && place.marker("active", &database));
        assert_eq!(
            place.parameter(&database, "web.base.url").await.unwrap(),
            order.base_url
        );
    }
    assert!(place.owner(waiting.first().unwrap()).await.is_none());
    let now = state(&node).await;
    assert_eq!((now.hits, now.misses, now.ready, now.discarded), (1, 1, 0, 0));
    // One and two that were needed.
    assert_eq!(now.wanted, 3);
}

#[tokio::test]
async fn two_hundred_tenants_at_once_take_each_clone_once() {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = policy(20);
    place.settings.parallel = 16;
    let node = place.start().await;
    while node.tend_pool().await.unwrap() {}
    let mut orders = JoinSet::new();
    for _ in 0..200 {
        let (node, order) = (node.clone(), place.creation());
        orders.spawn(async move {
            let facts = done(&run(&node, Order::CreateTenant(order.clone())).await);
            (order, facts.from_pool.unwrap())
        });
    }
    let made = orders.join_all().await;
    assert_eq!(made.iter().filter(|(_, ready)| *ready).count(), 20);
    let now = state(&node).await;
    assert_eq!((now.hits, now.misses, now.ready), (20, 180, 0));
    let inventory = node.inventory().await.unwrap();
    let open: Vec<_> = inventory
        .iter()
        .filter(|known| known.standing == Standing::Open)
        .collect();
    let numbers: BTreeSet<_> = open.iter().map(|known| known.oid).collect();
    assert_eq!((open.len(), numbers.len()), (200, 200));
    let mut secrets = BTreeSet::new();
    for (order, _) in made.iter().take(40) {
        secrets.insert(
            place
                .parameter(&order.database.to_string(), "database.secret")
                .await,
        );
    }
    assert_eq!(secrets.len(), 40);
}

#[tokio::test]
async fn a_rebuilt_template_drains_its_pool() {
    let (place, node) = filled(2).await;
    let before = pooled(&node).await;
    done(&run(&node, Order::BuildTemplate(place.template_order())).await);
    let order = place.creation();
    let facts = done(&run(&node, Order::CreateTenant(order)).await);
    assert_eq!(facts.from_pool, Some(false), "no clone of the old one");
    while node.tend_pool().await.unwrap() {}
    let after = pooled(&node).await;
    assert!(before.is_disjoint(&after) && after.len() == 3, "{after:?}");
    for name in before {
        assert!(place.owner(&name).await.is_none() && !place.file(&name).exists());
    }
    assert_eq!(state(&node).await.discarded, 2);
}

#[tokio::test]
async fn a_clone_that_is_not_whole_is_thrown_away_and_not_offered() {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = policy(1);
    for point in ["claim", "clone", "files", "check", "offer"] {
        let node = place.start_with(&format!("fail:fill-pool:{point}")).await;
        let before = place.footprint(&[]).await;
        assert!(node.tend_pool().await.is_err(), "{point}");
        assert_eq!(place.footprint(&[]).await, before, "{point}");
        assert_eq!(pooled(&node).await.len(), 0);
    }
    let mut template = place.superuser("postgres").await;
    let open = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", place.template);
    sqlx::raw_sql(sqlx::AssertSqlSafe(open))
        .execute(&mut template)
        .await
        .unwrap();
    let mut inside = place.superuser(place.template.as_str()).await;
    sqlx::query("DELETE FROM ir_config_parameter WHERE key = 'database.secret'")
        .execute(&mut inside)
        .await
        .unwrap();
    sqlx::Connection::close(inside).await.unwrap();
    let node = place.start().await;
    let error = node.tend_pool().await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("database.secret"), "{cause}");
    assert_eq!(pooled(&node).await.len(), 0);
}

/// Keeps every ready clone from taking an identity, until it is dropped.
async fn hold_clones(place: &Place, node: &Node) -> Vec<sqlx::PgConnection> {
    let mut held = Vec::new();
    for name in pooled(node).await {
        let mut inside = place.superuser(&name).await;
        sqlx::raw_sql("BEGIN; LOCK TABLE res_company IN ACCESS EXCLUSIVE MODE")
            .execute(&mut inside)
            .await
            .unwrap();
        held.push(inside);
    }
    held
}

async fn waits_for_a_lock(place: &Place, names: &BTreeSet<String>) -> bool {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = ANY($1) AND wait_event_type = 'Lock')",
    )
    .bind(names.iter().cloned().collect::<Vec<_>>())
    .fetch_one(&mut place.superuser("postgres").await)
    .await
    .unwrap()
}

#[tokio::test]
async fn while_a_tenant_is_made_the_pool_is_neither_filled_nor_emptied() {
    let (mut place, mut node) = filled(2).await;
    let none = PoolPolicy {
        least: 0,
        most: 0,
        ..policy(0)
    };
    for wanted in [policy(4), none] {
        place.settings.pool = PoolPolicy {
            sessions: 0,
            ..wanted
        };
        node = place.start_in_place_of(node, "").await;
        let before = pooled(&node).await;
        let held = hold_clones(&place, &node).await;
        let order = Order::CreateTenant(place.creation());
        let creating = tokio::spawn({
            let node = node.clone();
            async move { run(&node, order).await }
        });
        let held_up = testkit::eventually(Duration::from_secs(20), || async {
            waits_for_a_lock(&place, &before).await
        });
        held_up.await.unwrap();
        let waiting = pooled(&node).await;
        assert_eq!(before.difference(&waiting).count(), 1);
        for _ in 0..5 {
            assert!(node.tend_pool().await.unwrap(), "there is work to do");
        }
        assert_eq!(pooled(&node).await, waiting, "done while a tenant waits");
        for inside in held {
            sqlx::Connection::close(inside).await.unwrap();
        }
        assert_eq!(done(&creating.await.unwrap()).from_pool, Some(true));
        while node.tend_pool().await.unwrap() {}
        let after = pooled(&node).await.len();
        let enough = usize::try_from(wanted.least).unwrap();
        assert!(after >= enough && (enough > 0 || after == 0), "{after}");
    }
}

/// How many sessions of the node wait on ready clones.
async fn sessions(place: &Place, node: &Node) -> i64 {
    let names: Vec<String> = pooled(node).await.into_iter().collect();
    sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = ANY($1)")
        .bind(names)
        .fetch_one(&mut place.superuser("postgres").await)
        .await
        .unwrap()
}

#[tokio::test]
async fn sessions_wait_on_the_clones_that_are_next_and_may_be_lost() {
    let (place, node) = filled(3).await;
    // One that has been closed may be told of a little longer.
    let two = async || sessions(&place, &node).await == 2;
    testkit::eventually(Duration::from_secs(20), two).await.unwrap();
    let first = run(&node, Order::CreateTenant(place.creation())).await;
    assert_eq!(done(&first).from_pool, Some(true));
    while node.tend_pool().await.unwrap() {}
    testkit::eventually(Duration::from_secs(20), two)
        .await
        .expect("the next clone has one");
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_node' AND datname = ANY($1)",
    )
    .bind(pooled(&node).await.into_iter().collect::<Vec<_>>())
    .execute(&mut place.superuser("postgres").await)
    .await
    .unwrap();
    let second = run(&node, Order::CreateTenant(place.creation())).await;
    assert_eq!(done(&second).from_pool, Some(true), "it opens another");
}

#[tokio::test]
async fn a_clone_that_cannot_take_an_identity_is_withdrawn() {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = PoolPolicy {
        sessions: 0,
        ..policy(1)
    };
    let node = place.start().await;
    while node.tend_pool().await.unwrap() {}
    let broken = pooled(&node).await.pop_first().unwrap();
    sqlx::raw_sql(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'; \
         CREATE TRIGGER no BEFORE UPDATE ON res_company FOR EACH ROW EXECUTE FUNCTION no()",
    )
    .execute(&mut place.superuser(&broken).await)
    .await
    .unwrap();
    place.settings.pool = policy(1);
    let node = place.start_in_place_of(node, "").await;
    while node.tend_pool().await.unwrap() {}
    let now = pooled(&node).await;
    assert!(now.len() == 1 && !now.contains(&broken), "{now:?}");
    assert!(place.owner(&broken).await.is_none(), "nothing is left of it");
    assert_eq!(state(&node).await.discarded, 1);
}

#[tokio::test]
async fn a_process_that_ends_while_it_fills_leaves_nothing() {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = policy(1);
    let before = place.footprint(&[]).await;
    for point in ["clone", "files", "check", "offer"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "pool::a_process_that_ends_itself",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .envs(place.environment())
            .env("PLACE_FAULT", format!("abort:fill-pool:{point}"))
            .output()
            .unwrap();
        use std::os::unix::process::ExitStatusExt;
        let words = String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.signal(), Some(6), "{point}: {words}");
        drop(place.start().await);
        assert_eq!(place.footprint(&[]).await, before, "{point}");
    }
}

#[tokio::test]
#[ignore = "run by a test of this file in a process of its own"]
async fn a_process_that_ends_itself() {
    let place = Place::of_parent().await;
    let settings = NodeSettings {
        pool: policy(1),
        faults: std::env::var("PLACE_FAULT").unwrap().parse().unwrap(),
        ..place.settings.clone()
    };
    let node = Node::start(settings).await.unwrap();
    panic!(
        "the process should have ended, not come to {:?}",
        node.tend_pool().await
    );
}

#[tokio::test]
async fn a_creation_from_the_pool_that_fails_leaves_nothing_and_gives_back_no_used_clone() {
    let (place, node) = filled(1).await;
    drop(node);
    for point in ["filestore", "identity", "check", "publish", "edge"] {
        let node = place
            .start_with(&format!("fail-after:create-tenant:{point}"))
            .await;
        while node.tend_pool().await.unwrap() {}
        let used = pooled(&node).await;
        let order = place.creation();
        let id = command_id();
        let outcome = run_as(&node, id, Order::CreateTenant(order.clone())).await;
        assert_eq!(crate::place::failed(&outcome), "fault-injected", "{point}");
        let left = place.footprint(&[&order]).await;
        let names = [
            order.database.to_string(),
            order.tenant.uuid().simple().to_string(),
        ];
        assert!(
            !left
                .iter()
                .any(|line| names.iter().any(|name| line.contains(name))),
            "{left:?}"
        );
        let now = pooled(&node).await;
        assert!(
            used.difference(&now).count() == 1,
            "{point}: the used one is gone"
        );
    }
}

/// What can happen to a pool.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// One clone is made, if one is wanted.
    Tend,
    /// A tenant is made.
    Create,
    /// A tenant's creation fails after its clone was taken.
    CreateInVain,
    /// Three tenants are made at once.
    CreateThree,
    /// The template is replaced.
    Rebuild,
    /// The node starts anew.
    Restart,
}

fn events() -> impl proptest::strategy::Strategy<Value = Vec<Event>> {
    use proptest::prelude::*;
    let event = prop_oneof![
        4 => Just(Event::Tend),
        3 => Just(Event::Create),
        1 => Just(Event::CreateInVain),
        2 => Just(Event::CreateThree),
        1 => Just(Event::Rebuild),
        1 => Just(Event::Restart),
    ];
    proptest::collection::vec(event, 4..12)
}

/// Where a template under test says which build it is.
const BUILD: &str = "test.build";

/// Writes into the template which build it is, which its clones inherit.
async fn number_template(place: &Place, build: u32) {
    let mut postgres = place.superuser("postgres").await;
    let mut allow = async |word: &str| {
        let allow = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {word}", place.template);
        sqlx::raw_sql(sqlx::AssertSqlSafe(allow))
            .execute(&mut postgres)
            .await
            .unwrap();
    };
    allow("true").await;
    let mut inside = place.superuser(place.template.as_str()).await;
    sqlx::query("INSERT INTO ir_config_parameter (key, value) VALUES ($1, $2)")
        .bind(BUILD)
        .bind(build.to_string())
        .execute(&mut inside)
        .await
        .unwrap();
    sqlx::Connection::close(inside).await.unwrap();
    allow("false").await;
}

/// Plays the events, and looks after each that no database belongs to two tenants, that every tenant got a clone of the
/// template in force, and that each tenant has a database of its own.
async fn play(events: &[Event]) {
    let (mut place, node) = Place::ready().await;
    drop(node);
    place.settings.pool = policy(2);
    let mut node = place.start().await;
    let mut given = BTreeSet::new();
    let mut build = 0;
    number_template(&place, build).await;
    for event in events {
        let mut made = Vec::new();
        match event {
            Event::Tend => drop(node.tend_pool().await.unwrap()),
            Event::Create => made.push(place.created(&node).await),
            Event::CreateInVain => {
                let failing = place
                    .start_in_place_of(node, "fail-after:create-tenant:filestore")
                    .await;
                let outcome = run(&failing, Order::CreateTenant(place.creation())).await;
                assert_eq!(crate::place::failed(&outcome), "fault-injected");
                node = place.start_in_place_of(failing, "").await;
            }
            Event::CreateThree => {
                let mut orders = JoinSet::new();
                for _ in 0..3 {
                    let (node, order) = (node.clone(), place.creation());
                    orders.spawn(async move {
                        done(&run(&node, Order::CreateTenant(order.clone())).await);
                        order
                    });
                }
                made.extend(orders.join_all().await);
            }
            Event::Rebuild => {
                done(&run(&node, Order::BuildTemplate(place.template_order())).await);
                build += 1;
                number_template(&place, build).await;
            }
            Event::Restart => node = place.start_in_place_of(node, "").await,
        }
        for order in &made {
            let of = place.parameter(order.database.as_str(), BUILD).await;
            assert_eq!(of, Some(build.to_string()), "of another template: {events:?}");
        }
        let inventory = node.inventory().await.unwrap();
        let open: Vec<i64> = inventory
            .iter()
            .filter(|known| known.standing == Standing::Open)
            .map(|known| known.oid.unwrap())
            .collect();
        let distinct: BTreeSet<i64> = open.iter().copied().collect();
        assert_eq!(open.len(), distinct.len(), "{events:?}");
        assert!(
            given.is_subset(&distinct),
            "a tenant lost its database: {events:?}"
        );
        let waiting: BTreeSet<i64> = inventory
            .iter()
            .filter(|known| known.standing == Standing::Pooled)
            .map(|known| known.oid.unwrap())
            .collect();
        assert!(waiting.is_disjoint(&distinct), "{events:?}");
        given = distinct;
    }
}

#[test]
fn whatever_happens_each_clone_is_given_at_most_once() {
    use proptest::test_runner::{Config, TestRunner};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 6,
        max_shrink_iters: 10,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    runner
        .run(&events(), |events| {
            runtime.block_on(play(&events));
            Ok(())
        })
        .unwrap();
}
