//! What the pages ask for: figures, and being told when something changes.

mod changes;
mod overview;

pub use changes::{Change, Changes};
pub use overview::{Counted, Day, OnSale, Overview};

use crate::Control;
use jiff::Timestamp;

impl Control {
    /// The present moment, for pages that say how long ago something was.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }
}
