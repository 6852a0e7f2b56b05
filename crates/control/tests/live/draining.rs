//! Emptying a node: a plan that is looked at, begun when it still holds, paused, cancelled; and what one tenant that cannot go
//! means for the others.

use crate::moving::{LEFT, second_node, work};
use crate::{Outcome, Plane};
use control::{Caller, ConflictReason, Control, ControlError, DrainPace, NodeSession};
use domain::{NodeName, OperationId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use wire::drain::{Drain, DrainPlan};
use wire::node::{CommandResult, Order, Outcome as Ending, Poll};
use wire::operation::Failure;

fn alpha() -> Outcome<NodeName> {
    Ok("alpha".parse()?)
}

pub async fn plan(control: &Control, terms: Value) -> Outcome<DrainPlan> {
    let terms = serde_json::from_value(terms)?;
    Ok(control.plan_drain(&Caller::system(), &alpha()?, &terms).await?)
}

pub async fn start(control: &Control, request: Value) -> Result<OperationId, ControlError> {
    let alpha = alpha().map_err(ControlError::Internal)?;
    let request = serde_json::from_value(request).map_err(|error| ControlError::Internal(Box::new(error)))?;
    control.start_drain(&Caller::system(), &alpha, &request).await
}

async fn drain(plane: &Plane) -> Outcome<Drain> {
    Ok(plane.control.show_drain(&Caller::system(), &alpha()?).await?)
}

/// How the tenants of the drain stand.
async fn states(plane: &Plane) -> Outcome<Vec<String>> {
    let tenants = drain(plane).await?.tenants;
    let said = tenants
        .into_iter()
        .map(|one| format!("{} {}", one.subdomain, one.state));
    Ok(said.collect())
}

async fn mode(plane: &Plane) -> Outcome<String> {
    Ok(plane
        .texts("SELECT mode FROM node WHERE name = 'alpha'")
        .await?
        .remove(0))
}

/// The nodes work: whatever is ordered is done, but what this tells to fail. Gives the most moves that were under way at once.
async fn until(
    plane: &Plane,
    nodes: &[NodeSession],
    fails: impl Fn(&Order) -> bool,
    done: impl AsyncFn() -> Outcome<bool>,
) -> Outcome<i64> {
    let mut most = 0;
    for _ in 0..1000 {
        for node in nodes {
            let poll = Poll {
                holding: String::new(),
                slots: 32,
                wait: 0,
                version: "1".to_owned(),
            };
            for command in plane.control.poll_commands(*node, &poll).await? {
                let result = match fails(&command.order) {
                    true => CommandResult::Failed(Failure {
                        code: "disk-full".to_owned(),
                        detail: "The disk is full.".to_owned(),
                    }),
                    false => CommandResult::Done(crate::moving::facts(&command.order)),
                };
                let ending = Ending {
                    steps: Vec::new(),
                    result,
                };
                plane.control.command_outcome(*node, command.id, &ending).await?;
            }
        }
        let open = plane
            .texts("SELECT count(*)::text FROM relocation WHERE state = 'moving'")
            .await?;
        most = most.max(open[0].parse()?);
        if done().await? {
            return Ok(most);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("it did not come to that: {:?}", drain(plane).await?).into())
}

async fn is_final(plane: &Plane, operation: OperationId) -> Outcome<bool> {
    let now = plane.control.operation(&Caller::system(), operation).await?;
    Ok(now.state.is_final())
}

const NOBODY: fn(&Order) -> bool = |_| false;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_does_what_its_plan_showed_a_few_at_a_time() -> Outcome {
    let plane = Plane::start().await?;
    let names = ["acme", "beta-co", "corp", "delta", "echo"];
    for name in names {
        plane.tenant(name).await?;
    }
    let beta = second_node(&plane).await?;
    let work = work(&plane);
    let shown = plan(&plane.control, json!({ "parallel": 2 })).await?;
    let going: Vec<(&str, &str)> = shown
        .moves
        .iter()
        .map(|one| (one.subdomain.as_str(), one.to.as_str()))
        .collect();
    assert_eq!(going, names.map(|name| (name, "beta")));
    assert_eq!((shown.stay.len(), shown.seconds, shown.tombstones), (0, None, 0));
    assert_eq!(mode(&plane).await?, "active", "looking changes nothing");
    let operation = start(
        &plane.control,
        json!({ "plan": shown.plan, "reason": "new disks" }),
    )
    .await?;
    assert_eq!(mode(&plane).await?, "draining");
    let again = start(&plane.control, json!({ "plan": shown.plan })).await;
    assert!(
        matches!(again, Err(ControlError::Conflict(ConflictReason::DrainUnderWay(open))) if open == operation)
    );
    let most = until(&plane, &[plane.node, beta], NOBODY, async || {
        is_final(&plane, operation).await
    })
    .await?;
    assert_eq!(most, 2, "as many at a time as was asked for");
    let ended = plane.control.operation(&Caller::system(), operation).await?;
    assert_eq!(ended.state.to_string(), "succeeded", "{:?}", ended.failure);
    let facts = ended.facts.unwrap_or_default();
    assert_eq!(
        (&facts["moved"], &facts["tenants"]),
        (&json!(5), &json!(0)),
        "{facts}"
    );
    assert_eq!(states(&plane).await?, names.map(|name| format!("{name} moved")));
    assert_eq!(drain(&plane).await?.state, "succeeded");
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    assert_eq!(mode(&plane).await?, "draining", "an empty node stays what it is");
    let parts = "SELECT count(*)::text FROM operation WHERE kind = 'tenant.move' AND parent_id IS NOT NULL AND state = 'succeeded'";
    assert_eq!(plane.texts(parts).await?, ["5"]);
    // What moved lately says how long the next would take, and all copies go with one word.
    let shown = plan(&plane.control, json!({})).await?;
    assert_eq!((shown.moves.len(), shown.seconds), (0, None));
    let dropping = plane
        .control
        .confirm_moves(&Caller::system(), &alpha()?, Some("alpha"))
        .await?;
    assert_eq!(dropping.len(), 5);
    let gone = async || {
        Ok(plane
            .texts("SELECT id::text FROM relocation WHERE state <> 'dropped'")
            .await?
            .is_empty())
    };
    until(&plane, &[plane.node, beta], NOBODY, gone).await?;
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_another_by_now_is_not_begun() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    second_node(&plane).await?;
    let shown = plan(&plane.control, json!({})).await?;
    plane.tenant("beta-co").await?;
    let stale = start(&plane.control, json!({ "plan": shown.plan })).await;
    assert!(matches!(
        stale,
        Err(ControlError::Conflict(ConflictReason::PlanChanged))
    ));
    let fresh = plan(&plane.control, json!({})).await?;
    assert_ne!(fresh.plan, shown.plan);
    // Other terms are another plan.
    let terms = json!({ "plan": fresh.plan, "node_labels": ["ssd"] });
    let other = start(&plane.control, terms).await;
    assert!(matches!(
        other,
        Err(ControlError::Conflict(ConflictReason::PlanChanged))
    ));
    assert_eq!(mode(&plane).await?, "active");
    assert_eq!(plane.texts("SELECT id::text FROM drain").await?, [""; 0]);
    start(&plane.control, json!({ "plan": fresh.plan })).await?;
    for (request, field) in [
        (json!({}), "plan"),
        (json!({ "plan": "plan_x" }), "plan"),
        (json!({ "plan": fresh.plan, "parallel": 0 }), "parallel"),
        (json!({ "plan": fresh.plan, "parallel": 11 }), "parallel"),
        (json!({ "plan": fresh.plan, "reason": "" }), "reason"),
        (
            json!({ "plan": fresh.plan, "node_labels": ["A B"] }),
            "node_labels",
        ),
    ] {
        match start(&plane.control, request.clone()).await {
            Err(ControlError::Invalid(errors)) => assert_eq!(errors[0].field, field, "{request}"),
            other => return Err(format!("{request}: {other:?}").into()),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_drain_lets_a_move_end_and_begins_none_until_it_goes_on() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "beta-co", "corp"] {
        plane.tenant(name).await?;
    }
    let beta = second_node(&plane).await?;
    let work = work(&plane);
    let nodes = [plane.node, beta];
    let shown = plan(&plane.control, json!({})).await?;
    let operation = start(&plane.control, json!({ "plan": shown.plan, "parallel": 1 })).await?;
    let first = async || Ok(states(&plane).await?[0] == "acme moving");
    until(&plane, &[], NOBODY, first).await?;
    let caller = Caller::system();
    plane
        .control
        .pace_drain(&caller, &alpha()?, DrainPace::Pause)
        .await?;
    assert_eq!(drain(&plane).await?.state, "pausing");
    let paused = async || Ok(drain(&plane).await?.state == "paused");
    until(&plane, &nodes, NOBODY, paused).await?;
    // Whatever looks at it meanwhile begins nothing.
    plane.later(SignedDuration::from_mins(10)).await?;
    let looked = "SELECT count(*)::text FROM job WHERE kind = 'node.drain' AND status = 'queued' AND last_error LIKE 'Paused. 1 moved, 0 under way%'";
    until(&plane, &nodes, NOBODY, async || {
        Ok(plane.texts(looked).await? == ["1"])
    })
    .await?;
    assert_eq!(
        states(&plane).await?,
        ["acme moved", "beta-co waiting", "corp waiting"]
    );
    plane
        .control
        .pace_drain(&caller, &alpha()?, DrainPace::Resume)
        .await?;
    until(&plane, &nodes, NOBODY, async || is_final(&plane, operation).await).await?;
    assert_eq!(drain(&plane).await?.state, "succeeded");
    let over = plane
        .control
        .pace_drain(&caller, &alpha()?, DrainPace::Pause)
        .await;
    assert!(matches!(
        over,
        Err(ControlError::Conflict(ConflictReason::NoDrain))
    ));
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_fails_stops_none_of_the_others_and_the_drain_can_be_run_again() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "beta-co", "corp"] {
        plane.tenant(name).await?;
    }
    let beta = second_node(&plane).await?;
    let work = work(&plane);
    let nodes = [plane.node, beta];
    let shown = plan(&plane.control, json!({})).await?;
    let operation = start(&plane.control, json!({ "plan": shown.plan })).await?;
    let full =
        |order: &Order| matches!(order, Order::ReceiveTenant(order) if order.database.as_str() == "beta_co");
    until(&plane, &nodes, full, async || is_final(&plane, operation).await).await?;
    let now = drain(&plane).await?;
    assert_eq!(
        states(&plane).await?,
        ["acme moved", "beta-co failed", "corp moved"]
    );
    let why = now.tenants[1].failure.clone().ok_or("no reason")?;
    assert_eq!(
        (why.code.as_str(), why.detail.as_str()),
        ("disk-full", "The disk is full.")
    );
    let failure = now.failure.ok_or("it should say what is left")?;
    assert_eq!(failure.code, "partly-drained");
    assert!(
        failure.detail.starts_with("2 moved, 1 still on alpha."),
        "{failure:?}"
    );
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    assert_eq!(mode(&plane).await?, "draining");
    let rest = plan(&plane.control, json!({})).await?;
    assert_eq!(rest.moves.len(), 1);
    assert!(rest.seconds.is_some(), "what moved says how long it takes");
    let again = start(&plane.control, json!({ "plan": rest.plan })).await?;
    until(&plane, &nodes, NOBODY, async || is_final(&plane, again).await).await?;
    assert_eq!(drain(&plane).await?.state, "succeeded");
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_busy_is_waited_for_and_who_went_by_itself_is_not_missed() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "beta-co", "corp"] {
        plane.tenant(name).await?;
    }
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let shown = plan(&plane.control, json!({})).await?;
    // One is busy for good, one leaves before its turn comes.
    let caller = Caller::system();
    let closing = serde_json::from_value(json!({ "reason": "unpaid" }))?;
    plane
        .control
        .suspend_tenant(&caller, &"acme".parse()?, closing)
        .await?;
    let operation = start(&plane.control, json!({ "plan": shown.plan })).await?;
    sqlx::query(
        "UPDATE tenant SET node_id = (SELECT id FROM node WHERE name = 'beta') WHERE subdomain = 'corp'",
    )
    .execute(&plane.pool)
    .await?;
    let work = work(&plane);
    let put_off = async || Ok(drain(&plane).await?.tenants[0].waiting_for.is_some());
    until(&plane, &[], NOBODY, put_off).await?;
    let waits = drain(&plane).await?.tenants[0]
        .waiting_for
        .clone()
        .unwrap_or_default();
    assert!(waits.starts_with("It is busy with ope_"), "{waits}");
    plane.later(SignedDuration::from_mins(16)).await?;
    let given_up = async || Ok(states(&plane).await?[0] == "acme stays");
    until(&plane, &[], NOBODY, given_up).await?;
    until(&plane, &nodes, NOBODY, async || is_final(&plane, operation).await).await?;
    assert_eq!(
        states(&plane).await?,
        ["acme stays", "beta-co moved", "corp gone"]
    );
    assert_eq!(
        drain(&plane).await?.failure.map(|why| why.code).as_deref(),
        Some("partly-drained")
    );
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_drain_gives_the_node_its_mode_back_and_leaves_what_moved() -> Outcome {
    let plane = Plane::start().await?;
    for name in ["acme", "beta-co"] {
        plane.tenant(name).await?;
    }
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let caller = Caller::system();
    // Before anything began.
    let shown = plan(&plane.control, json!({})).await?;
    let operation = start(&plane.control, json!({ "plan": shown.plan })).await?;
    plane
        .control
        .cancel_drain(&caller, &alpha()?, Some("not today"))
        .await?;
    assert!(is_final(&plane, operation).await?);
    assert_eq!(mode(&plane).await?, "active");
    // In the middle.
    let work = work(&plane);
    let operation = start(&plane.control, json!({ "plan": shown.plan, "parallel": 1 })).await?;
    until(&plane, &[], NOBODY, async || {
        Ok(states(&plane).await?[0] == "acme moving")
    })
    .await?;
    plane
        .control
        .cancel_drain(&caller, &alpha()?, Some("not today"))
        .await?;
    assert_eq!(mode(&plane).await?, "draining", "until what moves has ended");
    until(&plane, &nodes, NOBODY, async || is_final(&plane, operation).await).await?;
    assert_eq!(states(&plane).await?, ["acme moved", "beta-co waiting"]);
    let now = drain(&plane).await?;
    assert_eq!(
        (now.state.as_str(), now.failure.map(|why| why.code).as_deref()),
        ("failed", Some("cancelled"))
    );
    assert_eq!(mode(&plane).await?, "active");
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tenant_wanted_of_its_node_holds_when_it_leaves() -> Outcome {
    let plane = Plane::start().await?;
    let caller = Caller::system();
    let labelled = async |name: &str, labels: Value| -> Outcome {
        let request = serde_json::from_value(json!({ "labels": labels }))?;
        plane
            .control
            .update_node(&caller, &name.parse()?, &request)
            .await?;
        Ok(())
    };
    labelled("alpha", json!(["ssd"])).await?;
    for (name, more) in [
        ("free", json!({})),
        ("fast", json!({ "node_labels": ["ssd"] })),
        ("fixed", json!({ "node": "alpha" })),
    ] {
        let mut request = json!({ "company_name": "Acme", "admin_email": "ana@example.com", "subdomain": name, "plan": "basic" });
        for (field, value) in more.as_object().into_iter().flatten() {
            request[field] = value.clone();
        }
        let request = serde_json::from_value(request)?;
        plane
            .control
            .create_tenant(&caller, request, control::Registration::Complete)
            .await?;
        plane.answer(true).await?;
    }
    second_node(&plane).await?;
    let told = |shown: &DrainPlan| -> Vec<String> {
        let go = shown.moves.iter().map(|one| format!("{} goes", one.subdomain));
        go.chain(
            shown
                .stay
                .iter()
                .map(|one| format!("{} stays: {}", one.subdomain, one.reason)),
        )
        .collect()
    };
    let shown = plan(&plane.control, json!({})).await?;
    assert_eq!(
        told(&shown),
        ["free goes", "fast stays: no-room", "fixed stays: pinned"]
    );
    assert_eq!(shown.stay[0].words, "No node can take it: beta: not ssd.");
    // A move that names no node goes nowhere where the tenant did not want to be.
    let refused = plane
        .control
        .move_tenant(&caller, &"fast".parse()?, &serde_json::from_value(json!({}))?)
        .await;
    assert!(
        matches!(refused, Err(ControlError::Conflict(ConflictReason::NoRoom(_)))),
        "{refused:?}"
    );
    labelled("beta", json!(["ssd", "eu"])).await?;
    let all = plan(&plane.control, json!({ "pinned": true, "node_labels": "eu" })).await?;
    assert_eq!(told(&all), ["fast goes", "fixed goes", "free goes"]);
    Ok(())
}
