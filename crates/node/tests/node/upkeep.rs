//! Looking into a tenant's database and after it: what is told is so, and what is done has its effect.

use crate::place::{Place, command_id, done, failed, run, run_as};
use domain::{QuestionId, Upkeep};
use node::Node;
use sqlx::{Connection, PgConnection, Row};
use std::time::Duration;
use testkit::eventually;
use tokio::sync::watch;
use wire::database::{
    About, ConnectionList, EndConnection, MaintainDatabase, Maintained, Question, Reply, Stopped,
};
use wire::node::{Command, CreateTenant, DeleteTenant, Order};

/// A table of Odoo's with rows of which nine in ten are dead, and an index that nobody uses, twice.
const WORN: &str =
    "CREATE TABLE worn (id integer PRIMARY KEY, word text, note text) WITH (autovacuum_enabled = false);
    INSERT INTO worn SELECT n, 'word ' || n, repeat('x', 200) FROM generate_series(1, 40000) n;
    CREATE INDEX worn_word ON worn (word); CREATE INDEX worn_word_again ON worn (word);
    ANALYZE worn; DELETE FROM worn WHERE id % 10 <> 0; SELECT pg_stat_force_next_flush()";

/// An order to look after all tables of a tenant.
pub fn maintaining(made: &CreateTenant, work: Upkeep, table: Option<&str>) -> Order {
    Order::MaintainDatabase(MaintainDatabase {
        tenant: made.tenant,
        database: made.database.clone(),
        work,
        table: table.map(ToOwned::to_owned),
    })
}

/// The example whose undoing has something to do.
pub fn reindexing(made: &CreateTenant) -> Order {
    maintaining(made, Upkeep::Reindex, Some("res_partner"))
}

/// The example that ends a connection, which is there.
pub async fn ending_a_connection(place: &Place, made: &CreateTenant) -> Order {
    let mut session = place.as_odoo(made.database.as_str()).await.unwrap();
    let order = ending(made, &mut session).await;
    std::mem::forget(session);
    order
}

async fn ending(made: &CreateTenant, session: &mut PgConnection) -> Order {
    let row = sqlx::query(
        "SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    )
    .fetch_one(session)
    .await
    .unwrap();
    Order::EndConnection(EndConnection {
        tenant: made.tenant,
        database: made.database.clone(),
        pid: row.get(0),
        started_at: jiff::Timestamp::from_microsecond(row.get(1)).unwrap(),
    })
}

async fn ask(node: &Node, made: &CreateTenant, about: About) -> Reply {
    let question = Question {
        id: QuestionId::from_uuid(command_id().uuid()),
        tenant: made.tenant,
        database: made.database.clone(),
        about,
    };
    node.answer(&question).await
}

async fn connections(node: &Node, made: &CreateTenant) -> ConnectionList {
    match ask(node, made, About::Connections).await {
        Reply::Connections(list) => list,
        other => panic!("{other:?}"),
    }
}

async fn worn(place: &Place, made: &CreateTenant) {
    let mut session = place.as_odoo(made.database.as_str()).await.unwrap();
    sqlx::raw_sql(WORN).execute(&mut session).await.unwrap();
    session.close().await.unwrap();
}

async fn maintain(node: &Node, order: Order) -> Maintained {
    *done(&run(node, order).await).maintained.unwrap()
}

#[tokio::test]
async fn vacuum_takes_dead_rows_away_and_full_gives_their_room_back() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    worn(&place, &made).await;
    let found = maintain(&node, maintaining(&made, Upkeep::VacuumAnalyze, None)).await;
    assert!(found.dead_before >= 36_000, "{found:?}");
    assert!(found.dead_after < 1_000, "{found:?}");
    assert!(found.tables > 3 && found.passed_over.is_empty(), "{found:?}");
    assert!(found.bytes_after * 10 > found.bytes_before * 9, "{found:?}");
    let found = maintain(&node, maintaining(&made, Upkeep::VacuumFull, Some("worn"))).await;
    assert_eq!(found.tables, 1);
    assert!(found.bytes_before - found.bytes_after > 5_000_000, "{found:?}");
}

#[tokio::test]
async fn tables_are_told_with_their_sizes_rows_and_when_they_were_looked_after() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    worn(&place, &made).await;
    let tables = || async {
        match ask(&node, &made, About::Tables).await {
            Reply::Tables(list) => list,
            other => panic!("{other:?}"),
        }
    };
    let list = tables().await;
    let first = list.items.first().unwrap().clone();
    assert_eq!(
        (first.name.as_str(), first.rows, first.vacuumed_at),
        ("worn", Some(40_000), None)
    );
    assert!(first.dead_rows >= 36_000 && first.heap_bytes > 9_000_000 && first.index_bytes > 2_000_000);
    assert!(
        first.total_bytes >= first.heap_bytes + first.index_bytes && list.database_bytes > first.total_bytes
    );
    assert!(list.tables > 3 && list.tables as usize == list.items.len());
    // Whoever rewrites a table holds nobody up who only looks.
    let mut holder = place.as_odoo(made.database.as_str()).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE worn IN ACCESS EXCLUSIVE MODE")
        .execute(&mut holder)
        .await
        .unwrap();
    assert_eq!(tables().await.items.len(), list.items.len());
    // And nobody who looks after the others.
    let found = maintain(&node, maintaining(&made, Upkeep::Vacuum, None)).await;
    assert_eq!(found.passed_over, ["worn"]);
    let named = run(&node, maintaining(&made, Upkeep::Vacuum, Some("worn"))).await;
    assert_eq!(failed(&named), "table-busy");
    holder.close().await.unwrap();
    maintain(&node, maintaining(&made, Upkeep::Vacuum, Some("worn"))).await;
    let first = tables()
        .await
        .items
        .into_iter()
        .find(|table| table.name == "worn")
        .unwrap();
    assert!(first.vacuumed_at.is_some() && first.dead_rows == 0, "{first:?}");
    let unknown = run(&node, maintaining(&made, Upkeep::Vacuum, Some("pg_class"))).await;
    assert_eq!(failed(&unknown), "table-unknown");
}

#[tokio::test]
async fn hints_tell_of_lost_room_and_of_indexes_that_are_unused_there_twice_or_broken() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    worn(&place, &made).await;
    let hints = || async {
        match ask(&node, &made, About::Hints).await {
            Reply::Hints(list) => list.items,
            other => panic!("{other:?}"),
        }
    };
    maintain(&node, maintaining(&made, Upkeep::VacuumAnalyze, Some("worn"))).await;
    let mut session = place.superuser(made.database.as_str()).await;
    sqlx::raw_sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'res_partner_pkey'::regclass")
        .execute(&mut session)
        .await
        .unwrap();
    sqlx::raw_sql("SELECT pg_stat_force_next_flush()")
        .execute(&mut session)
        .await
        .unwrap();
    session.close().await.unwrap();
    let found = hints().await;
    let of = |kind: &str| found.iter().filter(|hint| hint.kind == kind).collect::<Vec<_>>();
    let bloat = of("bloat");
    assert_eq!(bloat.len(), 1, "{found:?}");
    assert_eq!(bloat[0].table, "worn");
    assert!((80..=95).contains(&bloat[0].count.unwrap()), "{bloat:?}");
    let unused: Vec<_> = of("unused-index")
        .iter()
        .map(|hint| hint.index.clone().unwrap())
        .collect();
    assert!(unused.contains(&"worn_word".to_owned()) && unused.contains(&"worn_word_again".to_owned()));
    let twice = of("duplicate-index");
    assert_eq!(
        (twice[0].index.as_deref(), twice[0].other.as_deref()),
        (Some("worn_word_again"), Some("worn_word"))
    );
    assert_eq!(of("invalid-index")[0].index.as_deref(), Some("res_partner_pkey"));
    // Written anew, the table has lost nothing.
    maintain(&node, maintaining(&made, Upkeep::VacuumFull, Some("worn"))).await;
    assert!(hints().await.iter().all(|hint| hint.kind != "bloat"));
}

#[tokio::test]
async fn a_large_table_that_is_read_whole_again_and_again_may_want_an_index() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let mut session = place.as_odoo(made.database.as_str()).await.unwrap();
    let large = "CREATE TABLE large AS SELECT n AS id, repeat('x', 900) AS note FROM generate_series(1, 6000) n; ANALYZE large";
    sqlx::raw_sql(large).execute(&mut session).await.unwrap();
    for _ in 0..50 {
        sqlx::query("SELECT count(*) FROM large WHERE id = 7")
            .execute(&mut session)
            .await
            .unwrap();
    }
    sqlx::raw_sql("SELECT pg_stat_force_next_flush()")
        .execute(&mut session)
        .await
        .unwrap();
    session.close().await.unwrap();
    let Reply::Hints(list) = ask(&node, &made, About::Hints).await else {
        panic!("no hints");
    };
    let missing = list
        .items
        .iter()
        .find(|hint| hint.kind == "missing-index")
        .unwrap();
    assert_eq!((missing.table.as_str(), missing.count), ("large", Some(50)));
}

#[tokio::test]
async fn exactly_the_connection_that_was_meant_is_ended() {
    let (place, node) = Place::ready().await;
    let (made, other) = (place.created(&node).await, place.created(&node).await);
    let mut meant = place.as_odoo(made.database.as_str()).await.unwrap();
    let mut beside = place.as_odoo(made.database.as_str()).await.unwrap();
    let mut elsewhere = place.as_odoo(other.database.as_str()).await.unwrap();
    sqlx::query("SELECT 'a secret of a customer', 4711")
        .execute(&mut meant)
        .await
        .unwrap();
    let listed = connections(&node, &made).await;
    let Order::EndConnection(right) = ending(&made, &mut meant).await else {
        panic!()
    };
    let one = listed.items.iter().find(|one| one.pid == right.pid).unwrap();
    assert_eq!(
        (one.started_at, one.user.as_str(), one.may_end),
        (right.started_at, "odoo", true)
    );
    assert_eq!(one.query.as_deref(), Some("SELECT ?, ?"));
    assert_eq!(listed.items.iter().filter(|one| one.user == "odoo").count(), 2);
    // Another process with its number, and a connection to another tenant's database, are nobody that is meant.
    let mut reused = right.clone();
    reused.started_at += jiff::SignedDuration::from_micros(1);
    let mut foreign = ending(&made, &mut elsewhere).await;
    for order in [Order::EndConnection(reused), foreign.clone()] {
        let outcome = run(&node, order).await;
        done(&outcome);
        assert!(
            outcome.steps[0]
                .note
                .as_deref()
                .unwrap()
                .contains("no such connection")
        );
    }
    for session in [&mut meant, &mut beside, &mut elsewhere] {
        session.ping().await.unwrap();
    }
    done(&run(&node, Order::EndConnection(right.clone())).await);
    assert!(meant.ping().await.is_err());
    beside.ping().await.unwrap();
    elsewhere.ping().await.unwrap();
    // Asked again, there is nothing to do.
    done(&run(&node, Order::EndConnection(right)).await);
    // A superuser's, and the node's own, are not ended.
    for mut session in [
        place.superuser(made.database.as_str()).await,
        place.as_node(made.database.as_str()).await.unwrap(),
    ] {
        foreign = ending(&made, &mut session).await;
        assert_eq!(failed(&run(&node, foreign).await), "connection-kept");
        session.ping().await.unwrap();
    }
}

async fn left_indexes(place: &Place, made: &CreateTenant) -> Option<String> {
    place
        .text(
            made.database.as_str(),
            "SELECT string_agg(relname, ',') FROM pg_class WHERE relname ~ '_cc(new|old)'",
        )
        .await
}

#[tokio::test]
async fn what_is_under_way_tells_how_far_it_is_and_stops_when_it_is_told_to() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    worn(&place, &made).await;
    let mut writer = place.as_odoo(made.database.as_str()).await.unwrap();
    sqlx::raw_sql("BEGIN; UPDATE worn SET note = '' WHERE id = 10")
        .execute(&mut writer)
        .await
        .unwrap();
    let (progress, mut steps) = watch::channel(Vec::new());
    let id = command_id();
    let (working, order) = (node.clone(), maintaining(&made, Upkeep::Reindex, Some("worn")));
    let work = tokio::spawn(async move {
        let command = Command {
            id,
            generation: 1,
            order,
        };
        working.execute(command, &progress).await
    });
    // It waits for whoever writes, and says so.
    let waits = |steps: &Vec<wire::operation::OperationStep>| {
        steps.iter().any(|step| {
            step.note
                .as_deref()
                .is_some_and(|note| note.contains("1 of 3: worn") && note.contains(", waiting"))
        })
    };
    tokio::time::timeout(Duration::from_secs(20), steps.wait_for(waits))
        .await
        .unwrap()
        .unwrap();
    // Another command is not under way.
    let stop = |command| ask(&node, &made, About::Stop { command });
    assert_eq!(stop(command_id()).await, Reply::Stopped(Stopped { found: false }));
    assert_eq!(stop(id).await, Reply::Stopped(Stopped { found: true }));
    // Building is given up at once; what is left of it goes when nobody holds it any more.
    eventually(Duration::from_secs(20), || async {
        let query = "SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE 'REINDEX%' AND state = 'active' AND datname = current_database()";
        place.text(made.database.as_str(), query).await.as_deref() == Some("0")
    })
    .await
    .unwrap();
    writer.close().await.unwrap();
    let outcome = work.await.unwrap();
    assert_eq!(failed(&outcome), "work-stopped");
    assert_eq!(left_indexes(&place, &made).await, None);
    assert_eq!(stop(id).await, Reply::Stopped(Stopped { found: false }));
    // Asked for anew, it is done; asked with the same command, it is not done again.
    let found = maintain(&node, maintaining(&made, Upkeep::Reindex, Some("worn"))).await;
    assert_eq!(found.tables, 3);
    assert_eq!(
        failed(&run_as(&node, id, maintaining(&made, Upkeep::Reindex, Some("worn"))).await),
        "work-stopped"
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_the_tenant_s_is_not_looked_into() {
    let (place, node) = Place::ready().await;
    let (made, other) = (place.created(&node).await, place.created(&node).await);
    let mut mixed = made.clone();
    mixed.database = other.database.clone();
    let code = |reply: Reply| match reply {
        Reply::Failed(failure) => failure.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(ask(&node, &mixed, About::Tables).await), "tenant-unknown");
    assert_eq!(
        failed(&run(&node, maintaining(&mixed, Upkeep::Vacuum, None)).await),
        "tenant-unknown"
    );
    let (tenant, database) = (made.tenant, made.database.clone());
    done(&run(&node, Order::DeleteTenant(DeleteTenant { tenant, database })).await);
    assert_eq!(code(ask(&node, &made, About::Connections).await), "tenant-shut");
    assert_eq!(
        failed(&run(&node, maintaining(&made, Upkeep::Vacuum, None)).await),
        "tenant-unknown"
    );
}

#[tokio::test]
async fn where_statements_are_not_counted_that_is_said() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let is_there = || async {
        match ask(&node, &made, About::Statements).await {
            Reply::Statements(list) => list.available,
            other => panic!("{other:?}"),
        }
    };
    assert!(!is_there().await);
    // There, but not loaded with PostgreSQL.
    let mut session = place.superuser(made.database.as_str()).await;
    sqlx::raw_sql("CREATE EXTENSION pg_stat_statements")
        .execute(&mut session)
        .await
        .unwrap();
    assert!(!is_there().await);
}

#[tokio::test]
async fn where_statements_are_counted_the_slowest_come_first_and_without_what_was_in_them() {
    let (place, node) = Place::counting().await.with_template().await;
    let (made, other) = (place.created(&node).await, place.created(&node).await);
    for (tenant, text) in [
        (&made, "SELECT pg_sleep(0.3), 'of a customer'"),
        (
            &made,
            "SELECT count(*) FROM res_users WHERE login = 'of a customer'",
        ),
        (&other, "SELECT pg_sleep(0.4), 'of another'"),
    ] {
        let mut session = place.superuser(tenant.database.as_str()).await;
        sqlx::raw_sql("SET ROLE odoo")
            .execute(&mut session)
            .await
            .unwrap();
        sqlx::raw_sql(text).execute(&mut session).await.unwrap();
        session.close().await.unwrap();
    }
    let list = match ask(&node, &made, About::Statements).await {
        Reply::Statements(list) => list,
        other => panic!("{other:?}"),
    };
    assert!(list.available);
    let slowest = &list.items[0];
    assert!(
        slowest.query.contains("pg_sleep") && slowest.calls == 1,
        "{slowest:?}"
    );
    assert!((300..2000).contains(&slowest.total_ms), "{slowest:?}");
    let found: Vec<_> = list
        .items
        .iter()
        .filter(|one| one.query.contains("res_users WHERE login"))
        .collect();
    assert_eq!(found.len(), 1, "{list:?}");
    assert!(!format!("{list:?}").contains("of a customer"), "{list:?}");
    assert_eq!(
        list.items
            .iter()
            .filter(|one| one.query.contains("pg_sleep"))
            .count(),
        1,
        "another's is told"
    );
}
