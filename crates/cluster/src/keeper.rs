//! Keeps one child alive: starts it, waits until it is ready, restarts it after it ended, stops it when told.

use crate::backoff::Pauses;
use crate::child::{ChildSpec, StopStep};
use crate::error::ChildError;
use crate::launch;
use crate::pid_file::PidFile;
use crate::signal::Signal;
use crate::state::{Ending, State};
use rustix::process::{Pid, kill_process, kill_process_group};
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};

/// What a keeper is told to do.
pub(crate) enum Order {
    /// Stop for good; answered when the child is gone.
    Stop(oneshot::Sender<()>),
    /// Pass a signal on; answered with whether there was a child to take it.
    Signal(Signal, oneshot::Sender<bool>),
}

/// One life of a child: from its start to the end of its process group.
pub(crate) struct Life<'a> {
    child: Child,
    group: Pid,
    pid_file: &'a PidFile,
}

impl<'a> Life<'a> {
    /// Starts the child and notes it on disk. Only to be called on the background thread.
    pub(crate) fn begin(spec: &ChildSpec, pid_file: &'a PidFile) -> Result<Self, ChildError> {
        let error = |action, path: &std::path::Path, source| ChildError::File {
            action,
            path: path.to_owned(),
            source,
        };
        let child = Command::from(launch::command(spec)?)
            .spawn()
            .map_err(|source| error("start", &spec.program, source))?;
        let pid = child.id().unwrap_or_default();
        let group = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let group =
            group.ok_or_else(|| error("start", &spec.program, std::io::ErrorKind::NotFound.into()))?;
        let life = Self {
            child,
            group,
            pid_file,
        };
        if let Err(source) = pid_file.write(pid, &spec.stop) {
            life.end();
            return Err(error("note the process of", &spec.program, source));
        }
        Ok(life)
    }

    fn pid(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits for the child's own end.
    pub(crate) async fn ending(&mut self) -> Ending {
        match self.child.wait().await {
            Ok(status) => Ending::from(status),
            Err(error) => Ending::NotStarted(error.to_string()),
        }
    }

    /// Sends the leading process a signal. It is not reaped before its end was seen, so this is never another.
    fn signal(&self, signal: Signal) -> bool {
        self.child.id().is_some() && kill_process(self.group, signal.number()).is_ok()
    }

    /// Stops the child step by step; what is left of its group is killed.
    pub(crate) async fn stop(mut self, steps: &[StopStep]) {
        for step in steps {
            self.signal(step.signal);
            if timeout(step.patience, self.child.wait()).await.is_ok() {
                return self.end();
            }
        }
        let _ = kill_process_group(self.group, Signal::KILL.number());
        self.ending().await;
        self.end();
    }

    /// Kills what is left of the group and forgets the child. The leader was reaped a moment ago at the earliest,
    /// and ids are handed out in a circle, so an emptied group's number is not in use again yet.
    pub(crate) fn end(self) {
        let _ = kill_process_group(self.group, Signal::KILL.number());
        self.pid_file.remove();
    }
}

enum Outcome {
    Ended(Ending),
    /// With the one to tell when it is done, unless the supervisor was dropped.
    Stop(Option<oneshot::Sender<()>>),
}

/// The task behind one supervised child.
pub(crate) struct Keeper {
    pub(crate) spec: ChildSpec,
    pub(crate) pid_file: PidFile,
    pub(crate) state: watch::Sender<State>,
    pub(crate) orders: mpsc::Receiver<Order>,
    /// The run folder stays ours until the last child is gone.
    pub(crate) lock: Arc<File>,
}

impl Keeper {
    /// Keeps the child alive until told to stop, or until the supervisor is dropped.
    pub(crate) async fn keep(mut self) {
        let mut pauses = Pauses::new(self.spec.backoff);
        let told = loop {
            self.state.send_replace(State::Starting);
            let began = Instant::now();
            let last = match self.live().await {
                Outcome::Stop(told) => break told,
                Outcome::Ended(ending) => ending,
            };
            let (next_in, failures) = pauses.after(began.elapsed());
            let name = &self.spec.name;
            tracing::warn!(child = name, %last, failures, ?next_in, "a child ended and will be started again");
            self.state.send_replace(State::Backoff {
                last,
                next_in,
                failures,
            });
            if let Some(told) = self.pause(next_in).await {
                break told;
            }
        };
        self.state.send_replace(State::Stopped);
        drop(self.lock);
        if let Some(told) = told {
            // Whoever asked may have stopped waiting.
            let _ = told.send(());
        }
    }

    async fn live(&mut self) -> Outcome {
        if let Some(hook) = &self.spec.before_start {
            hook.run().await;
        }
        let mut life = match Life::begin(&self.spec, &self.pid_file) {
            Ok(life) => life,
            Err(error) => return Outcome::Ended(Ending::NotStarted(reasons(&error))),
        };
        let pid = life.pid();
        let deadline = self.spec.ready_deadline;
        let ready = timeout(deadline, self.spec.ready.wait(pid));
        tokio::pin!(ready);
        let mut is_ready = false;
        let outcome = loop {
            tokio::select! {
                ending = life.ending() => {
                    life.end();
                    return Outcome::Ended(ending);
                }
                answer = &mut ready, if !is_ready => match answer {
                    Ok(()) => {
                        is_ready = true;
                        self.state.send_replace(State::Running { pid, since: now() });
                    }
                    Err(_) => break Outcome::Ended(Ending::NotReady(deadline)),
                },
                order = self.orders.recv() => match order {
                    Some(Order::Signal(signal, told)) => { let _ = told.send(life.signal(signal)); }
                    Some(Order::Stop(told)) => break Outcome::Stop(Some(told)),
                    None => break Outcome::Stop(None),
                },
            }
        };
        life.stop(&self.spec.stop).await;
        outcome
    }

    /// Waits before the next life; returns early, with the one to tell, when told to stop.
    async fn pause(&mut self, length: Duration) -> Option<Option<oneshot::Sender<()>>> {
        let over = sleep(length);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return None,
                order = self.orders.recv() => match order {
                    Some(Order::Signal(_, told)) => { let _ = told.send(false); }
                    Some(Order::Stop(told)) => return Some(Some(told)),
                    None => return Some(None),
                },
            }
        }
    }
}

/// The wall clock's time, for people to read; nothing is decided by it.
#[expect(
    clippy::disallowed_methods,
    reason = "this crate's one clock: it watches real processes in real time"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// An error with its sources, on one line, for a state that others read.
pub(crate) fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        text.push_str(": ");
        text.push_str(&reason.to_string());
        source = reason.source();
    }
    text
}
