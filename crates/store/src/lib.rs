//! The control database: the only crate that names its tables.
//!
//! Everything is reached through a [`Scoped`] handle, which says on whose behalf; it becomes the
//! actor of the audit entries. A [`Unit`] is one transaction: the use case commits it once, last.

mod api_key;
mod audit;
mod audit_chain;
mod audit_page;
mod block;
mod challenge;
mod command;
mod data_key;
mod error;
mod factor;
mod link;
mod node;
mod operation;
mod organization;
mod passkey;
mod person;
mod person_link;
mod placement;
mod plan;
mod scope;
mod session;
mod setting;
pub mod setup;
mod sign_in;
mod signal;
mod signing_key;
mod template;
mod tenant;
mod tenant_page;

pub use api_key::{ApiKeyRecord, NewApiKeyRow};
pub use audit::{AuditEntry, Noted};
pub use audit_chain::{AuditDayRecord, AuditKeyRecord, ChainTip, Seal};
pub use audit_page::{AuditCursor, AuditFilter, AuditRecord, AuditSort, Sealed};
pub use block::{BlockFilter, BlockRecord, Finding};
pub use challenge::{ChallengePurpose, NewChallenge, SecondStepRecord};
pub use command::{DeliveredCommand, NewCommand, OpenCommand};
pub use data_key::{DataKeyRecord, SEALED, SealedPlace, SealedValue};
pub use error::{Conflict, StoreError};
pub use factor::{RecoveryStanding, TotpRecord};
pub use link::{LinkPurpose, NewLink, UsedLink};
pub use node::{NewNode, NodeCare, NodeRecord};
pub use operation::{NewOperation, OperationRecord, Parts};
pub use organization::{MemberRecord, OrganizationRecord};
pub use passkey::{NewPasskey, PasskeyRecord};
pub use person::{NewPerson, PersonRecord};
pub use person_link::{NewPersonLink, OpenInvitation, PersonLink, PersonLinkPurpose};
pub use placement::{Belongings, Place};
pub use scope::{Actor, Asked, Behalf, Scoped, Store, Unit};
pub use session::{EndReason, LiveSession, NewSession, RefreshUse, SessionRecord};
pub use setting::{SettingChange, SettingRecord};
pub use sign_in::{Failures, NewAttempt, SignInRecord};
pub use signal::{Signal, Signals};
pub use signing_key::SigningKeyRecord;
pub use template::{NewBuild, Origin, TemplateRecord, TemplateState};
pub use tenant::{NewTenant, Suspension, TenantRecord};
pub use tenant_page::{Direction, PageCursor, SortKey, TenantFilter, TenantSlice};
