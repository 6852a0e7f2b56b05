//! What becomes of backups that somebody wanted, and of those that are found damaged.

use crate::backups::{STATES, ended, knows, next, refuse, run, settle, taken, work};
use crate::{Outcome, Plane};
use control::Caller;
use domain::BackupId;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use wire::node::{Command, Order};

/// Has a backup read, and the node say that it is damaged.
async fn damage(plane: &Plane, backup: BackupId) -> Outcome {
    let request = serde_json::from_value(json!({}))?;
    let caller = Caller::system();
    let operation = plane.control.verify_backup(&caller, backup, &request).await?;
    let work = work(&plane.control);
    let command = next(plane).await?;
    refuse(plane, plane.node, &command, "backup-damaged").await?;
    // What follows from it is left for the test to answer.
    for _ in 0..3000 {
        if plane
            .control
            .operation(&caller, operation)
            .await?
            .state
            .is_final()
        {
            work.abort();
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("it has not ended".into())
}

/// Takes a backup that nothing by the clock comes between.
async fn in_local(plane: &Plane) -> Outcome {
    let request = serde_json::from_value(json!({ "store": "local" }))?;
    let caller = Caller::system();
    let operation = plane
        .control
        .take_backup(&caller, &"acme".parse()?, &request)
        .await?;
    ended(plane, operation).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_asked_for_stays_for_days_beside_a_newer_one() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    sqlx::query("UPDATE backup_store SET is_scheduled = false")
        .execute(&plane.pool)
        .await?;
    let hour = SignedDuration::from_hours(1);
    for _ in 0..3 {
        plane.later(hour).await?;
        in_local(&plane).await?;
    }
    run(&plane, "backup-retention").await?;
    assert_eq!(plane.texts(STATES).await?, ["kept"; 3]);
    // A week later the rules alone count, one of each day, although nothing newer came.
    plane.later(hour * (7 * 24 + 1)).await?;
    run(&plane, "backup-retention").await?;
    let kept =
        "SELECT (count(*) FILTER (WHERE state = 'kept') = count(DISTINCT (begun_at AT TIME ZONE 'UTC')::date)
        AND count(*) FILTER (WHERE state = 'forgotten') > 0)::text FROM backup";
    settle(&plane, kept, "true").await
}

/// The node did it well.
async fn well(plane: &Plane, command: &Command) -> Outcome {
    let ending = wire::node::Outcome {
        steps: Vec::new(),
        result: wire::node::CommandResult::Done(crate::backups::facts(&command.order)),
    };
    Ok(plane
        .control
        .command_outcome(plane.node, command.id, &ending)
        .await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_whose_store_is_away_for_a_moment_is_tried_again() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let backup = taken(&plane, "acme").await?;
    let request = serde_json::from_value(json!({ "confirm": "acme" }))?;
    let caller = Caller::system();
    let operation = plane.control.restore_backup(&caller, backup, &request).await?;
    let work = work(&plane.control);
    let safety = next(&plane).await?;
    well(&plane, &safety).await?;
    for is_away in [true, false] {
        let command = next(&plane).await?;
        assert!(matches!(command.order, Order::RestoreTenant(_)), "{command:?}");
        match is_away {
            true => refuse(&plane, plane.node, &command, "store-away").await?,
            false => well(&plane, &command).await?,
        }
    }
    work.abort();
    let record = ended(&plane, operation).await?;
    assert!(record.failure.is_none(), "{:?}", record.failure);
    assert_eq!(plane.texts("SELECT state FROM tenant").await?, ["active"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_builds_upon_damage_and_what_may_share_it_is_looked_at() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let minute = SignedDuration::from_mins(1);
    let mut backups = Vec::new();
    for _ in 0..4 {
        plane.later(minute).await?;
        backups.push(taken(&plane, "acme").await?);
    }
    plane.later(minute).await?;
    damage(&plane, *backups.get(2).ok_or("four were taken")?).await?;
    // Both next to it are read. The older one is damaged, too, so that the one before it is looked at; there it ends.
    let work = work(&plane.control);
    let mut looked = Vec::new();
    for _ in 0..3 {
        let command = next(&plane).await?;
        let Order::VerifyBackup(order) = &command.order else {
            return Err(format!("{:?}", command.order).into());
        };
        looked.push(order.backup);
        match Some(&order.backup) == backups.get(1) {
            true => refuse(&plane, plane.node, &command, "backup-damaged").await?,
            false => well(&plane, &command).await?,
        }
    }
    work.abort();
    looked.sort();
    let mut others = vec![backups[0], backups[1], backups[3]];
    others.sort();
    assert_eq!(looked, others);
    settle(
        &plane,
        "SELECT string_agg(state, ' ' ORDER BY begun_at) FROM backup",
        "kept damaged damaged kept",
    )
    .await?;
    // What is taken now is whole by itself, and the next builds upon that.
    for _ in 0..2 {
        plane.later(minute).await?;
        taken(&plane, "acme").await?;
    }
    let bases = "SELECT coalesce(payload ->> 'base', 'none') FROM node_command WHERE payload ? 'recipients'
        ORDER BY created_at DESC, id DESC LIMIT 2";
    let bases = plane.texts(bases).await?;
    assert_eq!(
        (bases[0].as_str() == "none", bases[1].as_str()),
        (false, "none"),
        "{bases:?}"
    );
    // Nobody mends the damaged ones any more: they go when a newer one is whole and they are a week old.
    plane.later(SignedDuration::from_hours(8 * 24)).await?;
    taken(&plane, "acme").await?;
    run(&plane, "backup-retention").await?;
    settle(
        &plane,
        "SELECT count(*)::text FROM backup WHERE state = 'damaged'",
        "0",
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_be_the_nodes_fault_is_held_against_a_backup_only_when_it_comes_every_time() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let backup = taken(&plane, "acme").await?;
    let request = serde_json::from_value(json!({ "restore": true }))?;
    let caller = Caller::system();
    for (times, state) in [(1, "kept"), (4, "damaged")] {
        let operation = plane.control.verify_backup(&caller, backup, &request).await?;
        let work = work(&plane.control);
        for _ in 0..times {
            let command = next(&plane).await?;
            refuse(&plane, plane.node, &command, "dump-failed").await?;
        }
        work.abort();
        ended(&plane, operation).await?;
        assert_eq!(plane.texts(STATES).await?, [state], "after {times}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_that_cannot_be_made_holds_up_no_other() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    for name in ["acme", "beta"] {
        plane.tenant(name).await?;
        taken(&plane, name).await?;
    }
    let proven = "SELECT count(*)::text FROM backup WHERE proven ->> 'rows' = '7'";
    // Whichever comes first, it finds no room on the disk; then it is the other's turn.
    let work = work(&plane.control);
    plane
        .control
        .run_regular(&Caller::system(), "backup-proofs")
        .await?;
    let command = next(&plane).await?;
    refuse(&plane, plane.node, &command, "disk-full").await?;
    settle(
        &plane,
        "SELECT count(*)::text FROM operation WHERE kind = 'backup.verify' AND state = 'failed'",
        "1",
    )
    .await?;
    work.abort();
    let unproven = plane.control.backup_health(&Caller::system()).await?.unproven;
    assert_eq!(unproven.len(), 1);
    assert_eq!(unproven[0].failure_code, "disk-full");
    // That it can be read proves nothing.
    let request = serde_json::from_value(json!({}))?;
    let (caller, backup) = (Caller::system(), unproven[0].backup.parse()?);
    let read = plane.control.verify_backup(&caller, backup, &request).await?;
    assert!(ended(&plane, read).await?.failure.is_none());
    assert_eq!(plane.control.backup_health(&caller).await?.unproven.len(), 1);
    let metrics = plane.control.metrics(&Caller::system()).await?;
    assert!(metrics.contains("\ntenantry_tenants_backup_unproven 1\n"));
    run(&plane, "backup-proofs").await?;
    settle(&plane, proven, "1").await?;
    run(&plane, "backup-proofs").await?;
    settle(&plane, proven, "2").await?;
    let unproven = plane.control.backup_health(&Caller::system()).await?.unproven;
    assert!(unproven.is_empty(), "{unproven:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_in_which_there_are_backups_stays_where_it_is() -> Outcome {
    let plane = Plane::start().await?;
    let caller = Caller::system();
    let put = |change: serde_json::Value| {
        let request = serde_json::from_value(change);
        let control = plane.control.clone();
        async move {
            let put = control
                .put_backup_store(&Caller::system(), &"offsite".parse()?, &request?)
                .await;
            Outcome::Ok(put)
        }
    };
    let made = json!({ "kind": "s3", "endpoint": "http://127.0.0.1:1", "bucket": "backups", "access_key": "ak",
        "secret_key": "sk", "lock_days": 14 });
    assert_eq!(put(made).await??.lock_days, Some(14));
    assert_eq!(
        put(json!({ "bucket": "other" })).await??.bucket.as_deref(),
        Some("other")
    );
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let request = serde_json::from_value(json!({ "store": "offsite" }))?;
    let operation = plane
        .control
        .take_backup(&caller, &"acme".parse()?, &request)
        .await?;
    ended(&plane, operation).await?;
    for (field, value) in [("bucket", "backups"), ("prefix", "elsewhere")] {
        let refused = put(json!({ field: value })).await?;
        let words = format!("{:?}", refused.map(|_| ()));
        assert!(words.contains(field) && words.contains("OneOf"), "{words}");
    }
    // It can be reached at another address, with other keys.
    let moved = json!({ "endpoint": "http://127.0.0.1:2", "secret_key": "other" });
    assert_eq!(put(moved).await??.endpoint.as_deref(), Some("http://127.0.0.1:2"));
    Ok(())
}
