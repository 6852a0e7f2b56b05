//! Backups and proofs of many: none of them waits behind a tenant or a node that stands still, and none is told to be what it is not.

use crate::backups::{ORDERS, clock, knows, run, settle, taken, work};
use crate::{Outcome, Plane};
use control::{Caller, ConflictReason, ControlError};
use domain::{NodeName, Subdomain};
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;

const TAKING: &str = "SELECT subdomain FROM backup WHERE state = 'taking' ORDER BY subdomain";
const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn switch(plane: &Plane, name: &str, position: &str) -> Outcome {
    let request = serde_json::from_value(json!({ "switch": position, "reason": "a test" }))?;
    let name: Subdomain = name.parse()?;
    plane
        .control
        .switch_tenant(&Caller::system(), &name, &request)
        .await?;
    Ok(())
}

/// Of each tenant one backup stays.
async fn keep_one(plane: &Plane) -> Outcome {
    let one = json!({ "kind": "folder", "retention": { "last": 1, "days": 0, "weeks": 0, "months": 0, "years": 0 } });
    plane
        .control
        .put_backup_store(
            &Caller::system(),
            &"local".parse()?,
            &serde_json::from_value(one)?,
        )
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_as_are_allowed_are_taken_at_once_and_who_is_stopped_holds_up_nobody() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    for name in ["aaa", "bbb", "ccc", "ddd"] {
        plane.tenant(name).await?;
    }
    plane.later(DAY * 2).await?;
    clock(&plane, "backups").await?;
    let first = plane.texts(TAKING).await?;
    assert_eq!(first.len(), 2, "{first:?}");
    clock(&plane, "backups").await?;
    assert_eq!(plane.texts(TAKING).await?, first, "there is no room");
    // These two wait for as long as their tenants are stopped, and it is the others' turn.
    for name in &first {
        switch(&plane, name, "stopped").await?;
    }
    clock(&plane, "backups").await?;
    assert_eq!(plane.texts(TAKING).await?, ["aaa", "bbb", "ccc", "ddd"]);
    settle(
        &plane,
        "SELECT count(*)::text FROM backup WHERE state = 'kept'",
        "2",
    )
    .await?;
    // Nothing more is begun of them until they go on.
    plane.later(DAY).await?;
    clock(&plane, "backups").await?;
    settle(
        &plane,
        "SELECT count(*)::text FROM backup WHERE state = 'kept'",
        "4",
    )
    .await?;
    let of_stopped =
        "SELECT count(*)::text FROM backup b JOIN tenant t ON t.id = b.tenant_id WHERE t.switch = 'stopped'";
    assert_eq!(plane.texts(of_stopped).await?, ["2"]);
    for name in &first {
        switch(&plane, name, "active").await?;
    }
    settle(
        &plane,
        "SELECT count(*)::text FROM backup WHERE state = 'taking'",
        "0",
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waited_longest_is_first() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    for name in ["aaa", "bbb", "ccc"] {
        plane.tenant(name).await?;
    }
    plane.later(DAY * 2).await?;
    for _ in 0..2 {
        run(&plane, "backups").await?;
    }
    let kept = "SELECT count(*)::text FROM backup WHERE state = 'kept'";
    settle(&plane, kept, "3").await?;
    // Of two of them the last one is long ago; of the one whose identity comes first it is not.
    let age = "UPDATE backup SET begun_at = begun_at - interval '5 days' WHERE subdomain <> 'aaa'";
    sqlx::query(age).execute(&plane.pool).await?;
    plane.later(DAY * 2).await?;
    clock(&plane, "backups").await?;
    assert_eq!(plane.texts(TAKING).await?, ["bbb", "ccc"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clock_that_ran_ahead_wrote_down_is_not_taken_for_the_newest() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    taken(&plane, "acme").await?;
    let ahead = "UPDATE backup SET begun_at = begun_at + interval '1 year', kind = 'scheduled'";
    sqlx::query(ahead).execute(&plane.pool).await?;
    plane.later(DAY * 4).await?;
    assert_eq!(plane.control.backup_health(&Caller::system()).await?.unguarded, 1);
    run(&plane, "backups").await?;
    settle(
        &plane,
        "SELECT count(*)::text FROM backup WHERE state = 'kept'",
        "2",
    )
    .await?;
    assert_eq!(plane.control.backup_health(&Caller::system()).await?.unguarded, 0);
    // The newest by its own words makes nothing that is newer go.
    keep_one(&plane).await?;
    run(&plane, "backup-retention").await?;
    assert_eq!(
        plane
            .texts("SELECT count(*)::text FROM backup WHERE state = 'kept'")
            .await?,
        ["2"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_away_is_asked_for_no_proof_and_takes_its_folder_along() -> Outcome {
    let plane = Plane::start().await?;
    let beta = crate::moving::second_node(&plane).await?;
    knows(&plane).await?;
    crate::moving::greet(&plane.control, beta, &ORDERS).await?;
    plane.tenant("acme").await?;
    taken(&plane, "acme").await?;
    // The tenant is on another node by now, and the one with its backup does not answer.
    let moved = "UPDATE tenant SET node_id = (SELECT id FROM node WHERE name = 'beta')";
    sqlx::query(moved).execute(&plane.pool).await?;
    let away = "UPDATE node SET last_seen_at = last_seen_at - interval '1 hour' WHERE name <> 'beta'";
    sqlx::query(away).execute(&plane.pool).await?;
    let proofs = "SELECT count(*)::text FROM operation WHERE kind = 'backup.verify'";
    clock(&plane, "backup-proofs").await?;
    assert_eq!(plane.texts(proofs).await?, ["0"]);
    // Its next backup does not wait for the other node.
    let request = serde_json::from_value(json!({}))?;
    let (caller, name) = (Caller::system(), "acme".parse::<Subdomain>()?);
    plane.control.take_backup(&caller, &name, &request).await?;
    let work = work(&plane.control);
    let kept = "SELECT count(*)::text FROM backup WHERE state = 'kept'";
    for _ in 0..3000 {
        plane.answer_as(beta, true).await?;
        if plane.texts(kept).await? == ["2"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    work.abort();
    assert_eq!(plane.texts(kept).await?, ["2"]);
    // With the node goes what lay on it, and what is there is still there.
    let alpha: NodeName = plane.texts("SELECT name FROM node WHERE name <> 'beta'").await?[0].parse()?;
    plane
        .control
        .remove_node(&caller, &alpha, Some(alpha.as_str()))
        .await?;
    let states = "SELECT n.name = 'beta' AND b.state = 'kept' AND b.cleared_at IS NULL
        OR n.name <> 'beta' AND b.state = 'forgotten' AND b.cleared_at IS NOT NULL AND b.failure LIKE '%taken out%'
        FROM backup b JOIN node n ON n.id = b.node_id";
    let states: Vec<bool> = sqlx::query_scalar(states).fetch_all(&plane.pool).await?;
    assert_eq!(states, [true, true]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_were_changed_hold_for_what_is_there() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    for _ in 0..3 {
        taken(&plane, "acme").await?;
        plane.later(DAY).await?;
    }
    // So long ago that nobody looks at them because one is new, or has had its time.
    plane.later(DAY * 20).await?;
    let kept = "SELECT count(*)::text FROM backup WHERE state = 'kept'";
    run(&plane, "backup-retention").await?;
    settle(&plane, kept, "3").await?;
    keep_one(&plane).await?;
    run(&plane, "backup-retention").await?;
    settle(&plane, kept, "1").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_lacks_files_which_an_older_one_has_is_told_of() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    for missing in [2, 5] {
        let backup = taken(&plane, "acme").await?;
        sqlx::query(
            "UPDATE backup SET kept = kept || jsonb_build_object('files_missing', $2::int) WHERE id = $1",
        )
        .bind(backup.uuid())
        .bind(missing)
        .execute(&plane.pool)
        .await?;
        plane.later(DAY).await?;
    }
    let told = plane.control.backup_health(&Caller::system()).await?.incomplete;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].subdomain.as_str(), told[0].files_missing), ("acme", 5));
    // Where none has more, there is nothing that a person could do about it.
    let same = "UPDATE backup SET kept = kept || '{\"files_missing\": 5}'";
    sqlx::query(same).execute(&plane.pool).await?;
    assert!(
        plane
            .control
            .backup_health(&Caller::system())
            .await?
            .incomplete
            .is_empty()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_backup_may_wait_for_another_and_no_third_does() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let (caller, name) = (Caller::system(), "acme".parse::<Subdomain>()?);
    let request = serde_json::from_value(json!({}))?;
    plane.control.take_backup(&caller, &name, &request).await?;
    let waits = plane.control.take_backup(&caller, &name, &request).await?;
    let refused = plane.control.take_backup(&caller, &name, &request).await;
    assert!(
        matches!(refused, Err(ControlError::Conflict(ConflictReason::BackupWaits(operation))) if operation == waits)
    );
    // A download is of the one that waits.
    let link = serde_json::from_value(json!({}))?;
    plane.control.download_tenant(&caller, &name, &link).await?;
    let of = "SELECT (b.operation_id = $1)::text FROM download d JOIN backup b ON b.id = d.backup_id";
    let of: String = sqlx::query_scalar(of)
        .bind(waits.uuid())
        .fetch_one(&plane.pool)
        .await?;
    assert_eq!(of, "true");
    let kept = "SELECT count(*)::text FROM backup WHERE state = 'kept'";
    settle(&plane, kept, "2").await?;
    plane.control.take_backup(&caller, &name, &request).await?;
    settle(&plane, kept, "3").await
}
