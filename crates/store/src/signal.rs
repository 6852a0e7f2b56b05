//! Waking those who wait: PostgreSQL's NOTIFY to every replica, a broadcast within this one.

use crate::error::StoreError;
use crate::scope::{Store, Unit};
use domain::{NodeId, OperationId, QuestionId};
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::broadcast;

const CHANNEL: &str = "tenantry";

/// What has changed. A signal may be lost: whoever waits for one also looks now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A node has a command to fetch.
    Node(NodeId),
    /// An operation moved.
    Operation(OperationId),
    /// A node answered what it was asked.
    Answer(QuestionId),
    /// A setting changed, or a block of the front door was lifted.
    Settings,
    /// A job can be done.
    Jobs,
    /// Signals may have been missed; look again.
    Gap,
}

/// The signals of the control database, for any number of listeners.
#[derive(Clone, Debug)]
pub struct Signals {
    sender: broadcast::Sender<Signal>,
}

impl Signals {
    /// Signals that nothing feeds yet.
    pub fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(1024),
        }
    }

    /// Begins to listen. Subscribe first, then look at the row, so that nothing falls between.
    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.sender.subscribe()
    }

    /// Feeds the signals from PostgreSQL for ever, connecting anew after every loss.
    pub async fn pump(&self, store: &Store) {
        loop {
            if let Err(error) = self.listen(store).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "listening to the control database was interrupted"
                );
            }
            let _ = self.sender.send(Signal::Gap);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn listen(&self, store: &Store) -> Result<(), StoreError> {
        let mut listener = PgListener::connect_with(store.pool()).await?;
        listener.listen(CHANNEL).await?;
        let _ = self.sender.send(Signal::Gap);
        loop {
            let signal = match listener.try_recv().await? {
                Some(notification) => parse(notification.payload()).unwrap_or(Signal::Gap),
                None => Signal::Gap,
            };
            // An error only says that nobody listens at the moment.
            let _ = self.sender.send(signal);
        }
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::new()
    }
}

const SETTINGS: &str = "settings";
pub(crate) const JOBS: &str = "jobs";

fn parse(payload: &str) -> Option<Signal> {
    if payload == SETTINGS {
        return Some(Signal::Settings);
    }
    if payload == JOBS {
        return Some(Signal::Jobs);
    }
    payload
        .parse()
        .map(Signal::Node)
        .ok()
        .or_else(|| payload.parse().map(Signal::Operation).ok())
        .or_else(|| payload.parse().map(Signal::Answer).ok())
}

impl Unit {
    /// Sends a signal when, and only when, this unit is committed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn signal(&mut self, signal: Signal) -> Result<(), StoreError> {
        let payload = match signal {
            Signal::Node(id) => id.to_string(),
            Signal::Operation(id) => id.to_string(),
            Signal::Answer(id) => id.to_string(),
            Signal::Settings => SETTINGS.to_owned(),
            Signal::Jobs => JOBS.to_owned(),
            Signal::Gap => "gap".to_owned(),
        };
        sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, payload)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
