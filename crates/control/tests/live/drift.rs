//! What nodes see otherwise, the plan that mends it, and the operator's switch.

use crate::{Outcome, Plane};
use control::{Caller, ConflictReason, ControlError, Decision};
use jiff::SignedDuration;
use serde_json::json;
use wire::node::{ManagedSeen, Observed, Order};
use wire::work::SetSwitch;

impl Plane {
    /// The tenant of this name as its node sees it, if all is well.
    pub(crate) async fn seen(&self, name: &str) -> Outcome<ManagedSeen> {
        let tenant = self.control.tenant(&Caller::system(), &name.parse()?).await?;
        Ok(ManagedSeen {
            tenant: tenant.id,
            database: tenant.subdomain.database().to_string(),
            exists: true,
            standing: "open".to_owned(),
            marker: "active".to_owned(),
            generation: tenant.generation,
        })
    }

    /// The node tells what it sees, a second after everything before.
    pub(crate) async fn tells(&self, managed: Vec<ManagedSeen>) -> Outcome {
        self.world.advance(SignedDuration::from_secs(1));
        let observed = Observed {
            managed: Some(managed),
            ..Observed::default()
        };
        self.control.node_observed(self.node, &observed).await?;
        Ok(())
    }

    async fn kinds(&self) -> Outcome<Vec<&'static str>> {
        let drift = self.control.drift(&Caller::system()).await?;
        Ok(drift
            .found
            .iter()
            .map(|one| one.found.difference.kind())
            .collect())
    }
}

#[tokio::test]
async fn what_a_node_sees_otherwise_is_told_and_what_is_under_way_is_not() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "kept"] {
        plane.tenant(name).await?;
    }
    let (acme, kept) = (plane.seen("acme").await?, plane.seen("kept").await?);
    plane.tells(vec![acme.clone(), kept.clone()]).await?;
    assert_eq!(plane.kinds().await?, [""; 0]);
    let wrong = ManagedSeen {
        marker: "none".to_owned(),
        ..acme.clone()
    };
    plane.tells(vec![wrong.clone()]).await?;
    assert_eq!(plane.kinds().await?, ["wrong-marker", "unknown-tenant"]);
    // What is under way is another thing than drift.
    plane
        .control
        .suspend_tenant(&Caller::system(), &"acme".parse()?, Default::default())
        .await?;
    assert_eq!(plane.kinds().await?, ["unknown-tenant"]);
    // A node that is not heard of is not compared.
    plane.world.advance(SignedDuration::from_secs(100));
    let drift = plane.control.drift(&Caller::system()).await?;
    assert!(drift.found.is_empty() && !drift.nodes[0].compared);
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn a_plan_that_has_changed_is_refused() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let caller = Caller::system();
    let wrong = |marker: &str, seen: &ManagedSeen| ManagedSeen {
        marker: marker.to_owned(),
        ..seen.clone()
    };
    let acme = plane.seen("acme").await?;
    plane.tells(vec![wrong("none", &acme)]).await?;
    let plan = plane.control.drift(&caller).await?.plan();
    plane.tells(vec![wrong("several", &acme)]).await?;
    let refused = plane.control.apply_drift(&caller, Some(&plan)).await;
    assert!(
        matches!(refused, Err(ControlError::Conflict(ConflictReason::PlanChanged))),
        "{refused:?}"
    );
    let plan = plane.control.drift(&caller).await?.plan();
    let operation = plane.control.apply_drift(&caller, Some(&plan)).await?;
    let texts = plane
        .texts("SELECT kind || ' ' || state FROM operation WHERE kind IN ('drift.apply', 'tenant.mend') ORDER BY kind")
        .await?;
    assert_eq!(texts, ["drift.apply queued", "tenant.mend queued"]);
    // Nobody has begun: it is taken back, the whole ends with its part, and the tenant is free.
    let part: domain::OperationId = plane
        .texts("SELECT 'ope_' || replace(id::text, '-', '') FROM operation WHERE kind = 'tenant.mend'")
        .await?[0]
        .parse()?;
    let ended = plane
        .control
        .cancel_operation(&caller, part, Some("asked for twice"))
        .await?;
    assert_eq!(
        ended.failure.map(|failure| failure.code).as_deref(),
        Some("cancelled")
    );
    assert!(
        plane
            .control
            .operation(&caller, operation)
            .await?
            .state
            .is_final()
    );
    assert!(
        plane
            .control
            .tenant(&caller, &"acme".parse()?)
            .await?
            .operation
            .is_none()
    );
    let decided = plane
        .control
        .decide_operation(&caller, part, Decision::Retry, Some("again"))
        .await;
    assert!(matches!(
        decided,
        Err(ControlError::Conflict(ConflictReason::NothingToDecide))
    ));
    Ok(())
}

#[tokio::test]
async fn commands_of_a_stopped_tenant_wait_until_it_is_active() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let caller = Caller::system();
    let name = "acme".parse()?;
    let to = |switch: &str, reason: Option<&str>| SetSwitch {
        switch: Some(switch.to_owned()),
        reason: reason.map(str::to_owned),
    };
    let refused = plane
        .control
        .switch_tenant(&caller, &name, &to("stopped", None))
        .await;
    assert!(
        matches!(refused, Err(ControlError::Invalid(_))),
        "a reason is wanted"
    );
    let stopped = to("stopped", Some("somebody works on it"));
    plane.control.switch_tenant(&caller, &name, &stopped).await?;
    let operation = plane
        .control
        .suspend_tenant(&caller, &name, Default::default())
        .await?;
    assert!(plane.commands().await?.is_empty());
    let shown = plane.control.show_operation(&caller, operation).await?;
    assert!(shown.waiting_for.is_some());
    plane
        .control
        .switch_tenant(&caller, &name, &to("active", None))
        .await?;
    let commands = plane.commands().await?;
    assert!(matches!(&commands[..], [command] if matches!(command.order, Order::SuspendTenant(_))));
    let audited = plane
        .texts("SELECT detail -> 'after' ->> 'switch' FROM audit_entry WHERE action = 'tenant.switch' ORDER BY id")
        .await?;
    assert_eq!(audited, ["stopped", "active"]);
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn a_paused_tenant_is_not_purged_by_itself() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let caller = Caller::system();
    let name: domain::Subdomain = "acme".parse()?;
    let confirmed = control::Confirmed::by_naming(name.clone());
    plane.control.delete_tenant(&caller, &confirmed).await?;
    plane.answer(true).await?;
    let paused = SetSwitch {
        switch: Some("paused".to_owned()),
        reason: Some("a claim".to_owned()),
    };
    plane.control.switch_tenant(&caller, &name, &paused).await?;
    plane.later(SignedDuration::from_hours(31 * 24)).await?;
    assert_eq!(plane.control.purge_due().await?, 0);
    let active = SetSwitch {
        switch: Some("active".to_owned()),
        reason: None,
    };
    plane.control.switch_tenant(&caller, &name, &active).await?;
    assert_eq!(plane.control.purge_due().await?, 1);
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn history_is_searched_and_read_page_by_page() -> Outcome {
    let plane = Plane::start().await?;
    let caller = Caller::system();
    for name in ["one", "two", "three"] {
        plane.tenant(name).await?;
        plane.world.advance(SignedDuration::from_secs(1));
    }
    let query = |kind: &str, cursor: Option<String>| control::HistoryQuery {
        kind: Some(kind.to_owned()),
        limit: Some(2),
        cursor,
        ..Default::default()
    };
    let (page, next) = plane
        .control
        .history(&caller, &query("tenant.create", None))
        .await?;
    let names =
        |page: &[store::OperationRecord]| page.iter().map(|one| one.subject.clone()).collect::<Vec<_>>();
    assert_eq!(names(&page), ["three", "two"]);
    let (page, next) = plane
        .control
        .history(&caller, &query("tenant.create", next))
        .await?;
    assert_eq!((names(&page), next), (vec!["one".to_owned()], None));
    let found = |text: &str| control::HistoryQuery {
        text: Some(text.to_owned()),
        ..Default::default()
    };
    let (page, _) = plane.control.history(&caller, &found("WO")).await?;
    assert_eq!(names(&page), ["two"]);
    let (page, _) = plane.control.history(&caller, &found("%")).await?;
    assert!(page.is_empty(), "nothing in a search is special");
    for wrong in [json!("yesterday"), json!("2026-13-01")] {
        let query = control::HistoryQuery {
            from: wrong.as_str().map(str::to_owned),
            ..Default::default()
        };
        assert!(matches!(
            plane.control.history(&caller, &query).await,
            Err(ControlError::Invalid(_))
        ));
    }
    Ok(())
}
