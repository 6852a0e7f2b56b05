//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Measures an installation beside its rivals. It makes and removes tenants: give it one that may be thrown away.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// The data folder of a running `tenantry up`.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// How much to measure.
    #[arg(long, value_enum, default_value_t = Effort::Usual)]
    pub(crate) effort: Effort,
    /// Only these rows; all of them when none is named.
    #[arg(long, value_enum, value_name = "ROWS")]
    pub(crate) only: Vec<Group>,
    /// Write everything as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// A few samples of everything.
    Quick,
    /// What the table of goals needs.
    Usual,
    /// Also a thousand databases.
    Full,
}

impl Effort {
    /// How many samples to take.
    pub(crate) const fn samples(self, quick: usize, usual: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Usual | Self::Full => usual,
        }
    }
}

/// Rows that are measured together, in the order in which they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Memory before anything was asked for.
    Memory,
    /// Creation from the pool and without it, beside the raw statement.
    Creation,
    /// The same beside Odoo's own duplicate.
    Duplicate,
    /// The first page of a new tenant.
    FirstPage,
    /// Suspending and resuming under a user's hands.
    Suspension,
    /// Creations a second.
    Throughput,
    /// Creation and suspension as databases grow in number.
    Growth,
    /// Requests a second, and the server's start.
    Idle,
    /// Lists of a hundred thousand tenants.
    Listing,
    /// Backing a large tenant up, and restoring it.
    Backup,
    /// Memory after all of this.
    MemoryAfter,
}
