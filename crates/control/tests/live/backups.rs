//! Backups: what a node's failure changes, and that a tenant is never held up by one.

use crate::{Outcome, Plane};
use control::{Caller, Control, NodeSession};
use domain::{BackupId, OperationId, Subdomain};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinHandle;
use wire::backup::{Kept, Proof, Proven};
use wire::node::{Command, CommandResult, Facts, Order, Outcome as Ending, Poll};
use wire::operation::Failure;

pub const ORDERS: [&str; 13] = [
    "create-tenant",
    "delete-tenant",
    "purge-tenant",
    "suspend-tenant",
    "resume-tenant",
    "check-tenant",
    "back-up-tenant",
    "verify-backup",
    "restore-tenant",
    "prune-backups",
    "send-backup",
    "import-tenant",
    "rewind-tenant",
];

/// What a node tells that did this well.
pub fn facts(order: &Order) -> Facts {
    let mut facts = Facts::default();
    match order {
        Order::BackUpTenant(_) => {
            facts.kept = Some(Box::new(Kept {
                manifest_sha256: "ab".repeat(32),
                stored_bytes: 1000,
                ..Kept::default()
            }));
        }
        Order::VerifyBackup(order) => {
            facts.proven = Some(Box::new(Proven {
                rows: (order.proof == Proof::Restore).then_some(7),
                ..Proven::default()
            }));
        }
        Order::RestoreTenant(_) | Order::RewindTenant(_) => facts.restored = Some(Box::default()),
        Order::PruneBackups(_) => facts.pruned = Some(Box::default()),
        _ => {}
    }
    facts
}

/// The plane's node says that it knows of backups.
pub async fn knows(plane: &Plane) -> Outcome {
    crate::moving::greet(&plane.control, plane.node, &ORDERS).await
}

/// Begins to take a backup of a tenant.
pub async fn take(plane: &Plane, name: &str) -> Outcome<OperationId> {
    let name: Subdomain = name.parse()?;
    let request = serde_json::from_value(json!({}))?;
    Ok(plane
        .control
        .take_backup(&Caller::system(), &name, &request)
        .await?)
}

/// Takes a backup of a tenant.
pub async fn taken(plane: &Plane, name: &str) -> Outcome<BackupId> {
    let operation = take(plane, name).await?;
    ended(plane, operation).await?;
    let query =
        "SELECT 'bak_' || replace(id::text, '-', '') FROM backup ORDER BY begun_at DESC, id DESC LIMIT 1";
    Ok(plane.texts(query).await?.remove(0).parse()?)
}

/// Begins something with a backup of the tenant, which is taken before.
pub async fn with_one(plane: &Plane, kind: &str, name: &str) -> Outcome<OperationId> {
    let (caller, backup) = (Caller::system(), taken(plane, name).await?);
    let control = &plane.control;
    Ok(match kind {
        "backup.verify" => {
            let request = serde_json::from_value(json!({ "restore": true }))?;
            control.verify_backup(&caller, backup, &request).await?
        }
        "tenant.restore" => {
            let request = serde_json::from_value(json!({ "confirm": name }))?;
            control.restore_backup(&caller, backup, &request).await?
        }
        _ => {
            control.forget_backup(&caller, backup, Some(name)).await?;
            let query =
                "SELECT 'ope_' || replace(id::text, '-', '') FROM operation WHERE kind = 'backup.prune'
                ORDER BY created_at DESC, id DESC LIMIT 1";
            plane.texts(query).await?.remove(0).parse()?
        }
    })
}

/// Works until this has ended, the node answering well.
pub async fn ended(plane: &Plane, operation: OperationId) -> Outcome<store::OperationRecord> {
    let work = work(&plane.control);
    let ended = async {
        for _ in 0..3000 {
            plane.answer(true).await?;
            let now = plane.control.operation(&Caller::system(), operation).await?;
            if now.state.is_final() {
                return Ok(now);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("it has not ended".into())
    };
    let ended = ended.await;
    work.abort();
    ended
}

pub fn work(control: &Control) -> JoinHandle<()> {
    let control = control.clone();
    let engine = control.worker(operations::Pace {
        slots: 2,
        lease: Duration::from_secs(5),
        poll: Duration::from_millis(50),
        backoff: operations::Backoff {
            first: SignedDuration::from_millis(10),
            longest: SignedDuration::from_millis(50),
        },
    });
    tokio::spawn(async move {
        tokio::join!(control.listen(), engine.run());
    })
}

/// The next command of the node; everything before is not asked for.
pub async fn next(plane: &Plane) -> Outcome<Command> {
    let poll = Poll {
        holding: String::new(),
        slots: 32,
        wait: 0,
        version: "1".to_owned(),
    };
    for _ in 0..3000 {
        if let Some(command) = plane.control.poll_commands(plane.node, &poll).await?.pop() {
            return Ok(command);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("no command came".into())
}

pub async fn refuse(plane: &Plane, node: NodeSession, command: &Command, code: &str) -> Outcome {
    let ending = Ending {
        steps: Vec::new(),
        result: CommandResult::Failed(Failure {
            code: code.to_owned(),
            detail: "It failed.".to_owned(),
        }),
    };
    Ok(plane.control.command_outcome(node, command.id, &ending).await?)
}

pub const STATES: &str = "SELECT state FROM backup ORDER BY begun_at, id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_nobody_up_and_one_that_fails_says_why() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let operation = take(&plane, "acme").await?;
    let work = work(&plane.control);
    let command = next(&plane).await?;
    assert!(
        matches!(&command.order, Order::BackUpTenant(order) if order.keys.is_some() && order.base.is_none())
    );
    // The tenant is suspended while its backup is taken.
    let reason = serde_json::from_value(json!({}))?;
    plane
        .control
        .suspend_tenant(&Caller::system(), &"acme".parse()?, reason)
        .await?;
    refuse(&plane, plane.node, &command, "store-denied").await?;
    work.abort();
    let record = ended(&plane, operation).await?;
    assert_eq!(
        record.failure.map(|failure| failure.code).as_deref(),
        Some("store-denied")
    );
    assert_eq!(plane.texts(STATES).await?, ["failed"]);
    assert_eq!(plane.texts("SELECT failure FROM backup").await?, ["It failed."]);
    assert_eq!(plane.texts("SELECT state FROM tenant").await?, ["suspended"]);
    // What it left in the store is cleared, and then it is not looked at again.
    run(&plane, "backup-retention").await?;
    let cleared = "SELECT (cleared_at IS NOT NULL)::text FROM backup";
    settle(&plane, cleared, "true").await?;
    Ok(())
}

/// Has something regular done, and everything that follows from it, the node answering well.
pub async fn run(plane: &Plane, name: &str) -> Outcome {
    let work = work(&plane.control);
    let is_over =
        "SELECT next_run_at > $1::timestamptz AND NOT EXISTS (SELECT FROM job WHERE finished_at IS NULL)
        FROM schedule WHERE name = $2";
    let mut is_asked = false;
    for _ in 0..3000 {
        // The first worker writes the schedules down.
        is_asked = is_asked || plane.control.run_regular(&Caller::system(), name).await.is_ok();
        plane.answer(true).await?;
        let over: Option<bool> = sqlx::query_scalar(is_over)
            .bind(plane.world.now().to_string())
            .bind(name)
            .fetch_optional(&plane.pool)
            .await?;
        if is_asked && over == Some(true) {
            work.abort();
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("{name} has not ended").into())
}

/// Has something regular done while the node answers nothing: a run that began after this did, and therefore at this hour.
pub async fn clock(plane: &Plane, name: &str) -> Outcome {
    let work = work(&plane.control);
    let idle = "SELECT runs FROM schedule WHERE name = $1 AND next_run_at > $2::timestamptz
        AND NOT EXISTS (SELECT FROM job WHERE schedule = $1 AND finished_at IS NULL)";
    let mut before = None;
    for _ in 0..3000 {
        let idle: Option<i64> = sqlx::query_scalar(idle)
            .bind(name)
            .bind(plane.world.now().to_string())
            .fetch_optional(&plane.pool)
            .await?;
        match (idle, before) {
            (Some(runs), None) => {
                plane.control.run_regular(&Caller::system(), name).await?;
                before = Some(runs);
            }
            (Some(runs), Some(before)) if runs > before => {
                work.abort();
                return Ok(());
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    Err(format!("{name} did not run").into())
}

/// Works until the query gives this.
pub async fn settle(plane: &Plane, query: &'static str, wanted: &str) -> Outcome {
    let work = work(&plane.control);
    let mut found = Vec::new();
    for _ in 0..1000 {
        plane.answer(true).await?;
        found = plane.texts(query).await?;
        if found == [wanted] {
            work.abort();
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("{found:?} in place of {wanted}").into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_stands_with_its_backup_and_so_does_damage() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let backup = taken(&plane, "acme").await?;
    run(&plane, "backup-proofs").await?;
    settle(
        &plane,
        "SELECT (proven ->> 'rows') FROM backup WHERE proven_at IS NOT NULL",
        "7",
    )
    .await?;
    let request = serde_json::from_value(json!({ "restore": false }))?;
    let operation = plane
        .control
        .verify_backup(&Caller::system(), backup, &request)
        .await?;
    let work = work(&plane.control);
    let command = next(&plane).await?;
    refuse(&plane, plane.node, &command, "backup-damaged").await?;
    work.abort();
    ended(&plane, operation).await?;
    assert_eq!(plane.texts(STATES).await?, ["damaged"]);
    let request = serde_json::from_value(json!({ "confirm": "acme" }))?;
    let refused = plane
        .control
        .restore_backup(&Caller::system(), backup, &request)
        .await;
    assert!(refused.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_takes_a_backup_before_and_leaves_the_tenant_free_however_it_ends() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let backup = taken(&plane, "acme").await?;
    for code in [None, Some("backup-damaged")] {
        let request = serde_json::from_value(json!({ "confirm": "acme" }))?;
        let operation = plane
            .control
            .restore_backup(&Caller::system(), backup, &request)
            .await?;
        let work = work(&plane.control);
        let safety = next(&plane).await?;
        assert!(matches!(safety.order, Order::BackUpTenant(_)), "{safety:?}");
        let well = Ending {
            steps: Vec::new(),
            result: CommandResult::Done(facts(&safety.order)),
        };
        plane
            .control
            .command_outcome(plane.node, safety.id, &well)
            .await?;
        if let Some(code) = code {
            let restore = next(&plane).await?;
            assert!(matches!(restore.order, Order::RestoreTenant(_)), "{restore:?}");
            refuse(&plane, plane.node, &restore, code).await?;
        }
        work.abort();
        let record = ended(&plane, operation).await?;
        assert_eq!(record.failure.map(|failure| failure.code).as_deref(), code);
        let free = "SELECT state || coalesce(operation_id::text, '') FROM tenant";
        assert_eq!(plane.texts(free).await?, ["active"]);
    }
    let kinds = "SELECT kind FROM backup WHERE state = 'kept' ORDER BY begun_at, id";
    assert_eq!(plane.texts(kinds).await?, ["manual", "before", "before"]);
    let wrong: Value = json!({ "confirm": "other" });
    let request = serde_json::from_value(wrong)?;
    assert!(
        plane
            .control
            .restore_backup(&Caller::system(), backup, &request)
            .await
            .is_err()
    );
    Ok(())
}

/// The plane's node tells that it can be brought to any moment of the last hour.
async fn tells_a_window(plane: &Plane, failing: bool) -> Outcome {
    let now = plane.world.now();
    let hour = SignedDuration::from_hours(1);
    let window = json!({
        "earliest": now - hour, "latest": now - hour / 2, "archived_at": now - hour / 2, "backups": 1,
        "failing_since": failing.then_some(now - hour / 2),
    });
    let observed = serde_json::from_value(json!({ "point_in_time": window }))?;
    plane.control.node_observed(plane.node, &observed).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_is_reached_in_place_after_a_backup_and_as_a_new_tenant_beside_it() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    tells_a_window(&plane, false).await?;
    let taken = taken(&plane, "acme").await?;
    let (caller, name): (_, Subdomain) = (Caller::system(), "acme".parse()?);
    let at = plane.world.now() - SignedDuration::from_mins(1);
    let request = serde_json::from_value(json!({ "at": at, "confirm": "acme" }))?;
    let operation = plane.control.restore_tenant_at(&caller, &name, &request).await?;
    let work = work(&plane.control);
    let safety = next(&plane).await?;
    assert!(matches!(safety.order, Order::BackUpTenant(_)), "{safety:?}");
    let well = |order: &Order| Ending {
        steps: Vec::new(),
        result: CommandResult::Done(facts(order)),
    };
    let control = &plane.control;
    control
        .command_outcome(plane.node, safety.id, &well(&safety.order))
        .await?;
    let rewind = next(&plane).await?;
    let Order::RewindTenant(order) = &rewind.order else {
        panic!("{rewind:?}");
    };
    assert_eq!(order.at, at);
    assert!(
        order.keys.is_some() && order.backups.iter().any(|one| one.backup == taken),
        "{order:?}"
    );
    control
        .command_outcome(plane.node, rewind.id, &well(&rewind.order))
        .await?;
    work.abort();
    let record = ended(&plane, operation).await?;
    assert!(record.failure.is_none(), "{record:?}");
    let free = "SELECT state || coalesce(operation_id::text, '') FROM tenant";
    assert_eq!(plane.texts(free).await?, ["active"]);

    // No template is cloned for what comes back.
    sqlx::query("DELETE FROM template").execute(&plane.pool).await?;
    let request = serde_json::from_value(json!({ "at": at, "subdomain": "acme_then" }))?;
    let operation = plane.control.restore_tenant_at(&caller, &name, &request).await?;
    let rewind = next(&plane).await?;
    let Order::RewindTenant(order) = &rewind.order else {
        panic!("{rewind:?}");
    };
    assert!(
        order.quiet && order.from != order.tenant && order.database.as_str() == "acme_then",
        "{order:?}"
    );
    plane
        .control
        .command_outcome(plane.node, rewind.id, &well(&rewind.order))
        .await?;
    ended(&plane, operation).await?;
    let names = "SELECT subdomain FROM tenant WHERE state = 'active' ORDER BY subdomain";
    assert_eq!(plane.texts(names).await?, ["acme", "acme_then"]);
    Ok(())
}

#[tokio::test]
async fn a_moment_out_of_reach_and_a_node_without_an_archive_are_refused() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let (caller, name): (_, Subdomain) = (Caller::system(), "acme".parse()?);
    let ask = async |minutes: i64, confirm: &str| {
        let at = plane.world.now() - SignedDuration::from_mins(minutes);
        let request = serde_json::from_value(json!({ "at": at, "confirm": confirm }))?;
        let asked = plane.control.restore_tenant_at(&caller, &name, &request).await;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(asked.err().map(|error| format!("{error:?}")))
    };
    let refused = ask(1, "acme").await?.unwrap_or_default();
    assert!(refused.contains("NoArchive"), "{refused}");
    assert!(
        plane
            .control
            .tenant_window(&caller, &name)
            .await?
            .earliest
            .is_none()
    );
    tells_a_window(&plane, true).await?;
    assert!(
        plane
            .control
            .tenant_window(&caller, &name)
            .await?
            .earliest
            .is_some()
    );
    // Before the first base backup; since archiving fails; not yet.
    for minutes in [61, 1, -1] {
        let refused = ask(minutes, "acme").await?.unwrap_or_default();
        assert!(refused.contains("OutOfReach(Some("), "{minutes}: {refused}");
    }
    let refused = ask(45, "other").await?.unwrap_or_default();
    assert!(refused.contains("Confirmation"), "{refused}");
    assert_eq!(ask(45, "acme").await?, None);
    Ok(())
}
