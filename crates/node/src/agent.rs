//! The agent's loop: asks the server for commands, does them, reports how they ended.

use crate::client::ServerClient;
use crate::error::{NodeError, chain};
use crate::node::Node;
use crate::report;
use crate::settings::ServerAccess;
use crate::{greeting, observe, point_in_time, pool, question};
use domain::CommandId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::node::{Command, Order, Poll};

/// How long the server may hold a poll, in seconds.
const WAIT: u32 = 25;
/// How long running commands may take when the agent is told to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Serves the server's commands until `shutdown` is cancelled, whatever happens to the server or to PostgreSQL.
///
/// Then no more commands are taken, and those under way get 20 s to end; what is cut off is undone at the next start.
///
/// # Errors
/// When the HTTP client cannot be made.
pub async fn run(node: Node, server: ServerAccess, shutdown: CancellationToken) -> Result<(), NodeError> {
    let agent = Agent {
        node,
        server: Arc::new(ServerClient::new(&server)?),
        held: Arc::default(),
        streams: Arc::default(),
        reported: Arc::default(),
        tasks: TaskTracker::new(),
        link: Link::default(),
    };
    let carrier = Arc::clone(&agent.server);
    agent.node.carry_by(carrier);
    let stopped = shutdown.clone();
    let (filling, observing) = (Arc::clone(&agent.node.room), Arc::clone(&agent.node.room));
    let (telling, asked) = (Arc::clone(&agent.server), Arc::clone(&agent.server));
    let answering = Arc::clone(&agent.node.room);
    let archiving = Arc::clone(&agent.node.room);
    tokio::select! {
        () = stopped.cancelled() => {}
        () = agent.poll_for_ever(&shutdown) => {}
        () = pool::keep(filling) => {}
        () = observe::keep(observing, telling) => {}
        () = question::keep(answering, asked) => {}
        () = point_in_time::keep(archiving) => {}
    }
    agent.tasks.close();
    if timeout(STOP_PATIENCE, agent.tasks.wait()).await.is_err() {
        tracing::warn!("commands are cut off; they are undone at the next start");
    }
    Ok(())
}

/// The commands that the node works on or has not reported yet.
#[derive(Default)]
struct Held(Mutex<HashSet<CommandId>>);

impl Held {
    fn with<T>(&self, work: impl FnOnce(&mut HashSet<CommandId>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Agent {
    node: Node,
    server: Arc<ServerClient>,
    held: Arc<Held>,
    /// Those of them that go as slowly as somebody outside takes them.
    streams: Arc<AtomicUsize>,
    reported: Arc<Notify>,
    tasks: TaskTracker,
    link: Link,
}

impl Agent {
    async fn poll_for_ever(&self, shutdown: &CancellationToken) {
        let mut pause = PAUSE;
        let mut is_greeted = false;
        loop {
            let polled = self.greet_and_poll(is_greeted).await;
            is_greeted = polled.is_ok();
            self.link.tell(&polled);
            match polled {
                Ok(commands) => {
                    pause = PAUSE;
                    self.take(commands, shutdown);
                }
                Err(error) => {
                    if matches!(error, NodeError::Removed) {
                        self.close_everything().await;
                        pause = PAUSE_MAX;
                    }
                    sleep(report::jittered(pause)).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Greets a server that is met for the first time, or again: it may be another version by now.
    async fn greet_and_poll(&self, is_greeted: bool) -> Result<Vec<Command>, NodeError> {
        if !is_greeted {
            let hello = greeting::hello(&self.node.room).await?;
            if let Some(answer) = self.server.hello(&hello).await? {
                greeting::heed(&answer);
            }
        }
        self.poll().await
    }

    async fn close_everything(&self) {
        match self.node.close_everything().await {
            Ok(0) => {}
            Ok(closed) => tracing::error!(closed, "this node was taken out; its tenants are closed"),
            Err(error) => tracing::error!(error = chain(&error), "not every tenant could be closed"),
        }
    }

    async fn poll(&self) -> Result<Vec<Command>, NodeError> {
        self.node.hold().await?;
        // As many more are taken as are worked on, so that one tenant's queue does not keep the others waiting.
        let room = self.node.settings().parallel.max(1) * 2;
        let slots = loop {
            let reported = self.reported.notified();
            let streams = self.streams.load(Ordering::Relaxed);
            let slots = (room + streams).saturating_sub(self.held.with(|held| held.len()));
            if slots > 0 {
                break slots;
            }
            reported.await;
        };
        let holding = self
            .held
            .with(|held| held.iter().map(ToString::to_string).collect::<Vec<_>>());
        let poll = Poll {
            holding: holding.join(","),
            slots: u32::try_from(slots).unwrap_or(u32::MAX),
            wait: WAIT,
            version: self.node.settings().version.clone(),
        };
        self.server.poll(&poll).await
    }

    fn take(&self, commands: Vec<Command>, shutdown: &CancellationToken) {
        for command in commands {
            let id = command.id;
            if !self.held.with(|held| held.insert(id)) {
                continue;
            }
            let (node, server) = (self.node.clone(), Arc::clone(&self.server));
            let (held, reported) = (Arc::clone(&self.held), Arc::clone(&self.reported));
            let shutdown = shutdown.clone();
            let streams = Arc::clone(&self.streams);
            let stream = usize::from(matches!(command.order, Order::SendBackup(_)));
            streams.fetch_add(stream, Ordering::Relaxed);
            self.tasks.spawn(async move {
                report::execute(&node, &server, command, &shutdown).await;
                held.with(|held| held.remove(&id));
                streams.fetch_sub(stream, Ordering::Relaxed);
                // A poll that is under way has the old list; it is only asked again when it was waiting for a slot.
                reported.notify_waiters();
            });
        }
    }
}

/// Whether the server answers, told once per change.
#[derive(Default)]
struct Link(Mutex<Option<bool>>);

impl Link {
    fn tell<T>(&self, result: &Result<T, NodeError>) {
        let mut was_up = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_up = result.is_ok();
        if *was_up == Some(is_up) {
            return;
        }
        *was_up = Some(is_up);
        match result {
            Ok(_) => tracing::info!("the server answers"),
            Err(error) => tracing::warn!(error = chain(error), "no commands can be taken; trying again"),
        }
    }
}
