//! A tenant's time ends by the clock: it is suspended once, and goes on when its end is put off.

use crate::{Outcome, Plane, server};
use control::{Caller, ControlError, Update};
use domain::{SuspensionReason, TenantState};
use jiff::SignedDuration;
use serde_json::json;
use store::TenantRecord;
use wire::node::{Cause, Order};

async fn show(plane: &Plane, name: &str) -> Outcome<TenantRecord> {
    Ok(plane.control.tenant(&Caller::system(), &name.parse()?).await?)
}

async fn change(plane: &Plane, body: serde_json::Value) -> Outcome<Update> {
    let body = serde_json::from_value(body)?;
    let name = "acme".parse()?;
    Ok(plane
        .control
        .update_tenant(&Caller::system(), &name, body)
        .await?)
}

/// A tenant whose time ends in ten days.
async fn ending() -> Outcome<Plane> {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let end = plane.world.now() + SignedDuration::from_hours(240);
    change(&plane, json!({ "expires_at": end.to_string() })).await?;
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    Ok(plane)
}

fn reasons(tenant: &TenantRecord) -> Vec<SuspensionReason> {
    tenant.suspensions.iter().map(|one| one.reason).collect()
}

#[tokio::test]
async fn whose_time_is_over_is_suspended_for_that_and_once() -> Outcome {
    let plane = ending().await?;
    plane.later(SignedDuration::from_hours(241)).await?;
    assert_eq!(plane.control.keep_expiry().await?, (1, 0));
    // While it is under way it is not begun again.
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    let commands = plane.commands().await?;
    assert!(
        matches!(&commands[..], [command] if matches!(&command.order, Order::SuspendTenant(order)
        if order.cause == Some(Cause::Expired)))
    );
    plane.answer(true).await?;
    let tenant = show(&plane, "acme").await?;
    assert_eq!(
        (tenant.state, reasons(&tenant)),
        (TenantState::Suspended, vec![SuspensionReason::Expired])
    );
    // Whoever is let in again by hand stays in, until another end passes.
    let name = "acme".parse()?;
    plane
        .control
        .resume_tenant(&Caller::system(), &name, Default::default())
        .await?;
    plane.answer(true).await?;
    plane.later(SignedDuration::from_hours(24)).await?;
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    let end = plane.world.now() + SignedDuration::from_hours(1);
    change(&plane, json!({ "expires_at": end.to_string() })).await?;
    plane.later(SignedDuration::from_hours(2)).await?;
    assert_eq!(plane.control.keep_expiry().await?, (1, 0));
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn putting_the_end_off_lets_that_reason_fall_and_no_other() -> Outcome {
    let plane = ending().await?;
    plane.later(SignedDuration::from_hours(241)).await?;
    plane.control.keep_expiry().await?;
    plane.answer(true).await?;
    let body = serde_json::from_value(json!({ "reason": "unpaid" }))?;
    let name = "acme".parse()?;
    plane
        .control
        .suspend_tenant(&Caller::system(), &name, body)
        .await?;
    plane.answer(true).await?;
    let done = change(&plane, json!({ "expires_at": "never" })).await?;
    assert!(matches!(done, Update::Resuming(_)), "{done:?}");
    plane.answer(true).await?;
    let tenant = show(&plane, "acme").await?;
    assert_eq!(
        (tenant.state, reasons(&tenant)),
        (TenantState::Suspended, vec![SuspensionReason::Unpaid])
    );
    assert_eq!(tenant.expires_at, None);
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn what_is_under_way_is_waited_for_and_the_switch_is_obeyed() -> Outcome {
    let plane = ending().await?;
    plane.later(SignedDuration::from_hours(241)).await?;
    let name = "acme".parse()?;
    plane.control.pause_tenant(&Caller::system(), &name).await?;
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    plane.answer(true).await?;
    let body = serde_json::from_value(json!({ "switch": "paused", "reason": "we talk to them" }))?;
    plane
        .control
        .switch_tenant(&Caller::system(), &name, &body)
        .await?;
    assert_eq!(plane.control.keep_expiry().await?, (0, 0));
    let body = serde_json::from_value(json!({ "switch": "active" }))?;
    plane
        .control
        .switch_tenant(&Caller::system(), &name, &body)
        .await?;
    assert_eq!(plane.control.keep_expiry().await?, (1, 0));
    plane.answer(true).await?;
    // The customer's own pause stays below it.
    let tenant = show(&plane, "acme").await?;
    assert!(tenant.state == TenantState::Suspended && tenant.paused_at.is_some());
    Ok(())
}

#[tokio::test]
async fn an_end_that_is_put_off_while_it_is_kept_is_not_kept_for_long() -> Outcome {
    let plane = ending().await?;
    plane.later(SignedDuration::from_hours(241)).await?;
    assert_eq!(plane.control.keep_expiry().await?, (1, 0));
    let done = change(&plane, json!({ "expires_at": "never" })).await?;
    assert!(matches!(done, Update::Done), "{done:?}");
    plane.answer(true).await?;
    assert_eq!(plane.control.keep_expiry().await?, (0, 1));
    plane.answer(true).await?;
    assert_eq!(show(&plane, "acme").await?.state, TenantState::Active);
    Ok(())
}

#[tokio::test]
async fn a_suspension_that_failed_is_tried_again_by_one_of_two_servers() -> Outcome {
    let plane = ending().await?;
    let (other, world) = server(&plane.url, 2)?;
    world.advance(SignedDuration::from_hours(241));
    plane.later(SignedDuration::from_hours(241)).await?;
    assert_eq!(plane.control.keep_expiry().await?, (1, 0));
    assert_eq!(plane.answer(false).await?, 1);
    assert_eq!(show(&plane, "acme").await?.state, TenantState::Active);
    let (here, there) = tokio::join!(plane.control.keep_expiry(), other.keep_expiry());
    assert_eq!(here?.0 + there?.0, 1);
    assert_eq!(plane.answer(true).await?, 1);
    assert_eq!(show(&plane, "acme").await?.state, TenantState::Suspended);
    Ok(())
}

#[tokio::test]
async fn nobody_suspends_for_that_by_hand() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let body = serde_json::from_value(json!({ "reason": "expired" }))?;
    let refused = plane
        .control
        .suspend_tenant(&Caller::system(), &"acme".parse()?, body)
        .await;
    assert!(matches!(refused, Err(ControlError::Invalid(fields)) if fields[0].field == "reason"));
    Ok(())
}
