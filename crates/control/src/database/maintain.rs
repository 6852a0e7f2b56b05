//! Looking after a tenant's tables: VACUUM, ANALYZE, REINDEX.

use crate::database::look::check_there;
use crate::intent::Intent;
use crate::tenant::order::within;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, OperationId, Rule, Subdomain, TenantState, Upkeep};
use wire::database::{MaintainDatabase, MaintenanceRequest};
use wire::node::Order;

/// How many databases of a node are looked after or wait for it: its agent holds each of them, and has other things to do.
const AT_ONCE: usize = 3;
/// PostgreSQL's limit for a name, in bytes.
const LONGEST_TABLE: usize = 63;

struct Wanted {
    work: Upkeep,
    table: Option<String>,
    force: bool,
}

impl Control {
    /// Begins to look after the tables of a tenant's database, beside whatever else is done with the tenant.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::State`]; [`ConflictReason::TenantInUse`];
    /// [`ConflictReason::Busy`] when the same tenant's are being looked after; [`ConflictReason::UpkeepUnderWay`].
    pub async fn maintain_database(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &MaintenanceRequest,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::MaintainDatabase)?;
        let wanted = read(name, request)?;
        let kind = wanted.work.kind();
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = within(&reach, unit.lock_tenant(&reach, &name.database()).await?)?;
            check_there(&tenant, kind)?;
            let is_used = tenant.state == TenantState::Active;
            if wanted.work.shuts_tables() && is_used && !wanted.force {
                return Err(ControlError::Conflict(ConflictReason::TenantInUse));
            }
            let open = unit.upkeep_open(tenant.node_id, tenant.id).await?;
            match open.first() {
                Some((id, true)) => return Err(ControlError::Conflict(ConflictReason::Busy(Some(*id)))),
                Some((id, false)) if open.len() >= AT_ONCE => {
                    return Err(ControlError::Conflict(ConflictReason::UpkeepUnderWay(*id)));
                }
                _ => {}
            }
            let order = Order::MaintainDatabase(MaintainDatabase {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                work: wanted.work,
                table: wanted.table.clone(),
            });
            let intent = Intent::Upkeep {
                work: wanted.work,
                table: wanted.table,
                forced: wanted.work.shuts_tables() && is_used,
            };
            self.begin_beside(unit, caller, &tenant, (kind, intent, order), &fingerprint)
                .await
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }
}

fn read(name: &Subdomain, request: &MaintenanceRequest) -> Result<Wanted, ControlError> {
    let mut errors = FieldErrors::default();
    let work = request
        .work
        .as_deref()
        .ok_or(Rule::Required)
        .and_then(str::parse::<Upkeep>);
    let work = errors.keep("work", work);
    let table = request.table.clone();
    if table.as_deref().is_some_and(|table| !is_table(table)) {
        errors.push("table", Rule::Unknown);
    }
    let is_confirmed = request.confirm.as_deref() == Some(name.as_str());
    if work.is_some_and(Upkeep::shuts_tables) && !is_confirmed {
        errors.push("confirm", Rule::Confirmation);
    }
    match (work, errors.is_empty()) {
        (Some(work), true) => Ok(Wanted {
            work,
            table,
            force: request.force.unwrap_or_default(),
        }),
        _ => Err(ControlError::fields(errors)),
    }
}

fn is_table(text: &str) -> bool {
    (1..=LONGEST_TABLE).contains(&text.len()) && !text.chars().any(char::is_control)
}
