//! The engine on a real PostgreSQL: several workers, some of which die.

#![expect(
    clippy::expect_used,
    reason = "the test's own clock and randomness, which stand in no error's way"
)]

mod plant;
mod queue;
mod sagas;
mod schedules;

/// What a test gives.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
