//! The kinds of problem: status, stable name, words in both languages.

mod spanish;

use super::factor::FactorKind;
use crate::language::Language;
use axum::http::StatusCode;

/// A kind of problem, named on the wire by [`Kind::slug`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Invalid,
    Malformed,
    SlowBody,
    TooLarge,
    MediaType,
    Unauthenticated,
    Credentials,
    Limited,
    DownloadsCrowded,
    UploadsCrowded,
    DiskFull,
    Forbidden,
    ForeignPage,
    NotFound,
    Method,
    Blocked,
    TooMany,
    Overloaded,
    TookTooLong,
    LinkOver,
    NameTaken,
    Busy,
    State,
    IdempotencyKeyReused,
    KeyNameTaken,
    EmailTaken,
    OrganizationNameTaken,
    ProviderNameTaken,
    SignOn,
    SignOnForbidden,
    ProviderFailed,
    PasswordBarred,
    Factor(FactorKind),
    LogoutToken,
    LastOwner,
    JustRefreshed,
    NoTemplate,
    NoRoom,
    NodeInUse,
    NodeLost,
    NodeNotLost,
    NodeRemoved,
    OperationBegun,
    NothingToDecide,
    PlanChanged,
    MoveRefused,
    BackupRefused,
    NoBackupStore,
    BackupWaits,
    BackupStoreInUse,
    PlanNameTaken,
    ProductNameTaken,
    SoldInUse,
    RegistrationFull,
    NoUploads,
    UploadOffset,
    DrainUnderWay,
    NoDrain,
    TransferOver,
    TransferAlone,
    UpkeepUnderWay,
    TenantInUse,
    NodeSilent,
    NotLooked,
    BuildUnderWay,
    TemplateAdopted,
    SupportNever,
    SupportUnderWay,
    SupportState,
    OperationConflict,
    OperationInvalid,
    OperationFailed,
    Unavailable,
    Internal,
}

impl Kind {
    /// The status code.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Invalid | Self::IdempotencyKeyReused | Self::OperationInvalid => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Malformed | Self::LogoutToken => StatusCode::BAD_REQUEST,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthenticated | Self::Credentials | Self::SignOn => StatusCode::UNAUTHORIZED,
            Self::Limited | Self::DownloadsCrowded | Self::UploadsCrowded => StatusCode::TOO_MANY_REQUESTS,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Forbidden
            | Self::ForeignPage
            | Self::Blocked
            | Self::SignOnForbidden
            | Self::PasswordBarred => StatusCode::FORBIDDEN,
            Self::Factor(kind) => kind.status(),
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::LinkOver | Self::NodeRemoved => StatusCode::GONE,
            Self::NameTaken
            | Self::Busy
            | Self::State
            | Self::KeyNameTaken
            | Self::EmailTaken
            | Self::OrganizationNameTaken
            | Self::ProviderNameTaken
            | Self::LastOwner
            | Self::JustRefreshed
            | Self::NoTemplate
            | Self::NoRoom
            | Self::NodeInUse
            | Self::NodeLost
            | Self::NodeNotLost
            | Self::OperationBegun
            | Self::NothingToDecide
            | Self::PlanChanged
            | Self::MoveRefused
            | Self::BackupRefused
            | Self::NoBackupStore
            | Self::BackupWaits
            | Self::BackupStoreInUse
            | Self::PlanNameTaken
            | Self::ProductNameTaken
            | Self::SoldInUse
            | Self::RegistrationFull
            | Self::NoUploads
            | Self::UploadOffset
            | Self::DrainUnderWay
            | Self::NoDrain
            | Self::TransferOver
            | Self::UpkeepUnderWay
            | Self::TenantInUse
            | Self::BuildUnderWay
            | Self::TemplateAdopted
            | Self::SupportNever
            | Self::SupportUnderWay
            | Self::SupportState
            | Self::OperationConflict => StatusCode::CONFLICT,
            Self::OperationFailed | Self::ProviderFailed | Self::NotLooked => StatusCode::BAD_GATEWAY,
            Self::NodeSilent
            | Self::Unavailable
            | Self::Overloaded
            | Self::TookTooLong
            | Self::TransferAlone => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name, the end of the problem's `type`.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::SlowBody => "slow-body",
            Self::Blocked => "blocked",
            Self::TooMany => "too-many-requests",
            Self::Overloaded => "overloaded",
            Self::TookTooLong => "took-too-long",
            Self::TooLarge => "too-large",
            Self::MediaType => "media-type",
            Self::Unauthenticated => "unauthenticated",
            Self::Credentials => "credentials",
            Self::Limited => "too-many-attempts",
            Self::DownloadsCrowded => "too-many-downloads",
            Self::UploadsCrowded => "too-many-uploads",
            Self::DiskFull => "disk-full",
            Self::ForeignPage => "foreign-page",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Method => "method",
            Self::LinkOver => "link-over",
            Self::NameTaken => "name-taken",
            Self::Busy => "busy",
            Self::State => "state",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::KeyNameTaken => "key-name-taken",
            Self::EmailTaken => "email-taken",
            Self::OrganizationNameTaken => "organization-name-taken",
            Self::ProviderNameTaken => "provider-name-taken",
            Self::SignOn => "sign-on",
            Self::SignOnForbidden => "sign-on-refused",
            Self::ProviderFailed => "provider-failed",
            Self::PasswordBarred => "password-barred",
            Self::Factor(kind) => kind.slug(),
            Self::LogoutToken => "logout-token",
            Self::LastOwner => "last-owner",
            Self::JustRefreshed => "just-refreshed",
            Self::NoTemplate => "no-template",
            Self::NoRoom => "no-room",
            Self::NodeInUse => "node-in-use",
            Self::NodeLost => "node-lost",
            Self::NodeNotLost => "node-not-lost",
            Self::NodeRemoved => "node-removed",
            Self::OperationBegun => "operation-begun",
            Self::NothingToDecide => "nothing-to-decide",
            Self::PlanChanged => "plan-changed",
            Self::MoveRefused => "move-refused",
            Self::BackupRefused => "backup-refused",
            Self::NoBackupStore => "no-backup-store",
            Self::BackupWaits => "backup-waits",
            Self::BackupStoreInUse => "backup-store-in-use",
            Self::PlanNameTaken => "plan-name-taken",
            Self::ProductNameTaken => "product-name-taken",
            Self::SoldInUse => "sold-in-use",
            Self::RegistrationFull => "registration-full",
            Self::NoUploads => "no-uploads",
            Self::UploadOffset => "upload-offset",
            Self::DrainUnderWay => "drain-under-way",
            Self::NoDrain => "no-drain",
            Self::TransferOver => "transfer-over",
            Self::TransferAlone => "transfer-alone",
            Self::UpkeepUnderWay => "upkeep-under-way",
            Self::TenantInUse => "tenant-in-use",
            Self::NodeSilent => "node-silent",
            Self::NotLooked => "not-looked",
            Self::BuildUnderWay => "build-under-way",
            Self::TemplateAdopted => "template-adopted",
            Self::SupportNever => "support-never",
            Self::SupportUnderWay => "support-under-way",
            Self::SupportState => "support-state",
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => "operation-failed",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Title and detail in this language.
    pub(crate) const fn text(self, language: Language) -> (&'static str, &'static str) {
        match language {
            Language::English => self.english(),
            Language::Spanish => self.spanish(),
        }
    }

    const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => (
                "Some fields are not right",
                "Some fields broke a rule; see errors.",
            ),
            Self::Malformed => (
                "The body is not JSON",
                "The body cannot be read as a JSON object.",
            ),
            Self::SlowBody => (
                "The body came too slowly",
                "The body was not there in time. Send it again at once.",
            ),
            Self::Blocked => (
                "Refused at the door",
                "This request looks like an attack. If it is none, tell us this number and we let it pass:",
            ),
            Self::TooMany => (
                "Too many requests",
                "These were too many requests in a minute. Come again after the time in Retry-After.",
            ),
            Self::Overloaded => (
                "Too busy",
                "The server works on as many requests as it can. Nothing was changed; try again shortly.",
            ),
            Self::TookTooLong => (
                "It took too long",
                "The request took too long and was given up. Look whether it was done before you repeat it.",
            ),
            Self::TooLarge => ("The body is too large", "The body is larger than 64 kB."),
            Self::MediaType => (
                "The body is of another type",
                "Send the body as application/json.",
            ),
            Self::Unauthenticated => (
                "Who are you?",
                "Sign in, or send a valid API key as X-API-KEY or as Authorization: Bearer.",
            ),
            Self::Credentials => ("Not signed in", "The address or the password is not right."),
            Self::Limited => (
                "Too many attempts",
                "There were too many failed attempts. Try again later; Retry-After says when.",
            ),
            Self::DownloadsCrowded => (
                "Others download at the moment",
                "The node sends as many downloads at once as it may. Nothing is lost and the link stays good: come again in a minute.",
            ),
            Self::UploadsCrowded => (
                "Too many uploads are open",
                "As many uploads are kept as may be at once. Import or remove one of them, and begin again.",
            ),
            Self::DiskFull => (
                "The server's disk is full",
                "The server has no room for more of this file. What came before stays: make room, and go on where it was.",
            ),
            Self::Forbidden => ("Not allowed", "Your role or your key does not allow this."),
            Self::ForeignPage => (
                "Not from here",
                "This change did not come from a page of ours, or without its X-CSRF-Token.",
            ),
            Self::NotFound => ("Not found", "There is nothing of this name here."),
            Self::Method => ("Method not allowed", "This address does not take this method."),
            Self::LinkOver => (
                "The link is over",
                "This link or token was used, has ended, or never existed. Ask for a new one.",
            ),
            Self::NameTaken => (
                "The name is taken",
                "subdomain: this name is taken, in this or another spelling. Choose another.",
            ),
            Self::Busy => (
                "Busy",
                "Another operation is under way on this tenant. Try again when it has ended.",
            ),
            Self::State => ("Not in this state", "The tenant's state does not allow this."),
            Self::IdempotencyKeyReused => (
                "Idempotency-Key used before",
                "This Idempotency-Key came with another request before. Use a new one.",
            ),
            Self::KeyNameTaken => (
                "The name is taken",
                "name: an API key of this name is in force. Choose another, or revoke it.",
            ),
            Self::EmailTaken => (
                "The address is taken",
                "Somebody signs in with this address. If it is you, sign in first and open the link again.",
            ),
            Self::OrganizationNameTaken => (
                "The name is taken",
                "name: there is an organization of this name. Choose another.",
            ),
            Self::ProviderNameTaken => (
                "The name is taken",
                "name: there is an identity provider of this name. Choose another.",
            ),
            Self::SignOn => (
                "Not signed in",
                "The provider's answer proves nothing. Begin again.",
            ),
            Self::SignOnForbidden => ("Not signed in", "With this provider you do not get in here."),
            Self::ProviderFailed => (
                "The provider does not work",
                "The identity provider does not work as it has to. Try again shortly.",
            ),
            Self::PasswordBarred => (
                "Not with a password",
                "Here one signs in with the identity provider. Choose \"Continue with\" on the page to sign in.",
            ),
            Self::Factor(kind) => kind.text(Language::English),
            Self::LogoutToken => (
                "Not a logout token",
                "The body is not a form with a logout token of this provider that is good and new.",
            ),
            Self::LastOwner => (
                "The last owner",
                "Nobody would be left who owns it. Make somebody else an owner first.",
            ),
            Self::JustRefreshed => (
                "Renewed already",
                "Another request renewed these tokens a moment ago; use the new ones.",
            ),
            Self::NoTemplate => (
                "No template",
                "No node holds this template, ready to be cloned. Build it: tenantry template build.",
            ),
            Self::NoRoom => (
                "No room",
                "No node that holds the template can take another tenant. What stands in the way:",
            ),
            Self::NodeInUse => (
                "The node is in use",
                "Move, or delete and purge, what is left on the node first. Left on it:",
            ),
            Self::NodeLost => (
                "The node is lost",
                "Nobody knows what this tenant's node does now, so that nothing is decided that could make two of it. Wait until the node is back, or take it out as lost. Node:",
            ),
            Self::NodeNotLost => (
                "The node is not lost",
                "This node was heard of not long ago. Move, or delete and purge, what is left on it instead.",
            ),
            Self::NodeRemoved => (
                "The node was taken out",
                "This node was taken out for good. It must close every tenant that it still has.",
            ),
            Self::OperationBegun => (
                "It has begun",
                "A node has begun this operation, or it has ended. Only what still waits can be taken back.",
            ),
            Self::NothingToDecide => (
                "Nothing to decide",
                "It has ended, a node does it, or it goes on by itself.",
            ),
            Self::BackupRefused => (
                "The backup does not serve for this",
                "This cannot be done with this backup, or on this node:",
            ),
            Self::BackupWaits => (
                "A backup waits already",
                "A backup of this tenant is being taken, and another one waits for it, which will hold what there is by then. Wait for that one.",
            ),
            Self::NoBackupStore => (
                "No store of backups",
                "There is no store that backups are taken into. Add one, or say of one that backups are taken into it.",
            ),
            Self::BackupStoreInUse => (
                "Backups are in the store",
                "A store in which there were backups stays, so that their history does. Have no more backups taken into it instead.",
            ),
            Self::PlanNameTaken => (
                "The name is taken",
                "name: there is a plan of this name. Choose another.",
            ),
            Self::ProductNameTaken => (
                "The name is taken",
                "name: there is a product of this name. Choose another.",
            ),
            Self::SoldInUse => (
                "Tenants have it",
                "It cannot be removed while tenants have it; close it to new ones instead. Deleted ones that can come back count too:",
            ),
            Self::RegistrationFull => (
                "Not at the moment",
                "No workspace can be made at the moment. Try again later.",
            ),
            Self::NoUploads => (
                "No uploads here",
                "This server has no folder for uploads. Name one in its configuration: uploads_dir in the section server.",
            ),
            Self::UploadOffset => (
                "Not what is there",
                "A piece begins where the last one ended, and only what is whole becomes a tenant. Bytes that are there:",
            ),
            Self::MoveRefused => (
                "It cannot move now",
                "The tenant cannot move to another node, or its move cannot be confirmed:",
            ),
            Self::DrainUnderWay => (
                "It is being drained",
                "The node is being drained already. Follow that, or cancel it first:",
            ),
            Self::NoDrain => ("No drain", "The node is not being drained."),
            Self::TransferOver => ("The transfer is over", "Nobody waits for this stream any more."),
            Self::TransferAlone => (
                "The other node is not there",
                "The other node of this transfer is not there, or broke off. Come again soon.",
            ),
            Self::PlanChanged => (
                "The plan has changed",
                "It is another thing by now. Look at the new plan and have that one done.",
            ),
            Self::UpkeepUnderWay => (
                "Enough is being looked after",
                "As many databases of this node as may be at once are being looked after, or wait for it. Try again when one is done.",
            ),
            Self::TenantInUse => (
                "The tenant is in use",
                "Its tables would be shut one after the other. Pause or suspend the tenant first, or send force.",
            ),
            Self::NodeSilent => (
                "The node does not answer",
                "The tenant's node did not answer in time. Nothing was changed; try again shortly. Node:",
            ),
            Self::NotLooked => (
                "It could not be looked at",
                "The tenant's node could not look into the database. Nothing was changed.",
            ),
            Self::BuildUnderWay => ("Busy", "This template is being built already."),
            Self::TemplateAdopted => (
                "A copy of a database",
                "This template is a copy of a database and cannot be built from nothing. Adopt it again, or retire it.",
            ),
            Self::SupportNever => (
                "No support access",
                "The customer's organization wants no support access to its tenants.",
            ),
            Self::SupportUnderWay => (
                "There is one already",
                "You have a support access to this tenant, or have asked for one. Use it or end it first.",
            ),
            Self::SupportState => (
                "Not as it stands",
                "The support access does not stand so that this makes sense, or its time is over. It is:",
            ),
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => (
                "The operation failed",
                "The operation failed, and what it had done was undone.",
            ),
            Self::Unavailable => (
                "Not available",
                "The control database does not answer. Nothing was changed; try again shortly.",
            ),
            Self::Internal => (
                "An internal error",
                "Something went wrong on our side. The log tells more under this request_id.",
            ),
        }
    }
}
