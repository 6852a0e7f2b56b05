//! Everything that the engine can do, by kind and version.

use crate::host::Host;
use crate::job::{AnyJob, Job};
use crate::regular::{Description, Once, Regular};
use crate::saga::Saga;
use std::fmt;

/// What a kind and a version stand for.
pub(crate) enum Doing<H: Host> {
    Job(Box<dyn AnyJob<H>>),
    Saga(Saga<H>),
}

/// Everything that can be done.
pub struct Registry<H: Host> {
    entries: Vec<(&'static str, i32, Doing<H>)>,
    regular: Vec<Description>,
}

impl<H: Host> fmt::Debug for Registry<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.kinds()).finish()
    }
}

impl<H: Host> Default for Registry<H> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            regular: Vec::new(),
        }
    }
}

impl<H: Host> Registry<H> {
    /// The same with a kind of job.
    pub fn job(mut self, kind: &'static str, version: i32, job: impl Job<H>) -> Self {
        self.entries.push((kind, version, Doing::Job(Box::new(job))));
        self
    }

    /// The same with a saga. Older versions of its kind stay beside it while there are sagas of them.
    pub fn saga(mut self, saga: Saga<H>) -> Self {
        self.entries.push((saga.kind, saga.version, Doing::Saga(saga)));
        self
    }

    /// The same with something that is done regularly.
    pub fn regular(mut self, description: Description, work: impl Regular<H>) -> Self {
        self = self.job(description.kind, 1, Once(Box::new(work)));
        self.regular.push(description);
        self
    }

    /// Every saga, for a test that forgets none.
    pub fn sagas(&self) -> impl Iterator<Item = &Saga<H>> {
        self.entries.iter().filter_map(|(_, _, doing)| match doing {
            Doing::Saga(saga) => Some(saga),
            Doing::Job(_) => None,
        })
    }

    /// What is done regularly.
    pub fn regulars(&self) -> &[Description] {
        &self.regular
    }

    /// Whether this program knows the kind in this version. What it does not know waits for one that does.
    pub fn knows(&self, kind: &str, version: i32) -> bool {
        self.find(kind, version).is_some()
    }

    pub(crate) fn find(&self, kind: &str, version: i32) -> Option<&Doing<H>> {
        let entry = self
            .entries
            .iter()
            .find(|(known, number, _)| *known == kind && *number == version);
        entry.map(|(_, _, doing)| doing)
    }

    pub(crate) fn kinds(&self) -> Vec<(String, i32)> {
        let entries = self.entries.iter();
        entries
            .map(|(kind, version, _)| ((*kind).to_owned(), *version))
            .collect()
    }
}
