//! The control database: the only crate that names its tables.
//!
//! Everything is reached through a [`Scoped`] handle, which says on whose behalf; it becomes the
//! actor of the audit entries. A [`Unit`] is one transaction: the use case commits it once, last.

mod api_key;
mod audit;
mod block;
mod command;
mod data_key;
mod error;
mod link;
mod node;
mod operation;
mod organization;
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
mod sso;
mod sso_flow;
mod sso_identity;
mod template;
mod tenant;
mod tenant_page;

pub use api_key::{ApiKeyRecord, NewApiKeyRow};
pub use audit::AuditEntry;
pub use block::{BlockFilter, BlockRecord, Finding};
pub use command::{DeliveredCommand, NewCommand, OpenCommand};
pub use data_key::{DataKeyRecord, SEALED, SealedPlace, SealedValue};
pub use error::{Conflict, StoreError};
pub use link::{LinkPurpose, NewLink, UsedLink};
pub use node::{NewNode, NodeCare, NodeRecord};
pub use operation::{NewOperation, OperationRecord, Parts};
pub use organization::{MemberRecord, OrganizationRecord};
pub use person::{NewPerson, PersonRecord};
pub use person_link::{NewPersonLink, OpenInvitation, PersonLink, PersonLinkPurpose};
pub use placement::{Belongings, Place};
pub use scope::{Actor, Scoped, Store, Unit};
pub use session::{EndReason, LiveSession, NewSession, RefreshUse, SessionRecord};
pub use setting::{SettingChange, SettingRecord};
pub use sign_in::{Failures, NewAttempt, SignInRecord};
pub use signal::{Signal, Signals};
pub use signing_key::SigningKeyRecord;
pub use sso::ProviderRecord;
pub use sso_flow::{FlowUse, NewFlow};
pub use sso_identity::{IdentityRecord, LinkedBecause, NewIdentity, Newcomer};
pub use template::{NewBuild, Origin, TemplateRecord, TemplateState};
pub use tenant::{NewTenant, Suspension, TenantRecord};
pub use tenant_page::{Direction, PageCursor, SortKey, TenantFilter, TenantSlice};
