//! Writing down what the front door found: gathered in memory, kept once a second, bounded in both places.

use crate::{Control, ControlError};
use domain::{BlockId, WallRule};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Actor, Finding};

/// How often findings are kept. A scanner must not be able to make the control database work.
const ROUND: Duration = Duration::from_secs(1);
/// How many kinds of finding wait for the next round; more are only counted.
const WAITING: usize = 1000;
/// How many blocks are kept.
const KEPT: i64 = 10_000;
/// How many characters of a path or of a program's name are kept.
const CUT: usize = 200;

/// A request that broke a rule of the front door.
#[derive(Debug)]
pub struct Found<'a> {
    /// The rule.
    pub rule: WallRule,
    /// The client's address.
    pub address: IpAddr,
    /// Whether it was refused, or only reported.
    pub refused: bool,
    /// The method.
    pub method: &'a str,
    /// The path, as it came.
    pub path: &'a str,
    /// What the program calls itself.
    pub agent: &'a str,
    /// The request.
    pub request_id: &'a str,
}

/// Findings that wait to be kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    findings: HashMap<BlockId, Finding>,
    dropped: u64,
}

impl Pending {
    fn add(&self, finding: Finding) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = waiting.findings.len() >= WAITING;
        match waiting.findings.entry(finding.id) {
            Entry::Occupied(mut known) => {
                let count = known.get().count.saturating_add(1);
                known.insert(Finding { count, ..finding });
            }
            Entry::Vacant(place) if !full => drop(place.insert(finding)),
            Entry::Vacant(_) => waiting.dropped += 1,
        }
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Text that came from outside, fit to be kept and shown: visible ASCII, cut short.
fn cut(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.chars().take(CUT).map(shown).collect()
}

impl Control {
    /// The id of a block: the same on every replica, and not to be guessed without the server's key.
    pub fn block_id(&self, rule: WallRule, address: IpAddr) -> BlockId {
        let mac = self
            .server_key
            .mac("block", format!("{rule} {address}").as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(mac.first_chunk::<16>().unwrap_or(&[0; 16]));
        BlockId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Notes that a request broke a rule. It is kept within a second or two.
    pub fn note_found(&self, found: &Found<'_>) -> BlockId {
        let id = self.block_id(found.rule, found.address);
        self.pending.add(Finding {
            id,
            rule: found.rule,
            address: found.address,
            refused: found.refused,
            method: cut(found.method),
            path: cut(found.path),
            agent: cut(found.agent),
            request_id: found.request_id.to_owned(),
            at: self.world.now(),
            count: 1,
        });
        id
    }

    /// Whether staff lifted this rule for this address.
    pub fn is_lifted(&self, rule: WallRule, address: IpAddr) -> bool {
        self.live()
            .is_lifted(self.block_id(rule, address), self.world.now())
    }

    /// Keeps what was found, for ever.
    pub(crate) async fn keep_findings(&self) {
        loop {
            tokio::time::sleep(ROUND).await;
            if let Err(error) = self.keep_found().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what the front door found could not be kept"
                );
            }
        }
    }

    /// Keeps what was found so far.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`]; then it is only in the log.
    pub async fn keep_found(&self) -> Result<(), ControlError> {
        let waiting = self.pending.take();
        if waiting.dropped > 0 {
            tracing::warn!(
                count = waiting.dropped,
                "too much was found at once to keep all of it"
            );
        }
        if waiting.findings.is_empty() {
            return Ok(());
        }
        let mut findings: Vec<Finding> = waiting.findings.into_values().collect();
        // One order for every replica, so that two of them cannot wait for each other.
        findings.sort_by_key(|finding| finding.id);
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        for finding in &findings {
            unit.note_finding(finding).await?;
        }
        unit.forget_blocks(KEPT, self.world.now()).await?;
        Ok(unit.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn finding(number: u128) -> Finding {
        Finding {
            id: BlockId::from_uuid(Uuid::from_u128(number)),
            rule: WallRule::Traversal,
            address: IpAddr::from([192, 0, 2, 1]),
            refused: true,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            agent: String::new(),
            request_id: String::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            count: 1,
        }
    }

    #[test]
    fn what_waits_is_bounded_and_repetitions_are_counted() {
        let pending = Pending::default();
        for number in 0..1100 {
            pending.add(finding(number));
            pending.add(finding(0));
        }
        let waiting = pending.take();
        assert_eq!((waiting.findings.len(), waiting.dropped), (WAITING, 100));
        let first = waiting.findings.get(&finding(0).id).map(|known| known.count);
        assert_eq!(first, Some(1101));
        assert!(pending.take().findings.is_empty());
    }

    #[test]
    fn what_is_kept_cannot_surprise_a_terminal_or_a_page() {
        assert_eq!(cut("/a\u{1b}[31m\u{202e}\0"), "/a?[31m??");
        assert_eq!(cut(&"x".repeat(5000)).len(), CUT);
    }
}
