//! A private PostgreSQL cluster and supervised child processes, started from installed binaries; Linux only.
//!
//! Nothing here outlives the program by design: a child gets a signal when the program dies
//! (`setpriv --pdeathsig`), and whatever is left over all the same is ended by the next start, which
//! recognises exactly what it had started (process id, start time and boot) and touches nothing else.
//!
//! Both families work from any tokio runtime and outlive the one that they were started from: children are
//! forked and watched by one thread of this crate (`background.rs`).

mod access;
mod account;
mod background;
mod backoff;
mod binaries;
mod child;
mod cluster;
mod data_folder;
mod error;
mod files;
mod initdb;
mod keeper;
mod launch;
mod pid_file;
mod postmaster;
mod process;
mod ready;
mod run_folder;
mod server_settings;
mod settings;
mod signal;
mod state;
mod supervised;
mod supervisor;

pub use access::{Access, Password};
pub use account::Account;
pub use backoff::Backoff;
pub use binaries::{Binaries, MINIMUM_MAJOR, Version};
pub use child::{ChildSpec, Hook, StopStep};
pub use cluster::Cluster;
pub use error::{AccountError, BinariesError, ChildError, ClusterError};
pub use ready::{Check, Ready};
pub use settings::{ClusterSettings, Durability, free_port};
pub use signal::Signal;
pub use state::{Ending, Progress, State};
pub use supervisor::Supervisor;
