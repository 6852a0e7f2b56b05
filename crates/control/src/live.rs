//! What is in force at this moment: the settings and the lifted blocks, read from the control database whenever
//! they change and, as a net, now and then.

use crate::{Control, ControlError};
use domain::setting::{self, SETTINGS};
use domain::{BlockId, SettingValue, SupportWish, WallMode, WallRule};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::{Actor, SettingRecord, Signal};
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use wire::node::PoolRules;

/// How often to look even when nobody signals.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// How many requests a minute are taken; zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// From one address.
    pub per_address: u32,
    /// With one key.
    pub per_key: u32,
    /// In all.
    pub in_all: u32,
}

/// Whether something is wanted of everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Whoever wants to.
    Optional,
    /// Everybody.
    Required,
}

/// What holds for support accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportBounds {
    /// For how many minutes one lasts at most.
    pub longest_minutes: u32,
    /// For how many hours one waits for a decision, and for its use.
    pub request_hours: u32,
    /// What holds for tenants of no organization.
    pub unowned: SupportWish,
}

/// What is in force. Cheap to share, never changed: a change makes a new one.
#[derive(Clone, Debug)]
pub struct Live {
    /// Shortest new password, in characters.
    pub shortest_password: usize,
    /// Whether everybody of the staff must have a second factor.
    pub staff_factor: Demand,
    /// For how long a proof of identity is fresh.
    pub fresh: SignedDuration,
    /// How many requests are taken.
    pub limits: RequestLimits,
    /// Origins whose scripts may use the API.
    pub origins: Vec<String>,
    /// For how many days the audit trail is kept; zero is for ever.
    pub audit_days: u32,
    /// The name at the head of every page.
    pub brand: String,
    /// What holds for support accesses.
    pub support: SupportBounds,
    /// How nodes keep their pools, as far as that was set.
    pub pool: PoolRules,
    /// After how many days a node is asked for another credential.
    pub credential_days: u32,
    /// After how many minutes without a word a node is lost.
    pub lost_minutes: u32,
    /// For how many days the copy is kept that a moved tenant leaves.
    pub keep_days: u32,
    /// How many hours pass from one backup to the next; zero takes none by the clock.
    pub backup_hours: u32,
    /// At which hour backups begin, and over how many hours they are spread.
    pub backup_opens: u32,
    /// Over how many hours they are spread.
    pub backup_window: u32,
    /// How many backups a node takes at once.
    pub backups_at_once: u32,
    /// How many backups a node restores for proof in a day.
    pub proofs_a_day: u32,
    /// For how many days a backup stays that was asked for, or taken before something risky.
    pub backup_asked_days: u32,
    /// For how many days the backups of a purged tenant stay.
    pub backup_after_purge_days: u32,
    /// The operator's own key to all backups.
    pub recovery_key: Option<String>,
    /// What whoever registers is offered; nothing while nobody may.
    pub trial: Option<Trial>,
    wall: [WallMode; WallRule::ALL.len()],
    lifted: HashMap<BlockId, Timestamp>,
}

/// What whoever registers is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The plan, as it was set.
    pub plan: String,
    /// The product, as it was set.
    pub product: String,
    /// For how many days it is open.
    pub days: u32,
    /// How many may register within 24 hours.
    pub most_a_day: u32,
    /// How many of them from one address.
    pub most_from_one: u32,
}

/// Where what is in force is kept.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    live: Arc<RwLock<Arc<Live>>>,
    /// One reads at a time, so that what was read last is what is written last.
    reading: Arc<Mutex<()>>,
}

impl Board {
    /// The defaults.
    pub(crate) fn new() -> Self {
        let live = Live::from_records(&[], HashMap::new());
        Self {
            live: Arc::new(RwLock::new(Arc::new(live))),
            reading: Arc::default(),
        }
    }

    fn read(&self) -> Arc<Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
    }
}

impl Live {
    /// Puts together what was set with the defaults. A value that this version cannot take counts as not set.
    fn from_records(records: &[SettingRecord], lifted: HashMap<BlockId, Timestamp>) -> Self {
        let value = |key: &str| value(records, key);
        let number = |key: &str| match value(key) {
            Some(SettingValue::Number(number)) => u32::try_from(number).unwrap_or_default(),
            _ => 0,
        };
        // What nobody set is each node's own affair.
        let set = |key: &str| {
            let is_set = records.iter().any(|record| record.key == key);
            is_set.then(|| number(key))
        };
        let mode = |rule: WallRule| match value(rule.setting()) {
            Some(SettingValue::Text(word)) => word.parse().unwrap_or(WallMode::Refuse),
            _ => WallMode::Refuse,
        };
        let text = |key: &str| match value(key) {
            Some(SettingValue::Text(text)) => text,
            _ => String::new(),
        };
        let trial = (text("registration.trial") == "on").then(|| Trial {
            plan: text("registration.plan"),
            product: text("registration.product"),
            days: number("registration.days"),
            most_a_day: number("registration.most_a_day"),
            most_from_one: number("registration.most_from_one"),
        });
        Self {
            trial,
            shortest_password: usize::try_from(number("password.shortest")).unwrap_or(usize::MAX),
            staff_factor: match value("factor.staff") {
                Some(SettingValue::Text(word)) if word == "optional" => Demand::Optional,
                _ => Demand::Required,
            },
            fresh: SignedDuration::from_mins(i64::from(number("factor.fresh_minutes"))),
            limits: RequestLimits {
                per_address: number("limits.per_address"),
                per_key: number("limits.per_key"),
                in_all: number("limits.in_all"),
            },
            origins: match value("cors.origins") {
                Some(SettingValue::List(origins)) => origins,
                _ => Vec::new(),
            },
            audit_days: number("audit.retention_days"),
            brand: match value("brand.name") {
                Some(SettingValue::Text(name)) => name,
                _ => String::new(),
            },
            support: SupportBounds {
                longest_minutes: number("support.longest_minutes"),
                request_hours: number("support.request_hours"),
                unowned: match value("support.unowned") {
                    Some(SettingValue::Text(word)) => word.parse().unwrap_or(SupportWish::Approval),
                    _ => SupportWish::Approval,
                },
            },
            pool: PoolRules {
                least: set("pool.least"),
                most: set("pool.most"),
                pause_ms: set("pool.pause_ms"),
            },
            credential_days: number("node.credential_days"),
            lost_minutes: number("node.lost_minutes"),
            keep_days: number("move.keep_days"),
            backup_hours: number("backup.every_hours"),
            backup_opens: number("backup.opens_hour"),
            backup_window: number("backup.window_hours"),
            backups_at_once: number("backup.at_once"),
            proofs_a_day: number("backup.proofs_a_day"),
            backup_asked_days: number("backup.asked_days"),
            backup_after_purge_days: number("backup.after_purge_days"),
            recovery_key: match value("backup.recovery_key") {
                Some(SettingValue::Text(key)) if !key.is_empty() => Some(key),
                _ => None,
            },
            wall: WallRule::ALL.map(mode),
            lifted,
        }
    }

    /// How a rule of the front door is applied.
    pub fn mode(&self, rule: WallRule) -> WallMode {
        let place = WallRule::ALL.iter().position(|known| *known == rule);
        let mode = place.and_then(|place| self.wall.get(place));
        mode.copied().unwrap_or(WallMode::Refuse)
    }

    /// Whether staff lifted this block, and that still holds.
    pub fn is_lifted(&self, id: BlockId, now: Timestamp) -> bool {
        self.lifted.get(&id).is_some_and(|until| *until > now)
    }
}

/// What holds for a setting.
pub(crate) fn value(records: &[SettingRecord], key: &str) -> Option<SettingValue> {
    let setting = setting::find(key)?;
    let set = records
        .iter()
        .find(|record| record.key == key)
        .and_then(|record| serde_json::from_value(record.value.clone()).ok())
        .and_then(|value| setting.check(value).ok());
    Some(set.unwrap_or_else(|| setting.default_value()))
}

impl Control {
    /// What is in force now.
    pub fn live(&self) -> Arc<Live> {
        self.board.read()
    }

    /// Reads what is in force from the control database, and the keys that secrets are sealed with.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`], or as for [`Control::open_keys`]; what was in force before stays so.
    pub async fn look_again(&self) -> Result<(), ControlError> {
        self.open_keys().await?;
        let _reading = self.board.reading.lock().await;
        let scoped = self.store.on_behalf_of(Actor::System);
        let records = scoped.settings().await?;
        for record in &records {
            if !SETTINGS.iter().any(|setting| setting.key == record.key) {
                tracing::debug!(key = record.key, "a setting that this version does not have");
            }
        }
        let lifted = scoped.lifted_blocks(self.world.now()).await?;
        self.board
            .write(Live::from_records(&records, lifted.into_iter().collect()));
        Ok(())
    }

    /// Keeps what is in force up to date, for ever.
    pub(crate) async fn keep_live(&self) {
        let mut signals = self.signals.subscribe();
        loop {
            if let Err(error) = self.look_again().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the settings could not be read; those known stay in force"
                );
            }
            let deadline = Instant::now() + LOOK_AGAIN;
            let signalled = async {
                loop {
                    match signals.recv().await {
                        Ok(Signal::Settings | Signal::Gap) | Err(RecvError::Lagged(_)) => return,
                        Ok(_) => {}
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            // Reaching the deadline is as good a reason to look as a signal.
            let _ = tokio::time::timeout_at(deadline, signalled).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(key: &str, value: serde_json::Value) -> SettingRecord {
        SettingRecord {
            key: key.to_owned(),
            value,
            changed_at: Timestamp::UNIX_EPOCH,
            changed_by: "system".to_owned(),
        }
    }

    #[test]
    fn defaults_hold_until_something_is_set() {
        let live = Live::from_records(&[], HashMap::new());
        assert_eq!((live.shortest_password, live.limits.per_address), (8, 6000));
        assert!(live.origins.is_empty() && live.mode(WallRule::Traversal) == WallMode::Refuse);
        let records = [
            set("password.shortest", json!(12)),
            set("wall.null_byte", json!("off")),
            set("cors.origins", json!(["https://a.example.com"])),
        ];
        assert_eq!(live.pool, PoolRules::default());
        let live = Live::from_records(&records, HashMap::new());
        assert_eq!((live.shortest_password, live.limits.per_address), (12, 6000));
        assert_eq!(live.mode(WallRule::NullByte), WallMode::Off);
        assert_eq!(live.mode(WallRule::Headers), WallMode::Refuse);
        assert_eq!(live.origins, ["https://a.example.com"]);
    }

    #[test]
    fn a_value_of_another_version_counts_as_not_set() {
        let records = [set("password.shortest", json!(3)), set("gone.long_ago", json!(1))];
        assert_eq!(Live::from_records(&records, HashMap::new()).shortest_password, 8);
    }
}
