//! Several servers on one database: any of them can answer anything.

use crate::{LONG, Outcome, Plane, server};
use control::{Caller, Confirmed, ControlError, IdempotencyKey};
use domain::OperationState;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use wire::node::Poll;

#[tokio::test]
async fn an_outcome_at_one_server_wakes_who_waits_at_another() -> Outcome {
    let plane = Plane::start().await?;
    let (other, _) = server(&plane.url, 2)?;
    let running = tokio::spawn({
        let other = other.clone();
        async move { other.run().await }
    });
    let operation = plane.order("acme").await?;
    let waiting = tokio::spawn(async move { other.wait(&Caller::system(), operation, LONG).await });
    plane.answer(true).await?;
    assert_eq!(timeout(LONG, waiting).await???.state, OperationState::Succeeded);
    running.abort();
    Ok(())
}

#[tokio::test]
async fn a_signal_that_is_lost_only_makes_it_later() -> Outcome {
    let plane = Plane::start().await?;
    // This server never listens.
    let (deaf, _) = server(&plane.url, 2)?;
    let operation = plane.order("acme").await?;
    let began = Instant::now();
    let waiting = tokio::spawn(async move { deaf.wait(&Caller::system(), operation, LONG).await });
    plane.answer(true).await?;
    assert_eq!(waiting.await??.state, OperationState::Succeeded);
    assert!(began.elapsed() < Duration::from_secs(10));
    Ok(())
}

#[tokio::test]
async fn a_command_goes_to_one_of_two_polls_at_once() -> Outcome {
    let plane = Plane::start().await?;
    let (other, _) = server(&plane.url, 2)?;
    for number in 0..6 {
        plane.order(&format!("tenant{number}")).await?;
    }
    let poll = Poll {
        holding: String::new(),
        slots: 6,
        wait: 0,
        version: "1".to_owned(),
    };
    let (here, there) = tokio::join!(
        plane.control.poll_commands(plane.node, &poll),
        other.poll_commands(plane.node, &poll)
    );
    let (here, there) = (here?, there?);
    // Whoever comes second gets again what has no outcome yet, but never less than everything is handed out.
    let mut ids: Vec<_> = here.iter().chain(&there).map(|command| command.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn tombstones_are_purged_once_however_many_servers_look() -> Outcome {
    let plane = Plane::start().await?;
    let (other, world) = server(&plane.url, 2)?;
    for name in ["one", "two", "three"] {
        plane.tenant(name).await?;
        plane
            .control
            .delete_tenant(&Caller::system(), &Confirmed::by_naming(name.parse()?))
            .await?;
        plane.answer(true).await?;
    }
    for world in [&plane.world, &world] {
        world.advance(jiff::SignedDuration::from_hours(31 * 24));
    }
    plane.heard_of(&plane.world).await?;
    let (here, there) = tokio::join!(plane.control.purge_due(), other.purge_due());
    assert_eq!(here? + there?, 3);
    assert_eq!(plane.answer(true).await?, 3);
    Ok(())
}

#[tokio::test]
async fn the_same_request_at_two_servers_at_once_is_one_operation() -> Outcome {
    let plane = Plane::start().await?;
    let (other, _) = server(&plane.url, 2)?;
    plane.tenant("acme").await?;
    let key: IdempotencyKey = "order 1".parse()?;
    let caller = Caller {
        idempotency_key: Some(key),
        ..Caller::system()
    };
    let name = "acme".parse()?;
    let (here, there) = tokio::join!(
        plane.control.suspend_tenant(&caller, &name, Default::default()),
        other.suspend_tenant(&caller, &name, Default::default())
    );
    assert_eq!(here?, there?);
    assert_eq!(plane.answer(true).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_server_with_another_key_fails_the_order_that_it_cannot_open_and_no_other() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let body = serde_json::from_value(serde_json::json!({ "new_password": "Quetzal-volando-47" }))?;
    let operation = plane
        .control
        .set_password(&Caller::system(), &"acme".parse()?, body)
        .await?;
    plane.order("other").await?;
    let wrong = control::ServerKey::from_bytes([8; 32]);
    let store = store::Store::open(plane.url.as_str(), 2)?;
    let settings = plane.control.settings().clone();
    let other = control::Control::new(store, wrong, settings, control::World::from_seed(3));
    let poll = Poll {
        holding: String::new(),
        slots: 8,
        wait: 0,
        version: "1".to_owned(),
    };
    assert_eq!(other.poll_commands(plane.node, &poll).await?.len(), 1);
    let record = plane.control.operation(&Caller::system(), operation).await?;
    assert_eq!(
        record.failure.map(|failure| failure.code).as_deref(),
        Some("order-unreadable")
    );
    let tenant = plane.control.tenant(&Caller::system(), &"acme".parse()?).await?;
    assert!(tenant.operation.is_none());
    let nobody: Result<_, ControlError> = plane.control.tenant(&Caller::system(), &"nobody".parse()?).await;
    assert!(matches!(nobody, Err(ControlError::NotFound("tenant"))));
    plane.answer(true).await?;
    Ok(())
}
