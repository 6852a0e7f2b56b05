//! What emptying a node would be, without doing it.

use crate::drain::{Asked, check, checked, refusal};
use crate::node::list::AWAY_AFTER;
use crate::{Caller, ConflictReason, Control, ControlError, MoveObstacle};
use domain::drain::{DrainPlan, Target, plan, plan_name};
use domain::{Action, FieldErrors, NodeId, NodeMode, NodeName};
use std::collections::BTreeSet;
use store::{Actor, NodeCare, Place, Unit};
use wire::drain::{DrainPlan as Shown, DrainTerms, PlannedMove, StayingTenant};

/// A plan with what it was made from.
pub(crate) struct Prepared {
    pub(crate) node: NodeId,
    pub(crate) care: NodeCare,
    pub(crate) name: String,
    pub(crate) plan: DrainPlan,
    pub(crate) places: Vec<Place>,
}

impl Control {
    /// Where each tenant of a node would go, in which order, and which would stay; under a name by which it can be begun.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::MoveRefused`] when the node itself cannot give
    /// tenants away.
    pub async fn plan_drain(
        &self,
        caller: &Caller,
        name: &NodeName,
        terms: &DrainTerms,
    ) -> Result<Shown, ControlError> {
        caller.require(Action::ReadNodes)?;
        let mut errors = FieldErrors::default();
        let labels = terms.node_labels.as_deref().map(split);
        let asked = check(
            labels.as_deref(),
            terms.pinned,
            terms.any_domain,
            terms.parallel,
            &mut errors,
        );
        let asked = checked(asked, errors)?;
        // Nothing is written: the unit is there to look at everything under the lock of placing, and ends with it.
        let movers = self.movers().await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let prepared = self.prepare_drain(&mut unit, name, &asked, &movers).await?;
        let (_, tombstones) = unit.tenants_on(prepared.node).await?;
        drop(unit);
        let seconds = self
            .store
            .on_behalf_of(caller.actor())
            .seconds_of_a_move()
            .await?;
        Ok(shown(name, &asked, prepared, tombstones, seconds))
    }

    /// The nodes whose agents know how to move tenants. Asked before a unit begins, which would wait with a connection for another.
    pub(crate) async fn movers(&self) -> Result<BTreeSet<NodeId>, ControlError> {
        let mut movers = BTreeSet::new();
        for node in self.store.on_behalf_of(Actor::System).nodes().await? {
            match self.check_knows(node.id, &node.name).await {
                Ok(()) => drop(movers.insert(node.id)),
                Err(ControlError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(movers)
    }

    /// Makes the plan as everything is at this moment; until the unit ends, nobody else places a tenant or changes the node.
    pub(crate) async fn prepare_drain(
        &self,
        unit: &mut Unit,
        name: &NodeName,
        asked: &Asked,
        movers: &BTreeSet<NodeId>,
    ) -> Result<Prepared, ControlError> {
        let horizon = self.world.now() - AWAY_AFTER;
        // The lock of placing comes before a node's row, as whoever places a tenant takes them.
        let places = unit.places_to_move(None, horizon).await?;
        let found = unit.lock_node(name).await?;
        let (node, care) = found.ok_or(ControlError::NotFound("node"))?;
        let own = places.iter().find(|place| place.id == node);
        let refused = |obstacle| ControlError::Conflict(ConflictReason::MoveRefused(obstacle));
        own.filter(|own| own.candidate.is_online && care.mode != NodeMode::Stopped)
            .ok_or_else(|| refused(MoveObstacle::Away(name.clone())))?;
        if !movers.contains(&node) {
            return Err(refused(MoveObstacle::OldAgent(name.clone())));
        }
        let others = places.iter().filter(|place| place.id != node);
        let targets: Vec<Target> = others
            .map(|place| Target {
                candidate: place.candidate.clone(),
                knows_moves: movers.contains(&place.id),
            })
            .collect();
        let leaving = unit.leaving(node).await?;
        let plan = plan(name, &leaving, &targets, &asked.terms);
        Ok(Prepared {
            node,
            care,
            name: plan_name(name, &plan),
            plan,
            places,
        })
    }
}

fn split(labels: &str) -> Vec<String> {
    let each = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
    each.map(ToOwned::to_owned).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate in whole seconds, of a number that is not negative"
)]
fn seconds_of(moves: usize, at_once: i64, each: f64) -> u64 {
    let rounds = u64::try_from(moves)
        .unwrap_or(u64::MAX)
        .div_ceil(at_once.unsigned_abs().max(1));
    let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
    (f64::from(rounds) * each.max(0.0)).ceil() as u64
}

fn shown(name: &NodeName, asked: &Asked, prepared: Prepared, tombstones: i64, each: Option<f64>) -> Shown {
    let Prepared {
        name: plan,
        plan: content,
        ..
    } = prepared;
    let bytes = content.go.iter().map(|one| one.leaving.bytes);
    let seconds = each.filter(|_| !content.go.is_empty());
    Shown {
        plan,
        node: name.to_string(),
        parallel: asked.at_once,
        bytes: bytes.fold(0, u64::saturating_add),
        seconds: seconds.map(|each| seconds_of(content.go.len(), asked.at_once, each)),
        tombstones,
        moves: content
            .go
            .into_iter()
            .map(|one| PlannedMove {
                subdomain: one.leaving.subdomain,
                to: one.to.to_string(),
                state: one.leaving.state.to_string(),
                bytes: one.leaving.bytes,
                changes_address: one.changes_domain,
            })
            .collect(),
        stay: content
            .stay
            .into_iter()
            .map(|(one, stay)| StayingTenant {
                subdomain: one.subdomain,
                reason: stay.word().to_owned(),
                words: refusal(&stay).detail,
            })
            .collect(),
    }
}
