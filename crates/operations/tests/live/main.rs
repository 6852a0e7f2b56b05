//! The engine on a real PostgreSQL: several workers, some of which die.

mod plant;
mod queue;
mod sagas;
mod schedules;

/// What a test gives.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
