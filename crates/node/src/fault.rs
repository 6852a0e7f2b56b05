//! Faults on order, so that tests can break any step of any order. None by default.

use std::str::FromStr;
use thiserror::Error;

/// The text does not describe a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fault is fail, fail-after, abort, abort-after or repeat, then :order:step")]
pub struct FaultRefused;

/// At most one fault: `fail:create-tenant:identity` fails the order before that step,
/// `fail-after:…` after it, `abort:…` and `abort-after:…` end the whole process there, `repeat:…` does the step twice.
/// The parts of a step are reached as `publish/database`.
#[derive(Clone, Debug, Default)]
pub struct Faults(Option<Fault>);

#[derive(Clone, Debug)]
struct Fault {
    act: Act,
    moment: Moment,
    order: String,
    point: String,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Fail,
    Abort,
    Repeat,
}

/// Which side of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before anything of it is done.
    Before,
    /// After all of it is done, before that is recorded.
    After,
}

impl Faults {
    /// No fault.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Whether the order fails here. Does not return when the process is to end here.
    pub(crate) fn strikes(&self, order: &str, point: &str, moment: Moment) -> bool {
        let Some(fault) = &self.0 else { return false };
        if fault.order != order || fault.point != point || fault.moment != moment {
            return false;
        }
        match fault.act {
            Act::Fail => true,
            Act::Abort => std::process::abort(),
            Act::Repeat => false,
        }
    }

    /// Whether this step of the order is to be done twice.
    pub(crate) fn repeats(&self, order: &str, step: &str) -> bool {
        let repeated = |fault: &Fault| matches!(fault.act, Act::Repeat) && fault.order == order;
        self.0
            .as_ref()
            .is_some_and(|fault| repeated(fault) && fault.point == step)
    }
}

impl FromStr for Faults {
    type Err = FaultRefused;
    fn from_str(text: &str) -> Result<Self, FaultRefused> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        let mut words = text.splitn(3, ':');
        let (act, order, point) = (words.next(), words.next(), words.next());
        let (act, moment) = match act {
            Some("fail") => (Act::Fail, Moment::Before),
            Some("fail-after") => (Act::Fail, Moment::After),
            Some("abort") => (Act::Abort, Moment::Before),
            Some("abort-after") => (Act::Abort, Moment::After),
            Some("repeat") => (Act::Repeat, Moment::After),
            _ => return Err(FaultRefused),
        };
        let order = order.ok_or(FaultRefused)?.to_owned();
        let point = point
            .filter(|point| !point.is_empty())
            .ok_or(FaultRefused)?
            .to_owned();
        Ok(Self(Some(Fault {
            act,
            moment,
            order,
            point,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_at_its_own_point_only() {
        let faults: Faults = "fail-after:create-tenant:publish/database".parse().unwrap();
        assert!(faults.strikes("create-tenant", "publish/database", Moment::After));
        assert!(!faults.strikes("create-tenant", "publish/database", Moment::Before));
        assert!(!faults.strikes("create-tenant", "publish", Moment::After));
        assert!("explode:a:b".parse::<Faults>().is_err());
        assert!("fail:a".parse::<Faults>().is_err());
    }
}
