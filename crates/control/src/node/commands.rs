//! A node asks what to do, and tells how far it is.

use crate::node::enrol::NodeSession;
use crate::node::hello::unknown;
use crate::{Control, ControlError};
use domain::{CommandId, Rule};
use std::time::Duration;
use store::{Actor, DeliveredCommand, Signal};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use wire::node::{Command, CommandResult, Outcome, Poll, Progress};
use wire::operation::Failure;

/// How often to look even when nobody signals.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Longest wait that a node may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Most commands in one answer.
const MOST: i64 = 32;

impl Control {
    /// What the node is to do that it does not hold yet; waits for something when there is nothing.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `holding`.
    pub async fn poll_commands(
        &self,
        session: NodeSession,
        poll: &Poll,
    ) -> Result<Vec<Command>, ControlError> {
        let holding = poll
            .holding
            .split(',')
            .filter(|id| !id.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<CommandId>, Rule>>();
        let holding = holding.map_err(|rule| ControlError::field("holding", rule))?;
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        let version: String = poll
            .version
            .chars()
            .filter(|c| !c.is_control())
            .take(40)
            .collect();
        scoped
            .touch_node(session.node, &version, self.world.now())
            .await?;
        let deadline = Instant::now() + Duration::from_secs(u64::from(poll.wait)).min(LONGEST_WAIT);
        let limit = i64::from(poll.slots).min(MOST);
        let mut signals = self.signals.subscribe();
        loop {
            let delivered = scoped
                .deliver_commands(session.node, &holding, limit, self.world.now())
                .await?;
            if !delivered.is_empty() || Instant::now() >= deadline {
                return self.open_orders(session, delivered).await;
            }
            let look_again = deadline.min(Instant::now() + LOOK_AGAIN);
            let signalled = async {
                loop {
                    match signals.recv().await {
                        Ok(Signal::Node(node)) if node == session.node => return,
                        Ok(Signal::Gap) | Err(RecvError::Lagged(_)) => return,
                        Ok(_) => {}
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            // Reaching the deadline is as good a reason to look as a signal.
            let _ = tokio::time::timeout_at(look_again, signalled).await;
        }
    }

    /// Puts orders together again. One that cannot be read fails by itself, so that it holds up no other.
    async fn open_orders(
        &self,
        session: NodeSession,
        delivered: Vec<DeliveredCommand>,
    ) -> Result<Vec<Command>, ControlError> {
        let mut commands = Vec::with_capacity(delivered.len());
        if delivered.is_empty() {
            return Ok(commands);
        }
        let known = self.known_orders(session.node).await?;
        for command in delivered {
            let id = command.id;
            let kind = command.payload.get("kind").and_then(|kind| kind.as_str());
            if let Some(kind) = kind.filter(|kind| !known.contains(*kind)) {
                let outcome = Outcome {
                    steps: Vec::new(),
                    result: CommandResult::Failed(unknown(kind)),
                };
                self.command_outcome(session, id, &outcome).await?;
                continue;
            }
            match self.open_order(command).await {
                Ok(command) => commands.push(command),
                // It is delivered again; nothing is wrong with it.
                Err(error @ ControlError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(command = %id, error = &error as &dyn std::error::Error, "an order cannot be read");
                    let detail =
                        "The order's secret cannot be read with this server's key. Ask for it again.";
                    let failure = Failure {
                        code: "order-unreadable".to_owned(),
                        detail: detail.to_owned(),
                    };
                    let outcome = Outcome {
                        steps: Vec::new(),
                        result: CommandResult::Failed(failure),
                    };
                    self.command_outcome(session, id, &outcome).await?;
                }
            }
        }
        Ok(commands)
    }

    /// Notes how far a command is. Progress of a command that has ended is ignored.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the node never had such a command.
    pub async fn command_progress(
        &self,
        session: NodeSession,
        id: CommandId,
        progress: &Progress,
    ) -> Result<(), ControlError> {
        let mut unit = self.store.on_behalf_of(Actor::Node(session.node)).begin().await?;
        let Some(command) = unit.lock_open_command(session.node, id).await? else {
            let known = unit.command_exists(session.node, id).await?;
            return if known {
                Ok(())
            } else {
                Err(ControlError::NotFound("command"))
            };
        };
        match unit.step_of_command(id).await? {
            Some(step) => {
                unit.note_step_parts(step, &progress.steps).await?;
                self.show_saga(&mut unit, step.job, command.operation).await?;
            }
            None => unit.record_steps(command.operation, &progress.steps).await?,
        }
        unit.signal(Signal::Operation(command.operation)).await?;
        Ok(unit.commit().await?)
    }
}
