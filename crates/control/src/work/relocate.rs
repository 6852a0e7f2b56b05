//! Moving a tenant to another node: its files while it is in use, then closed for a moment, then the rest; checked, put on the
//! other node, opened there. What can be felt as a second tenant comes last, and everything before it can be undone.

use crate::tenant::closure::Closure;
use crate::tenant::order::Planned;
use crate::{Caller, Control, ControlError};
use domain::{Action, DatabaseName, NodeId, OperationId, OperationKind, TenantId, TransferId};
use jiff::SignedDuration;
use operations::{Run, Saga, Step, StepError, Turn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{TenantRecord, Unit};
use wire::node::{Facts, Order};
use wire::operation::Failure;
use wire::transfer::{DiscardCopy, Part, Passed, ReceiveTenant, SendTenant, Shelf, ShelveTenant};

/// How often a transfer is tried while the tenant is in use, and while it is closed.
const TRIES_OPEN: i32 = 4;
const TRIES_CLOSED: i32 = 2;
/// What may go better the next time.
const PASSING: [&str; 2] = ["transfer-broken", "postgres-unavailable"];

/// What a move is about, decided when it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) tenant: TenantId,
    pub(crate) database: DatabaseName,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// Its address where it was.
    pub(crate) url_before: String,
    /// Its address there.
    pub(crate) base_url: String,
}

/// What both ends told of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Both {
    sent: Passed,
    received: Passed,
}

/// The list of steps.
pub(crate) fn saga() -> Saga<Control> {
    Saga::new(OperationKind::MoveTenant.as_str(), 1)
        .step("copy", Copy)
        .step("close", Close)
        .step("transfer", Transfer)
        .step("switch", Switch)
        .step("leave", Leave)
        .step("open", Open)
}

/// A move with its tenant held.
struct Held {
    about: About,
    unit: Unit,
    tenant: TenantRecord,
    operation: OperationId,
}

impl Held {
    async fn of(run: &Run<Control>) -> Result<Self, StepError> {
        let about: About = run.arguments()?;
        let mut unit = run.begin().await?;
        let reach = Caller::system().reach(Action::MoveTenant)?;
        let tenant = unit.lock_tenant_by_id(&reach, about.tenant).await?;
        Ok(Self {
            tenant: tenant.ok_or(ControlError::NotFound("tenant"))?,
            operation: run.operation.ok_or(ControlError::NotFound("operation"))?,
            about,
            unit,
        })
    }

    /// Orders one node; a node that was taken out does nothing more, and needs not.
    async fn order(mut self, run: &Run<Control>, node: NodeId, order: Order) -> Result<Turn, StepError> {
        if !self.unit.node_is_there(node).await? {
            return match run.failure {
                Some(_) => Ok(Turn::Done(Value::Null)),
                None => Err(StepError::failed(
                    "node-removed",
                    "One of the nodes was taken out.",
                )),
            };
        }
        let generation = self.unit.next_generation(self.about.tenant).await?;
        run.host
            .order_node(&mut self.unit, run, node, generation, order)
            .await?;
        Ok(Turn::Ordered(self.unit))
    }

    /// Orders both nodes to have a part of the tenant pass between them.
    async fn transfer(mut self, run: &Run<Control>, part: Part) -> Result<Turn, StepError> {
        let About { from, to, .. } = self.about;
        for node in [from, to] {
            if !self.unit.node_is_there(node).await? {
                return Err(StepError::failed(
                    "node-removed",
                    "One of the nodes was taken out.",
                ));
            }
        }
        let transfer = TransferId::from_uuid(run.host.world.uuid());
        let (tenant, database) = (self.about.tenant, self.about.database.clone());
        self.unit
            .open_transfer(transfer, run.job(), [from, to], run.host.world.now())
            .await?;
        let generation = self.unit.next_generation(tenant).await?;
        let send = Order::SendTenant(SendTenant {
            tenant,
            database: database.clone(),
            transfer,
            part,
        });
        let receive = Order::ReceiveTenant(ReceiveTenant {
            tenant,
            database,
            transfer,
            part,
            base_url: self.about.base_url.clone(),
        });
        for (node, order) in [(from, send), (to, receive)] {
            run.host
                .order_node(&mut self.unit, run, node, generation, order)
                .await?;
        }
        Ok(Turn::Ordered(self.unit))
    }

    fn shelving(&self, shelf: Shelf) -> Order {
        Order::ShelveTenant(ShelveTenant {
            tenant: self.about.tenant,
            database: self.about.database.clone(),
            shelf,
        })
    }

    /// The tenant served as the control plane says.
    fn serving(&self) -> Order {
        let Planned { order, .. } = Closure::of(&self.tenant).planned(&self.tenant);
        order
    }
}

/// What both ends saw of the stream must be the same; their words came over signed answers, and the stream did not.
fn both(facts: Facts) -> Result<Turn, StepError> {
    match (facts.sent, facts.received) {
        (Some(sent), Some(received)) if sent.sha256 == received.sha256 && sent.rows == received.rows => {
            Ok(Turn::Done(
                serde_json::to_value(Both {
                    sent: *sent,
                    received: *received,
                })
                .unwrap_or_default(),
            ))
        }
        (Some(_), Some(_)) => Err(StepError::failed(
            "transfer-changed",
            "What came is not what was sent. Look at what stands between the nodes and the server.",
        )),
        _ => Err(StepError::failed(
            "transfer-broken",
            "One of the nodes did not tell what passed.",
        )),
    }
}

fn refused(run: &Run<Control>, failure: Failure, most: i32) -> StepError {
    match PASSING.contains(&failure.code.as_str()) && run.tries < most {
        true => StepError::Retry(failure.detail),
        false => StepError::Failed(failure),
    }
}

fn nothing() -> Result<Turn, StepError> {
    Ok(Turn::Done(Value::Null))
}

/// The files go while the tenant is in use.
struct Copy;

impl Step<Control> for Copy {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        Held::of(run).await?.transfer(run, Part::Files).await
    }

    async fn answered(&self, _run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        both(facts)
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure, TRIES_OPEN)
    }

    /// All that came is dropped, whichever step brought it.
    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let (to, order) = (
            held.about.to,
            Order::DiscardCopy(DiscardCopy {
                tenant: held.about.tenant,
                database: held.about.database.clone(),
                shelf: Shelf::Arriving,
            }),
        );
        held.order(run, to, order).await
    }
}

/// The tenant is closed where it is; the stop begins.
struct Close;

impl Step<Control> for Close {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let mut held = Held::of(run).await?;
        held.unit
            .relocation_closes(held.operation, run.host.world.now())
            .await?;
        let (from, order) = (held.about.from, held.shelving(Shelf::Maintenance));
        held.order(run, from, order).await
    }

    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let (from, order) = (held.about.from, held.serving());
        held.order(run, from, order).await
    }
}

/// The database goes, and the files that are new; the destination checks what came.
struct Transfer;

impl Step<Control> for Transfer {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let first: Both = run.output("copy")?;
        let since = first.sent.began_at;
        Held::of(run).await?.transfer(run, Part::Whole { since }).await
    }

    async fn answered(&self, _run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        both(facts)
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure, TRIES_CLOSED)
    }

    /// The source is opened before anything is dropped.
    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// The tenant is on the other node.
struct Switch;

impl Step<Control> for Switch {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let to = held.about.to;
        put(run, held, to).await
    }

    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let from = held.about.from;
        put(run, held, from).await
    }
}

async fn put(run: &Run<Control>, mut held: Held, node: NodeId) -> Result<Turn, StepError> {
    if held.tenant.node_id != node {
        held.unit
            .set_tenant_node(held.about.tenant, held.operation, node, run.host.world.now())
            .await?;
    }
    Ok(Turn::Within(held.unit, Value::Null))
}

/// What is left is put away, out of every list.
struct Leave;

impl Step<Control> for Leave {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let mut held = Held::of(run).await?;
        held.unit
            .relocation_leaves(held.operation, held.tenant.generation)
            .await?;
        let (from, order) = (held.about.from, held.shelving(Shelf::Kept));
        held.order(run, from, order).await
    }

    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let (from, order) = (held.about.from, held.shelving(Shelf::Maintenance));
        held.order(run, from, order).await
    }
}

/// It is opened where it is now, as it was, and looked at through the edge there; the stop ends. Whoever is let in writes, so
/// that nothing comes after this that could fail.
struct Open;

impl Step<Control> for Open {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let (to, order) = (held.about.to, held.serving());
        held.order(run, to, order).await
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let whole: Both = run.output("transfer")?;
        let mut held = Held::of(run).await?;
        let now = run.host.world.now();
        let keep_until = now + SignedDuration::from_hours(24 * i64::from(run.host.live().keep_days));
        held.unit
            .settle_tenant(held.about.tenant, held.operation, held.tenant.state, now)
            .await?;
        run.host
            .end_support_of_moved(&mut held.unit, held.about.tenant)
            .await?;
        let stop_ms = held.unit.relocation_done(held.operation, now, keep_until).await?;
        let moved = json!({
            "node": held.tenant.node, "address": held.tenant.url(), "address_before": held.about.url_before,
            "stop_ms": stop_ms,
            "bytes": whole.received.bytes, "files": whole.received.files, "rows": whole.received.rows,
            "copy_kept_until": keep_until, "evidence": facts.evidence,
        });
        Ok(Turn::Within(held.unit, moved))
    }

    async fn undo(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let held = Held::of(run).await?;
        let (to, order) = (held.about.to, held.shelving(Shelf::Arriving));
        held.order(run, to, order).await
    }
}
