//! Emptying a node: the plan that is looked at first, beginning it, pausing it, and dropping what the moves left.

pub(crate) mod confirm;
pub(crate) mod pause;
pub(crate) mod plan;
pub(crate) mod show;
pub(crate) mod start;

use crate::{ControlError, MoveObstacle};
use domain::drain::{AT_ONCE, Domains, MOST_AT_ONCE, Pinned, Stay, Terms};
use domain::{FieldErrors, Rule};
use store::Refusal;

/// What is asked for, checked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) terms: Terms,
    pub(crate) at_once: i64,
}

/// Checks what is asked for.
pub(crate) fn check(
    labels: Option<&[String]>,
    pinned: bool,
    any_domain: bool,
    parallel: Option<i64>,
    errors: &mut FieldErrors,
) -> Asked {
    let labels = crate::node::change::labels(labels, "node_labels", errors);
    let at_once = parallel.unwrap_or(AT_ONCE);
    if !(1..=MOST_AT_ONCE).contains(&at_once) {
        errors.push(
            "parallel",
            Rule::Range {
                min: 1,
                max: MOST_AT_ONCE,
            },
        );
    }
    Asked {
        terms: Terms {
            labels: labels.unwrap_or_default(),
            pinned: if pinned { Pinned::Go } else { Pinned::Stay },
            domains: if any_domain { Domains::Any } else { Domains::Own },
        },
        at_once,
    }
}

pub(crate) fn checked(asked: Asked, errors: FieldErrors) -> Result<Asked, ControlError> {
    match errors.is_empty() {
        true => Ok(asked),
        false => Err(ControlError::fields(errors)),
    }
}

/// Why a tenant stays, in words.
pub(crate) fn refusal(stay: &Stay) -> Refusal {
    let detail = match stay {
        Stay::Pinned => {
            "It was made for this node by name. Say that pinned tenants go too, or move it yourself."
                .to_owned()
        }
        Stay::Stopped => "The operator has stopped it, so that no order for it is delivered.".to_owned(),
        Stay::State(state) => format!("A tenant that is {state} does not move."),
        Stay::CopyKept => {
            "The copy that its last move left is still kept. Confirm that move first.".to_owned()
        }
        Stay::NoRoom(nodes) if nodes.is_empty() => "There is no other node.".to_owned(),
        Stay::NoRoom(_) => format!("No node can take it: {}.", stay.detail()),
    };
    Refusal {
        code: stay.word().to_owned(),
        detail,
    }
}

/// What keeps a move from beginning, in words.
pub(crate) fn obstacle(obstacle: &MoveObstacle) -> Refusal {
    let (code, detail) = match obstacle {
        MoveObstacle::SameNode(node) => ("gone", format!("It is on {node} already.")),
        MoveObstacle::Away(node) => ("away", format!("Node {node} is not heard of, or stopped.")),
        MoveObstacle::OldAgent(node) => (
            "old-agent",
            format!("The agent of {node} knows nothing of moving. Bring it up to date."),
        ),
        MoveObstacle::Unconfirmed => return refusal(&Stay::CopyKept),
        MoveObstacle::NothingKept => ("copy-kept", "No copy of a move is kept.".to_owned()),
    };
    Refusal {
        code: code.to_owned(),
        detail,
    }
}
