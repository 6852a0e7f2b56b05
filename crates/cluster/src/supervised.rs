//! One child as its supervisor holds it: orders to its keeper, and its state.

use crate::background;
use crate::child::ChildSpec;
use crate::error::ChildError;
use crate::keeper::{Keeper, Order};
use crate::pid_file::PidFile;
use crate::signal::Signal;
use crate::state::{Ending, Progress, State};
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};

/// So many lives may end before a child was ready once; then its start has failed.
const ATTEMPTS: u32 = 3;
/// How often a waiting caller hears of progress when nothing changes.
const PROGRESS: Duration = Duration::from_millis(250);

/// A child and the task that keeps it; dropping this stops the child in the background.
pub(crate) struct Supervised {
    pub(crate) name: String,
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<State>,
}

impl Supervised {
    /// Starts a keeper, and with it the child.
    pub(crate) fn keep(spec: ChildSpec, pid_file: PidFile, lock: Arc<File>) -> Result<Self, ChildError> {
        let (orders, receive_orders) = mpsc::channel(8);
        let (send_state, state) = watch::channel(State::Starting);
        let name = spec.name.clone();
        let keeper = Keeper {
            spec,
            pid_file,
            state: send_state,
            orders: receive_orders,
            lock,
        };
        background::spawn(keeper.keep()).map_err(|source| ChildError::Background { source })?;
        Ok(Self { name, orders, state })
    }

    /// Sends a signal; says whether there was a process to take it.
    pub(crate) async fn signal(&self, signal: Signal) -> bool {
        let (told, answer) = oneshot::channel();
        // A keeper that is gone drops the order, and with it the answer.
        let _ = self.orders.send(Order::Signal(signal, told)).await;
        answer.await.unwrap_or(false)
    }

    /// Waits until the child runs; gives its last ending when it will not.
    pub(crate) async fn running(&self, progress: &mut impl FnMut(Progress<'_>)) -> Result<(), Ending> {
        let began = Instant::now();
        let mut watched = self.state.clone();
        loop {
            let state = watched.borrow_and_update().clone();
            progress(Progress {
                name: &self.name,
                elapsed: began.elapsed(),
                state: &state,
            });
            match state {
                State::Running { .. } => return Ok(()),
                State::Backoff {
                    last: last @ Ending::NotReady(_),
                    ..
                } => return Err(last),
                State::Backoff { last, failures, .. } if failures >= ATTEMPTS => return Err(last),
                State::Stopped => return Err(Ending::NotStarted("it was stopped".to_owned())),
                State::Starting | State::Backoff { .. } => {}
            }
            if let Ok(Err(_)) = timeout(PROGRESS, watched.changed()).await {
                return Err(Ending::NotStarted("its keeper is gone".to_owned()));
            }
        }
    }

    /// The state to watch, where only what comes after now counts as a change.
    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        let mut state = self.state.clone();
        state.mark_unchanged();
        state
    }

    /// Stops the child and waits until its whole group is gone.
    pub(crate) async fn stop(&self) {
        let (told, answer) = oneshot::channel();
        let _ = self.orders.send(Order::Stop(told)).await;
        // Told, or the keeper is gone: either way there is no child any more.
        let _ = answer.await;
    }
}
