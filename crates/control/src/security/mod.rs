//! What the front door found, and what staff lifted.

mod lift;
mod list;
mod note;

pub use list::BlockQuery;
pub use note::Found;
pub(crate) use note::Pending;
