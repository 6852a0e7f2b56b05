//! Asking a node something whose answer somebody waits for. The question lies in the control database for as long, so that any server
//! can be asked, and any other one be polled by the node.

use crate::node::enrol::NodeSession;
use crate::{Control, ControlError};
use domain::{NodeId, NodeName, QuestionId};
use jiff::SignedDuration;
use std::time::Duration;
use store::{Actor, NewQuestion, QuestionState, Signal};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;
use wire::database::{About, Listen, Question, Reply};

/// How long an answer is waited for; the node gives up before that.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often to look even when nobody signals.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a node's poll does.
const POLL_AGAIN: Duration = Duration::from_secs(5);
/// Longest wait that a node may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The order by which an agent is known that answers questions.
const ANSWERS: &str = "maintain-database";

/// Who is asked, and about which database.
pub(crate) struct Asked<'a> {
    pub(crate) node: NodeId,
    pub(crate) node_name: &'a NodeName,
    pub(crate) tenant: domain::TenantId,
    pub(crate) database: domain::DatabaseName,
    pub(crate) about: About,
}

impl Control {
    /// Asks a node, and waits for what it finds. Nothing is left of a question that nobody answers.
    ///
    /// # Errors
    /// [`ControlError::NodeSilent`]; [`ControlError::NotLooked`] with what the node says, or because it is too old to be asked.
    pub(crate) async fn ask_node(&self, asked: Asked<'_>) -> Result<Reply, ControlError> {
        if !self.known_orders(asked.node).await?.contains(ANSWERS) {
            return Err(ControlError::NotLooked(crate::node::hello::unknown(ANSWERS)));
        }
        let (id, now) = (QuestionId::from_uuid(self.world.uuid()), self.world.now());
        let question = Question {
            id,
            tenant: asked.tenant,
            database: asked.database,
            about: asked.about,
        };
        let question = serde_json::to_value(question).map_err(ControlError::internal)?;
        let mut signals = self.signals.subscribe();
        let scoped = self.store.on_behalf_of(Actor::System);
        scoped
            .ask(NewQuestion {
                id,
                node: asked.node,
                question: &question,
                now,
                expires_at: now + SignedDuration::try_from(PATIENCE).unwrap_or_default(),
            })
            .await?;
        match self.answer_to(id, &mut signals).await? {
            Some(Reply::Failed(failure)) => Err(ControlError::NotLooked(failure)),
            Some(reply) => Ok(reply),
            None => Err(ControlError::NodeSilent(asked.node_name.clone())),
        }
    }

    async fn answer_to(
        &self,
        id: QuestionId,
        signals: &mut Receiver<Signal>,
    ) -> Result<Option<Reply>, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let deadline = Instant::now() + PATIENCE;
        loop {
            match scoped.question(id).await? {
                QuestionState::Answered(reply) => {
                    return serde_json::from_value(reply)
                        .map(Some)
                        .map_err(ControlError::internal);
                }
                QuestionState::Gone => return Ok(None),
                QuestionState::Waiting if Instant::now() >= deadline => {
                    scoped.forget_question(id).await?;
                    return Ok(None);
                }
                QuestionState::Waiting => {}
            }
            let is_it = |signal: &Signal| *signal == Signal::Answer(id);
            signalled(signals, is_it, deadline.min(Instant::now() + LOOK_AGAIN)).await;
        }
    }

    /// What a node is asked; waits for something when there is nothing.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn poll_questions(
        &self,
        session: NodeSession,
        listen: &Listen,
    ) -> Result<Vec<Question>, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        let deadline = Instant::now() + Duration::from_secs(u64::from(listen.wait)).min(LONGEST_WAIT);
        let mut signals = self.signals.subscribe();
        loop {
            let taken = scoped.take_questions(session.node, self.world.now()).await?;
            if !taken.is_empty() || Instant::now() >= deadline {
                let questions = taken.into_iter().map(serde_json::from_value);
                return questions
                    .collect::<Result<_, _>>()
                    .map_err(ControlError::internal);
            }
            let is_it = |signal: &Signal| *signal == Signal::Node(session.node);
            signalled(&mut signals, is_it, deadline.min(Instant::now() + POLL_AGAIN)).await;
        }
    }

    /// Takes a node's answer. One that nobody waits for is dropped.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the node was not asked this, or nobody waits any more.
    pub async fn take_answer(
        &self,
        session: NodeSession,
        id: QuestionId,
        reply: &Reply,
    ) -> Result<(), ControlError> {
        let reply = serde_json::to_value(reply).map_err(ControlError::internal)?;
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        match scoped.answer_question(session.node, id, &reply).await? {
            true => Ok(()),
            false => Err(ControlError::NotFound("question")),
        }
    }
}

/// Returns when such a signal came, or some may have been missed, or at the deadline.
async fn signalled(
    signals: &mut Receiver<Signal>,
    is_it: impl Fn(&Signal) -> bool + Send,
    deadline: Instant,
) {
    let signalled = async {
        loop {
            match signals.recv().await {
                Ok(Signal::Gap) | Err(RecvError::Lagged(_)) => return,
                Ok(signal) if is_it(&signal) => return,
                Ok(_) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Reaching the deadline is as good a reason to look as a signal.
    let _ = tokio::time::timeout_at(deadline, signalled).await;
}
