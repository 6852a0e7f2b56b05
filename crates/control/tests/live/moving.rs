//! Moving a tenant between two nodes: where it is afterwards, what was measured, who is refused, and what a node that fails, or
//! comes late, changes.

use crate::backups::clock;
use crate::{Outcome, Plane, enrol};
use control::{Caller, Client, ConflictReason, Control, ControlError, MoveObstacle, NodeSession};
use domain::{OperationId, Subdomain};
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinHandle;
use wire::handshake::{Hello, KnownOrder};
use wire::node::{Command, CommandResult, Facts, Order, Outcome as Ending, Poll};
use wire::operation::Failure;
use wire::transfer::Passed;

/// What must not be left of a move, however it ended: nothing on the way, the tenant where the move says, no copy where it did not
/// go, and no door closed where it was.
pub const LEFT: &str = "SELECT 'move of ' || subdomain FROM relocation WHERE state = 'moving'
    UNION ALL SELECT 'transfer ' || id FROM transfer WHERE ended_at IS NULL
    UNION ALL SELECT t.subdomain || ' is on the wrong node' FROM relocation r JOIN tenant t ON t.id = r.tenant_id
        WHERE t.node_id <> CASE r.state WHEN 'undone' THEN r.from_node_id ELSE r.to_node_id END
    UNION ALL SELECT r.subdomain || ' ends with ' || kind FROM relocation r JOIN LATERAL (
        SELECT DISTINCT ON (c.node_id) c.node_id, c.payload ->> 'kind' AS kind FROM node_command c
        WHERE c.operation_id = r.id AND c.payload ->> 'kind' <> 'send-tenant' ORDER BY c.node_id, c.created_at DESC, c.id DESC) last ON true
        WHERE kind <> CASE WHEN r.state = 'undone' AND last.node_id = r.to_node_id THEN 'discard-copy'
                           WHEN r.state = 'undone' OR last.node_id = r.to_node_id THEN 'resume-tenant' ELSE 'shelve-tenant' END";

/// What a node tells that did this well.
pub fn facts(order: &Order) -> Facts {
    let passed = || Passed {
        began_at: Some(jiff::Timestamp::UNIX_EPOCH),
        sha256: "5e".repeat(32),
        bytes: 7_000_000,
        files: 12,
        rows: 4000,
    };
    match order {
        Order::SendTenant(_) => Facts {
            sent: Some(Box::new(passed())),
            ..Facts::default()
        },
        Order::ReceiveTenant(_) => Facts {
            received: Some(Box::new(passed())),
            ..Facts::default()
        },
        _ => Facts::default(),
    }
}

/// The node says which orders it knows.
pub async fn greet(control: &Control, node: NodeSession, orders: &[&str]) -> Outcome {
    let hello = Hello {
        version: "1".to_owned(),
        orders: orders
            .iter()
            .map(|kind| KnownOrder {
                kind: (*kind).to_owned(),
                version: 1,
            })
            .collect(),
        products: Vec::new(),
        postgres: None,
        time: jiff::Timestamp::UNIX_EPOCH,
    };
    let client = Client {
        address: None,
        user_agent: None,
        request_id: None,
    };
    control.node_hello(node, &client, &hello).await?;
    Ok(())
}

const ORDERS: [&str; 8] = [
    "create-tenant",
    "suspend-tenant",
    "resume-tenant",
    "check-tenant",
    "send-tenant",
    "receive-tenant",
    "shelve-tenant",
    "discard-copy",
];

/// A second node beside the first, both of which know how to move.
pub async fn second_node(plane: &Plane) -> Outcome<NodeSession> {
    let beta = enrol(&plane.control, "beta").await?;
    for node in [plane.node, beta] {
        greet(&plane.control, node, &ORDERS).await?;
        plane.answer_as(node, true).await?;
    }
    Ok(beta)
}

/// Begins to move a tenant to the second node.
pub async fn begin(plane: &Plane, name: &str) -> Outcome<OperationId> {
    let request = serde_json::from_value(json!({ "node": "beta" }))?;
    let name: Subdomain = name.parse()?;
    Ok(plane
        .control
        .move_tenant(&Caller::system(), &name, &request)
        .await?)
}

/// A worker beside the test.
pub fn work(plane: &Plane) -> JoinHandle<()> {
    let control = plane.control.clone();
    let engine = control.worker(operations_pace());
    tokio::spawn(async move {
        tokio::join!(control.listen(), engine.run());
    })
}

fn operations_pace() -> operations::Pace {
    operations::Pace {
        slots: 2,
        lease: Duration::from_secs(5),
        poll: Duration::from_millis(50),
        backoff: operations::Backoff {
            first: SignedDuration::from_millis(10),
            longest: SignedDuration::from_millis(50),
        },
    }
}

/// How often it is looked again, every hundredth of a second: enough for a machine that does much else.
const ROUNDS: u32 = 3_000;

/// Waits for a command of this kind for the node, answering every other one well.
async fn until(plane: &Plane, nodes: &[NodeSession], node: NodeSession, kind: &str) -> Outcome<Command> {
    for _ in 0..ROUNDS {
        for polled in nodes {
            let poll = Poll {
                holding: String::new(),
                slots: 32,
                wait: 0,
                version: "1".to_owned(),
            };
            for command in plane.control.poll_commands(*polled, &poll).await? {
                let is = serde_json::to_value(&command.order)?;
                if polled.node == node.node && is["kind"] == kind {
                    return Ok(command);
                }
                answer(
                    plane,
                    *polled,
                    &command,
                    CommandResult::Done(facts(&command.order)),
                )
                .await?;
            }
        }
        let open = "SELECT count(*)::text FROM operation WHERE finished_at IS NULL";
        if plane.texts(open).await? == ["0"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("{kind} was never ordered").into())
}

async fn answer(plane: &Plane, node: NodeSession, command: &Command, result: CommandResult) -> Outcome {
    let ending = Ending {
        steps: Vec::new(),
        result,
    };
    Ok(plane.control.command_outcome(node, command.id, &ending).await?)
}

async fn ended(
    plane: &Plane,
    nodes: &[NodeSession],
    operation: OperationId,
) -> Outcome<store::OperationRecord> {
    for _ in 0..ROUNDS {
        for node in nodes {
            plane.answer_as(*node, true).await?;
        }
        let now = plane.control.operation(&Caller::system(), operation).await?;
        if now.state.is_final() {
            return Ok(now);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("it has not ended".into())
}

fn failed(code: &str) -> CommandResult {
    CommandResult::Failed(Failure {
        code: code.to_owned(),
        detail: "It failed.".to_owned(),
    })
}

async fn obstacle(plane: &Plane, name: &str) -> Outcome<String> {
    match begin(plane, name).await {
        Ok(_) => Ok("none".to_owned()),
        Err(error) => match error.downcast::<ControlError>().map(|error| *error) {
            Ok(ControlError::Conflict(ConflictReason::MoveRefused(obstacle))) => Ok(format!("{obstacle:?}")),
            Ok(ControlError::Conflict(reason)) => Ok(format!("{reason:?}")),
            Ok(error) => Err(error.into()),
            Err(error) => Err(error),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_tenant_is_on_the_other_node_and_its_copy_goes_when_it_is_confirmed() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let work = work(&plane);
    let operation = begin(&plane, "acme").await?;
    let open = until(&plane, &nodes, beta, "resume-tenant").await?;
    plane.world.advance(SignedDuration::from_millis(1500));
    answer(&plane, beta, &open, CommandResult::Done(Facts::default())).await?;
    let done = ended(&plane, &nodes, operation).await?;
    assert_eq!(done.state.to_string(), "succeeded", "{:?}", done.failure);
    let where_now = "SELECT n.name || ' ' || t.generation FROM tenant t JOIN node n ON n.id = t.node_id";
    assert!(plane.texts(where_now).await?[0].starts_with("beta "));
    let facts = "SELECT facts ->> 'stop_ms' FROM operation WHERE kind = 'tenant.move'";
    assert!(plane.texts(facts).await?[0].parse::<i64>()? >= 1500);
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    // What is kept keeps the tenant from moving on, and the node from being taken out.
    plane.heard_of(&plane.world).await?;
    assert_eq!(obstacle(&plane, "acme").await?, "Unconfirmed");
    let removed = plane
        .control
        .remove_node(&Caller::system(), &"alpha".parse()?, Some("alpha"))
        .await;
    assert!(removed.is_err());
    let dropped = plane
        .control
        .confirm_move(&Caller::system(), &"acme".parse()?)
        .await?;
    let done = ended(&plane, &nodes, dropped).await?;
    assert_eq!(
        (done.state.to_string(), done.node.map(|node| node.to_string())),
        ("succeeded".to_owned(), Some("alpha".to_owned()))
    );
    assert_eq!(plane.texts("SELECT state FROM relocation").await?, ["dropped"]);
    let trail =
        "SELECT action || ' ' || actor FROM audit_entry WHERE action LIKE 'tenant.%move%' ORDER BY id";
    let alpha_said = format!("tenant.confirm-move.succeeded {}", plane.node.node);
    assert_eq!(
        plane.texts(trail).await?,
        [
            "tenant.move system",
            "tenant.move.succeeded system",
            "tenant.confirm-move system",
            alpha_said.as_str()
        ]
    );
    let again = plane
        .control
        .confirm_move(&Caller::system(), &"acme".parse()?)
        .await;
    assert!(matches!(
        again,
        Err(ControlError::Conflict(ConflictReason::MoveRefused(
            MoveObstacle::NothingKept
        )))
    ));
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_nobody_confirms_goes_by_itself_and_one_that_cannot_be_dropped_stays() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let work = work(&plane);
    let operation = begin(&plane, "acme").await?;
    ended(&plane, &nodes, operation).await?;
    clock(&plane, "kept-copies").await?;
    assert_eq!(plane.texts("SELECT state FROM relocation").await?, ["kept"]);
    plane.later(SignedDuration::from_hours(24 * 7 + 1)).await?;
    clock(&plane, "kept-copies").await?;
    let discard = until(&plane, &nodes, plane.node, "discard-copy").await?;
    answer(&plane, plane.node, &discard, failed("postgres-unavailable")).await?;
    assert_eq!(plane.texts("SELECT state FROM relocation").await?, ["kept"]);
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_move_is_told_why() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let beta = enrol(&plane.control, "beta").await?;
    plane.answer_as(beta, true).await?;
    assert_eq!(obstacle(&plane, "acme").await?, "OldAgent(NodeName(\"alpha\"))");
    greet(&plane.control, plane.node, &ORDERS).await?;
    assert_eq!(obstacle(&plane, "acme").await?, "OldAgent(NodeName(\"beta\"))");
    greet(&plane.control, beta, &ORDERS).await?;
    sqlx::query("UPDATE node SET last_seen_at = last_seen_at - interval '2 hours' WHERE name = 'beta'")
        .execute(&plane.pool)
        .await?;
    assert_eq!(obstacle(&plane, "acme").await?, "Away(NodeName(\"beta\"))");
    plane.heard_of(&plane.world).await?;
    let same = plane
        .control
        .move_tenant(
            &Caller::system(),
            &"acme".parse()?,
            &serde_json::from_value(json!({ "node": "alpha" }))?,
        )
        .await;
    assert!(matches!(
        same,
        Err(ControlError::Conflict(ConflictReason::MoveRefused(
            MoveObstacle::SameNode(_)
        )))
    ));
    begin(&plane, "acme").await?;
    assert!(obstacle(&plane, "acme").await?.starts_with("Busy"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_is_tried_again_and_one_that_stays_cut_undoes_the_move() -> Outcome {
    let plane = Plane::start().await?;
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let work = work(&plane);
    for (name, cuts, wanted) in [("once", 1, "succeeded"), ("always", 9, "failed")] {
        plane.tenant(name).await?;
        let operation = begin(&plane, name).await?;
        for _ in 0..cuts {
            // The first node that fails decides; what the other one tells later is nobody's business.
            let receive = match until(&plane, &nodes, beta, "receive-tenant").await {
                Ok(receive) => receive,
                Err(_) => break,
            };
            answer(&plane, beta, &receive, failed("transfer-broken")).await?;
            if plane
                .control
                .operation(&Caller::system(), operation)
                .await?
                .state
                .is_final()
            {
                break;
            }
        }
        let done = ended(&plane, &nodes, operation).await?;
        assert_eq!(done.state.to_string(), wanted, "{name}: {:?}", done.failure);
        assert_eq!(plane.texts(LEFT).await?, [""; 0], "{name}");
    }
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_source_is_opened_though_the_destination_never_answers() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let beta = second_node(&plane).await?;
    let work = work(&plane);
    let operation = begin(&plane, "acme").await?;
    until(&plane, &[plane.node, beta], plane.node, "shelve-tenant").await?;
    // Delivered again, since nobody holds it; from here on the destination takes its orders and says nothing.
    let silent = Poll {
        holding: String::new(),
        slots: 32,
        wait: 0,
        version: "1".to_owned(),
    };
    let send = loop {
        plane.control.poll_commands(beta, &silent).await?;
        let mut found = None;
        for command in plane.control.poll_commands(plane.node, &silent).await? {
            match &command.order {
                Order::SendTenant(_) => found = Some(command),
                _ => {
                    answer(
                        &plane,
                        plane.node,
                        &command,
                        CommandResult::Done(Facts::default()),
                    )
                    .await?
                }
            }
        }
        match found {
            Some(found) => break found,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    answer(&plane, plane.node, &send, failed("dump-failed")).await?;
    let resume = until(&plane, &[plane.node], plane.node, "resume-tenant").await?;
    answer(&plane, plane.node, &resume, CommandResult::Done(Facts::default())).await?;
    let now = plane.control.operation(&Caller::system(), operation).await?;
    assert_eq!(
        now.state.to_string(),
        "running",
        "the destination must still drop what it has"
    );
    let done = ended(&plane, &[plane.node, beta], operation).await?;
    assert_eq!(done.state.to_string(), "failed");
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_inside_for_support_is_outside_after_a_move_and_what_was_only_allowed_holds_on() -> Outcome
{
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let work = work(&plane);
    sqlx::raw_sql(
        "INSERT INTO api_key (id, name, prefix, hash, staff_role, read_only, created_at)
         SELECT gen_random_uuid(), n, n, decode(md5(n), 'hex'), 'support', false, now() FROM unnest(ARRAY['inside', 'allowed']) n;
         INSERT INTO support_access (id, tenant_id, requested_by, requested_behind, requester_name, reason, minutes, break_glass, state,
             requested_at, lapses_at, decided_at, decided_by, opened_at, ends_at)
         SELECT gen_random_uuid(), t.id, 'key_' || replace(k.id::text, '-', ''), 'system', k.name, 'ticket 812', 60, false,
             CASE k.name WHEN 'inside' THEN 'open' ELSE 'approved' END, now(), now() + interval '1 day', now(), 'system',
             CASE k.name WHEN 'inside' THEN now() END, CASE k.name WHEN 'inside' THEN now() + interval '1 hour' END
         FROM tenant t, api_key k WHERE k.name IN ('inside', 'allowed')",
    )
    .execute(&plane.pool)
    .await?;
    let standing = "SELECT requester_name || ' ' || state FROM support_access ORDER BY 1";
    let operation = begin(&plane, "acme").await?;
    ended(&plane, &nodes, operation).await?;
    assert_eq!(plane.texts(standing).await?, ["allowed approved", "inside ended"]);
    let why = "SELECT detail ->> 'because' FROM audit_entry WHERE action = 'support.end'";
    assert_eq!(plane.texts(why).await?, ["the tenant has moved"]);
    // The other node sees to it that nobody could be inside there.
    let closing = plane.control.support_due().await?;
    assert_eq!(closing.len(), 1);
    let told = plane.control.operation(&Caller::system(), closing[0]).await?.node;
    assert_eq!(told.map(|node| node.to_string()).as_deref(), Some("beta"));
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_ends_that_fail_at_once_wait_for_each_other_and_never_for_ever() -> Outcome {
    let plane = Plane::start().await?;
    let beta = second_node(&plane).await?;
    let nodes = [plane.node, beta];
    let work = work(&plane);
    for number in 0..12 {
        let name = format!("tenant{number}");
        plane.tenant(&name).await?;
        let operation = begin(&plane, &name).await?;
        let send = until(&plane, &[plane.node], plane.node, "send-tenant").await?;
        let receive = until(&plane, &[beta], beta, "receive-tenant").await?;
        let (one, other) = tokio::join!(
            answer(&plane, plane.node, &send, failed("dump-failed")),
            answer(&plane, beta, &receive, failed("check-failed")),
        );
        one?;
        other?;
        let done = ended(&plane, &nodes, operation).await?;
        assert_eq!(done.state.to_string(), "failed");
    }
    assert_eq!(plane.texts(LEFT).await?, [""; 0]);
    work.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_a_tenant_while_it_changes_its_node_finds_it_on_the_other_one() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    second_node(&plane).await?;
    let mut moving = plane.pool.acquire().await?;
    let put = "BEGIN; UPDATE tenant SET node_id = (SELECT id FROM node WHERE name = 'beta')";
    sqlx::raw_sql(put).execute(&mut *moving).await?;
    let asking = {
        let control = plane.control.clone();
        tokio::spawn(async move {
            let request = serde_json::from_value(json!({ "reason": "unpaid" }))?;
            let operation = control
                .suspend_tenant(&Caller::system(), &"acme".parse()?, request)
                .await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(operation)
        })
    };
    let waits =
        "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..500 {
        if !plane.texts(waits).await?.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(plane.texts(waits).await?.len(), 1);
    sqlx::raw_sql("COMMIT").execute(&mut *moving).await?;
    let operation = asking.await??;
    let node = plane.control.operation(&Caller::system(), operation).await?.node;
    assert_eq!(node.map(|node| node.to_string()).as_deref(), Some("beta"));
    Ok(())
}
