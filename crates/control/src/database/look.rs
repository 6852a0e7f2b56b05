//! Looking into a tenant's database now, through its node.

use crate::database::ask::Asked;
use crate::tenant::order::within;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, OperationKind, Subdomain, TenantState};
use store::TenantRecord;
use wire::database::{About, ConnectionList, HintList, Reply, StatementList, TableList};

/// Whether there is a database of it that can be looked into and after.
pub(crate) fn check_there(tenant: &TenantRecord, wanted: OperationKind) -> Result<(), ControlError> {
    match tenant.state {
        TenantState::Active | TenantState::Paused | TenantState::Suspended | TenantState::Cancelled => Ok(()),
        from => Err(ControlError::Conflict(ConflictReason::State { from, wanted })),
    }
}

impl Control {
    async fn look(&self, caller: &Caller, name: &Subdomain, about: About) -> Result<Reply, ControlError> {
        let reach = caller.reach(Action::ReadDatabase)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let tenant = within(&reach, scoped.tenant(&reach, &name.database()).await?)?;
        check_there(&tenant, OperationKind::VacuumDatabase)?;
        let asked = Asked {
            node: tenant.node_id,
            node_name: &tenant.node,
            tenant: tenant.id,
            database: tenant.subdomain.database(),
            about,
        };
        self.ask_node(asked).await
    }

    /// The tables of a tenant's database, the largest first.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ConflictReason::State`]; [`ControlError::NodeSilent`]; [`ControlError::NotLooked`].
    pub async fn database_tables(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<TableList, ControlError> {
        match self.look(caller, name, About::Tables).await? {
            Reply::Tables(list) => Ok(list),
            _ => Err(odd()),
        }
    }

    /// Who is connected to it.
    ///
    /// # Errors
    /// As [`Control::database_tables`].
    pub async fn database_connections(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<ConnectionList, ControlError> {
        match self.look(caller, name, About::Connections).await? {
            Reply::Connections(list) => Ok(list),
            _ => Err(odd()),
        }
    }

    /// What should be looked at in it.
    ///
    /// # Errors
    /// As [`Control::database_tables`].
    pub async fn database_hints(&self, caller: &Caller, name: &Subdomain) -> Result<HintList, ControlError> {
        match self.look(caller, name, About::Hints).await? {
            Reply::Hints(list) => Ok(list),
            _ => Err(odd()),
        }
    }

    /// What takes long in it.
    ///
    /// # Errors
    /// As [`Control::database_tables`].
    pub async fn database_statements(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<StatementList, ControlError> {
        match self.look(caller, name, About::Statements).await? {
            Reply::Statements(list) => Ok(list),
            _ => Err(odd()),
        }
    }
}

/// An answer to another question: what a node of ours never gives.
fn odd() -> ControlError {
    ControlError::NotLooked(wire::operation::Failure {
        code: "internal".to_owned(),
        detail: "The node answered another question.".to_owned(),
    })
}
