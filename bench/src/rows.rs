//! The rows of the table, one file for those that are measured together.

pub(crate) mod backup;
pub(crate) mod creation;
pub(crate) mod duplicate;
pub(crate) mod first_page;
pub(crate) mod growth;
pub(crate) mod idle;
pub(crate) mod listing;
pub(crate) mod memory;
pub(crate) mod suspension;
pub(crate) mod throughput;

use crate::table::{Breakdown, Row};

/// What a group of rows found out.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) rows: Vec<Row>,
    pub(crate) breakdowns: Vec<Breakdown>,
    /// What was seen that should not be.
    pub(crate) remarks: Vec<String>,
}
