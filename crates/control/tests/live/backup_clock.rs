//! Backups by the clock: who is due, who misses one, what stays and what goes.

use crate::backups::{STATES, knows, run, settle, taken};
use crate::{Outcome, Plane};
use control::Caller;
use jiff::SignedDuration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tenant_is_due_once_a_day_and_what_no_rule_keeps_goes() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let day = SignedDuration::from_hours(24);
    let kept = "SELECT count(*) FILTER (WHERE state = 'kept')::text FROM backup";
    // A tenant's own moment may be in its first hour, when there is nothing to lose yet.
    plane.later(SignedDuration::from_hours(2)).await?;
    for number in 1..=10 {
        plane.later(day).await?;
        run(&plane, "backups").await?;
        settle(&plane, kept, &number.to_string()).await?;
        // Once more, nobody is due.
        run(&plane, "backups").await?;
        assert_eq!(
            plane.texts("SELECT count(*)::text FROM backup").await?,
            [number.to_string()]
        );
        if number == 9 {
            let hold = "UPDATE backup SET is_held = true WHERE begun_at = (SELECT min(begun_at) FROM backup)";
            sqlx::query(hold).execute(&plane.pool).await?;
        }
    }
    // The second one builds on the first.
    let based = "SELECT count(*)::text FROM node_command WHERE payload ->> 'base' IS NOT NULL";
    assert_eq!(plane.texts(based).await?, ["9"]);
    run(&plane, "backup-retention").await?;
    let left = "SELECT count(*) FILTER (WHERE state = 'kept')::text || ' of ' || count(*) || ', cleared '
        || count(cleared_at) FROM backup";
    let rules = "SELECT (retention ->> 'days')::int::text FROM backup_store";
    assert_eq!(plane.texts(rules).await?, ["7"]);
    let held = "SELECT bool_or(is_held AND state = 'kept')::text FROM backup";
    settle(&plane, held, "true").await?;
    let forgotten = "SELECT (count(*) FILTER (WHERE state = 'forgotten') BETWEEN 0 AND 2
        AND coalesce(bool_and(cleared_at IS NOT NULL) FILTER (WHERE state = 'forgotten'), true))::text FROM backup";
    settle(&plane, forgotten, "true")
        .await
        .map_err(|error| format!("{error}; {left}"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_and_a_tenant_have_a_schedule_of_their_own() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    let caller = Caller::system();
    for name in ["usual", "often", "never"] {
        plane.tenant(name).await?;
    }
    let said = |every_hours| wire::backups::BackupSchedule {
        every_hours: Some(every_hours),
        opens_hour: None,
    };
    // The plan has one every six hours; of its tenants one has them every two, and one none.
    plane
        .control
        .set_plan_backups(&caller, &"basic".parse()?, &said(6))
        .await?;
    plane
        .control
        .set_backup_schedule(&caller, &"often".parse()?, &said(2))
        .await?;
    let set = plane
        .control
        .set_backup_schedule(&caller, &"never".parse()?, &said(0))
        .await?;
    assert_eq!(
        (set.every_hours, set.next_at, set.decided_by.as_str()),
        (0, None, "tenant")
    );
    let shown = plane.control.backup_schedule(&caller, &"usual".parse()?).await?;
    assert_eq!((shown.every_hours, shown.decided_by.as_str()), (6, "plan"));

    plane.later(SignedDuration::from_hours(1)).await?;
    let mut told = 0;
    for _ in 0..48 {
        let shown = plane.control.backup_schedule(&caller, &"usual".parse()?).await?;
        let next = shown.next_at.ok_or("it has a next one")?;
        let before = of(&plane, "usual").await?;
        plane.later(SignedDuration::from_mins(30)).await?;
        // Its moment is not to come while the round is under way.
        if (plane.control.now()..plane.control.now() + SignedDuration::from_mins(1)).contains(&next) {
            plane.later(SignedDuration::from_mins(2)).await?;
        }
        let now = plane.control.now();
        run(&plane, "backups").await?;
        settle(
            &plane,
            "SELECT count(*) FILTER (WHERE state = 'taking')::text FROM backup",
            "0",
        )
        .await?;
        // What was told is what came.
        let is_due = next <= now;
        assert_eq!(of(&plane, "usual").await? > before, is_due, "{next}");
        told += usize::from(is_due);
    }
    let counts = [
        of(&plane, "usual").await?,
        of(&plane, "often").await?,
        of(&plane, "never").await?,
    ];
    assert!(
        (3..=5).contains(&counts[0]) && (11..=13).contains(&counts[1]),
        "{counts:?}"
    );
    assert_eq!((counts[2], told), (0, counts[0]));

    // Nobody misses the backup of whom none is expected; of the others, each by its own measure.
    let health = plane.control.backup_health(&caller).await?;
    assert_eq!((health.tenants, health.unguarded, health.left_out), (2, 0, 1));
    // Three hours are the measure of the one with two, and five those until the other's next at the earliest.
    plane.later(SignedDuration::from_mins(3 * 60 + 1)).await?;
    let health = plane.control.backup_health(&caller).await?;
    let without: Vec<_> = health.without.iter().map(|one| one.subdomain.as_str()).collect();
    assert!(
        without.contains(&"often") && !without.contains(&"never"),
        "{without:?}"
    );

    // The settings' zero holds for whoever says nothing else.
    plane
        .control
        .set_plan_backups(
            &caller,
            &"basic".parse()?,
            &wire::backups::BackupSchedule::default(),
        )
        .await?;
    sqlx::query("INSERT INTO setting (key, value, changed_at, changed_by) VALUES ('backup.every_hours', '0', now(), 'system')")
        .execute(&plane.pool)
        .await?;
    plane.control.look_again().await?;
    let health = plane.control.backup_health(&caller).await?;
    assert!(health.by_clock, "one tenant says so for itself");
    run(&plane, "backups").await?;
    settle(
        &plane,
        "SELECT count(*) FILTER (WHERE state = 'taking')::text FROM backup",
        "0",
    )
    .await?;
    assert_eq!(
        [of(&plane, "usual").await?, of(&plane, "often").await?],
        [counts[0], counts[1] + 1]
    );
    Ok(())
}

/// How many backups there are of a tenant.
async fn of(plane: &Plane, name: &str) -> Outcome<usize> {
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM backup WHERE subdomain = $1");
    Ok(usize::try_from(count.bind(name).fetch_one(&plane.pool).await?)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_without_a_fresh_backup_is_told_of_and_what_is_left_of_a_purged_one_goes_in_time() -> Outcome
{
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    plane.tenant("bare").await?;
    taken(&plane, "acme").await?;
    let caller = Caller::system();
    assert_eq!(plane.control.backup_health(&caller).await?.unguarded, 0);
    plane.later(SignedDuration::from_hours(35)).await?;
    taken(&plane, "acme").await?;
    plane.later(SignedDuration::from_hours(2)).await?;
    let health = plane.control.backup_health(&caller).await?;
    let without: Vec<_> = health.without.iter().map(|one| one.subdomain.as_str()).collect();
    assert_eq!((health.tenants, health.unguarded, without), (2, 1, vec!["bare"]));
    assert_eq!((health.backups, health.by_clock), (2, true));

    // As a purge leaves them: the backups, and no tenant. The other tenant gets none meanwhile.
    sqlx::query("UPDATE backup_store SET is_scheduled = false")
        .execute(&plane.pool)
        .await?;
    let open = "SELECT count(*)::text FROM backup WHERE state = 'taking'";
    settle(&plane, open, "0").await?;
    sqlx::query("WITH one AS (SELECT gen_random_uuid() AS id) UPDATE backup SET tenant_id = one.id FROM one")
        .execute(&plane.pool)
        .await?;
    sqlx::query("UPDATE backup SET is_held = true WHERE begun_at = (SELECT min(begun_at) FROM backup)")
        .execute(&plane.pool)
        .await?;
    let kept = "SELECT count(*)::text FROM backup WHERE state = 'kept'";
    let before = plane.texts(kept).await?;
    plane.later(SignedDuration::from_hours(89 * 24)).await?;
    run(&plane, "backup-retention").await?;
    assert_eq!(plane.texts(kept).await?, before);
    plane.later(SignedDuration::from_hours(2 * 24)).await?;
    run(&plane, "backup-retention").await?;
    settle(&plane, kept, "1").await?;
    assert_eq!(
        plane
            .texts("SELECT is_held::text FROM backup WHERE state = 'kept'")
            .await?,
        ["true"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_has_a_last_backup_before_it_is_purged() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let caller = Caller::system();
    let confirmed = control::Confirmed::by_naming("acme".parse()?);
    plane.control.delete_tenant(&caller, &confirmed).await?;
    plane.answer(true).await?;
    assert_eq!(plane.texts("SELECT state FROM tenant").await?, ["deleted"]);
    // Not at once: who takes the deletion back, or purges, meets nothing under way.
    run(&plane, "backups").await?;
    assert_eq!(plane.texts("SELECT count(*)::text FROM backup").await?, ["0"]);
    plane.later(SignedDuration::from_hours(30 * 24 + 1)).await?;
    assert_eq!(
        plane.control.purge_due().await?,
        0,
        "it does not wait for its last backup"
    );
    run(&plane, "backups").await?;
    settle(&plane, "SELECT kind || ' ' || state FROM backup", "final kept").await?;
    // One is enough.
    run(&plane, "backups").await?;
    assert_eq!(plane.texts("SELECT count(*)::text FROM backup").await?, ["1"]);
    run(&plane, "backup-proofs").await?;
    let proven = "SELECT count(*)::text FROM backup WHERE proven ->> 'rows' = '7'";
    settle(&plane, proven, "1").await?;
    assert_eq!(plane.control.purge_due().await?, 1);
    // It was looked at: the node is told of it, and dumps nothing once more. It is not forgotten meanwhile.
    let told =
        "SELECT (payload ->> 'last_backup' = 'bak_' || replace((SELECT id FROM backup)::text, '-', ''))::text
        FROM node_command ORDER BY created_at DESC, id DESC LIMIT 1";
    assert_eq!(plane.texts(told).await?, ["true"]);
    let held = "SELECT (in_use_until > now())::text FROM backup";
    assert_eq!(plane.texts(held).await?, ["true"]);
    plane.answer(true).await?;
    assert_eq!(plane.texts("SELECT subdomain FROM tenant").await?, [""; 0]);
    assert_eq!(plane.texts(STATES).await?, ["kept"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_gets_nothing_is_told_of_although_another_does() -> Outcome {
    let plane = Plane::start().await?;
    knows(&plane).await?;
    plane.tenant("acme").await?;
    let caller = Caller::system();
    let second = serde_json::from_value(serde_json::json!({ "kind": "folder" }))?;
    plane
        .control
        .put_backup_store(&caller, &"second".parse()?, &second)
        .await?;
    assert_eq!(plane.control.backup_health(&caller).await?.unguarded, 0);
    // Only one of the two gets a backup within a day and a half.
    plane.later(SignedDuration::from_hours(35)).await?;
    taken(&plane, "acme").await?;
    plane.later(SignedDuration::from_hours(2)).await?;
    let health = plane.control.backup_health(&caller).await?;
    let without: Vec<_> = health.without.iter().map(|one| one.store.as_deref()).collect();
    assert_eq!(
        (health.tenants, health.unguarded, without),
        (1, 1, vec![Some("second")])
    );
    // By the clock both get theirs, and both are restored for proof.
    run(&plane, "backups").await?;
    settle(
        &plane,
        "SELECT count(*) FILTER (WHERE state = 'kept')::text FROM backup",
        "3",
    )
    .await?;
    assert_eq!(plane.control.backup_health(&caller).await?.unguarded, 0);
    for _ in 0..2 {
        run(&plane, "backup-proofs").await?;
    }
    let proven = "SELECT count(DISTINCT store_id)::text FROM backup WHERE proven ->> 'rows' = '7'";
    settle(&plane, proven, "2").await?;
    Ok(())
}
