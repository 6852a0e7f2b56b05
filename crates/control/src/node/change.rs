//! What the operator says of a node: what it may do, how much it may hold, what it is known by.

use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, NodeLabel, NodeMode, NodeName, Rule};
use std::collections::BTreeSet;
use store::{AuditEntry, NodeCare, Signal};
use wire::apikey::{Node, UpdateNode};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;
const MOST_LABELS: usize = 20;
const MOST_TENANTS: i64 = 1_000_000;

impl Control {
    /// Changes what the operator says of a node.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn update_node(
        &self,
        caller: &Caller,
        name: &NodeName,
        request: &UpdateNode,
    ) -> Result<Node, ControlError> {
        caller.require(Action::ChangeNode)?;
        let wanted = Wanted::of(request)?;
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut unit = scoped.begin().await?;
        let (id, before) = unit
            .lock_node(name)
            .await?
            .ok_or(ControlError::NotFound("node"))?;
        let mut after = before.clone();
        if let Some(mode) = wanted.mode {
            after.mode = mode;
            after.reason = wanted.reason;
            after.by = Some(caller.actor().to_string());
            after.at = Some(now);
        }
        if let Some(most) = wanted.max_tenants {
            after.max_tenants = most;
        }
        if let Some(labels) = wanted.labels {
            after.labels = labels;
        }
        unit.set_node_care(id, &after).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "node.update",
            subject: name.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "before": detail(&before), "after": detail(&after) }),
        })
        .await?;
        // Commands that waited while it was stopped are fetched at once.
        unit.signal(Signal::Node(id)).await?;
        unit.commit().await?;
        let nodes = scoped.nodes().await?;
        let node = nodes.into_iter().find(|node| node.name == *name);
        node.map(|node| self.node_view(node))
            .ok_or(ControlError::NotFound("node"))
    }
}

struct Wanted {
    mode: Option<NodeMode>,
    reason: Option<String>,
    max_tenants: Option<Option<u32>>,
    labels: Option<BTreeSet<NodeLabel>>,
}

impl Wanted {
    fn of(request: &UpdateNode) -> Result<Self, ControlError> {
        let mut errors = FieldErrors::default();
        let mode: Option<NodeMode> = errors.optional("mode", request.mode.as_deref());
        let reason = match request.reason.as_deref() {
            Some(reason) => errors.keep("reason", check_reason(reason)),
            None => None,
        };
        let wants_reason = mode.is_some_and(|mode| mode != NodeMode::Active);
        if wants_reason && request.reason.is_none() {
            errors.push("reason", Rule::Required);
        }
        let max_tenants = request.max_tenants.and_then(|most| {
            let checked = match most {
                None => Ok(None),
                Some(most @ 0..=MOST_TENANTS) => Ok(u32::try_from(most).ok()),
                Some(_) => Err(Rule::Range {
                    min: 0,
                    max: MOST_TENANTS,
                }),
            };
            errors.keep("max_tenants", checked)
        });
        let labels = labels(request.labels.as_deref(), "labels", &mut errors);
        if request.mode.is_none() && request.max_tenants.is_none() && request.labels.is_none() {
            errors.push("mode", Rule::Nothing);
        }
        if errors.is_empty() {
            return Ok(Self {
                mode,
                reason,
                max_tenants,
                labels,
            });
        }
        Err(ControlError::fields(errors))
    }
}

/// Checks the words with which an operator explains a change.
pub(crate) fn check_reason(reason: &str) -> Result<String, Rule> {
    if !(1..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(Rule::Length {
            min: 1,
            max: LONGEST_REASON,
        });
    }
    match reason.chars().any(char::is_control) {
        true => Err(Rule::Control),
        false => Ok(reason.to_owned()),
    }
}

/// Checks labels.
pub(crate) fn labels(
    given: Option<&[String]>,
    field: &str,
    errors: &mut FieldErrors,
) -> Option<BTreeSet<NodeLabel>> {
    let given = given?;
    if given.len() > MOST_LABELS {
        errors.push(
            field,
            Rule::Length {
                min: 0,
                max: MOST_LABELS,
            },
        );
        return None;
    }
    let checked = given
        .iter()
        .map(|label| errors.keep(field, label.parse::<NodeLabel>()));
    checked.collect()
}

fn detail(care: &NodeCare) -> serde_json::Value {
    serde_json::json!({ "mode": care.mode, "reason": care.reason, "max_tenants": care.max_tenants, "labels": care.labels })
}
