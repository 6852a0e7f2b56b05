//! Comma-separated values, as the domain writes them.

pub(crate) use domain::csv::line;
