//! Forgets backups of a tenant: those that are not among the ones that stay, and whatever a backup that failed left behind.

use crate::backup::manifest::Manifest;
use crate::backup::sealing::Key;
use crate::backup::store::{self, Store};
use crate::backup::{parts, tenant_folder};
use crate::error::{StepFailure, chain};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use domain::BackupId;
use objects::Listed;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;
use wire::backup::{PruneBackups, Pruned};
use wire::node::Facts;

/// Nothing is to be undone: what is forgotten was to be forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// Backups to be forgotten.
pub(crate) struct Pruning {
    order: PruneBackups,
    store: Store,
    key: Key,
    pruned: Mutex<Pruned>,
}

impl Pruning {
    pub(crate) fn plan(order: PruneBackups, room: &Room) -> Result<Self, StepFailure> {
        let keys = store::keys(order.keys.as_ref())?;
        Ok(Self {
            store: Store::open(room, &order.store, &keys)?,
            key: Key::parse(&keys.identity)?,
            order,
            pruned: Mutex::default(),
        })
    }

    /// What belongs to no backup that stays: manifests, and the rest. Where one that stays cannot be read, no archive of files goes.
    async fn to_forget(&self, run: &Run<'_>) -> Result<(Vec<Listed>, Vec<Listed>), StepFailure> {
        let tenant = self.order.tenant;
        let mut needed: Option<HashSet<String>> = Some(HashSet::new());
        let all = self.store.list(&tenant_folder(tenant)).await?;
        let mut keep: BTreeSet<BackupId> = self.order.keep.iter().copied().collect();
        let named = all.iter().filter_map(|object| parts(tenant, &object.name));
        let later = named.filter_map(|(backup, _)| Uuid::try_parse(backup).ok());
        // Identities grow with time.
        let later = later.map(BackupId::from_uuid).filter(|id| *id > self.order.up_to);
        keep.extend(later);
        for backup in &keep {
            let found = Manifest::get(&self.store, &self.key, (tenant, *backup), None).await;
            match (found, &mut needed) {
                (Ok(manifest), Some(needed)) => {
                    needed.extend(manifest.archives.into_iter().map(|one| one.object));
                }
                (Ok(_), None) => {}
                (Err(failure), _) => {
                    tracing::warn!(%backup, failure = chain(&failure), "a backup that stays cannot be read");
                    run.note(format!("{backup} cannot be read; archives of files stay"));
                    needed = None;
                }
            }
        }
        let stays: HashSet<String> = keep
            .iter()
            .map(|backup| backup.uuid().simple().to_string())
            .collect();
        let forget = all
            .into_iter()
            .filter(|object| match parts(tenant, &object.name) {
                Some((backup, _)) if stays.contains(backup) => false,
                Some((_, part)) if part.starts_with("files-") => needed
                    .as_ref()
                    .is_some_and(|needed| !needed.contains(&object.name)),
                Some(_) => true,
                None => false,
            });
        Ok(forget.partition(|object| object.name.contains("/manifest.")))
    }

    async fn forget(&self, object: &Listed) -> Result<(), StepFailure> {
        self.store.remove(&object.name).await?;
        let mut pruned = self.pruned.lock().unwrap_or_else(PoisonError::into_inner);
        pruned.objects += 1;
        pruned.bytes += object.bytes;
        Ok(())
    }

    async fn prune(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (manifests, rest) = self.to_forget(run).await?;
        run.part("prune/manifests")?;
        // Without its manifest, a backup is none any more, whatever else is left of it.
        for manifest in &manifests {
            self.forget(manifest).await?;
        }
        run.part("prune/rest")?;
        for object in &rest {
            self.forget(object).await?;
            run.part("prune/next")?;
        }
        // What another node writes now, to which the tenant went, is not this one's to give up.
        let tenant = self.order.tenant;
        let is_over = |name: &str| {
            let backup = parts(tenant, name).and_then(|(backup, _)| Uuid::try_parse(backup).ok());
            backup
                .map(BackupId::from_uuid)
                .is_some_and(|backup| backup <= self.order.up_to && !self.order.keep.contains(&backup))
        };
        self.store.clear_unfinished(&tenant_folder(tenant), is_over).await
    }
}

impl Plan for Pruning {
    const KIND: &'static str = "prune-backups";
    const STEPS: &'static [Step] = &[Step::parted(
        "prune",
        &["prune/manifests", "prune/rest", "prune/next"],
    )];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "prune" => self.prune(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_intent: &Intent, _step: &str, _room: &Room) -> Result<(), StepFailure> {
        Ok(())
    }

    fn facts(&self) -> Facts {
        Facts {
            pruned: Some(Box::new(
                *self.pruned.lock().unwrap_or_else(PoisonError::into_inner),
            )),
            ..Facts::default()
        }
    }
}
