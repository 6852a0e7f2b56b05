//! Waiting for something to become true, instead of sleeping and hoping.

use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep};

const LOOK: Duration = Duration::from_millis(10);

/// What was waited for did not come true in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not true within {} s", .0.as_secs_f32())]
pub struct TimedOut(Duration);

/// Asks again and again until the answer is yes.
///
/// # Errors
/// [`TimedOut`] when it is not within the deadline.
pub async fn eventually<F>(deadline: Duration, mut condition: impl FnMut() -> F) -> Result<(), TimedOut>
where
    F: Future<Output = bool>,
{
    let end = Instant::now() + deadline;
    while !condition().await {
        if Instant::now() >= end {
            return Err(TimedOut(deadline));
        }
        sleep(LOOK).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_when_true_and_when_late() {
        let mut asked = 0;
        let third = eventually(Duration::from_secs(5), || {
            asked += 1;
            std::future::ready(asked == 3)
        });
        assert_eq!(third.await, Ok(()));
        assert!(
            eventually(Duration::from_millis(1), || std::future::ready(false))
                .await
                .is_err()
        );
    }
}
