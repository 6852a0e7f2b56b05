//! Emptying a node: moves are begun in the order of the plan, a few at a time, and each is an operation of its own. One that
//! fails stops none of the others; what is begun ends by itself, whatever becomes of the drain.

use crate::drain::{obstacle, refusal};
use crate::tenant::order::Asked;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::drain::{Stay, Unfit};
use domain::placement::Wish;
use domain::{Action, NodeMode, OperationId, OperationKind, TenantSwitch};
use jiff::SignedDuration;
use operations::{Run, Saga, Step, StepError, Turn};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{DrainCounts, DrainRecord, OperationRecord, Refusal, Unit, WaitingMove};
use wire::operation::Failure;

/// When to look again although no move has ended, which hurries it.
const LOOK: SignedDuration = SignedDuration::from_secs(5);
/// A paused drain is hurried when it is to go on.
const LOOK_PAUSED: SignedDuration = SignedDuration::from_secs(60);
/// How long a tenant is waited for that is busy, or a node that is away, before it is left.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// How many names are told in the facts of a drain.
const MOST_NAMES: i64 = 1000;

/// The list of steps.
pub(crate) fn saga() -> Saga<Control> {
    Saga::new(OperationKind::DrainNode.as_str(), 1).step("moves", Moves)
}

/// Why a move is not begun now.
enum Not {
    /// It may begin later.
    Yet(Refusal),
    /// It will not.
    AtAll(Refusal),
}

/// All moves, from the first to the last.
struct Moves;

impl Step<Control> for Moves {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let mut tried = BTreeSet::new();
        loop {
            let (mut unit, drain, counts) = held(run).await?;
            if counts.waiting == 0 && counts.open == 0 {
                let found = summary(&mut unit, &drain, counts).await?;
                return Ok(Turn::Within(unit, found));
            }
            if drain.paused_at.is_some() {
                return Ok(Turn::Later(LOOK_PAUSED, format!("Paused. {}", words(counts))));
            }
            let waiting = unit.waiting_moves(drain.id).await?;
            let next = waiting.into_iter().find(|one| !tried.contains(&one.position));
            let Some(next) = next.filter(|_| counts.open < drain.at_once) else {
                return Ok(Turn::Later(LOOK, words(counts)));
            };
            tried.insert(next.position);
            match begin(run, &mut unit, &drain, &next).await? {
                Ok(operation) => {
                    unit.drain_move_begun(drain.id, next.position, operation).await?;
                    unit.commit().await?;
                }
                Err(not) => {
                    // What was looked at for it is let go of before it is written down.
                    drop(unit);
                    let (mut unit, drain, _) = held(run).await?;
                    note(run, &mut unit, &drain, &next, not).await?;
                    unit.commit().await?;
                }
            }
        }
    }

    /// What has moved stays where it is; what moves ends first.
    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let (_unit, _, counts) = held(run).await?;
        match counts.open {
            0 => Ok(Turn::Done(Value::Null)),
            _ => Ok(Turn::Later(LOOK, words(counts))),
        }
    }
}

async fn held(run: &Run<Control>) -> Result<(Unit, DrainRecord, DrainCounts), StepError> {
    let operation = run.operation.ok_or(ControlError::NotFound("operation"))?;
    let mut unit = run.begin().await?;
    let drain = unit.lock_drain(operation).await?;
    let drain = drain.ok_or(ControlError::NotFound("drain"))?;
    let counts = unit.drain_counts(operation).await?;
    Ok((unit, drain, counts))
}

fn words(counts: DrainCounts) -> String {
    let DrainCounts {
        waiting,
        open,
        moved,
        left,
    } = counts;
    format!("{moved} moved, {open} under way, {waiting} waiting, {left} left.")
}

async fn summary(unit: &mut Unit, drain: &DrainRecord, counts: DrainCounts) -> Result<Value, StepError> {
    let left = unit.left_by_drain(drain.id, MOST_NAMES).await?;
    let left: Vec<Value> = left
        .into_iter()
        .map(|(tenant, reason)| json!({ "tenant": tenant, "reason": reason }))
        .collect();
    let (tenants, tombstones) = unit.tenants_on(drain.node_id).await?;
    Ok(json!({ "moved": counts.moved, "left": left, "tenants": tenants, "tombstones": tombstones }))
}

/// Begins a move, as somebody would who asks for it.
async fn begin(
    run: &Run<Control>,
    unit: &mut Unit,
    drain: &DrainRecord,
    next: &WaitingMove,
) -> Result<Result<OperationId, Not>, StepError> {
    let caller = Caller::system();
    let reach = caller.reach(Action::MoveTenant)?;
    let tenant = unit.lock_tenant_by_id(&reach, next.tenant).await?;
    let Some(tenant) = tenant.filter(|tenant| tenant.node_id == drain.node_id) else {
        return Ok(Err(Not::AtAll(Refusal {
            code: "gone".to_owned(),
            detail: "It is not on the node any more.".to_owned(),
        })));
    };
    if tenant.switch.position == TenantSwitch::Stopped {
        return Ok(Err(Not::AtAll(refusal(&Stay::Stopped))));
    }
    let wish = Wish {
        node: Some(next.to.clone()),
        domain: None,
        labels: unit.node_wish(tenant.id).await?.labels,
    };
    let asked = Asked {
        caller: &caller,
        kind: OperationKind::MoveTenant,
        fingerprint: None,
        parent: Some(drain.id),
    };
    let begun = run.host.move_within(unit, asked, &tenant, &wish).await;
    match begun {
        Ok(operation) => Ok(Ok(operation)),
        Err(ControlError::Conflict(reason)) => Ok(Err(not(reason))),
        Err(ControlError::Invalid(_)) => Ok(Err(Not::AtAll(Refusal {
            code: "node-removed".to_owned(),
            detail: format!("Node {} was taken out.", next.to),
        }))),
        Err(error) => Err(error.into()),
    }
}

fn not(reason: ConflictReason) -> Not {
    match reason {
        ConflictReason::MoveRefused(away @ crate::MoveObstacle::Away(_)) => Not::Yet(obstacle(&away)),
        ConflictReason::MoveRefused(other) => Not::AtAll(obstacle(&other)),
        ConflictReason::NoRoom(nodes) => {
            let nodes = nodes
                .into_iter()
                .map(|(node, lacks)| (node, Unfit::Obstacle(lacks)));
            Not::AtAll(refusal(&Stay::NoRoom(nodes.collect())))
        }
        ConflictReason::State { from, .. } => Not::AtAll(refusal(&Stay::State(from))),
        ConflictReason::Busy(with) => Not::Yet(Refusal {
            code: "busy".to_owned(),
            detail: match with {
                Some(operation) => format!("It is busy with {operation}."),
                None => "It is busy.".to_owned(),
            },
        }),
        other => Not::AtAll(Refusal {
            code: "refused".to_owned(),
            detail: format!("{other:?}"),
        }),
    }
}

async fn note(
    run: &Run<Control>,
    unit: &mut Unit,
    drain: &DrainRecord,
    next: &WaitingMove,
    not: Not,
) -> Result<(), StepError> {
    let now = run.host.world.now();
    let is_over = next
        .put_off_at
        .is_some_and(|since| now.duration_since(since) >= PATIENCE);
    match not {
        Not::Yet(why) if !is_over => {
            unit.drain_move_put_off(drain.id, next.position, &why.detail, now)
                .await?
        }
        Not::Yet(why) | Not::AtAll(why) => unit.drain_move_refused(drain.id, next.position, &why).await?,
    }
    Ok(())
}

impl Control {
    /// What the end of a drain means: a drain that left somebody, or found somebody new, has failed in part, and its node
    /// stays as it is.
    pub(crate) async fn end_of_drain(
        &self,
        unit: &mut Unit,
        operation: &OperationRecord,
        found: &Value,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        unit.end_drain(operation.id, now).await?;
        let left = found["tenants"].as_i64().unwrap_or_default();
        let failure = (left > 0).then(|| Failure {
            code: "partly-drained".to_owned(),
            detail: format!(
                "{} moved, {left} still on {}. The drain says of each why; it can be planned and begun again.",
                found["moved"], operation.subject
            ),
        });
        unit.finish_operation(operation.id, failure.as_ref(), now).await?;
        unit.record_facts(operation.id, found).await?;
        let how = if failure.is_some() { "failed" } else { "succeeded" };
        self.audit_end(unit, operation, how, found.clone()).await
    }

    /// What a drain that was cancelled, or gave up, leaves: the node as it was before. One that was abandoned leaves all as
    /// it is.
    pub(crate) async fn end_of_undone_drain(
        &self,
        unit: &mut Unit,
        operation: &OperationRecord,
        failure: &Failure,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let drain = unit.lock_drain(operation.id).await?;
        unit.end_drain(operation.id, now).await?;
        let name = operation
            .subject
            .parse()
            .map_err(|_| ControlError::NotFound("node"))?;
        let node = unit.lock_node(&name).await?;
        let (Some(drain), Some((node, mut care))) = (drain, node) else {
            return Ok(());
        };
        if node == drain.node_id && care.mode == NodeMode::Draining && failure.code != "abandoned" {
            care.mode = drain.mode_before;
            if care.mode == NodeMode::Active {
                care.reason = None;
            }
            care.at = Some(now);
            unit.set_node_care(node, &care).await?;
        }
        Ok(())
    }
}
