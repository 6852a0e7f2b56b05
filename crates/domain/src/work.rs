//! The control plane's own durable work: where a job stands, where a step of a saga stands.

use crate::operation::word_enum;
use crate::rule::Rule;
use std::{fmt, str::FromStr};

word_enum!(
    /// Where a job stands.
    JobStatus {
        /// To be done, now or later.
        Queued = "queued",
        /// A worker has it.
        Running = "running",
        /// It waits for a node, and no worker has it.
        Waiting = "waiting",
        /// Done.
        Succeeded = "succeeded",
        /// A saga that failed and was undone.
        Failed = "failed",
        /// It was tried as often as it may be; a person decides.
        Dead = "dead",
        /// Taken back before it was begun.
        Cancelled = "cancelled",
        /// A person gave it up as it is.
        Abandoned = "abandoned",
    }
);

word_enum!(
    /// Which way a saga goes.
    Direction {
        /// It does its steps.
        Forward = "forward",
        /// It undoes them.
        Back = "back",
    }
);

word_enum!(
    /// Where a step of a saga stands, once it was begun.
    SagaStepStatus {
        /// Begun.
        Running = "running",
        /// A node does it.
        Waiting = "waiting",
        /// Done; its output is kept.
        Done = "done",
        /// Not done; the saga goes back.
        Failed = "failed",
        /// Begun to be undone.
        Undoing = "undoing",
        /// A node undoes it.
        UndoWaiting = "undo-waiting",
        /// Undone.
        Undone = "undone",
    }
);

impl JobStatus {
    /// Whether nothing more will happen by itself or by a person.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::Abandoned
        )
    }
}
