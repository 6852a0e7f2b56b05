//! Drift: what the control plane believes of tenants against what their node sees, and what can be done about it. Pure.

use crate::id::TenantId;
use crate::switch::TenantSwitch;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How a deleted tenant stands on its node.
const TOMBSTONE: &str = "tombstone";
/// The standings between which an order of ours moves a tenant.
const SERVED: [&str; 4] = ["open", "restricted", "suspended", "paused"];

/// What the control plane believes of a tenant with nothing under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name for people.
    pub subject: String,
    /// Its database; nothing for a tombstone, which its node names.
    pub database: Option<String>,
    /// How it should stand, in the node's words.
    pub standing: String,
    /// The generation of the newest order for it.
    pub generation: i64,
    /// What the operator lets happen to it.
    pub switch: TenantSwitch,
}

/// What a node sees of a tenant's database that it manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub database: String,
    /// Whether it is there, and not only in the node's journal.
    pub exists: bool,
    /// How it stands.
    pub standing: String,
    /// What the edge is told of it: a marker's name, `none` or `several`.
    pub marker: String,
    /// The newest generation that an order for it carried.
    pub generation: i64,
}

/// One thing that is not as believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The node knows no database of the tenant.
    UnknownTenant,
    /// The node's journal has a database that its PostgreSQL has not.
    MissingDatabase {
        /// Its name.
        database: String,
    },
    /// Its database has another name.
    WrongName {
        /// As believed.
        believed: String,
        /// As seen.
        seen: String,
    },
    /// It stands otherwise.
    WrongStanding {
        /// As believed.
        believed: String,
        /// As seen.
        seen: String,
    },
    /// The edge is told something else.
    WrongMarker {
        /// As believed.
        believed: String,
        /// As seen.
        seen: String,
    },
    /// The node has seen newer orders than the control plane ever gave, as after a restored backup.
    GenerationBehind {
        /// As believed.
        believed: i64,
        /// As seen.
        seen: i64,
    },
    /// The node manages a database of a tenant that is not on it.
    UnknownDatabase {
        /// Its name.
        database: String,
        /// How it stands.
        standing: String,
    },
}

/// What can be done about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The tenant is mended by an operation.
    Mend,
    /// Somebody must look: doing anything by rule could lose data.
    Person,
    /// The operator has stopped the tenant.
    Stopped,
}

/// A difference, whose it is, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name for people, or its identity where none is known.
    pub subject: String,
    /// What differs.
    pub difference: Difference,
    /// What can be done.
    pub remedy: Remedy,
    /// Whether it may be done without being asked for.
    pub by_itself: bool,
}

impl Difference {
    /// A stable word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UnknownTenant => "unknown-tenant",
            Self::MissingDatabase { .. } => "missing-database",
            Self::WrongName { .. } => "wrong-name",
            Self::WrongStanding { .. } => "wrong-standing",
            Self::WrongMarker { .. } => "wrong-marker",
            Self::GenerationBehind { .. } => "generation-behind",
            Self::UnknownDatabase { .. } => "unknown-database",
        }
    }

    fn remedy(&self) -> Remedy {
        let served = |word: &String| SERVED.contains(&word.as_str());
        match self {
            Self::WrongStanding { believed, seen } if served(believed) && served(seen) => Remedy::Mend,
            Self::WrongMarker { .. } | Self::GenerationBehind { .. } => Remedy::Mend,
            _ => Remedy::Person,
        }
    }
}

/// What the edge is told of a tenant that stands so.
pub fn marker_of(standing: &str) -> &str {
    match standing {
        "open" => "active",
        word @ ("restricted" | "suspended" | "paused" | "maintenance") => word,
        _ => "none",
    }
}

/// What differs on one node, by tenant.
pub fn differences(believed: &[Believed], seen: &[Seen]) -> Vec<Found> {
    let known: BTreeMap<TenantId, &Believed> = believed.iter().map(|one| (one.tenant, one)).collect();
    let there: BTreeMap<TenantId, &Seen> = seen.iter().map(|one| (one.tenant, one)).collect();
    let mut found = Vec::new();
    for (tenant, one) in &known {
        let differences = match there.get(tenant) {
            Some(seen) => compare(one, seen),
            None => vec![Difference::UnknownTenant],
        };
        // One that only a person can mend is not mended in part.
        let only_a_person = differences.iter().any(|one| one.remedy() == Remedy::Person);
        found.extend(differences.into_iter().map(|difference| {
            let remedy = match one.switch {
                TenantSwitch::Stopped => Remedy::Stopped,
                _ if only_a_person || one.standing == TOMBSTONE => Remedy::Person,
                _ => difference.remedy(),
            };
            Found {
                tenant: *tenant,
                subject: one.subject.clone(),
                difference,
                remedy,
                by_itself: remedy == Remedy::Mend && one.switch == TenantSwitch::Active,
            }
        }));
    }
    let strangers = there.iter().filter(|(tenant, _)| !known.contains_key(tenant));
    found.extend(strangers.map(|(tenant, one)| Found {
        tenant: *tenant,
        subject: tenant.to_string(),
        difference: Difference::UnknownDatabase {
            database: one.database.clone(),
            standing: one.standing.clone(),
        },
        remedy: Remedy::Person,
        by_itself: false,
    }));
    found
}

fn compare(believed: &Believed, seen: &Seen) -> Vec<Difference> {
    if !seen.exists {
        return vec![Difference::MissingDatabase {
            database: seen.database.clone(),
        }];
    }
    let mut found = Vec::new();
    if let Some(name) = believed.database.as_ref().filter(|name| **name != seen.database) {
        found.push(Difference::WrongName {
            believed: name.clone(),
            seen: seen.database.clone(),
        });
    }
    if believed.standing != seen.standing {
        found.push(Difference::WrongStanding {
            believed: believed.standing.clone(),
            seen: seen.standing.clone(),
        });
    }
    let marker = marker_of(&believed.standing);
    if marker != seen.marker {
        found.push(Difference::WrongMarker {
            believed: marker.to_owned(),
            seen: seen.marker.clone(),
        });
    }
    if seen.generation > believed.generation {
        found.push(Difference::GenerationBehind {
            believed: believed.generation,
            seen: seen.generation,
        });
    }
    found
}

/// Bytes of a plan's name.
const PLAN_BYTES: usize = 12;

/// The name of a plan: another one as soon as anything in it is another.
pub fn plan_name<'a>(found: impl IntoIterator<Item = &'a Found>) -> String {
    let mut hash = Sha256::new();
    for one in found {
        let mut line = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(line, "{} {:?} {:?}", one.tenant, one.difference, one.remedy);
        hash.update(line.as_bytes());
    }
    let mut name = String::from("plan_");
    for byte in hash.finalize().iter().take(PLAN_BYTES) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Whether this could be a plan's name.
pub fn is_plan_name(text: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    text.strip_prefix("plan_")
        .is_some_and(|name| name.len() == 2 * PLAN_BYTES && name.chars().all(hex))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn believed(number: u128, standing: &str) -> Believed {
        Believed {
            tenant: TenantId::from_uuid(Uuid::from_u128(number)),
            subject: format!("tenant{number}"),
            database: Some(format!("tenant{number}")),
            standing: standing.to_owned(),
            generation: 7,
            switch: TenantSwitch::Active,
        }
    }

    fn as_believed(one: &Believed) -> Seen {
        Seen {
            tenant: one.tenant,
            database: one.database.clone().unwrap_or_default(),
            exists: true,
            standing: one.standing.clone(),
            marker: marker_of(&one.standing).to_owned(),
            generation: one.generation,
        }
    }

    fn kinds(found: &[Found]) -> Vec<(&'static str, Remedy)> {
        found
            .iter()
            .map(|one| (one.difference.kind(), one.remedy))
            .collect()
    }

    #[test]
    fn each_difference_is_found_and_gets_its_remedy() {
        let one = believed(1, "open");
        let look = |change: fn(&mut Seen)| {
            let mut seen = as_believed(&one);
            change(&mut seen);
            kinds(&differences(std::slice::from_ref(&one), &[seen]))
        };
        assert_eq!(look(|_| {}), []);
        assert_eq!(
            look(|seen| seen.exists = false),
            [("missing-database", Remedy::Person)]
        );
        assert_eq!(
            look(|seen| seen.database = "other".to_owned()),
            [("wrong-name", Remedy::Person)]
        );
        assert_eq!(
            look(|seen| seen.standing = "suspended".to_owned()),
            [("wrong-standing", Remedy::Mend)]
        );
        assert_eq!(
            look(|seen| seen.standing = "tombstone".to_owned()),
            [("wrong-standing", Remedy::Person)]
        );
        assert_eq!(
            look(|seen| seen.marker = "none".to_owned()),
            [("wrong-marker", Remedy::Mend)]
        );
        assert_eq!(
            look(|seen| seen.generation = 8),
            [("generation-behind", Remedy::Mend)]
        );
        // Not every order raises the node's.
        assert_eq!(look(|seen| seen.generation = 3), []);
        assert_eq!(
            kinds(&differences(std::slice::from_ref(&one), &[])),
            [("unknown-tenant", Remedy::Person)]
        );
        assert_eq!(
            kinds(&differences(&[], &[as_believed(&one)])),
            [("unknown-database", Remedy::Person)]
        );
    }

    #[test]
    fn nothing_is_mended_beside_what_only_a_person_can_mend() {
        let one = believed(1, "open");
        let mut seen = as_believed(&one);
        (seen.database, seen.marker) = ("other".to_owned(), "none".to_owned());
        let found = differences(&[one], &[seen]);
        assert_eq!(
            kinds(&found),
            [("wrong-name", Remedy::Person), ("wrong-marker", Remedy::Person)]
        );
    }

    #[test]
    fn the_operators_switch_is_obeyed() {
        for (switch, remedy, by_itself) in [
            (TenantSwitch::Active, Remedy::Mend, true),
            (TenantSwitch::Paused, Remedy::Mend, false),
            (TenantSwitch::Stopped, Remedy::Stopped, false),
        ] {
            let one = Believed {
                switch,
                ..believed(1, "open")
            };
            let seen = Seen {
                marker: "none".to_owned(),
                ..as_believed(&one)
            };
            let found = differences(&[one], &[seen]);
            assert_eq!((found[0].remedy, found[0].by_itself), (remedy, by_itself));
        }
    }

    #[test]
    fn a_plan_of_something_else_has_another_name() {
        let one = believed(1, "open");
        let look = |marker: &str| {
            let seen = Seen {
                marker: marker.to_owned(),
                ..as_believed(&one)
            };
            plan_name(&differences(std::slice::from_ref(&one), &[seen]))
        };
        assert_eq!(look("none"), look("none"));
        assert_ne!(look("none"), look("several"));
    }

    proptest! {
        #[test]
        fn what_is_as_believed_is_not_touched(standings in proptest::collection::vec(0..5usize, 0..20), changed in 0..20usize) {
            let words = ["open", "restricted", "suspended", "paused", TOMBSTONE];
            let all: Vec<Believed> = standings.iter().zip(0u128..).map(|(word, number)| believed(number, words[*word])).collect();
            let mut seen: Vec<Seen> = all.iter().map(as_believed).collect();
            prop_assert_eq!(differences(&all, &seen), vec![]);
            if let Some(one) = seen.get_mut(changed) {
                "several".clone_into(&mut one.marker);
                let tenant = one.tenant;
                let found = differences(&all, &seen);
                prop_assert_eq!(found.len(), 1);
                prop_assert_eq!(found[0].tenant, tenant);
            }
        }
    }
}
