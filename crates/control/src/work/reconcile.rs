//! The reconcilers: each looks at what is wanted and at what is there, and says what it found. They take no input.

use crate::Control;
use crate::node::list::AWAY_AFTER;
use operations::{Host as _, Regular, StepError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::Actor;
use wire::node::Observed;

/// How many tenants one round begins to mend by itself.
const AT_ONCE: usize = 4;

/// Which nodes are heard of.
pub(crate) struct NodeState;

impl Regular<Control> for NodeState {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let horizon = control.now() - AWAY_AFTER;
        let nodes = control.store().on_behalf_of(Actor::System).nodes().await?;
        let away = nodes
            .iter()
            .filter(|node| node.last_seen_at.is_none_or(|seen| seen <= horizon));
        let away: Vec<&str> = away.map(|node| node.name.as_str()).collect();
        Ok(json!({ "nodes": nodes.len(), "away": away }))
    }
}

/// Markers at the edge are as tenants stand: what is wrong is mended, a few at a time.
pub(crate) struct Edge;

impl Regular<Control> for Edge {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let drift = control.look_for_drift().await?;
        let wrong = drift
            .found
            .iter()
            .filter(|one| one.found.difference.kind() == "wrong-marker");
        let wrong = wrong.count();
        let mending = control.mend_markers(&drift, AT_ONCE).await?;
        Ok(json!({ "wrong": wrong, "mending": mending }))
    }
}

/// Uploads that nobody wants any more go.
pub(crate) struct Uploads;

impl Regular<Control> for Uploads {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "removed": control.clear_uploads().await? }))
    }
}

/// Backups are taken when they are due.
pub(crate) struct Backups;

impl Regular<Control> for Backups {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(control.back_up_due().await?)
    }
}

/// Backups are restored for proof, as far as each node's budget goes.
pub(crate) struct Proofs;

impl Regular<Control> for Proofs {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "begun": control.prove_due().await? }))
    }
}

/// Backups that no rule keeps are forgotten, and what failed is cleared up.
pub(crate) struct Retention;

impl Regular<Control> for Retention {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "begun": control.prune_due().await? }))
    }
}

/// Tombstones whose time is over are purged.
pub(crate) struct Tombstones;

impl Regular<Control> for Tombstones {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "purging": control.purge_due().await? }))
    }
}

/// Tenants whose time has ended are suspended, and those whose time was put off go on.
pub(crate) struct Expiry;

impl Regular<Control> for Expiry {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let (suspending, resuming) = control.keep_expiry().await?;
        Ok(json!({ "suspending": suspending, "resuming": resuming }))
    }
}

/// Copies that moves left are dropped when their time is over.
pub(crate) struct KeptCopies;

impl Regular<Control> for KeptCopies {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "dropping": control.drop_copies_due().await? }))
    }
}

/// No job stays with a worker that stopped, no saga waits for what has ended.
pub(crate) struct Leases;

impl Regular<Control> for Leases {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let scoped = control.store().on_behalf_of(Actor::System);
        let taken_back = scoped.take_back_expired(control.now()).await?;
        let mut unit = scoped.begin().await?;
        let woken = unit.wake_forgotten_sagas(control.now()).await?;
        unit.commit().await?;
        let counts = scoped.job_counts().await?;
        let counts: BTreeMap<&str, i64> = counts
            .iter()
            .map(|(status, count)| (status.as_str(), *count))
            .collect();
        Ok(json!({ "taken_back": taken_back, "woken": woken, "open": counts }))
    }
}

/// Pools of ready clones are as full as they should be; nodes fill them.
pub(crate) struct Pools;

impl Regular<Control> for Pools {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let scoped = control.store().on_behalf_of(Actor::System);
        let (mut pools, mut short) = (0, Vec::new());
        for node in scoped.nodes().await? {
            let said = scoped.node_observed(node.id).await?;
            let said = said.and_then(|(said, _)| serde_json::from_value::<Observed>(said).ok());
            for pool in said.unwrap_or_default().pools {
                pools += 1;
                if pool.ready < pool.wanted {
                    short.push(json!({ "node": node.name, "template": pool.template, "ready": pool.ready, "wanted": pool.wanted }));
                }
            }
        }
        Ok(json!({ "pools": pools, "short": short }))
    }
}

/// A template of one name is of one version on every node.
pub(crate) struct Templates;

impl Regular<Control> for Templates {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let templates = control.store().on_behalf_of(Actor::System).templates().await?;
        let mut versions: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for template in &templates {
            let version = template.odoo_version.as_deref().unwrap_or("-");
            let nodes = versions
                .entry(template.name.as_str())
                .or_default()
                .entry(version)
                .or_default();
            nodes.push(template.node.as_str());
        }
        let different: BTreeMap<_, _> = versions
            .iter()
            .filter(|(_, versions)| versions.len() > 1)
            .collect();
        Ok(json!({ "templates": versions.len(), "different": different }))
    }
}

/// What the control plane believes is what the nodes see.
pub(crate) struct Drift;

impl Regular<Control> for Drift {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for one in control.look_for_drift().await?.found {
            *kinds.entry(one.found.difference.kind()).or_default() += 1;
        }
        Ok(json!({ "differences": kinds }))
    }
}
