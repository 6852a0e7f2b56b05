//! What a use case can answer instead of doing what was asked.

use domain::placement::Obstacle;
use domain::{
    FieldError, FieldErrors, NodeName, OperationId, OperationKind, Rule, SupportState, TenantState,
};
use store::{Belongings, Conflict, StoreError};
use thiserror::Error;

/// Why a use case did not do what was asked. Nothing has been changed then.
#[derive(Debug, Error)]
pub enum ControlError {
    /// Fields that broke rules.
    #[error("fields broke rules")]
    Invalid(Vec<FieldError>),
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What was asked does not go with what is there.
    #[error("it conflicts with what is there")]
    Conflict(ConflictReason),
    /// The caller may not do this.
    #[error("the caller may not do this")]
    Forbidden,
    /// No valid credentials.
    #[error("no valid credentials")]
    Unauthenticated,
    /// The address or the password is not right; which of them is nobody's business.
    #[error("the address or the password is not right")]
    BadCredentials,
    /// The second factor that was shown is none, or was used before.
    #[error("the second factor is not right")]
    BadFactor,
    /// A challenge is unknown, answered or over.
    #[error("the challenge is not waited for any more")]
    ChallengeOver,
    /// A second factor is wanted of the caller, who has none.
    #[error("a second factor has to be set up first")]
    FactorRequired,
    /// The caller has to prove anew who they are, with one of these.
    #[error("the caller has to prove anew who they are")]
    StepUpRequired(Vec<domain::Method>),
    /// The password is right, and opens nothing: an identity provider is enforced.
    #[error("an identity provider is enforced in place of passwords")]
    PasswordBarred,
    /// Signing in with an identity provider was refused.
    #[error("signing in with the provider was refused: {}", .0.word())]
    SignOn(crate::SignOnRefusal),
    /// Too many attempts.
    #[error("too many attempts")]
    Limited {
        /// In how many seconds another one is looked at.
        retry_after: u64,
    },
    /// As much of it is under way as may be at once; in so many seconds there may be room.
    #[error("too much of it is under way at once")]
    Crowded(Crowd, u64),
    /// The server's disk has no room for it.
    #[error("the server's disk is full")]
    DiskFull,
    /// A one-time link or token is unknown, used or over.
    #[error("the link or token is not valid any more")]
    LinkOver,
    /// The node was taken out for good.
    #[error("the node was taken out")]
    NodeRemoved,
    /// The node did not answer what it was asked in time.
    #[error("the node {0} does not answer")]
    NodeSilent(NodeName),
    /// The node could not find out what it was asked.
    #[error("the node could not look: {}", .0.code)]
    NotLooked(wire::operation::Failure),
    /// The control database does not answer.
    #[error("the control database does not answer")]
    Unavailable(#[source] StoreError),
    /// Something that must not happen.
    #[error("an internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Of what too much is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Downloads from one node.
    Downloads,
    /// Uploads that nothing was made of yet.
    Uploads,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictReason {
    /// The subdomain is taken, in this or another spelling.
    NameTaken,
    /// Another operation is under way on the tenant.
    Busy(Option<OperationId>),
    /// The operation makes no sense in this state.
    State {
        /// The state.
        from: TenantState,
        /// What was wanted.
        wanted: OperationKind,
    },
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// A key of this name is in force.
    KeyNameTaken,
    /// Somebody signs in with this address already.
    EmailTaken,
    /// An organization of this name is there.
    OrganizationNameTaken,
    /// Codes of an app are set up already.
    FactorThere,
    /// There is no second factor, or no set-up of one, to do this with.
    FactorMissing,
    /// It is the last second factor of somebody of whom one is wanted.
    FactorWanted,
    /// The passkey is somebody's already.
    PasskeyKnown,
    /// There are as many passkeys as there may be.
    TooManyPasskeys,
    /// The panel has no host name, without which browsers make no passkeys.
    PasskeysUnavailable,
    /// An identity provider of this name is there.
    ProviderNameTaken,
    /// Nobody would be left who owns it.
    LastOwner,
    /// The refresh token was used a moment ago by another request of the same client, which has the new one.
    JustRefreshed,
    /// No node holds this template, ready to be cloned.
    NoTemplate,
    /// None of the nodes that hold the template can take a tenant.
    NoRoom(Vec<(NodeName, Obstacle)>),
    /// Tenants or operations are left on the node.
    NodeInUse(Belongings),
    /// Nobody knows what the tenant's node does.
    NodeLost(NodeName),
    /// The node has been heard of a moment ago.
    NodeNotLost,
    /// A node has begun the operation, or it has ended.
    OperationBegun,
    /// There is nothing to be decided about the work: it has ended, goes on, or a node has it.
    NothingToDecide,
    /// What differs has changed since the plan was shown.
    PlanChanged,
    /// The tenant cannot move now.
    MoveRefused(MoveObstacle),
    /// The node is being drained already, by this operation.
    DrainUnderWay(OperationId),
    /// The node is not being drained.
    NoDrain,
    /// Nobody may use the transfer any more.
    TransferOver,
    /// The backup does not serve for this.
    BackupRefused(crate::BackupObstacle),
    /// No store is there that backups are taken into.
    NoBackupStore,
    /// A backup of the tenant waits already in this store, and will hold what there is by then.
    BackupWaits(OperationId),
    /// Backups are, or were, in the store.
    BackupStoreInUse,
    /// A plan of this name is there.
    PlanNameTaken,
    /// A product of this name is there.
    ProductNameTaken,
    /// So many tenants are on the plan or of the product, tombstones among them.
    SoldInUse(i64),
    /// Nobody can register at the moment.
    RegistrationFull,
    /// So much is looked after on this node already, this operation among it.
    UpkeepUnderWay(OperationId),
    /// It would shut tables of a tenant that is in use.
    TenantInUse,
    /// This server takes no uploads.
    NoUploads,
    /// Something else is there of the upload than was said: so many bytes.
    UploadOffset(u64),
    /// A build of this template is under way.
    BuildUnderWay,
    /// The template is a copy of a database, and cannot be built from nothing.
    TemplateAdopted,
    /// The organization wants no support access.
    SupportNever,
    /// Whoever asks has a support access to the tenant, or asked for one.
    SupportUnderWay,
    /// The support access does not stand so that this makes sense, or its time is over.
    SupportState(SupportState),
}

/// Why a tenant cannot move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveObstacle {
    /// It is on this node already.
    SameNode(NodeName),
    /// The node is not heard of, or takes no work.
    Away(NodeName),
    /// The node's agent knows nothing of moving.
    OldAgent(NodeName),
    /// The copy that an earlier move left is still kept.
    Unconfirmed,
    /// There is no such copy.
    NothingKept,
}

impl ControlError {
    /// One broken rule.
    pub fn field(field: &str, rule: Rule) -> Self {
        Self::Invalid(vec![FieldError::new(field, rule)])
    }

    /// The broken rules that were collected.
    pub fn fields(errors: FieldErrors) -> Self {
        Self::Invalid(errors.into_vec())
    }

    /// Wraps an error that a caller can do nothing about.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::TenantName) => Self::Conflict(ConflictReason::NameTaken),
            StoreError::Conflict(Conflict::ApiKeyName) => Self::Conflict(ConflictReason::KeyNameTaken),
            StoreError::Conflict(Conflict::PersonEmail) => Self::Conflict(ConflictReason::EmailTaken),
            StoreError::Conflict(Conflict::Passkey) => Self::Conflict(ConflictReason::PasskeyKnown),
            StoreError::Conflict(Conflict::PlanName) => Self::Conflict(ConflictReason::PlanNameTaken),
            StoreError::Conflict(Conflict::ProductName) => Self::Conflict(ConflictReason::ProductNameTaken),
            StoreError::Conflict(Conflict::OrganizationName) => {
                Self::Conflict(ConflictReason::OrganizationNameTaken)
            }
            StoreError::Conflict(Conflict::ProviderName) => Self::Conflict(ConflictReason::ProviderNameTaken),
            StoreError::Conflict(Conflict::Identity) => Self::SignOn(crate::SignOnRefusal::Taken),
            StoreError::Conflict(Conflict::IdempotencyKey) => {
                Self::Conflict(ConflictReason::IdempotencyKeyReused)
            }
            StoreError::Conflict(Conflict::TemplateName) => Self::Conflict(ConflictReason::BuildUnderWay),
            StoreError::Conflict(Conflict::SupportAccess) => Self::Conflict(ConflictReason::SupportUnderWay),
            StoreError::Conflict(Conflict::Relocation) => {
                Self::Conflict(ConflictReason::MoveRefused(MoveObstacle::Unconfirmed))
            }
            StoreError::Conflict(Conflict::JobKey | Conflict::JobOfSchedule) => {
                Self::Conflict(ConflictReason::NothingToDecide)
            }
            StoreError::Conflict(Conflict::Reference) => Self::Conflict(ConflictReason::Busy(None)),
            StoreError::Stale => Self::Conflict(ConflictReason::Busy(None)),
            error @ StoreError::Unavailable(_) => Self::Unavailable(error),
            error => Self::internal(error),
        }
    }
}
