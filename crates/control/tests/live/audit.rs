//! Who did what is written down with it.

use crate::{Outcome, Plane};
use control::Caller;
use serde_json::json;

#[tokio::test]
async fn every_change_and_its_end_have_an_entry_with_actor_and_request() -> Outcome {
    let plane = Plane::start().await?;
    let key = plane
        .control
        .create_key(
            &Caller::system(),
            serde_json::from_value(json!({ "name": "robot" }))?,
        )
        .await?;
    let known = plane.control.authenticate_key(key.secret.expose()).await?;
    let domain::Principal::Key(holder) = &known else {
        return Err("no key".into());
    };
    let holder = holder.key;
    let caller = Caller {
        principal: known,
        request_id: Some("request-1".to_owned()),
        idempotency_key: None,
    };
    let name = "acme".parse()?;
    plane.tenant("acme").await?;
    plane
        .control
        .suspend_tenant(&caller, &name, Default::default())
        .await?;
    plane.answer(false).await?;
    plane.control.revoke_key(&caller, holder).await?;
    let trail = plane
        .texts("SELECT action || ' ' || subject || ' ' || split_part(actor, '_', 1) || ' ' || coalesce(request_id, '-') FROM audit_entry ORDER BY id")
        .await?;
    assert_eq!(
        trail,
        [
            "node.token alpha system -",
            "node.enrol alpha nod -",
            "template.build template_tenant system -",
            "template.build.succeeded template_tenant nod -",
            "key.create robot system -",
            "tenant.create acme system -",
            "tenant.create.succeeded acme nod -",
            "tenant.suspend acme key request-1",
            "tenant.suspend.failed acme nod -",
            "key.revoke robot key request-1",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn what_is_refused_has_no_entry() -> Outcome {
    let plane = Plane::start().await?;
    let count = "SELECT count(*)::text FROM audit_entry";
    let key = plane
        .control
        .create_key(
            &Caller::system(),
            serde_json::from_value(json!({ "name": "reader", "role": "viewer", "read_only": true }))?,
        )
        .await?;
    let reader = Caller {
        principal: plane.control.authenticate_key(key.secret.expose()).await?,
        ..Caller::system()
    };
    let before = plane.texts(count).await?;
    assert!(
        plane
            .control
            .suspend_tenant(&reader, &"acme".parse()?, Default::default())
            .await
            .is_err()
    );
    assert!(
        plane
            .control
            .suspend_tenant(&Caller::system(), &"acme".parse()?, Default::default())
            .await
            .is_err()
    );
    assert_eq!(plane.texts(count).await?, before);
    Ok(())
}
