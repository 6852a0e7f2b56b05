//! What keeps a database in good order, by PostgreSQL's own means.

use crate::operation::{OperationKind, word_enum};
use crate::rule::Rule;
use std::{fmt, str::FromStr};

word_enum!(
    /// What is done with the tables of a database.
    Upkeep {
        /// Dead rows make room for new ones.
        Vacuum = "vacuum",
        /// The same, and the planner's figures are taken anew.
        VacuumAnalyze = "vacuum-analyze",
        /// The planner's figures are taken anew.
        Analyze = "analyze",
        /// Tables are written anew, and nobody can use each meanwhile.
        VacuumFull = "vacuum-full",
        /// Indexes are built anew, beside those in use.
        Reindex = "reindex",
    }
);

impl Upkeep {
    /// The kind of operation that it is.
    pub const fn kind(self) -> OperationKind {
        match self {
            Self::Vacuum | Self::VacuumAnalyze | Self::VacuumFull => OperationKind::VacuumDatabase,
            Self::Analyze => OperationKind::AnalyzeDatabase,
            Self::Reindex => OperationKind::ReindexDatabase,
        }
    }

    /// Whether it shuts each table while it works on it.
    pub const fn shuts_tables(self) -> bool {
        matches!(self, Self::VacuumFull)
    }
}
