//! Sending what a backup holds, as a saga of one step: the node's work.

use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, DownloadId, NodeId, OperationKind, TransferId};
use operations::{Run, Saga, Step, StepError, Turn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::export::{Form, SendBackup};
use wire::node::{Facts, Order};

/// What is to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Send {
    pub(crate) download: DownloadId,
    pub(crate) backup: BackupId,
    pub(crate) node: NodeId,
    pub(crate) transfer: TransferId,
    pub(crate) wanted: Form,
    pub(crate) skip: u64,
}

/// Sending.
pub(crate) fn saga() -> Saga<Control> {
    Saga::new(OperationKind::SendBackup.as_str(), 1).step("send", Sending)
}

/// The node sends it.
struct Sending;

impl Step<Control> for Sending {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let about: Send = run.arguments()?;
        let control = &run.host;
        let backup = control
            .backup_record(&Caller::system(), Action::DownloadBackup, about.backup)
            .await?;
        let store = control.backup_store_by_id(backup.store).await?;
        let mut unit = run.begin().await?;
        let key = control.backup_key_of(&mut unit, backup.tenant).await?;
        let kept = backup.kept.ok_or(ControlError::NotFound("backup"))?;
        let order = Order::SendBackup(SendBackup {
            tenant: backup.tenant,
            backup: backup.id,
            manifest_sha256: kept.manifest_sha256,
            keys: control.backup_keys(backup.tenant, &key, &store)?,
            store: store.access,
            transfer: about.transfer,
            wanted: about.wanted,
            skip: about.skip,
        });
        control.order_node(&mut unit, run, about.node, 1, order).await?;
        Ok(Turn::Ordered(unit))
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let operation = run.operation.ok_or(ControlError::NotFound("operation"))?;
        let mut unit = run.begin().await?;
        // The server that passed it on says how it ended; if that one has died, nobody does.
        unit.fetch_over(operation, run.host.world.now()).await?;
        Ok(Turn::Within(unit, json!({ "sent": facts.sent })))
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        Ok(Turn::Done(Value::Null))
    }
}
