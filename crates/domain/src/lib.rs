//! Words and rules of Tenantry: names, states and their moves, contact data, passwords.
//!
//! Nothing in this crate does I/O, reads the time or draws a random number, so every rule can be
//! tested with plain values. Each type has one checking door (`FromStr`), used by serde too.

pub mod assurance;
pub mod audit;
pub mod backup;
pub mod chain;
pub mod contact;
pub mod csv;
pub mod drain;
pub mod drift;
pub mod id;
pub mod locale;
pub mod name;
pub mod operation;
pub mod password;
pub mod permission;
pub mod placement;
pub mod plan;
pub mod principal;
pub mod rule;
pub mod secret;
pub mod setting;
pub mod size_series;
pub mod statement_text;
pub mod step_up;
pub mod support;
pub mod switch;
pub mod tenant;
mod text;
pub mod upkeep;
pub mod wall;
pub mod weakness;
pub mod work;

pub use assurance::{Assurance, Duty, Factors, Freshness, Method};
pub use audit::AuditOutcome;
pub use backup::{BackupKind, BackupSchedule, BackupState, ScheduleSource};
pub use contact::{CompanyName, EmailAddress, PersonName};
pub use id::{
    ApiKeyId, BackupId, BlockId, CommandId, DownloadId, JobId, NodeId, OperationId, OrganizationId,
    PasskeyId, PersonId, ProviderId, QuestionId, SessionId, SupportId, TemplateId, TenantId, TransferId,
    UploadId,
};
pub use locale::{CountryCode, Language, TimeZoneName};
pub use name::{DatabaseName, DomainName, HostLabel, NodeName, StoreName, Subdomain, TemplateName};
pub use operation::{OperationKind, OperationState, StepState};
pub use password::NewPassword;
pub use permission::{Action, OrganizationRole, Role, StaffRole};
pub use placement::{Capacity, NodeLabel, NodeMode};
pub use plan::{PlanName, ProductName};
pub use principal::{Extent, KeyAccess, KeyHolder, Membership, Principal, Reach, SignedIn};
pub use rule::{FieldError, FieldErrors, Rule};
pub use secret::Secret;
pub use setting::{Setting, SettingValue};
pub use step_up::Guarded;
pub use support::{SupportMove, SupportMoveRefused, SupportReason, SupportState, SupportWish};
pub use switch::TenantSwitch;
pub use tenant::{SuspensionForm, SuspensionReason, TenantState};
pub use upkeep::Upkeep;
pub use wall::{WallMode, WallRule};
pub use weakness::Weakness;
pub use work::{Direction, JobStatus, SagaStepStatus};
