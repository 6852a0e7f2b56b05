//! A node that answers every command by itself, the way the test wants.

use super::Outcome;
use super::node::{Node, found};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use wire::node::{Command, Order, TenantCheck};

/// How a command is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Done, and this is what a check found.
    Found(TenantCheck),
    /// Failed, with this code.
    Failed(&'static str),
    /// Not at all.
    Never,
}

/// Decides how a command is answered.
type Rule = Box<dyn Fn(&Order) -> Reply + Send + Sync>;

/// A node at work. It stops when this is dropped.
pub struct Worker {
    rule: Arc<Mutex<Rule>>,
    seen: Arc<Mutex<Vec<Command>>>,
    node: Arc<Node>,
    task: JoinHandle<()>,
    answering: JoinHandle<()>,
}

impl Worker {
    /// Answers everything with "done" until told otherwise.
    pub fn start(node: Arc<Node>) -> Self {
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(Box::new(|_| Reply::Done)));
        let seen = Arc::default();
        let task = tokio::spawn(work(Arc::clone(&node), rule.clone(), Arc::clone(&seen)));
        let answering = tokio::spawn(answer(Arc::clone(&node)));
        Self {
            rule,
            seen,
            node,
            task,
            answering,
        }
    }

    /// Answers by this rule from now on.
    pub fn answer(&self, rule: impl Fn(&Order) -> Reply + Send + Sync + 'static) {
        *self.rule.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(rule);
    }

    /// The node that works.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Ends the work; the node is silent from then on.
    pub fn retire(self) -> Arc<Node> {
        Arc::clone(&self.node)
    }

    /// The commands that came so far.
    pub fn seen(&self) -> Vec<Command> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
        self.answering.abort();
    }
}

async fn work(node: Arc<Node>, rule: Arc<Mutex<Rule>>, seen: Arc<Mutex<Vec<Command>>>) {
    let mut held = Vec::new();
    // An error means that the server is gone, and with it the work.
    while let Ok(commands) = node.poll(&held, 32, 20).await {
        for command in commands {
            let reply = rule.lock().unwrap_or_else(PoisonError::into_inner)(&command.order);
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(command.clone());
            if reply == Reply::Never {
                held.push(command.id);
            }
            if give(&node, &command, reply).await.is_err() {
                return;
            }
        }
    }
}

async fn give(node: &Node, command: &Command, reply: Reply) -> Outcome {
    match reply {
        Reply::Done => node.done(command).await,
        Reply::Found(check) => node.found(command, check).await,
        Reply::Failed(code) => node.failed(command, code).await,
        Reply::Never => Ok(()),
    }
}

async fn answer(node: Arc<Node>) {
    while let Ok(questions) = node.questions(20).await {
        for question in questions {
            if node.reply(question.id, &found(&question.about)).await.is_err() {
                return;
            }
        }
    }
}
