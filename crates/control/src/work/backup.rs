//! Backups as sagas of one step or few: each is a node's work, and what it was for becomes true with the node's answer.

use crate::backup::is_folder;
use crate::backup::restore::Becoming;
use crate::node::list::AWAY_AFTER;
use crate::tenant::closure::Closure;
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupKind, NodeId, OperationKind, TenantId};
use jiff::Timestamp;
use operations::{Run, Saga, Step, StepError, Turn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{BackupRecord, BackupStoreRecord, TenantRecord, Unit};
use uuid::Uuid;
use wire::backup::{BackUpTenant, Proof, PruneBackups, VerifyBackup};
use wire::node::{Facts, Order};
use wire::operation::Failure;

/// How often a store that does not answer is tried.
const TRIES: i32 = 4;
/// What may go better the next time.
const PASSING: [&str; 3] = ["store-away", "postgres-unavailable", "backup-missing"];
/// What may be the node's fault and not the backup's, when one is restored for proof: it is held against the backup only if it comes
/// every time.
const DOUBTFUL: [&str; 2] = ["dump-failed", "check-failed"];

/// A backup to be taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Keep {
    pub(crate) tenant: TenantId,
    pub(crate) backup: BackupId,
    pub(crate) base: Option<BackupId>,
    pub(crate) store: Uuid,
    pub(crate) why: BackupKind,
    pub(crate) by: String,
}

/// A backup to be looked at.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) backup: BackupId,
    pub(crate) proof: Proof,
}

/// A tenant to be brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BringBack {
    pub(crate) tenant: TenantId,
    /// From this backup,
    #[serde(default)]
    pub(crate) backup: Option<BackupId>,
    /// or to this moment.
    #[serde(default)]
    pub(crate) moment: Option<Moment>,
    pub(crate) safety: Option<Keep>,
}

/// A moment that a tenant is brought back to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    /// The store in whose backups files are looked for that are not in the filestore any more.
    pub(crate) store: Uuid,
}

/// What is to be cleared out of a store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) tenant: TenantId,
    pub(crate) store: Uuid,
    pub(crate) node: NodeId,
    pub(crate) ids: Vec<BackupId>,
}

/// Taking one.
pub(crate) fn take() -> Saga<Control> {
    Saga::new(OperationKind::BackUpTenant.as_str(), 1).step("keep", Taking)
}

/// Looking at one.
pub(crate) fn verify() -> Saga<Control> {
    Saga::new(OperationKind::VerifyBackup.as_str(), 1).step("look", Looking)
}

/// Clearing up.
pub(crate) fn prune() -> Saga<Control> {
    Saga::new(OperationKind::PruneBackups.as_str(), 1).step("clear", Clearing)
}

/// Bringing a tenant back in its place.
pub(crate) fn restore() -> Saga<Control> {
    Saga::new(OperationKind::RestoreTenant.as_str(), 1)
        .step("safety", Safety)
        .step("restore", Restoring)
        .step("settle", Settle)
}

async fn held(run: &Run<Control>, tenant: TenantId) -> Result<(Unit, TenantRecord), StepError> {
    let mut unit = run.begin().await?;
    let reach = Caller::system().reach(Action::TakeBackup)?;
    let tenant = unit.lock_tenant_by_id(&reach, tenant).await?;
    let tenant = tenant.ok_or(ControlError::NotFound("tenant"))?;
    Ok((unit, tenant))
}

/// Orders the tenant's node to take a backup. It raises no generation, since it holds nothing up and changes nothing.
async fn keep(run: &Run<Control>, keep: Keep) -> Result<Turn, StepError> {
    let (mut unit, tenant) = held(run, keep.tenant).await?;
    let control = &run.host;
    let store = control.backup_store_by_id(keep.store).await?;
    let key = control.backup_key_of(&mut unit, tenant.id).await?;
    let order = Order::BackUpTenant(BackUpTenant {
        tenant: tenant.id,
        database: tenant.subdomain.database(),
        product: Some(tenant.product.to_string()),
        backup: keep.backup,
        why: keep.why,
        by: keep.by,
        base: keep.base,
        store: store.access.clone(),
        recipients: control.backup_recipients(&key),
        keys: control.backup_keys(tenant.id, &key, &store)?,
    });
    let node = tenant.node_id;
    unit.backup_goes_to(keep.backup, node).await?;
    control
        .order_node(&mut unit, run, node, tenant.generation, order)
        .await?;
    Ok(Turn::Ordered(unit))
}

async fn kept(run: &Run<Control>, backup: BackupId, facts: Facts) -> Result<Turn, StepError> {
    let kept = facts
        .kept
        .ok_or_else(|| StepError::failed("internal", "The node did not tell what it kept."))?;
    let mut unit = run.begin().await?;
    unit.backup_kept(backup, &kept, run.host.world.now()).await?;
    Ok(Turn::Within(unit, json!({ "backup": backup, "kept": kept })))
}

fn refused(run: &Run<Control>, failure: Failure) -> StepError {
    match PASSING.contains(&failure.code.as_str()) && run.tries < TRIES {
        true => StepError::Retry(failure.detail),
        false => StepError::Failed(failure),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is the whole of an undo")]
fn nothing() -> Result<Turn, StepError> {
    Ok(Turn::Done(Value::Null))
}

/// The node takes it.
struct Taking;

impl Step<Control> for Taking {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        keep(run, run.arguments()?).await
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let about: Keep = run.arguments()?;
        kept(run, about.backup, facts).await
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure)
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// A node looks at it.
struct Looking;

impl Step<Control> for Looking {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let Look { backup, proof } = run.arguments()?;
        let control = &run.host;
        let caller = Caller::system();
        let backup = control.backup_record(&caller, Action::TakeBackup, backup).await?;
        let store = control.backup_store_by_id(backup.store).await?;
        let mut unit = run.begin().await?;
        let key = control.backup_key_of(&mut unit, backup.tenant).await?;
        let node = control.prover_of(&mut unit, (&backup, proof), &store).await?;
        let Some(kept) = backup.kept else {
            return Err(StepError::failed("backup-missing", "The backup is not whole."));
        };
        let order = Order::VerifyBackup(VerifyBackup {
            tenant: backup.tenant,
            backup: backup.id,
            manifest_sha256: kept.manifest_sha256,
            keys: control.backup_keys(backup.tenant, &key, &store)?,
            store: store.access,
            proof,
        });
        control.order_node(&mut unit, run, node, 1, order).await?;
        Ok(Turn::Ordered(unit))
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let Look { backup, .. } = run.arguments()?;
        let proven = facts
            .proven
            .ok_or_else(|| StepError::failed("internal", "The node did not tell what it found."))?;
        let mut unit = run.begin().await?;
        unit.backup_proven(backup, Ok(&proven), run.host.world.now())
            .await?;
        Ok(Turn::Within(unit, json!({ "backup": backup, "proven": proven })))
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        match DOUBTFUL.contains(&failure.code.as_str()) && run.tries < TRIES {
            true => StepError::Retry(failure.detail),
            false => refused(run, failure),
        }
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// A node removes what no backup needs.
struct Clearing;

impl Step<Control> for Clearing {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let about: Clear = run.arguments()?;
        let control = &run.host;
        let store = control.backup_store_by_id(about.store).await?;
        let mut unit = run.begin().await?;
        let now = control.world.now();
        let node = match is_folder(&store) {
            true => unit.node_is_there(about.node).await?.then_some(about.node),
            false => {
                unit.node_for_bucket(about.tenant, about.node, now - AWAY_AFTER)
                    .await?
            }
        };
        let Some(node) = node else {
            // Its folder went with it.
            unit.backups_cleared(about.tenant, about.store, &about.ids, now)
                .await?;
            return Ok(Turn::Within(unit, json!({ "node": "removed" })));
        };
        let key = control.backup_key_of(&mut unit, about.tenant).await?;
        let stays = |record: &store::BackupRecord| {
            use domain::BackupState as S;
            record.store == about.store
                && (!is_folder(&store) || record.node == about.node)
                && matches!(record.state, S::Taking | S::Kept | S::Damaged)
        };
        let records = unit.lock_backups(about.tenant).await?;
        let order = Order::PruneBackups(PruneBackups {
            tenant: about.tenant,
            keep: records
                .iter()
                .filter(|one| stays(one))
                .map(|one| one.id)
                .collect(),
            up_to: BackupId::from_uuid(control.world.uuid()),
            keys: control.backup_keys(about.tenant, &key, &store)?,
            store: store.access.clone(),
        });
        control.order_node(&mut unit, run, node, 1, order).await?;
        Ok(Turn::Ordered(unit))
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let about: Clear = run.arguments()?;
        let mut unit = run.begin().await?;
        let now = run.host.world.now();
        unit.backups_cleared(about.tenant, about.store, &about.ids, now)
            .await?;
        Ok(Turn::Within(unit, json!({ "pruned": facts.pruned })))
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure)
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// A backup of what is there, before it goes.
struct Safety;

impl Step<Control> for Safety {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let about: BringBack = run.arguments()?;
        match about.safety {
            Some(safety) => keep(run, safety).await,
            None => nothing(),
        }
    }

    async fn answered(&self, run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        let about: BringBack = run.arguments()?;
        match about.safety {
            Some(safety) => kept(run, safety.backup, facts).await,
            None => nothing(),
        }
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure)
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// What a tenant is brought back from.
enum Source {
    Backup(Box<BackupRecord>, BackupStoreRecord),
    Moment(Timestamp, BackupStoreRecord),
}

impl Source {
    async fn of(control: &Control, about: &BringBack) -> Result<Self, StepError> {
        match (about.backup, about.moment) {
            (Some(backup), _) => {
                let caller = Caller::system();
                let backup = control
                    .backup_record(&caller, Action::RestoreBackup, backup)
                    .await?;
                let store = control.backup_store_by_id(backup.store).await?;
                Ok(Self::Backup(Box::new(backup), store))
            }
            (None, Some(moment)) => {
                let store = control.backup_store_by_id(moment.store).await?;
                Ok(Self::Moment(moment.at, store))
            }
            (None, None) => Err(StepError::failed("internal", "Nothing is said to be restored.")),
        }
    }
}

/// The node brings it back. If it cannot, it leaves everything as it was.
struct Restoring;

impl Step<Control> for Restoring {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let about: BringBack = run.arguments()?;
        let control = &run.host;
        // Looked up before the unit holds a connection: two of them for one step would run a small pool dry.
        let source = Source::of(control, &about).await?;
        let (mut unit, tenant) = held(run, about.tenant).await?;
        let becoming = Becoming {
            tenant: tenant.id,
            subdomain: &tenant.subdomain,
            base_url: tenant.url(),
            service: Closure::of(&tenant).service(),
            quiet: false,
        };
        let order = match &source {
            Source::Backup(backup, store) => control.restoring(&mut unit, backup, store, &becoming).await?,
            Source::Moment(at, store) => {
                let from = (tenant.id, tenant.node_id);
                control
                    .rewinding(&mut unit, (*at, store), from, &becoming)
                    .await?
            }
        };
        let generation = unit.next_generation(tenant.id).await?;
        control
            .order_node(&mut unit, run, tenant.node_id, generation, order)
            .await?;
        Ok(Turn::Ordered(unit))
    }

    fn refused(&self, run: &Run<Control>, failure: Failure) -> StepError {
        refused(run, failure)
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// The tenant is free for other operations.
struct Settle;

impl Step<Control> for Settle {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let about: BringBack = run.arguments()?;
        let (mut unit, tenant) = held(run, about.tenant).await?;
        let operation = run.operation.ok_or(ControlError::NotFound("operation"))?;
        unit.settle_tenant(tenant.id, operation, tenant.state, run.host.world.now())
            .await?;
        let restored: Facts = run.output("restore")?;
        let safety = about.safety.map(|safety| safety.backup);
        Ok(Turn::Within(
            unit,
            json!({ "restored": restored.restored, "evidence": restored.evidence, "backup": about.backup, "at": about.moment.map(|moment| moment.at), "safety": safety }),
        ))
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}
