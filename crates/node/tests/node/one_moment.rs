//! A backup is one moment of a tenant, whatever its users and Odoo's collector of garbage do meanwhile.

use crate::backup::{Keys, change, file_name};
use crate::place::{Place, done, run};
use sqlx::{Connection, PgConnection};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use testkit::eventually;
use tokio::time::sleep;
use wire::node::{CreateTenant, Order};

/// Files that stay: the node is at work for a while when it makes a second link of each.
const STAYING: u32 = 4_000;
/// Files that come with each transaction of the writer, and those of them that its transactions leave. After two more transactions
/// none of those that a snapshot names is wanted any more.
const COMING: i32 = 20;
const LEFT: i32 = 40;

/// What goes on in the tenant until it is over.
#[derive(Default)]
struct Life {
    is_over: AtomicBool,
    /// Files that the collector has removed.
    collected: AtomicU64,
}

impl Life {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn collected(&self) -> u64 {
        self.collected.load(Ordering::Relaxed)
    }
}

/// Writes a file as Odoo does. Returns the name that a row is to have.
fn put(folder: &Path, content: &str) -> String {
    let name = file_name(content.as_bytes());
    let file = folder.join(&name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
    name
}

/// The names of all files.
fn names(folder: &Path) -> Vec<String> {
    let inside = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap())
    };
    // The node's note is none of Odoo's.
    let folders = inside(folder).filter(|name| !name.starts_with('.'));
    let files = folders.flat_map(|two| inside(&folder.join(&two)).map(move |name| format!("{two}/{name}")));
    files.collect()
}

/// Gives the tenant the files that stay.
async fn fill(session: &mut PgConnection, folder: &Path) {
    let named: Vec<String> = (0..STAYING)
        .map(|number| put(folder, &format!("staying {number}")))
        .collect();
    sqlx::query("INSERT INTO ir_attachment (name, store_fname) SELECT 'staying', unnest($1::text[])")
        .bind(named)
        .execute(session)
        .await
        .unwrap();
}

/// The tenant's users: each transaction writes new files with their rows, and numbers with their sum, and removes the oldest rows.
async fn write(mut session: PgConnection, folder: PathBuf, life: Arc<Life>) {
    let mut first = 1;
    while life.goes_on() {
        let numbers: Vec<i32> = (first..first + COMING).collect();
        let contents: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let named: Vec<String> = contents.iter().map(|text| file_name(text.as_bytes())).collect();
        let sum: i64 = numbers.iter().copied().map(i64::from).sum();
        let mut transaction = session.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO ir_attachment (name, store_fname, res_id) \
             SELECT 'written', file, number FROM unnest($1::text[], $2::int[]) AS written (file, number)",
        )
        .bind(named)
        .bind(numbers.clone())
        .execute(&mut *transaction)
        .await
        .unwrap();
        // From the first row on no collector comes between, and none of them is to be seen without its file.
        for content in &contents {
            put(&folder, content);
        }
        sqlx::query("INSERT INTO ledger SELECT unnest($1::int[])")
            .bind(numbers)
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query("UPDATE total SET n = n + $1")
            .bind(sum)
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query("DELETE FROM ir_attachment WHERE name = 'written' AND res_id < $1")
            .bind(first + COMING - LEFT)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        first += COMING;
    }
    session.close().await.unwrap();
}

/// Odoo's collector of garbage, which never rests here: under a lock that whoever writes rows waits for, it removes every file that no
/// row names. As they would wait behind it, it gives up soon where it does not get the lock.
async fn collect(mut session: PgConnection, folder: PathBuf, life: Arc<Life>) {
    while life.goes_on() {
        let mut transaction = session.begin().await.unwrap();
        sqlx::query("SET LOCAL lock_timeout = '50ms'")
            .execute(&mut *transaction)
            .await
            .unwrap();
        let locked = sqlx::query("LOCK TABLE ir_attachment IN SHARE MODE")
            .execute(&mut *transaction)
            .await;
        match locked {
            Ok(_) => {
                let removed = collect_once(&mut transaction, &folder).await;
                transaction.commit().await.unwrap();
                life.collected.fetch_add(removed, Ordering::Relaxed);
            }
            Err(error) => {
                let code = error.as_database_error().and_then(|error| error.code());
                assert_eq!(code.as_deref(), Some("55P03"), "{error}");
                transaction.rollback().await.unwrap();
            }
        }
        sleep(Duration::from_millis(1)).await;
    }
    session.close().await.unwrap();
}

async fn collect_once(session: &mut PgConnection, folder: &Path) -> u64 {
    let named: HashSet<String> = named(session).await.into_iter().collect();
    let mut removed = 0;
    for name in names(folder).iter().filter(|name| !named.contains(*name)) {
        fs::remove_file(folder.join(name)).unwrap();
        removed += 1;
    }
    removed
}

/// The names that rows have.
async fn named(session: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL")
        .fetch_all(session)
        .await
        .unwrap()
}

/// What was written together is there together, and each file that a row names is there and what its name says.
async fn assert_is_one_moment(place: &Place, made: &CreateTenant, folder: &Path) {
    let mut inside = place.superuser(made.database.as_str()).await;
    let agrees: bool = sqlx::query_scalar(
        "SELECT (SELECT sum(n) FROM ledger) = (SELECT n FROM total) \
         AND (SELECT max(n) FROM ledger) = (SELECT max(res_id) FROM ir_attachment WHERE name = 'written') \
         AND (SELECT count(*) FROM ir_attachment WHERE name = 'written') = $1",
    )
    .bind(i64::from(LEFT))
    .fetch_one(&mut inside)
    .await
    .unwrap();
    let named = named(&mut inside).await;
    inside.close().await.unwrap();
    assert!(agrees);
    for name in named {
        let content = fs::read(folder.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file_name(&content), name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_that_is_taken_while_users_write_is_one_moment() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let name = made.database.as_str();
    change(
        &place,
        &made,
        "CREATE TABLE ledger (n int); CREATE TABLE total (n bigint); INSERT INTO total VALUES (0)",
    )
    .await;
    let folder = place.settings.filestore_dir.join(name);
    let (mut writer, collector) = (
        place.as_odoo(name).await.unwrap(),
        place.as_odoo(name).await.unwrap(),
    );
    fill(&mut writer, &folder).await;
    let life = Arc::<Life>::default();
    let writing = tokio::spawn(write(writer, folder.clone(), Arc::clone(&life)));
    let collecting = tokio::spawn(collect(collector, folder.clone(), Arc::clone(&life)));
    let begun = eventually(Duration::from_secs(20), || async { life.collected() > 0 });
    begun.await.unwrap();
    let taken = keys.taken(&node, &made, None).await;
    let between = life.collected();
    let later = keys.taken(&node, &made, Some(&taken)).await;
    assert!(life.collected() > between, "nothing was collected meanwhile");
    life.is_over.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    collecting.await.unwrap();
    for taken in [taken, later] {
        assert_eq!(taken.kept.files_missing, 0);
        let order = keys.restore(&made, made.tenant, &taken);
        done(&run(&node, Order::RestoreTenant(order)).await);
        assert_is_one_moment(&place, &made, &folder).await;
    }
}
