//! A tenant at a moment: what was there then comes back, whatever happened since, from a real archive of pgBackRest's.

use crate::backup::{Keys, Taken, attach, change};
use crate::place::{Place, done, failed, run};
use domain::TenantId;
use jiff::Timestamp;
use node::Node;
use sqlx::Row;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use testkit::eventually;
use wire::backup::{Restored, StoreAccess};
use wire::node::{CreateTenant, Order, RenameTenant, Service};
use wire::point_in_time::{BackupWithFiles, PointInTimeView, RewindTenant};

const PATIENCE: Duration = Duration::from_secs(60);
const COUNT: &str = "SELECT count(*)::text FROM ledger";

/// What time it is in the cluster, after everything that was committed.
async fn now(place: &Place) -> Timestamp {
    let mut connection = place.superuser("postgres").await;
    let row = sqlx::query("SELECT clock_timestamp()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff()
}

async fn window(node: &Node) -> PointInTimeView {
    node.point_in_time().await.unwrap().unwrap()
}

/// Waits until something can be reached.
async fn reachable(place: &Place, node: &Node) {
    node.tend_archive().await.unwrap();
    let earliest = window(node).await.earliest.unwrap();
    let later = || async { now(place).await > earliest };
    eventually(PATIENCE, later).await.unwrap();
}

fn order(keys: &Keys, to: &CreateTenant, from: TenantId, at: Timestamp, backups: &[&Taken]) -> RewindTenant {
    let backups = backups.iter().map(|taken| BackupWithFiles {
        backup: taken.id,
        manifest_sha256: taken.kept.manifest_sha256.clone(),
    });
    RewindTenant {
        tenant: to.tenant,
        database: to.database.clone(),
        from,
        at,
        base_url: to.base_url.clone(),
        service: Service::Open,
        quiet: false,
        store: StoreAccess::Folder,
        keys: keys.sent(),
        backups: backups.collect(),
    }
}

/// An example for the tests of faults.
pub async fn example(place: &Place, node: &Node, made: &CreateTenant) -> Order {
    reachable(place, node).await;
    attach(place, made, b"then").await;
    let at = now(place).await;
    attach(place, made, b"since").await;
    Order::RewindTenant(order(&Keys::new(), made, made.tenant, at, &[]))
}

async fn rewound(node: &Node, order: RewindTenant) -> Restored {
    *done(&run(node, Order::RewindTenant(order)).await)
        .restored
        .unwrap()
}

fn nothing_is_left_aside(place: &Place) {
    let folder = &place.settings.point_in_time.as_ref().unwrap().aside_dir;
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[tokio::test]
async fn what_was_written_since_is_gone_and_what_was_there_then_is_back_with_its_files() {
    let (place, node) = Place::archived().await.with_template().await;
    let (made, other, keys) = (
        place.created(&node).await,
        place.created(&node).await,
        Keys::new(),
    );
    let name = made.database.as_str();
    reachable(&place, &node).await;

    change(
        &place,
        &made,
        "CREATE TABLE ledger (n int); INSERT INTO ledger VALUES (1), (2)",
    )
    .await;
    let kept = attach(&place, &made, b"is there still").await;
    let collected = attach(&place, &made, b"was collected since").await;
    let taken = keys.taken(&node, &made, None).await;
    let lost = attach(&place, &made, b"was collected before any backup").await;
    let at = now(&place).await;
    change(
        &place,
        &made,
        "INSERT INTO ledger VALUES (3); DROP TABLE res_country CASCADE",
    )
    .await;
    change(&place, &other, "CREATE TABLE later (n int)").await;
    let late = attach(&place, &made, b"written since").await;
    for file in [&collected, &lost] {
        fs::remove_file(file).unwrap();
    }

    let found = rewound(&node, order(&keys, &made, made.tenant, at, &[&taken])).await;
    assert_eq!(
        (found.files_from_backups, found.files_missing),
        (1, 1),
        "{found:?}"
    );
    assert!(found.stop_ms.is_some());
    assert_eq!(place.text(name, COUNT).await.unwrap(), "2");
    let country = "SELECT to_regclass('res_country')::text";
    assert!(place.text(name, country).await.is_some());
    assert_eq!(fs::read(&kept).unwrap(), b"is there still");
    assert_eq!(fs::read(&collected).unwrap(), b"was collected since");
    assert!(!late.exists() && !lost.exists());
    assert!(place.as_odoo(name).await.is_ok() && place.marker("active", name));
    let untouched = "SELECT to_regclass('later')::text";
    assert!(place.text(other.database.as_str(), untouched).await.is_some());
    nothing_is_left_aside(&place);
}

#[tokio::test]
async fn a_tenant_that_came_to_be_after_the_base_backup_comes_back_and_one_that_has_another_name_by_now() {
    let (place, node) = Place::archived().await.with_template().await;
    let (mut old, keys) = (place.created(&node).await, Keys::new());
    reachable(&place, &node).await;
    let young = place.created(&node).await;
    for made in [&old, &young] {
        change(
            &place,
            made,
            "CREATE TABLE ledger (n int); INSERT INTO ledger VALUES (1)",
        )
        .await;
    }
    let at = now(&place).await;
    for made in [&old, &young] {
        change(&place, made, "INSERT INTO ledger VALUES (2)").await;
    }
    let named = place.creation();
    let renaming = RenameTenant {
        tenant: old.tenant,
        from: old.database.clone(),
        to: named.database.clone(),
        base_url: named.base_url.clone(),
    };
    done(&run(&node, Order::RenameTenant(renaming)).await);
    (old.database, old.base_url) = (named.database, named.base_url);
    for made in [&old, &young] {
        rewound(&node, order(&keys, made, made.tenant, at, &[])).await;
        assert_eq!(place.text(made.database.as_str(), COUNT).await.unwrap(), "1");
        let address = place.parameter(made.database.as_str(), "web.base.url").await;
        assert_eq!(address.as_deref(), Some(made.base_url.as_str()));
    }
    // Brought back under its new name, the first has another number than in the base backup, and neither of its names is there.
    rewound(&node, order(&keys, &old, old.tenant, at, &[])).await;
    assert_eq!(place.text(old.database.as_str(), COUNT).await.unwrap(), "1");
    nothing_is_left_aside(&place);
}

#[tokio::test]
async fn as_a_new_tenant_it_is_another_one_and_the_old_one_stays() {
    let (place, node) = Place::archived().await.with_template().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    reachable(&place, &node).await;
    let file = attach(&place, &made, b"a contract").await;
    let at = now(&place).await;
    change(&place, &made, "DELETE FROM ir_attachment").await;
    let there = place.creation();
    let found = rewound(&node, order(&keys, &there, made.tenant, at, &[])).await;
    assert!(found.stop_ms.is_none() && found.files_missing == 0);
    let name = there.database.as_str();
    let of = |name: &str| {
        let place = &place;
        let name = name.to_owned();
        async move { place.parameter(&name, "database.uuid").await.unwrap() }
    };
    assert_ne!(of(name).await, of(made.database.as_str()).await);
    let rows = "SELECT count(*)::text FROM ir_attachment WHERE name = 'file'";
    assert_eq!(place.text(name, rows).await.unwrap(), "1");
    assert_eq!(place.text(made.database.as_str(), rows).await.unwrap(), "0");
    assert!(file.exists() && place.marker("active", name));
}

#[tokio::test]
async fn a_moment_out_of_reach_is_refused_with_the_window_and_nothing_is_touched() {
    let (place, node) = Place::archived().await.with_template().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let early = now(&place).await;
    let refused = |at| {
        run(
            &node,
            Order::RewindTenant(order(&keys, &made, made.tenant, at, &[])),
        )
    };
    assert_eq!(failed(&refused(early).await), "moment-out-of-reach");
    reachable(&place, &node).await;
    let before = place.footprint(&[&made]).await;
    let hour = jiff::SignedDuration::from_hours(1);
    let earliest = window(&node).await.earliest.unwrap();
    for at in [early, now(&place).await + hour] {
        let outcome = refused(at).await;
        let wire::node::CommandResult::Failed(failure) = &outcome.result else {
            panic!("{outcome:?}");
        };
        assert_eq!(failure.code, "moment-out-of-reach");
        assert!(
            failure.detail.contains(&earliest.to_string()),
            "{}",
            failure.detail
        );
    }
    assert_eq!(place.footprint(&[&made]).await, before);
}

#[tokio::test]
async fn an_archive_that_fails_or_has_a_gap_is_told_and_begins_anew() {
    let (place, node) = Place::archived().await.with_template().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    reachable(&place, &node).await;
    let good = window(&node).await;
    assert_eq!(archive_check(&node).await, node::Verdict::Good);
    assert!(
        good.alarm.is_none()
            && good.trouble.is_none()
            && good.backups == 1
            && good.bytes > 0
            && good.latest > good.earliest
    );
    let at = now(&place).await;
    let repository = place.cluster.folder().unwrap().join("archive/repository");
    let allow = |mode| fs::set_permissions(&repository, fs::Permissions::from_mode(mode)).unwrap();
    let push = || async {
        let mut connection = place.superuser("postgres").await;
        sqlx::raw_sql("CREATE TABLE IF NOT EXISTS pushed (n int); INSERT INTO pushed VALUES (1); SELECT pg_switch_wal()")
            .execute(&mut connection)
            .await
            .unwrap();
    };
    allow(0);
    push().await;
    let fails = || async { window(&node).await.failing_since.is_some() };
    eventually(PATIENCE, fails).await.unwrap();
    let bad = window(&node).await;
    assert!(bad.trouble.is_some() && bad.latest == bad.archived_at, "{bad:?}");
    assert_eq!(bad.alarm.as_deref(), Some("failing"));
    assert_eq!(archive_check(&node).await, node::Verdict::Bad);
    allow(0o700);
    // A new piece has it try again at once.
    push().await;
    eventually(PATIENCE, || async { window(&node).await.failing_since.is_none() })
        .await
        .unwrap();

    // A piece that is lost: nothing before it can be reached, and a new base backup is made at once.
    let mut pieces = pieces(&repository);
    pieces.sort();
    push().await;
    eventually(PATIENCE, || async {
        self::pieces(&repository).len() > pieces.len()
    })
    .await
    .unwrap();
    fs::remove_file(pieces.last().unwrap()).unwrap();
    node.tend_archive().await.unwrap();
    let anew = window(&node).await;
    assert!(
        anew.broken_at.is_some() && anew.earliest > good.earliest && anew.backups == 1,
        "{anew:?}"
    );
    let outcome = run(
        &node,
        Order::RewindTenant(order(&keys, &made, made.tenant, at, &[])),
    )
    .await;
    assert_eq!(failed(&outcome), "moment-out-of-reach");
}

/// What the doctor says of the archive.
async fn archive_check(node: &Node) -> node::Verdict {
    let checks = node.doctor().await.unwrap();
    checks
        .into_iter()
        .find(|check| check.name == "archive")
        .unwrap()
        .verdict
}

#[tokio::test]
async fn pieces_that_wait_behind_a_command_that_does_not_end_are_an_alarm() {
    let (place, node) = Place::archived().await.with_template().await;
    // Nothing is there yet, and there is no patience.
    assert!(window(&node).await.alarm.is_some());
    reachable(&place, &node).await;
    let is_well = || async { window(&node).await.alarm.is_none() };
    eventually(PATIENCE, is_well).await.unwrap();
    let cluster = &place;
    let set = |statements: &'static [&'static str]| async move {
        let mut connection = cluster.superuser("postgres").await;
        for statement in statements {
            sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
        }
    };
    let command: String = sqlx::query_scalar("SHOW archive_command")
        .fetch_one(&mut place.superuser("postgres").await)
        .await
        .unwrap();
    assert!(command.contains("archive-push"), "{command}");
    set(&[
        "ALTER SYSTEM SET archive_command = 'while ! test -e let_go; do sleep 0.1; done; false'",
        "SELECT pg_reload_conf()",
        "CREATE TABLE stuck (n int)",
    ])
    .await;
    let stuck = || async {
        set(&["INSERT INTO stuck VALUES (1)", "SELECT pg_switch_wal()"]).await;
        window(&node).await.alarm.as_deref() == Some("waiting")
    };
    eventually(PATIENCE, stuck).await.unwrap();
    assert_eq!(archive_check(&node).await, node::Verdict::Bad);
    // The command runs in the cluster's folder, and ends when it finds this file there.
    set(&["ALTER SYSTEM RESET archive_command", "SELECT pg_reload_conf()"]).await;
    let folder: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&mut place.superuser("postgres").await)
        .await
        .unwrap();
    fs::write(PathBuf::from(folder).join("let_go"), "").unwrap();
    eventually(PATIENCE, is_well).await.unwrap();
}

/// The pieces of the log in an archive.
fn pieces(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => found.extend(pieces(&path)),
            false if name.len() > 24 && name.as_bytes()[24] == b'-' => found.push(path),
            false => {}
        }
    }
    found
}
