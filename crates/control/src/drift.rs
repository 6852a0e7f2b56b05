//! Drift: what the control plane believes against what nodes see; and making it so, by a plan that was shown.

use crate::intent::Intent;
use crate::node::list::AWAY_AFTER;
use crate::tenant::closure::service_of;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::drift::{Believed, Found, Remedy, Seen, differences, is_plan_name, plan_name};
use domain::{Action, NodeMode, NodeName, OperationId, OperationKind, Rule, TenantId, TenantState};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::{Actor, AuditEntry, NewOperation, Settled};
use wire::node::{ManagedSeen, Observed, Service};

/// A node in a comparison.
#[derive(Clone, Debug)]
pub struct DriftNode {
    /// Its name.
    pub name: NodeName,
    /// When it last said what it sees.
    pub observed_at: Option<Timestamp>,
    /// Whether that could be compared.
    pub compared: bool,
    /// Tenants that were compared.
    pub tenants: usize,
}

/// Something that differs, on this node.
#[derive(Clone, Debug)]
pub struct DriftFound {
    /// The node that sees it.
    pub node: NodeName,
    /// Whether the node may be asked for what nobody asked for.
    pub node_is_active: bool,
    /// What differs.
    pub found: Found,
}

/// The whole comparison.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// The nodes.
    pub nodes: Vec<DriftNode>,
    /// What differs.
    pub found: Vec<DriftFound>,
}

impl DriftFound {
    /// Whether a plan has it done.
    pub fn is_mended(&self) -> bool {
        self.found.remedy == Remedy::Mend
    }
}

impl Drift {
    /// The plan's name.
    pub fn plan(&self) -> String {
        plan_name(self.found.iter().map(|one| &one.found))
    }
}

impl Control {
    /// What differs, node by node.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn drift(&self, caller: &Caller) -> Result<Drift, ControlError> {
        caller.require(Action::ReadDrift)?;
        self.look_for_drift().await
    }

    pub(crate) async fn look_for_drift(&self) -> Result<Drift, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let horizon = self.world.now() - AWAY_AFTER;
        let mut drift = Drift::default();
        for node in scoped.nodes().await? {
            let said = scoped.node_observed(node.id).await?;
            let observed_at = said.as_ref().map(|(_, at)| *at);
            let managed = said
                .filter(|(_, at)| *at > horizon)
                .and_then(|(said, _)| serde_json::from_value::<Observed>(said).ok())
                .and_then(|observed| observed.managed);
            let mut compared = 0;
            let is_known = managed.is_some();
            if let (Some(managed), Some(at)) = (managed, observed_at) {
                let settled = scoped.settled_tenants(node.id, at).await?;
                let (believed, seen) = comparable(settled, managed);
                compared = believed.len();
                let node_is_active = matches!(node.care.mode, NodeMode::Active | NodeMode::Draining);
                let found = differences(&believed, &seen).into_iter();
                drift.found.extend(found.map(|found| DriftFound {
                    node: node.name.clone(),
                    node_is_active,
                    found,
                }));
            }
            drift.nodes.push(DriftNode {
                name: node.name,
                observed_at,
                compared: is_known,
                tenants: compared,
            });
        }
        Ok(drift)
    }

    /// Has the plan of this name done: each tenant is mended by an operation of its own, parts of the one that is given.
    ///
    /// # Errors
    /// [`ConflictReason::PlanChanged`] when what differs is another thing by now.
    pub async fn apply_drift(
        &self,
        caller: &Caller,
        plan: Option<&str>,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ApplyDrift)?;
        let wanted = plan
            .ok_or(Rule::Required)
            .and_then(|plan| match is_plan_name(plan) {
                true => Ok(plan),
                false => Err(Rule::Identifier { prefix: "plan" }),
            });
        let wanted = wanted.map_err(|rule| ControlError::field("plan", rule))?;
        let drift = self.look_for_drift().await?;
        if drift.plan() != wanted {
            return Err(ControlError::Conflict(ConflictReason::PlanChanged));
        }
        let now = self.world.now();
        let parent = OperationId::from_uuid(self.world.uuid());
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.audit(AuditEntry {
            at: now,
            action: OperationKind::ApplyDrift.as_str(),
            subject: wanted,
            operation: Some(parent),
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({}),
        })
        .await?;
        unit.insert_operation(NewOperation {
            id: parent,
            kind: OperationKind::ApplyDrift,
            tenant: None,
            subject: wanted,
            intent: serde_json::to_value(Intent::Parts).map_err(ControlError::internal)?,
            node: None,
            parent: None,
            idempotency_key: None,
            request_hash: None,
            now,
        })
        .await?;
        let reach = caller.reach(Action::ApplyDrift)?;
        let mut refused = Vec::new();
        for (tenant, generation) in tenants_of(drift.found.iter()) {
            let Some(held) = unit.lock_tenant_by_id(&reach, tenant).await? else {
                continue;
            };
            unit.raise_generation(tenant, generation).await?;
            match self.mend_within(&mut unit, caller, &held, Some(parent)).await {
                Ok(_) => {}
                Err(ControlError::Conflict(_)) => refused.push(held.subdomain.to_string()),
                Err(error) => return Err(error),
            }
        }
        unit.record_facts(parent, &serde_json::json!({ "busy": refused }))
            .await?;
        self.end_if_complete(&mut unit, parent).await?;
        unit.commit().await?;
        Ok(parent)
    }

    /// Mends what is only wrong at the edge and may be mended by itself; gives how many were begun.
    pub(crate) async fn mend_markers(&self, drift: &Drift, most: usize) -> Result<usize, ControlError> {
        let wrong = drift
            .found
            .iter()
            .filter(|one| one.node_is_active && one.found.by_itself);
        let wrong = wrong.filter(|one| one.found.difference.kind() == "wrong-marker");
        let caller = Caller::system();
        let reach = caller.reach(Action::ApplyDrift)?;
        let mut begun = 0;
        for one in wrong.take(most) {
            let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
            let Some(held) = unit.lock_tenant_by_id(&reach, one.found.tenant).await? else {
                continue;
            };
            match self.mend_within(&mut unit, &caller, &held, None).await {
                Ok(_) => {
                    unit.commit().await?;
                    begun += 1;
                }
                // Something else is under way: the next round looks again.
                Err(ControlError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }
}

/// The tenants that a plan mends, each once, in an order in which no two plans wait for each other; with the generation
/// that the node has seen.
fn tenants_of<'a>(found: impl Iterator<Item = &'a DriftFound>) -> BTreeMap<TenantId, i64> {
    let mut tenants = BTreeMap::new();
    for one in found.filter(|one| one.is_mended()) {
        let seen = match &one.found.difference {
            domain::drift::Difference::GenerationBehind { seen, .. } => *seen,
            _ => 0,
        };
        let generation: &mut i64 = tenants.entry(one.found.tenant).or_default();
        *generation = seen.max(*generation);
    }
    tenants
}

/// What can be compared: settled tenants, without what the node sees of the others.
fn comparable(settled: Vec<Settled>, managed: Vec<ManagedSeen>) -> (Vec<Believed>, Vec<Seen>) {
    let mut unsettled = BTreeSet::new();
    let mut believed = Vec::new();
    for tenant in settled {
        match standing(&tenant).filter(|_| tenant.is_settled) {
            Some(standing) => believed.push(Believed {
                tenant: tenant.id,
                subject: tenant.subdomain,
                database: (tenant.state != TenantState::Deleted).then_some(tenant.database),
                standing: standing.to_owned(),
                generation: tenant.generation,
                switch: tenant.switch,
            }),
            None => {
                unsettled.insert(tenant.id);
            }
        }
    }
    // What comes from another node, and what is left of one that went there, is no tenant of this node.
    let is_copy = |one: &ManagedSeen| matches!(one.standing.as_str(), "arriving" | "kept");
    let seen = managed.into_iter();
    let seen = seen.filter(|one| !is_copy(one) && !unsettled.contains(&one.tenant));
    let seen = seen.map(|one| Seen {
        tenant: one.tenant,
        database: one.database,
        exists: one.exists,
        standing: one.standing,
        marker: one.marker,
        generation: one.generation,
    });
    (believed, seen.collect())
}

/// How a tenant should stand on its node; nothing for one of which that cannot be said.
fn standing(tenant: &Settled) -> Option<&'static str> {
    match tenant.state {
        TenantState::Active | TenantState::Paused | TenantState::Suspended => {
            Some(match service_of(tenant.forms.iter().copied(), tenant.paused) {
                Service::Open => "open",
                Service::Restricted => "restricted",
                Service::Suspended => "suspended",
                Service::Paused => "paused",
            })
        }
        TenantState::Deleted => Some("tombstone"),
        TenantState::Provisioning | TenantState::Cancelled | TenantState::Failed => None,
    }
}
