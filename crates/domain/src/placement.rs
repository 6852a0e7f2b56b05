//! Where a new tenant goes: a pure choice among nodes.
//!
//! Nothing is over-committed, and nothing refused without a reason. Whoever calls counts the tenants under a lock, so that
//! two creations at once do not share the last place.

use crate::name::{DomainName, NodeName};
use crate::operation::word_enum;
use crate::rule::Rule;
use crate::text::checked_text;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

word_enum!(
    /// What the operator lets a node do.
    NodeMode {
        /// Everything.
        Active = "active",
        /// No new tenants; those that are there are served and looked after.
        Draining = "draining",
        /// No new tenants, and nothing that nobody asked for, such as purging what was deleted a month ago.
        Paused = "paused",
        /// Nothing: work for it waits until it is active again.
        Stopped = "stopped",
    }
);

checked_text!(
    /// What a node is known by, such as `ssd` or `eu`: 1 to 30 of `a-z 0-9 -`, letters or digits at both ends.
    NodeLabel, check_label
);

fn check_label(text: &str) -> Result<String, Rule> {
    if !(1..=30).contains(&text.chars().count()) {
        return Err(Rule::Length { min: 1, max: 30 });
    }
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.chars().all(known) {
        return Err(Rule::Characters { allowed: "a-z 0-9 -" });
    }
    match text.starts_with('-') || text.ends_with('-') {
        true => Err(Rule::Ends),
        false => Ok(text.to_owned()),
    }
}

/// What a node has, and has left, as it last said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Capacity {
    /// Bytes of the disk that holds databases or files, whichever has less left.
    pub disk_bytes: u64,
    /// Bytes left on it.
    pub disk_free_bytes: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Bytes of memory that programs could still get.
    pub memory_available_bytes: u64,
    /// Sessions that PostgreSQL takes.
    pub connections: u32,
    /// Sessions that are open.
    pub connections_used: u32,
}

/// A node that holds the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: NodeName,
    /// The domain that it serves.
    pub domain: DomainName,
    /// What the operator lets it do.
    pub mode: NodeMode,
    /// Whether it was heard of lately.
    pub is_online: bool,
    /// What it is known by.
    pub labels: BTreeSet<NodeLabel>,
    /// Tenants on it, tombstones among them: they take their space.
    pub tenants: u32,
    /// The most that the operator lets it have.
    pub most_tenants: Option<u32>,
    /// What it last said of itself; an older agent says nothing.
    pub capacity: Option<Capacity>,
    /// Tenants that came since then.
    pub newcomers: u32,
    /// What a tenant takes at first, in bytes.
    pub tenant_bytes: u64,
}

/// What is wanted of the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// This one and no other.
    pub node: Option<NodeName>,
    /// One that serves this domain.
    pub domain: Option<DomainName>,
    /// One that is known by all of these.
    pub labels: BTreeSet<NodeLabel>,
}

/// Why a node cannot take the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The operator keeps new tenants off it.
    Mode(NodeMode),
    /// It serves this domain, and another is wanted.
    Domain(DomainName),
    /// It is not known by this.
    Label(NodeLabel),
    /// It has as many tenants as the operator lets it have.
    Tenants(u32),
    /// The disk would be too full.
    Disk,
    /// Memory is too short.
    Memory,
    /// PostgreSQL has too few sessions left.
    Connections,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode(mode) => mode.fmt(formatter),
            Self::Domain(domain) => write!(formatter, "serves {domain}"),
            Self::Label(label) => write!(formatter, "not {label}"),
            Self::Tenants(most) => write!(formatter, "max_tenants {most}"),
            Self::Disk => formatter.write_str("disk"),
            Self::Memory => formatter.write_str("memory"),
            Self::Connections => formatter.write_str("connections"),
        }
    }
}

/// What is never given away: a twentieth, and on large machines no more than this many bytes.
const DISK_RESERVE: u64 = 2 << 30;
const MEMORY_RESERVE: u64 = 256 << 20;
/// Sessions that the node itself, backups and a person need.
const CONNECTIONS_RESERVE: u32 = 10;

/// The node for a new tenant: of those that can take it the one with the least load, and one that is away only when all
/// that can take it are.
///
/// # Errors
/// For each node that was asked for, why it cannot.
pub fn choose<'a>(
    candidates: &'a [Candidate],
    wish: &Wish,
) -> Result<&'a Candidate, Vec<(NodeName, Obstacle)>> {
    let asked = |candidate: &&Candidate| wish.node.as_ref().is_none_or(|name| *name == candidate.name);
    let mut obstacles = Vec::new();
    let mut fitting = Vec::new();
    for candidate in candidates.iter().filter(asked) {
        match obstacle(candidate, wish) {
            Some(obstacle) => obstacles.push((candidate.name.clone(), obstacle)),
            None => fitting.push(candidate),
        }
    }
    fitting
        .into_iter()
        .min_by_key(|candidate| {
            (
                !candidate.is_online,
                load(candidate),
                candidate.tenants,
                &candidate.name,
            )
        })
        .ok_or(obstacles)
}

/// Why this node cannot take the tenant.
pub(crate) fn obstacle(candidate: &Candidate, wish: &Wish) -> Option<Obstacle> {
    if candidate.mode != NodeMode::Active {
        return Some(Obstacle::Mode(candidate.mode));
    }
    if wish
        .domain
        .as_ref()
        .is_some_and(|domain| *domain != candidate.domain)
    {
        return Some(Obstacle::Domain(candidate.domain.clone()));
    }
    if let Some(missing) = wish.labels.difference(&candidate.labels).next() {
        return Some(Obstacle::Label(missing.clone()));
    }
    if let Some(most) = candidate.most_tenants.filter(|most| candidate.tenants >= *most) {
        return Some(Obstacle::Tenants(most));
    }
    let capacity = candidate.capacity?;
    let reserve = |whole: u64, most: u64| (whole / 20).min(most);
    let wanted = candidate
        .tenant_bytes
        .saturating_mul(u64::from(candidate.newcomers) + 1);
    let disk = wanted.saturating_add(reserve(capacity.disk_bytes, DISK_RESERVE));
    if capacity.disk_free_bytes < disk {
        return Some(Obstacle::Disk);
    }
    if capacity.memory_available_bytes < reserve(capacity.memory_bytes, MEMORY_RESERVE) {
        return Some(Obstacle::Memory);
    }
    let used = capacity.connections_used.saturating_add(CONNECTIONS_RESERVE);
    (used > capacity.connections).then_some(Obstacle::Connections)
}

/// How full a node is, in thousandths: by what it has least of.
pub(crate) fn load(candidate: &Candidate) -> u64 {
    let share = |used: u64, whole: u64| used.saturating_mul(1000).checked_div(whole).unwrap_or(0);
    let tenants = candidate
        .most_tenants
        .map_or(0, |most| share(u64::from(candidate.tenants), u64::from(most)));
    let Some(capacity) = candidate.capacity else {
        return tenants;
    };
    let coming = candidate
        .tenant_bytes
        .saturating_mul(u64::from(candidate.newcomers));
    let free = capacity.disk_free_bytes.saturating_sub(coming);
    let disk = share(capacity.disk_bytes.saturating_sub(free), capacity.disk_bytes);
    let memory = capacity
        .memory_bytes
        .saturating_sub(capacity.memory_available_bytes);
    let memory = share(memory, capacity.memory_bytes);
    let connections = share(
        u64::from(capacity.connections_used),
        u64::from(capacity.connections),
    );
    tenants.max(disk).max(memory).max(connections)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GB: u64 = 1 << 30;

    fn candidate(name: &str) -> Candidate {
        Candidate {
            name: name.parse().unwrap(),
            domain: "example.com".parse().unwrap(),
            mode: NodeMode::Active,
            is_online: true,
            labels: BTreeSet::new(),
            tenants: 0,
            most_tenants: None,
            capacity: Some(Capacity {
                disk_bytes: 100 * GB,
                disk_free_bytes: 50 * GB,
                memory_bytes: 16 * GB,
                memory_available_bytes: 8 * GB,
                connections: 100,
                connections_used: 20,
            }),
            newcomers: 0,
            tenant_bytes: GB,
        }
    }

    fn chosen(candidates: &[Candidate], wish: &Wish) -> Option<String> {
        choose(candidates, wish).ok().map(|node| node.name.to_string())
    }

    #[test]
    fn the_emptiest_node_that_is_online_is_taken() {
        let (mut first, mut second) = (candidate("a"), candidate("b"));
        let anywhere = Wish::default();
        assert_eq!(
            chosen(&[second.clone(), first.clone()], &anywhere).as_deref(),
            Some("a")
        );
        first.tenants = 1;
        assert_eq!(
            chosen(&[first.clone(), second.clone()], &anywhere).as_deref(),
            Some("b")
        );
        second.is_online = false;
        assert_eq!(
            chosen(&[first.clone(), second.clone()], &anywhere).as_deref(),
            Some("a")
        );
        first.mode = NodeMode::Draining;
        assert_eq!(
            chosen(&[first, second], &anywhere).as_deref(),
            Some("b"),
            "better away than never"
        );
        assert_eq!(choose(&[], &anywhere), Err(Vec::new()));
    }

    #[test]
    fn a_node_is_refused_with_what_it_lacks() {
        let ssd: NodeLabel = "ssd".parse().unwrap();
        let wish = Wish {
            node: Some("a".parse().unwrap()),
            domain: Some("example.com".parse().unwrap()),
            labels: BTreeSet::from([ssd.clone()]),
        };
        let mut node = candidate("a");
        node.domain = "example.org".parse().unwrap();
        let mut refused = |change: &dyn Fn(&mut Candidate), obstacle: Obstacle| {
            let others = [node.clone(), candidate("b")];
            assert_eq!(choose(&others, &wish), Err(vec![(node.name.clone(), obstacle)]));
            change(&mut node);
        };
        refused(
            &|node| {
                node.domain = "example.com".parse().unwrap();
                node.mode = NodeMode::Active;
            },
            Obstacle::Domain("example.org".parse().unwrap()),
        );
        refused(
            &|node| {
                node.labels.insert("ssd".parse().unwrap());
                node.mode = NodeMode::Stopped;
            },
            Obstacle::Label(ssd),
        );
        refused(
            &|node| {
                node.mode = NodeMode::Active;
                node.most_tenants = Some(0);
            },
            Obstacle::Mode(NodeMode::Stopped),
        );
        refused(
            &|node| {
                node.most_tenants = None;
                node.newcomers = 48;
            },
            Obstacle::Tenants(0),
        );
        refused(
            &|node| {
                node.newcomers = 47;
                node.capacity.as_mut().unwrap().memory_available_bytes = MEMORY_RESERVE - 1;
            },
            Obstacle::Disk,
        );
        refused(
            &|node| {
                let capacity = node.capacity.as_mut().unwrap();
                capacity.memory_available_bytes = MEMORY_RESERVE;
                capacity.connections_used = 91;
            },
            Obstacle::Memory,
        );
        refused(
            &|node| {
                node.capacity.as_mut().unwrap().connections_used = 90;
            },
            Obstacle::Connections,
        );
        assert_eq!(chosen(&[node], &wish).as_deref(), Some("a"));
    }

    fn any_candidate() -> impl Strategy<Value = Candidate> {
        let capacity = (
            0..200 * GB,
            0..200 * GB,
            0..64 * GB,
            0..64 * GB,
            0_u32..200,
            0_u32..200,
        );
        let capacity = capacity.prop_map(|(disk, free, memory, available, connections, used)| Capacity {
            disk_bytes: disk,
            disk_free_bytes: free.min(disk),
            memory_bytes: memory,
            memory_available_bytes: available.min(memory),
            connections,
            connections_used: used,
        });
        let mode = prop::sample::select(NodeMode::ALL);
        let labels = prop::collection::btree_set("[ab]", 0..3);
        let limits = (
            prop::option::of(0_u32..20),
            prop::option::of(capacity),
            0_u32..20,
            0..3 * GB,
        );
        ("[a-h]", mode, any::<bool>(), labels, 0_u32..20, limits).prop_map(
            |(name, mode, is_online, labels, tenants, (most_tenants, capacity, newcomers, tenant_bytes))| {
                Candidate {
                    name: name.parse().unwrap(),
                    domain: if is_online { "example.com" } else { "example.org" }
                        .parse()
                        .unwrap(),
                    mode,
                    is_online,
                    labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
                    tenants,
                    most_tenants,
                    capacity,
                    newcomers,
                    tenant_bytes,
                }
            },
        )
    }

    fn any_wish() -> impl Strategy<Value = Wish> {
        let labels = prop::collection::btree_set("[ab]", 0..2);
        let domain = prop::option::of("example\\.(com|org)");
        (prop::option::of("[a-h]"), domain, labels).prop_map(|(node, domain, labels)| Wish {
            node: node.map(|name| name.parse().unwrap()),
            domain: domain.map(|name| name.parse().unwrap()),
            labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
        })
    }

    proptest! {
        /// Whatever the nodes are like: what is chosen can take the tenant, and if none is, none can.
        #[test]
        fn nothing_is_over_committed_and_nothing_refused_without_a_reason(
            candidates in prop::collection::vec(any_candidate(), 0..6), wish in any_wish(),
        ) {
            match choose(&candidates, &wish) {
                Ok(node) => {
                    prop_assert_eq!(node.mode, NodeMode::Active);
                    prop_assert!(wish.node.as_ref().is_none_or(|name| *name == node.name));
                    prop_assert!(wish.labels.is_subset(&node.labels));
                    prop_assert!(node.most_tenants.is_none_or(|most| node.tenants < most));
                    if let Some(capacity) = node.capacity {
                        let taken = node.tenant_bytes * u64::from(node.newcomers + 1);
                        prop_assert!(taken <= capacity.disk_free_bytes);
                    }
                }
                Err(obstacles) => {
                    let asked = candidates.iter().filter(|node| wish.node.as_ref().is_none_or(|name| *name == node.name));
                    prop_assert_eq!(obstacles.len(), asked.count());
                }
            }
        }

        /// Tenants that come one after the other never fill a node beyond its bound, and none is refused while there is room.
        #[test]
        fn bounds_are_filled_and_not_passed(bounds in prop::collection::vec(0_u32..6, 1..5)) {
            let mut nodes: Vec<Candidate> = bounds.iter().enumerate().map(|(index, most)| Candidate {
                most_tenants: Some(*most), capacity: None, ..candidate(&format!("n{index}"))
            }).collect();
            let room: u32 = bounds.iter().sum();
            for _ in 0..room {
                let name = choose(&nodes, &Wish::default()).unwrap().name.clone();
                nodes.iter_mut().find(|node| node.name == name).unwrap().tenants += 1;
            }
            prop_assert!(choose(&nodes, &Wish::default()).is_err());
            prop_assert!(nodes.iter().all(|node| Some(node.tenants) == node.most_tenants));
        }
    }
}
