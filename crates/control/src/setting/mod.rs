//! What operators set while the program runs.

mod history;
mod list;
mod set;

pub use set::Named;
