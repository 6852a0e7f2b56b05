//! A tenant's database: how much it holds, what is seen in it now, and looking after it. The node does the looking and the work.

mod ask;
mod look;
mod maintain;
mod size;
mod stop;
mod terminate;
