//! The audit trail's chain: whatever is changed in the database afterwards is found, and where.

use crate::{Outcome, Plane, server};
use control::{Caller, Control, Reencrypt};
use jiff::SignedDuration;
use sqlx::AssertSqlSafe;
use wire::audit::{AuditRange, AuditVerification};

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Plane {
    /// Writes an entry, as any change does.
    async fn change(&self, number: u32) -> Outcome {
        let body = serde_json::from_value(serde_json::json!({ "name": format!("key{number}") }))?;
        self.control.create_key(&Caller::system(), body).await?;
        Ok(())
    }

    async fn check(&self) -> Outcome<AuditVerification> {
        Ok(self
            .control
            .verify_audit(&Caller::system(), &AuditRange::default())
            .await?)
    }

    async fn run(&self, statement: &str) -> Outcome {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What a check finds: day by its place from the first, number, what.
    async fn findings(&self) -> Outcome<Vec<(Option<i64>, String)>> {
        let checked = self.check().await?;
        let findings = checked.findings.into_iter();
        Ok(findings.map(|finding| (finding.number, finding.broken)).collect())
    }
}

/// A plane with two days in its chain: the first has ended with five entries, the second goes on with three, and these
/// were sealed one by one.
async fn two_days() -> Outcome<Plane> {
    let plane = Plane::start().await?;
    // At noon, so that no day ends before its time.
    let second = plane.control.now().as_second().rem_euclid(86_400);
    plane
        .world
        .advance(SignedDuration::from_secs(86_400 + 43_200 - second));
    plane.run("DELETE FROM audit_entry").await?;
    for number in 1..=4 {
        plane.change(number).await?;
    }
    // The key that signs says so in the trail as the fifth.
    plane.control.seal_entries().await?;
    plane.control.seal_entries().await?;
    plane.world.advance(DAY);
    for number in 5..=7 {
        plane.change(number).await?;
        plane.control.seal_entries().await?;
    }
    let checked = plane.check().await?;
    assert!(checked.whole, "{checked:?}");
    assert_eq!((checked.days, checked.entries, checked.unsealed), (2, 8, 0));
    Ok(plane)
}

fn found(expected: &[(Option<i64>, &str)]) -> Vec<(Option<i64>, String)> {
    let owned = expected
        .iter()
        .map(|(number, broken)| (*number, (*broken).to_owned()));
    owned.collect()
}

const FIRST: &str = "chain_day = (SELECT min(day) FROM audit_day)";
const SECOND: &str = "chain_day = (SELECT max(day) FROM audit_day)";

#[tokio::test]
async fn one_byte_of_any_column_of_one_row_is_found_and_which() -> Outcome {
    let plane = two_days().await?;
    for change in [
        "subject = 'Key2'",
        "actor = 'systen'",
        "action = 'key.revoke'",
        "role = NULL",
        "outcome = 'failed'",
        "at = at + interval '1 microsecond'",
        "address = '192.0.2.1'",
        "reason = ''",
        "request_id = '0'",
        "organization_id = '00000000-0000-0000-0000-000000000001'",
        "tenant_id = '00000000-0000-0000-0000-000000000001'",
        "operation_id = '00000000-0000-0000-0000-000000000001'",
        "detail = jsonb_set(detail, '{read_only}', 'true')",
    ] {
        let row = format!("{FIRST} AND chain_number = 2");
        plane
            .run("CREATE TABLE kept AS SELECT * FROM audit_entry")
            .await?;
        plane
            .run(&format!("UPDATE audit_entry SET {change} WHERE {row}"))
            .await?;
        assert_eq!(
            plane.findings().await?,
            found(&[(Some(2), "altered")]),
            "{change}"
        );
        plane
            .run(
                "UPDATE audit_entry e SET (at, actor, action, role, outcome, subject, address, reason, request_id, organization_id,
                     tenant_id, operation_id, detail)
                     = (k.at, k.actor, k.action, k.role, k.outcome, k.subject, k.address, k.reason, k.request_id, k.organization_id,
                     k.tenant_id, k.operation_id, k.detail)
                 FROM kept k WHERE k.id = e.id",
            )
            .await?;
        plane.run("DROP TABLE kept").await?;
        assert!(plane.check().await?.whole, "{change}");
    }
    Ok(())
}

#[tokio::test]
async fn a_row_that_is_deleted_added_or_swapped_is_found_and_which() -> Outcome {
    for (statement, expected) in [
        (
            format!("DELETE FROM audit_entry WHERE {FIRST} AND chain_number = 3"),
            found(&[(Some(3), "missing")]),
        ),
        // The day's end cut off, of a day that has ended and of one that goes on.
        (
            format!("DELETE FROM audit_entry WHERE {FIRST} AND chain_number >= 4"),
            found(&[(Some(4), "missing"), (Some(5), "missing")]),
        ),
        (
            format!("UPDATE audit_entry SET chain_signature = NULL WHERE {SECOND} AND chain_number = 3"),
            found(&[(Some(3), "cut")]),
        ),
        (
            format!(
                "UPDATE audit_entry a SET subject = b.subject, detail = b.detail, at = b.at FROM audit_entry b
                 WHERE a.{FIRST} AND b.chain_day = a.chain_day AND (a.chain_number, b.chain_number) IN ((1, 2), (2, 1))"
            ),
            found(&[(Some(1), "altered"), (Some(2), "altered")]),
        ),
        (
            format!(
                "UPDATE audit_entry SET chain_number = 99 WHERE {FIRST} AND chain_number = 2;
                 UPDATE audit_entry SET chain_number = 2 WHERE {FIRST} AND chain_number = 4;
                 UPDATE audit_entry SET chain_number = 4 WHERE {FIRST} AND chain_number = 99"
            ),
            // The fourth was the last of its seal, whose signature names its place.
            found(&[
                (Some(2), "altered"),
                (Some(2), "seal-forged"),
                (Some(3), "altered"),
                (Some(4), "altered"),
                (Some(5), "altered"),
            ]),
        ),
        // A row that somebody wrote at the end of a day that has ended.
        (
            format!(
                "INSERT INTO audit_entry (at, actor, action, outcome, subject, chain_day, chain_number, chain_hash)
                 SELECT at, actor, action, outcome, subject, chain_day, 6, chain_hash FROM audit_entry
                 WHERE {FIRST} AND chain_number = 5"
            ),
            found(&[(Some(6), "altered"), (Some(6), "added")]),
        ),
        (
            "INSERT INTO audit_entry (at, actor, action, outcome, subject, chain_day, chain_number, chain_hash)
             SELECT at, actor, action, outcome, subject, '2020-01-01', 1, chain_hash FROM audit_entry LIMIT 1"
                .to_owned(),
            found(&[(Some(1), "stray")]),
        ),
    ] {
        let plane = two_days().await?;
        plane.run(&statement).await?;
        assert_eq!(plane.findings().await?, expected, "{statement}");
        assert!(!plane.check().await?.whole);
    }
    Ok(())
}

#[tokio::test]
async fn heads_days_and_seals_cannot_be_forged() -> Outcome {
    for (statement, expected) in [
        (
            "UPDATE audit_day SET entries = 4 WHERE closed_at IS NOT NULL".to_owned(),
            found(&[(None, "head-forged"), (Some(5), "added")]),
        ),
        (
            // The last entry and the head's count and hash, all to match; only the signature cannot.
            format!(
                "DELETE FROM audit_entry WHERE {FIRST} AND chain_number = 5;
                 UPDATE audit_day SET entries = 4, last = (SELECT chain_hash FROM audit_entry WHERE {FIRST} AND chain_number = 4)
                 WHERE closed_at IS NOT NULL"
            ),
            found(&[(None, "head-forged"), (None, "joint")]),
        ),
        (
            "UPDATE audit_day SET dropped_at = now(), drop_signature = signature WHERE closed_at IS NOT NULL;
             DELETE FROM audit_entry WHERE chain_day = (SELECT min(day) FROM audit_day)"
                .to_owned(),
            found(&[(None, "drop-forged")]),
        ),
        (
            format!("UPDATE audit_entry SET chain_signature = set_byte(chain_signature, 0, get_byte(chain_signature, 0) # 1)
                     WHERE {SECOND} AND chain_number = 2"),
            found(&[(Some(2), "seal-forged")]),
        ),
        (
            format!("DELETE FROM audit_entry WHERE {FIRST}; DELETE FROM audit_day WHERE closed_at IS NOT NULL;
                     UPDATE audit_day SET before = decode(repeat('00', 32), 'hex')"),
            found(&[(Some(1), "altered")]),
        ),
    ] {
        let plane = two_days().await?;
        plane.run(&statement).await?;
        assert_eq!(plane.findings().await?, expected, "{statement}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_somebody_else_put_there_proves_nothing() -> Outcome {
    let plane = two_days().await?;
    plane
        .run("UPDATE audit_key SET sealed = set_byte(sealed, 50, get_byte(sealed, 50) # 1)")
        .await?;
    let kinds: std::collections::BTreeSet<String> = plane
        .findings()
        .await?
        .into_iter()
        .map(|(_, broken)| broken)
        .collect();
    let expected = ["head-forged", "seal-forged"].map(str::to_owned);
    assert_eq!(kinds, expected.into());
    assert!(plane.control.audit_keys(&Caller::system()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_chain_that_was_set_back_is_noticed_by_the_server_that_sealed_it() -> Outcome {
    let plane = two_days().await?;
    // To the end of an earlier seal, so that what is left is sound in itself.
    plane
        .run(&format!(
            "DELETE FROM audit_entry WHERE {SECOND} AND chain_number > 1"
        ))
        .await?;
    assert!(plane.check().await?.whole);
    plane.control.seal_entries().await?;
    let said = plane
        .texts("SELECT detail -> 'seen' ->> 'number' FROM audit_entry WHERE action = 'audit.cut'")
        .await?;
    assert_eq!(said, ["3"]);
    Ok(())
}

#[tokio::test]
async fn replicas_that_write_and_seal_at_once_make_one_chain() -> Outcome {
    let plane = Plane::start().await?;
    let mut tasks = tokio::task::JoinSet::new();
    for replica in 0..3u64 {
        let (control, _) = server(&plane.url, 10 + replica)?;
        let sealer: Control = control.clone();
        tasks.spawn(async move {
            for number in 0..25 {
                let body = serde_json::json!({ "name": format!("key{replica}x{number}") });
                let body = serde_json::from_value(body).map_err(|error| error.to_string())?;
                let made = control.create_key(&Caller::system(), body).await;
                made.map_err(|error| error.to_string())?;
            }
            Ok::<(), String>(())
        });
        tasks.spawn(async move {
            for _ in 0..25 {
                sealer
                    .seal_entries()
                    .await
                    .map_err(|error| format!("{error:?}"))?;
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    plane.control.seal_entries().await?;
    plane.control.seal_entries().await?;
    let checked = plane.check().await?;
    assert!(checked.whole && checked.unsealed == 0, "{checked:?}");
    let gaps =
        "SELECT count(*)::text FROM (SELECT chain_number, row_number() OVER (ORDER BY chain_number) AS place
                    FROM audit_entry) AS chained WHERE chain_number <> place";
    assert_eq!(plane.texts(gaps).await?, ["0"]);
    Ok(())
}

#[tokio::test]
async fn days_without_a_server_are_there_and_entries_after_midnight_belong_to_the_new_day() -> Outcome {
    let plane = two_days().await?;
    plane.world.advance(DAY * 3);
    assert_eq!(plane.control.seal_entries().await?, 0);
    let checked = plane.check().await?;
    assert!(checked.whole, "{checked:?}");
    assert_eq!((checked.days, checked.entries), (5, 8));
    let heads = "SELECT entries::text FROM audit_day ORDER BY day";
    let heads: Vec<Option<String>> = sqlx::query_scalar(heads).fetch_all(&plane.pool).await?;
    let heads: Vec<Option<&str>> = heads.iter().map(Option::as_deref).collect();
    assert_eq!(heads, [Some("5"), Some("3"), Some("0"), Some("0"), None]);
    plane
        .run("DELETE FROM audit_day WHERE entries = 0 AND day = (SELECT max(day) - 2 FROM audit_day)")
        .await?;
    assert_eq!(plane.findings().await?[0].1, "day-missing");
    Ok(())
}

#[tokio::test]
async fn retention_drops_whole_days_that_have_ended_and_keeps_their_heads() -> Outcome {
    let plane = two_days().await?;
    let set = |days: i64| {
        vec![(
            "audit.retention_days".to_owned(),
            Some(domain::SettingValue::Number(days)),
        )]
    };
    let system = Caller::system();
    assert_eq!(plane.control.drop_old_audit_days().await?, 0);
    plane
        .control
        .change_settings(&system, set(1), control::Named::ByKey)
        .await?;
    // Yesterday is kept for the whole of today.
    assert_eq!(plane.control.drop_old_audit_days().await?, 0);
    plane.world.advance(DAY);
    plane.control.seal_entries().await?;
    assert_eq!(plane.control.drop_old_audit_days().await?, 1);
    assert_eq!(plane.control.drop_old_audit_days().await?, 0);
    plane.control.seal_entries().await?;
    let checked = plane.check().await?;
    assert!(checked.whole, "{checked:?}");
    // Three and the setting of the second day, and on the third the drop itself.
    assert_eq!((checked.days, checked.entries), (3, 5));
    let said = "SELECT actor || ' ' || (detail -> 'days' -> 0 ->> 'entries') FROM audit_entry WHERE action = 'audit.drop'";
    assert_eq!(plane.texts(said).await?, ["system 5"]);
    Ok(())
}

#[tokio::test]
async fn the_key_survives_the_exchange_of_the_server_s_keys() -> Outcome {
    let plane = two_days().await?;
    plane.control.open_keys().await?;
    let before = plane.control.audit_keys(&Caller::system()).await?;
    let rotation = plane
        .control
        .rotate_keys(&Caller::system(), Reencrypt::All)
        .await?;
    assert!(rotation.resealed >= 1 && rotation.unreadable == 0, "{rotation:?}");
    let after = plane.control.audit_keys(&Caller::system()).await?;
    assert_eq!(before[0].public_key, after[0].public_key);
    plane.change(8).await?;
    plane.control.seal_entries().await?;
    let checked = plane.check().await?;
    assert!(checked.whole, "{checked:?}");
    assert_eq!(after.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_waits_too_long_for_its_seal_is_said() -> Outcome {
    let plane = two_days().await?;
    plane.change(8).await?;
    let checked = plane.check().await?;
    assert!(checked.whole && checked.unsealed == 1, "{checked:?}");
    plane.world.advance(SignedDuration::from_mins(2));
    assert!(!plane.check().await?.whole);
    plane.control.seal_entries().await?;
    assert!(plane.check().await?.whole);
    Ok(())
}
