//! Emptying a node: which of its tenants goes where, in which order, and which cannot go. Pure.
//!
//! Whoever calls holds the lock under which tenants are placed, so that what is planned at one moment is not over-committed by
//! somebody else at the same.

use crate::id::TenantId;
use crate::name::{DomainName, NodeName};
use crate::placement::{self, Candidate, NodeLabel, Obstacle, Wish};
use crate::tenant::TenantState;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

/// How many moves may be under way at a time at most.
pub const MOST_AT_ONCE: i64 = 10;
/// How many moves are under way at a time where nobody says.
pub const AT_ONCE: i64 = 2;

/// Nodes whose loads differ by less than so many thousandths are equally loaded: a plan does not change with each kilobyte.
const LOAD_STEP: u64 = 50;

/// A tenant of the node that is to be emptied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name for people.
    pub subdomain: String,
    /// The domain of its address.
    pub domain: DomainName,
    /// What it takes of a disk, roughly.
    pub bytes: u64,
    /// What its node must be known by.
    pub labels: BTreeSet<NodeLabel>,
    /// Whether it was made for this node and no other.
    pub is_pinned: bool,
    /// How it stands.
    pub state: TenantState,
    /// Whether the operator has stopped it, so that no order for it is delivered.
    pub is_stopped: bool,
    /// Whether the copy that an earlier move left is still kept.
    pub has_copy: bool,
}

/// A node that a tenant could go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What the choice goes by.
    pub candidate: Candidate,
    /// Whether its agent knows how to take a tenant.
    pub knows_moves: bool,
}

/// Whether tenants that were made for this node leave it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pinned {
    /// They stay.
    #[default]
    Stay,
    /// They go.
    Go,
}

/// Which domains tenants may go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Domains {
    /// Their own: no address changes.
    #[default]
    Own,
    /// Any: the address follows the node.
    Any,
}

/// What the operator says of a whole drain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Only to nodes that are known by all of these.
    pub labels: BTreeSet<NodeLabel>,
    /// Pinned tenants.
    pub pinned: Pinned,
    /// Domains.
    pub domains: Domains,
}

/// A tenant that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Going {
    /// The tenant.
    pub leaving: Leaving,
    /// Where to.
    pub to: NodeName,
    /// Whether its address is another one there.
    pub changes_domain: bool,
}

/// Why one node cannot take a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is not heard of.
    Away,
    /// Its agent knows nothing of moving.
    OldAgent,
    /// What it lacks.
    Obstacle(Obstacle),
}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away => formatter.write_str("away"),
            Self::OldAgent => formatter.write_str("old agent"),
            Self::Obstacle(obstacle) => obstacle.fmt(formatter),
        }
    }
}

/// Why a tenant stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It was made for this node.
    Pinned,
    /// The operator has stopped it.
    Stopped,
    /// It does not stand so that it could move.
    State(TenantState),
    /// The copy that its last move left is still kept.
    CopyKept,
    /// No node can take it; each with what it lacks.
    NoRoom(Vec<(NodeName, Unfit)>),
}

impl Stay {
    /// A stable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Stopped => "stopped",
            Self::State(_) => "state",
            Self::CopyKept => "copy-kept",
            Self::NoRoom(_) => "no-room",
        }
    }

    /// What only this case knows.
    pub fn detail(&self) -> String {
        match self {
            Self::Pinned | Self::Stopped | Self::CopyKept => String::new(),
            Self::State(state) => state.to_string(),
            Self::NoRoom(nodes) => {
                let each = nodes.iter().map(|(node, unfit)| format!("{node}: {unfit}"));
                each.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// Where each tenant of a node goes, in the order in which they go; and which stay, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainPlan {
    /// Those that go.
    pub go: Vec<Going>,
    /// Those that stay, and why.
    pub stay: Vec<(Leaving, Stay)>,
}

/// What a size is worth in an order: one that grows a little keeps its place.
fn size_class(bytes: u64) -> u32 {
    bytes.max(1).ilog2()
}

/// Plans the emptying of a node.
///
/// The largest are placed first, since they fit in the fewest places. Those that serve nobody go first, and then the smallest:
/// what is in the way shows itself where it hurts least.
pub fn plan(node: &NodeName, leaving: &[Leaving], targets: &[Target], terms: &Terms) -> DrainPlan {
    let mut targets: Vec<Target> = targets
        .iter()
        .filter(|target| target.candidate.name != *node)
        .cloned()
        .collect();
    targets.sort_by(|one, other| one.candidate.name.cmp(&other.candidate.name));
    targets
        .iter_mut()
        .for_each(|target| settle(&mut target.candidate));
    let mut leaving: Vec<&Leaving> = leaving.iter().collect();
    leaving.sort_by_key(|one| (Reverse(size_class(one.bytes)), &one.subdomain, one.tenant));
    let mut plan = DrainPlan::default();
    for one in leaving {
        match hindrance(one, terms).map_or_else(|| place(one, &mut targets, terms), Err) {
            Ok((to, changes_domain)) => plan.go.push(Going {
                leaving: one.clone(),
                to,
                changes_domain,
            }),
            Err(stay) => plan.stay.push((one.clone(), stay)),
        }
    }
    let serves = |state: TenantState| state == TenantState::Active;
    plan.go.sort_by(|one, other| {
        let key = |going: &Going| (serves(going.leaving.state), size_class(going.leaving.bytes));
        key(one).cmp(&key(other)).then_with(|| {
            (&one.leaving.subdomain, one.leaving.tenant)
                .cmp(&(&other.leaving.subdomain, other.leaving.tenant))
        })
    });
    plan.stay
        .sort_by(|(one, _), (other, _)| (&one.subdomain, one.tenant).cmp(&(&other.subdomain, other.tenant)));
    plan
}

fn hindrance(one: &Leaving, terms: &Terms) -> Option<Stay> {
    let moves = matches!(
        one.state,
        TenantState::Active | TenantState::Paused | TenantState::Suspended
    );
    match one {
        _ if !moves => Some(Stay::State(one.state)),
        _ if one.is_pinned && terms.pinned == Pinned::Stay => Some(Stay::Pinned),
        _ if one.is_stopped => Some(Stay::Stopped),
        _ if one.has_copy => Some(Stay::CopyKept),
        _ => None,
    }
}

/// What is on its way to the node already is taken off what it has left.
fn settle(candidate: &mut Candidate) {
    let coming = candidate
        .tenant_bytes
        .saturating_mul(u64::from(candidate.newcomers));
    if let Some(capacity) = &mut candidate.capacity {
        capacity.disk_free_bytes = capacity.disk_free_bytes.saturating_sub(coming);
    }
    candidate.newcomers = 0;
}

fn place(one: &Leaving, targets: &mut [Target], terms: &Terms) -> Result<(NodeName, bool), Stay> {
    let wish = Wish {
        node: None,
        domain: (terms.domains == Domains::Own).then(|| one.domain.clone()),
        labels: one.labels.union(&terms.labels).cloned().collect(),
    };
    let mut unfit = Vec::new();
    let mut best: Option<(usize, (u64, u32))> = None;
    for (index, target) in targets.iter_mut().enumerate() {
        target.candidate.tenant_bytes = one.bytes;
        let candidate = &target.candidate;
        let obstacle = match (candidate.is_online, target.knows_moves) {
            (false, _) => Some(Unfit::Away),
            (true, false) => Some(Unfit::OldAgent),
            (true, true) => placement::obstacle(candidate, &wish).map(Unfit::Obstacle),
        };
        if let Some(obstacle) = obstacle {
            unfit.push((candidate.name.clone(), obstacle));
            continue;
        }
        let load = (placement::load(candidate) / LOAD_STEP, candidate.tenants);
        if best.is_none_or(|(_, least)| load < least) {
            best = Some((index, load));
        }
    }
    let chosen = best.and_then(|(index, _)| targets.get_mut(index));
    let chosen = chosen.ok_or(Stay::NoRoom(unfit))?;
    let candidate = &mut chosen.candidate;
    candidate.tenants = candidate.tenants.saturating_add(1);
    if let Some(capacity) = &mut candidate.capacity {
        capacity.disk_free_bytes = capacity.disk_free_bytes.saturating_sub(one.bytes);
    }
    Ok((candidate.name.clone(), candidate.domain != one.domain))
}

/// Bytes of a plan's name.
const PLAN_BYTES: usize = 12;

/// The plan's name: another one as soon as a tenant, a place, the order or a reason is another. Sizes are estimates, and no
/// part of it.
pub fn plan_name(node: &NodeName, plan: &DrainPlan) -> String {
    let mut text = format!("drain {node}\n");
    // Writing into a String cannot fail.
    for one in &plan.go {
        let _ = writeln!(text, "{} {} {}", one.leaving.tenant, one.to, one.changes_domain);
    }
    for (one, stay) in &plan.stay {
        let _ = writeln!(text, "{} stays: {}", one.tenant, stay.word());
    }
    let mut name = String::from("plan_");
    for byte in Sha256::digest(text.as_bytes()).iter().take(PLAN_BYTES) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

#[cfg(test)]
mod tests;
