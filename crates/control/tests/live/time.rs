//! What happens by itself when time has passed.

use crate::{Outcome, Plane};
use control::{Caller, Confirmed, ControlError};
use jiff::SignedDuration;
use serde_json::json;
use wire::node::Order;

async fn delete(plane: &Plane, name: &str) -> Outcome {
    let confirmed = Confirmed::new(name.parse()?, Some(name))?;
    plane.control.delete_tenant(&Caller::system(), &confirmed).await?;
    plane.answer(true).await?;
    Ok(())
}

#[tokio::test]
async fn a_tombstone_is_purged_after_thirty_days_and_not_before() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "kept"] {
        plane.tenant(name).await?;
    }
    delete(&plane, "acme").await?;
    plane.later(SignedDuration::from_hours(30 * 24 - 1)).await?;
    assert_eq!(plane.control.purge_due().await?, 0);
    plane.later(SignedDuration::from_hours(2)).await?;
    assert_eq!(plane.control.purge_due().await?, 1);
    // While it is under way it is not begun again.
    assert_eq!(plane.control.purge_due().await?, 0);
    let commands = plane.commands().await?;
    assert!(
        matches!(&commands[..], [command] if matches!(&command.order, Order::PurgeTenant(order) if order.database.as_str() == "acme"))
    );
    plane.answer(true).await?;
    assert_eq!(plane.texts("SELECT subdomain FROM tenant").await?, ["kept"]);
    Ok(())
}

#[tokio::test]
async fn a_purge_that_fails_is_tried_again_and_does_not_hold_up_the_others() -> Outcome {
    let plane = Plane::start().await?;
    let names: Vec<String> = (0..6).map(|number| format!("tenant{number}")).collect();
    for name in &names {
        plane.tenant(name).await?;
        delete(&plane, name).await?;
    }
    plane.later(SignedDuration::from_hours(31 * 24)).await?;
    // Four at once; all fail. The next round begins with those that were not tried.
    assert_eq!(plane.control.purge_due().await?, 4);
    assert_eq!(plane.answer(false).await?, 4);
    assert_eq!(plane.control.purge_due().await?, 4);
    let commands = plane.commands().await?;
    let said = serde_json::to_string(&commands)?;
    assert!(said.contains("tenant4") && said.contains("tenant5"), "{said}");
    plane.answer(true).await?;
    assert_eq!(plane.control.purge_due().await?, 2);
    plane.answer(true).await?;
    assert_eq!(plane.texts("SELECT subdomain FROM tenant").await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn what_came_back_is_not_purged() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    delete(&plane, "acme").await?;
    plane
        .control
        .undelete_tenant(&Caller::system(), &"acme".parse()?)
        .await?;
    plane.answer(true).await?;
    plane.world.advance(SignedDuration::from_hours(365 * 24));
    assert_eq!(plane.control.purge_due().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_key_ends_on_its_day() -> Outcome {
    let plane = Plane::start().await?;
    let request = serde_json::from_value(json!({ "name": "robot", "expires_in_days": 2 }))?;
    let key = plane.control.create_key(&Caller::system(), request).await?;
    plane.world.advance(SignedDuration::from_hours(47));
    plane.control.authenticate_key(key.secret.expose()).await?;
    plane.world.advance(SignedDuration::from_hours(2));
    let over = plane.control.authenticate_key(key.secret.expose()).await;
    assert!(matches!(over, Err(ControlError::Unauthenticated)));
    Ok(())
}
