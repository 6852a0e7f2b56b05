//! The node itself: opens its journal, undoes what was cut off, and does what it is told.

use crate::cause;
use crate::closing;
use crate::error::{Code, NodeError, StepFailure};
use crate::execution;
use crate::journal::Beginning;
use crate::managed::{self, Managed, Subject};
use crate::marker::Marker;
use crate::order::{self, template_swap};
use crate::point_in_time::{self, aside};
use crate::pool;
use crate::question;
use crate::room::Room;
use crate::run::Progress;
use crate::settings::NodeSettings;
use crate::transfer::Carrier;
use crate::unmanaged;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wire::database::{Question, Reply};
use wire::node::{Command, Order, Outcome, PoolState, Unmanaged};
use wire::point_in_time::PointInTimeView;

/// A node at work. Cheap to clone; all clones are the same node.
#[derive(Clone)]
pub struct Node {
    pub(crate) room: Arc<Room>,
}

impl Node {
    /// Opens the journal, undoes what a former run was cut off from, and sets the edge's markers right.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`] when PostgreSQL does not answer, [`NodeError::JournalHeld`] when another agent
    /// runs, [`NodeError::Recovery`] when something cannot be undone, and what files and the journal refuse.
    pub async fn start(settings: NodeSettings) -> Result<Self, NodeError> {
        let room = Arc::new(Room::open(settings).await?);
        for cut_off in room.journal.unfinished().await? {
            tracing::warn!(command = %cut_off.id, kind = cut_off.kind, "command was cut off, undoing it");
            order::undo(&room, &cut_off).await?;
            room.journal.interrupted(cut_off.id).await?;
        }
        aside::sweep(&room).await?;
        pool::sweep(&room).await.map_err(|failure| NodeError::Pool {
            source: Box::new(failure),
        })?;
        template_swap::drop_replaced(&room).await;
        for tenant in managed::all(&room.journal.pool).await? {
            if let Some(marker) = Marker::of(tenant.standing) {
                room.markers.set(&tenant.name, Some(marker))?;
            }
        }
        for (name, cause) in cause::all(&room.journal.pool).await? {
            room.markers.tell(&name, Some(cause))?;
        }
        Ok(Self { room })
    }

    /// Says who carries tenants to and from other nodes; the first one stays.
    pub fn carry_by(&self, carrier: Arc<dyn Carrier>) {
        let _ = self.room.carrier.set(carrier);
    }

    /// Does a command, or tells again how it ended. The steps so far are sent to `progress`.
    ///
    /// Commands for one tenant wait for each other; at most `parallel` are done at once.
    pub async fn execute(&self, command: Command, progress: &Progress) -> Outcome {
        let subject = order::subject(&command.order);
        let _waiting = matches!(command.order, Order::CreateTenant(_)).then(|| Waiting::begin(&self.room));
        // Whoever waits for this holds no other order up.
        let _backing = match subject {
            Subject::Backups(_) => self.room.backing_up.acquire().await.ok(),
            Subject::Upkeep(_) => self.room.upkeep.places.acquire().await.ok(),
            Subject::Download(_) => self.room.sending.acquire().await.ok(),
            _ => None,
        };
        let _turn = self.room.turn(&subject).await;
        match self.admit(&command, &subject).await {
            Ok(Beginning::Known(outcome)) => *outcome,
            Ok(Beginning::Fresh) => order::execute(&self.room, command, progress).await,
            Err(failure) => {
                execution::log_failure(command.id, order::kind(&command.order), &failure);
                execution::failed(Vec::new(), &failure)
            }
        }
    }

    async fn admit(&self, command: &Command, subject: &Subject) -> Result<Beginning, StepFailure> {
        let beginning = self.room.journal.known(command.id).await?;
        if matches!(beginning, Beginning::Known(_)) {
            return Ok(beginning);
        }
        let known = managed::of_subject(&self.room.journal.pool, subject).await?;
        let newest = known.map_or(0, |known| known.generation);
        if command.generation < newest
            && !matches!(command.order, Order::BuildTemplate(_) | Order::RetireTemplate(_))
        {
            let detail = format!(
                "The node has done order {newest} of this tenant; this is {}.",
                command.generation
            );
            return Err(StepFailure::new(Code::Superseded, detail));
        }
        Ok(beginning)
    }

    /// Makes sure that this agent still is the only one; to be asked before taking more commands.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`] and [`NodeError::JournalHeld`].
    pub async fn hold(&self) -> Result<(), NodeError> {
        self.room.journal.hold().await
    }

    /// The databases that the node manages, by name; never the ones that it does not know.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`] when PostgreSQL does not answer: no answer is not an empty list.
    pub async fn inventory(&self) -> Result<Vec<Managed>, NodeError> {
        managed::all(&self.room.journal.pool).await
    }

    /// Does one piece of work on the pools of ready clones; false when there is none.
    ///
    /// # Errors
    /// [`NodeError::Pool`]; of a clone that could not be made, nothing is left.
    pub async fn tend_pool(&self) -> Result<bool, NodeError> {
        pool::tend(&self.room).await.map_err(|failure| NodeError::Pool {
            source: Box::new(failure),
        })
    }

    /// Makes a base backup of the cluster if one is due, and looks how far back its archive reaches.
    ///
    /// # Errors
    /// [`NodeError::Archive`].
    pub async fn tend_archive(&self) -> Result<(), NodeError> {
        point_in_time::tend(&self.room)
            .await
            .map_err(|failure| NodeError::Archive {
                source: Box::new(failure),
            })
    }

    /// How far back the cluster can be brought; nothing where no archive is kept.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`].
    pub async fn point_in_time(&self) -> Result<Option<PointInTimeView>, NodeError> {
        point_in_time::observed(&self.room).await
    }

    /// How the pools of ready clones stand.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`].
    pub async fn pools(&self) -> Result<Vec<PoolState>, NodeError> {
        pool::observe(&self.room).await
    }

    /// The databases of the cluster that nobody manages.
    ///
    /// # Errors
    /// [`NodeError::Unavailable`].
    pub async fn unmanaged(&self) -> Result<Vec<Unmanaged>, NodeError> {
        unmanaged::look(&self.room).await
    }

    /// Answers what is asked of a tenant's database now.
    pub async fn answer(&self, question: &Question) -> Reply {
        question::answer(&self.room, question).await
    }

    /// Closes every tenant: this node was taken out for good, and others may serve their customers by now.
    ///
    /// # Errors
    /// When PostgreSQL does not answer or a file cannot be written; it may be asked again.
    pub async fn close_everything(&self) -> Result<usize, NodeError> {
        closing::close_everything(&self.room)
            .await
            .map_err(|failure| NodeError::Closing {
                source: Box::new(failure),
            })
    }

    /// What the node was told.
    pub fn settings(&self) -> &NodeSettings {
        &self.room.settings
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Node")
            .field("settings", &self.room.settings)
            .finish()
    }
}

/// A tenant that is being made or waits for it; gone when dropped.
struct Waiting<'a>(&'a Room);

impl<'a> Waiting<'a> {
    fn begin(room: &'a Room) -> Self {
        room.creating.fetch_add(1, Ordering::Relaxed);
        Self(room)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.creating.fetch_sub(1, Ordering::Relaxed);
    }
}
