//! Operations as the API shows them.

use store::OperationRecord;
use wire::operation::Operation;

/// An operation as the API shows it.
pub fn operation_view(record: OperationRecord) -> Operation {
    Operation {
        url: format!("/api/operations/{}", record.id),
        id: record.id.to_string(),
        kind: record.kind.to_string(),
        state: record.state.to_string(),
        subject: record.subject,
        node: record.node.map(String::from),
        facts: record.facts,
        parent: record.parent.map(|id| id.to_string()),
        created_at: record.created_at,
        started_at: record.started_at,
        finished_at: record.finished_at,
        steps: record.steps,
        waiting_for: None,
        next: None,
        requested_by: None,
        failure: record.failure,
    }
}
