//! What a plan never does, for whatever nodes and tenants; and what it says of each tenant that stays.

use super::*;
use crate::drift::is_plan_name;
use crate::placement::{Capacity, NodeMode};
use proptest::prelude::*;
use uuid::Uuid;

const GB: u64 = 1 << 30;

fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

fn leaving(number: u128, bytes: u64) -> Leaving {
    Leaving {
        tenant: TenantId::from_uuid(Uuid::from_u128(number)),
        subdomain: format!("tenant{number:03}"),
        domain: "example.com".parse().unwrap(),
        bytes,
        labels: BTreeSet::new(),
        is_pinned: false,
        state: TenantState::Active,
        is_stopped: false,
        has_copy: false,
    }
}

fn target(node: &str, free: u64) -> Target {
    Target {
        candidate: Candidate {
            name: name(node),
            domain: "example.com".parse().unwrap(),
            mode: NodeMode::Active,
            is_online: true,
            labels: BTreeSet::new(),
            tenants: 0,
            most_tenants: None,
            capacity: Some(Capacity {
                disk_bytes: 100 * GB,
                disk_free_bytes: free,
                memory_bytes: 16 * GB,
                memory_available_bytes: 8 * GB,
                connections: 100,
                connections_used: 20,
            }),
            newcomers: 0,
            tenant_bytes: GB,
        },
        knows_moves: true,
    }
}

fn gone(plan: &DrainPlan) -> Vec<(&str, &str)> {
    plan.go
        .iter()
        .map(|one| (one.leaving.subdomain.as_str(), one.to.as_str()))
        .collect()
}

fn stays(plan: &DrainPlan) -> Vec<(&str, String)> {
    let said = |(one, stay): &(Leaving, Stay)| (one.subdomain.clone(), stay.word(), stay.detail());
    let said: Vec<_> = plan.stay.iter().map(said).collect();
    said.iter()
        .zip(&plan.stay)
        .map(|((_, word, detail), (one, _))| (one.subdomain.as_str(), format!("{word} {detail}")))
        .collect()
}

#[test]
fn those_that_serve_nobody_go_first_and_then_the_smallest() {
    let mut asleep = leaving(3, 9 * GB);
    asleep.state = TenantState::Suspended;
    let tenants = [leaving(1, 8 * GB), leaving(2, GB), asleep];
    let plan = plan(
        &name("old"),
        &tenants,
        &[target("a", 90 * GB), target("b", 90 * GB)],
        &Terms::default(),
    );
    assert_eq!(
        gone(&plan),
        [("tenant003", "b"), ("tenant002", "a"), ("tenant001", "a")]
    );
    assert_eq!(plan.stay, []);
}

#[test]
fn who_stays_is_told_why() {
    let ssd: NodeLabel = "ssd".parse().unwrap();
    let mut tenants: Vec<Leaving> = (1..=7).map(|number| leaving(number, GB)).collect();
    tenants[0].is_pinned = true;
    tenants[1].is_stopped = true;
    tenants[2].state = TenantState::Provisioning;
    tenants[3].has_copy = true;
    tenants[4].labels.insert(ssd);
    tenants[5].domain = "example.org".parse().unwrap();
    let (mut away, mut old) = (target("b", 90 * GB), target("c", 90 * GB));
    away.candidate.is_online = false;
    old.knows_moves = false;
    let targets = [target("a", 90 * GB), away, old, target("old", 90 * GB)];
    let shown = plan(&name("old"), &tenants, &targets, &Terms::default());
    assert_eq!(gone(&shown), [("tenant007", "a")]);
    assert_eq!(
        stays(&shown),
        [
            ("tenant001", "pinned ".to_owned()),
            ("tenant002", "stopped ".to_owned()),
            ("tenant003", "state provisioning".to_owned()),
            ("tenant004", "copy-kept ".to_owned()),
            (
                "tenant005",
                "no-room a: not ssd; b: away; c: old agent".to_owned()
            ),
            (
                "tenant006",
                "no-room a: serves example.com; b: away; c: old agent".to_owned()
            ),
        ]
    );
    let terms = Terms {
        pinned: Pinned::Go,
        domains: Domains::Any,
        ..Terms::default()
    };
    let all = plan(&name("old"), &tenants, &targets, &terms);
    assert_eq!(
        gone(&all),
        [("tenant001", "a"), ("tenant006", "a"), ("tenant007", "a")]
    );
    let changes: Vec<bool> = all.go.iter().map(|one| one.changes_domain).collect();
    assert_eq!(changes, [false, true, false]);
}

#[test]
fn a_plan_has_another_name_as_soon_as_a_place_is_another_and_keeps_it_when_a_size_is() {
    let shown = |bytes: u64, targets: &[Target]| {
        let plan = plan(&name("old"), &[leaving(1, bytes)], targets, &Terms::default());
        plan_name(&name("old"), &plan)
    };
    let first = shown(GB, &[target("a", 90 * GB)]);
    assert!(is_plan_name(&first));
    assert_eq!(first, shown(GB + 4096, &[target("a", 90 * GB - 4096)]));
    assert_ne!(first, shown(GB, &[target("b", 90 * GB)]));
    assert_ne!(first, shown(GB, &[]));
}

fn any_leaving() -> impl Strategy<Value = Vec<Leaving>> {
    let one = (
        0..4 * GB,
        any::<[bool; 3]>(),
        prop::collection::btree_set("[ab]", 0..2),
        prop::sample::select(TenantState::ALL),
        any::<bool>(),
    );
    prop::collection::vec(one, 0..25).prop_map(|all| {
        let each = all.into_iter().zip(1u128..);
        each.map(
            |((bytes, [is_pinned, is_stopped, has_copy], labels, state, at_home), number)| Leaving {
                is_pinned: is_pinned && number % 3 == 0,
                is_stopped: is_stopped && number % 4 == 0,
                has_copy: has_copy && number % 5 == 0,
                labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
                state: if number % 2 == 0 {
                    TenantState::Active
                } else {
                    state
                },
                domain: if at_home { "example.com" } else { "example.org" }
                    .parse()
                    .unwrap(),
                ..leaving(number, bytes)
            },
        )
        .collect()
    })
}

fn any_targets() -> impl Strategy<Value = Vec<Target>> {
    let one = (
        prop::sample::select(NodeMode::ALL),
        prop::option::of(0_u32..12),
        (0_u32..10, 0_u32..4, 0..30 * GB),
        any::<[bool; 4]>(),
        prop::collection::btree_set("[ab]", 0..3),
    );
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let names = ["a", "b", "c", "old", "e", "f"];
        all.into_iter()
            .zip(names)
            .map(
                |((mode, most, (tenants, newcomers, free), [online, knows, told, home], labels), node)| {
                    let mut made = target(node, free);
                    made.candidate.mode = if node < "d" { NodeMode::Active } else { mode };
                    made.candidate.most_tenants = most;
                    made.candidate.tenants = tenants;
                    made.candidate.newcomers = newcomers;
                    made.candidate.is_online = online || node < "c";
                    made.knows_moves = knows || node < "c";
                    made.candidate.capacity = made.candidate.capacity.filter(|_| told || node < "c");
                    made.candidate.domain = if home { "example.com" } else { "example.org" }.parse().unwrap();
                    made.candidate.labels = labels.iter().map(|label| label.parse().unwrap()).collect();
                    made
                },
            )
            .collect()
    })
}

fn any_terms() -> impl Strategy<Value = Terms> {
    (any::<[bool; 2]>(), prop::collection::btree_set("[ab]", 0..2)).prop_map(|([pinned, any], labels)| {
        Terms {
            labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
            pinned: if pinned { Pinned::Go } else { Pinned::Stay },
            domains: if any { Domains::Any } else { Domains::Own },
        }
    })
}

proptest! {
    /// Whatever the nodes are like: every tenant is said once, and no node gets more than it has room for.
    #[test]
    fn no_node_is_over_committed_and_no_tenant_forgotten(
        tenants in any_leaving(), targets in any_targets(), terms in any_terms(),
    ) {
        let shown = plan(&name("old"), &tenants, &targets, &terms);
        let mut said: Vec<TenantId> = shown.go.iter().map(|one| one.leaving.tenant)
            .chain(shown.stay.iter().map(|(one, _)| one.tenant)).collect();
        said.sort();
        let mut all: Vec<TenantId> = tenants.iter().map(|one| one.tenant).collect();
        all.sort();
        prop_assert_eq!(said, all);
        for target in &targets {
            let node = &target.candidate;
            let here: Vec<&Going> = shown.go.iter().filter(|one| one.to == node.name).collect();
            if here.is_empty() { continue; }
            prop_assert!(node.name != name("old"));
            prop_assert!(node.is_online && target.knows_moves && node.mode == NodeMode::Active);
            let coming = u32::try_from(here.len()).unwrap();
            prop_assert!(node.most_tenants.is_none_or(|most| node.tenants + coming <= most));
            if let Some(capacity) = node.capacity {
                let taken: u64 = here.iter().map(|one| one.leaving.bytes).sum();
                let earlier = u64::from(node.newcomers) * node.tenant_bytes;
                prop_assert!(taken + earlier + 2 * GB <= capacity.disk_free_bytes, "{} + {}", taken, earlier);
            }
        }
        for one in &shown.go {
            let target = targets.iter().find(|target| target.candidate.name == one.to).unwrap();
            let labels = &target.candidate.labels;
            prop_assert!(one.leaving.labels.is_subset(labels) && terms.labels.is_subset(labels));
            prop_assert!(!one.leaving.is_pinned || terms.pinned == Pinned::Go);
            prop_assert!(!one.leaving.is_stopped && !one.leaving.has_copy);
            prop_assert_eq!(one.changes_domain, one.leaving.domain != target.candidate.domain);
            prop_assert!(!one.changes_domain || terms.domains == Domains::Any);
        }
    }

    /// The order in which a database gives rows is no part of a plan.
    #[test]
    fn a_plan_is_the_same_in_whatever_order_it_is_told(
        tenants in any_leaving(), targets in any_targets(), terms in any_terms(),
    ) {
        let node = name("old");
        let shown = plan(&node, &tenants, &targets, &terms);
        let back = |mut all: Vec<Leaving>| { all.reverse(); all };
        let mut turned = targets.clone();
        turned.reverse();
        let again = plan(&node, &back(tenants), &turned, &terms);
        prop_assert_eq!(plan_name(&node, &shown), plan_name(&node, &again));
        prop_assert_eq!(shown, again);
    }

    /// Nobody stays for want of room while a node could take them after all that was planned.
    #[test]
    fn nobody_stays_while_there_is_room(count in 1_u128..20, bounds in prop::collection::vec(0_u32..6, 1..5)) {
        let tenants: Vec<Leaving> = (1..=count).map(|number| leaving(number, GB)).collect();
        let targets: Vec<Target> = bounds.iter().zip(["a", "b", "c", "d", "e"]).map(|(most, node)| {
            let mut made = target(node, 90 * GB);
            made.candidate.most_tenants = Some(*most);
            made
        }).collect();
        let shown = plan(&name("old"), &tenants, &targets, &Terms::default());
        let room = u128::from(bounds.iter().sum::<u32>());
        prop_assert_eq!(shown.go.len() as u128, count.min(room));
    }
}
