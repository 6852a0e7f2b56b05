//! One change for many tenants: one operation whose parts are an operation for each of them.

use crate::intent::{Added, Intent};
use crate::tenant::order::{Asked, Planned};
use crate::tenant::{check, resume, suspend};
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{
    Action, DatabaseName, FieldErrors, OperationId, OperationKind, Rule, Subdomain, SuspensionReason,
    TenantId, TenantState,
};
use serde_json::json;
use std::collections::HashSet;
use store::{
    AuditEntry, Direction, NewOperation, OperationRecord, SortKey, TenantFilter, TenantRecord, Unit,
};
use wire::operation::Failure;
use wire::tenant::{BulkChange, BulkOutcome, BulkTenant, ResumeTenant, SuspendTenant};

/// Most tenants in one change: all of them are decided in one transaction.
const MOST: i64 = 1000;
/// Most names in a filter.
const MOST_NAMES: usize = 1000;

/// What is to be done with each tenant.
#[derive(Clone, Debug)]
enum Change {
    Suspend(Added),
    Resume(Option<SuspensionReason>),
    Check { repair: bool },
}

impl Change {
    fn of(body: &BulkChange) -> Result<Self, ControlError> {
        match body.action.as_deref() {
            Some("suspend") => Ok(Self::Suspend(suspend::check(&SuspendTenant {
                reason: body.reason.clone(),
                note: body.note.clone(),
                form: body.form.clone(),
            })?)),
            Some("resume") => Ok(Self::Resume(resume::check(&ResumeTenant {
                reason: body.reason.clone(),
            })?)),
            Some("check") => Ok(Self::Check { repair: body.repair }),
            Some(_) => Err(ControlError::field(
                "action",
                Rule::OneOf {
                    allowed: "suspend, resume, check".to_owned(),
                },
            )),
            None => Err(ControlError::field("action", Rule::Required)),
        }
    }

    const fn kind(&self) -> OperationKind {
        match self {
            Self::Suspend(_) => OperationKind::SuspendTenant,
            Self::Resume(_) => OperationKind::ResumeTenant,
            Self::Check { .. } => OperationKind::CheckTenant,
        }
    }

    fn planned(&self, tenant: &TenantRecord, state: TenantState) -> Planned {
        match self {
            Self::Suspend(added) => suspend::planned(tenant, added.clone()),
            Self::Resume(reason) => resume::planned(tenant, *reason),
            Self::Check { repair } => check::planned(tenant, state, *repair),
        }
    }
}

impl Control {
    /// Begins one change for many tenants, or says what it would do.
    ///
    /// What a tenant's state refuses is said for that tenant and stops none of the others.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], also when more than a thousand tenants are found, or no condition is given.
    pub async fn bulk(&self, caller: &Caller, body: &BulkChange) -> Result<BulkOutcome, ControlError> {
        let action = Change::of(body)?;
        // An operation on many tenants is nobody's but the staff's.
        caller.require(Action::of(action.kind()))?;
        if matches!(action, Change::Suspend(_)) && !body.dry_run {
            caller.check_fresh(Some(domain::Guarded::CloseMany))?;
        }
        let filter = filter(body)?;
        self.check_known(caller, &filter).await?;
        if body.dry_run {
            return self.rehearse(caller, &action, body, &filter).await;
        }
        let fingerprint = self.fingerprint("tenant.bulk", "", body)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return self.bulk_outcome(caller, known).await;
        }
        let attempt = self
            .bulk_afresh(caller, &action, body, &filter, &fingerprint)
            .await;
        let operation = self.begun(caller, &fingerprint, attempt).await?;
        self.bulk_outcome(caller, operation).await
    }

    /// A plan or a node that does not exist is a slip of the pen, and no reason to change nothing in silence.
    async fn check_known(&self, caller: &Caller, filter: &TenantFilter) -> Result<(), ControlError> {
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut errors = FieldErrors::default();
        if let Some(plan) = &filter.plan
            && !scoped.plan_exists(plan).await?
        {
            errors.push("plan", Rule::Unknown);
        }
        if let Some(wanted) = &filter.node
            && !scoped.nodes().await?.iter().any(|node| node.name == *wanted)
        {
            errors.push("node", Rule::Unknown);
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(ControlError::fields(errors))
        }
    }

    async fn found(
        &self,
        caller: &Caller,
        body: &BulkChange,
        filter: &TenantFilter,
    ) -> Result<Vec<TenantRecord>, ControlError> {
        let reach = caller.reach(Action::ReadTenants)?;
        let order = (SortKey::Subdomain, Direction::Ascending);
        let scoped = self.store.on_behalf_of(caller.actor());
        let slice = scoped.tenants(&reach, filter, order, None, MOST).await?;
        if slice.more {
            let mut errors = FieldErrors::default();
            for condition in conditions(body) {
                errors.push(condition, Rule::TooMany { most: MOST });
            }
            return Err(ControlError::fields(errors));
        }
        Ok(slice.tenants)
    }

    async fn rehearse(
        &self,
        caller: &Caller,
        action: &Change,
        body: &BulkChange,
        filter: &TenantFilter,
    ) -> Result<BulkOutcome, ControlError> {
        let tenants = self.found(caller, body, filter).await?;
        let rehearsed = tenants.iter().map(|tenant| match refusal(tenant, action) {
            Some(why) => refused(tenant.subdomain.as_str(), &why),
            None => BulkTenant {
                subdomain: tenant.subdomain.to_string(),
                outcome: "would-change".to_owned(),
                operation: None,
                detail: None,
            },
        });
        Ok(BulkOutcome {
            operation: None,
            finished: true,
            dry_run: true,
            found: tenants.len(),
            tenants: rehearsed.collect(),
        })
    }

    async fn bulk_afresh(
        &self,
        caller: &Caller,
        action: &Change,
        body: &BulkChange,
        filter: &TenantFilter,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let mut names: Vec<DatabaseName> = self
            .found(caller, body, filter)
            .await?
            .iter()
            .map(|tenant| tenant.subdomain.database())
            .collect();
        // Every bulk change takes rows in the same order, so that two of them wait and do not deadlock.
        names.sort();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let parent = self.begin_bulk(&mut unit, caller, action, fingerprint).await?;
        let reach = caller.reach(Action::of(action.kind()))?;
        let mut locked = Vec::with_capacity(names.len());
        for name in &names {
            locked.extend(unit.lock_tenant(&reach, name).await?);
        }
        // Whoever left meanwhile is not changed; from here on nobody can leave.
        let still: HashSet<TenantId> = unit.still_matching(filter, &locked).await?.into_iter().collect();
        let mut refusals = Vec::new();
        for tenant in locked.into_iter().filter(|tenant| still.contains(&tenant.id)) {
            let asked = Asked {
                caller,
                kind: action.kind(),
                fingerprint: None,
                parent: Some(parent),
            };
            if let Some(why) = refusal(&tenant, action) {
                refusals.push(refused(tenant.subdomain.as_str(), &why));
                continue;
            }
            self.order_within(&mut unit, asked, &tenant, |tenant, state| {
                Ok(action.planned(tenant, state))
            })
            .await?;
        }
        let facts = json!({ "refused": refusals });
        unit.record_facts(parent, &facts).await?;
        self.end_if_complete(&mut unit, parent).await?;
        unit.commit().await?;
        Ok(parent)
    }

    async fn begin_bulk(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        action: &Change,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let operation = OperationId::from_uuid(self.world.uuid());
        let now = self.world.now();
        let subject = action.kind().to_string();
        unit.audit(AuditEntry {
            at: now,
            action: OperationKind::Bulk.as_str(),
            subject: &subject,
            operation: Some(operation),
            request_id: caller.request_id.as_deref(),
            detail: json!({}),
        })
        .await?;
        unit.insert_operation(NewOperation {
            id: operation,
            kind: OperationKind::Bulk,
            tenant: None,
            subject: &subject,
            intent: serde_json::to_value(Intent::Parts).map_err(ControlError::internal)?,
            node: None,
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now,
        })
        .await?;
        Ok(operation)
    }

    /// Ends an operation on many tenants once none of its parts is under way.
    pub(crate) async fn end_if_complete(
        &self,
        unit: &mut Unit,
        operation: OperationId,
    ) -> Result<(), ControlError> {
        // A drain begins its parts one after the other, and ends by itself.
        let kind = unit.operation(operation).await?.map(|operation| operation.kind);
        if kind == Some(OperationKind::DrainNode) {
            unit.hurry_job(operation, self.world.now()).await?;
            return Ok(unit.signal(store::Signal::Operation(operation)).await?);
        }
        unit.hold_operation(operation).await?;
        let parts = unit.parts(operation).await?;
        if parts.open > 0 {
            return Ok(());
        }
        let failure = (parts.failed > 0).then(|| Failure {
            code: "parts-failed".to_owned(),
            detail: format!(
                "{} of {} tenants could not be changed; each one's operation says why.",
                parts.failed,
                parts.failed + parts.succeeded
            ),
        });
        unit.finish_operation(operation, failure.as_ref(), self.world.now())
            .await?;
        Ok(unit.signal(store::Signal::Operation(operation)).await?)
    }

    /// How an operation on many tenants stands.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this identity.
    pub async fn bulk_outcome(&self, caller: &Caller, id: OperationId) -> Result<BulkOutcome, ControlError> {
        let record = self.operation(caller, id).await?;
        if record.kind != OperationKind::Bulk {
            return Err(ControlError::NotFound("operation"));
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        let reach = caller.reach(Action::ReadOperations)?;
        let parts = scoped.operations(&reach, None, Some(id), MOST).await?;
        let mut tenants: Vec<BulkTenant> = parts.into_iter().map(part_view).collect();
        tenants.extend(refusals_of(&record));
        tenants.sort_by(|one, other| one.subdomain.cmp(&other.subdomain));
        Ok(BulkOutcome {
            operation: Some(id.to_string()),
            finished: record.state.is_final(),
            dry_run: false,
            found: tenants.len(),
            tenants,
        })
    }
}

fn part_view(part: OperationRecord) -> BulkTenant {
    BulkTenant {
        subdomain: part.subject,
        outcome: part.state.to_string(),
        operation: Some(part.id.to_string()),
        detail: part
            .failure
            .map(|failure| format!("{} ({})", failure.detail, failure.code)),
    }
}

fn refusals_of(record: &OperationRecord) -> Vec<BulkTenant> {
    let refused = record.facts.as_ref().and_then(|facts| facts.get("refused"));
    refused
        .and_then(|refused| serde_json::from_value(refused.clone()).ok())
        .unwrap_or_default()
}

/// Why the change cannot be begun for this tenant now.
fn refusal(tenant: &TenantRecord, action: &Change) -> Option<ConflictReason> {
    if let Some(busy) = tenant.operation {
        return Some(ConflictReason::Busy(Some(busy)));
    }
    let refused = tenant.state.after(action.kind()).err()?;
    Some(ConflictReason::State {
        from: refused.from,
        wanted: refused.operation,
    })
}

fn refused(subdomain: &str, why: &ConflictReason) -> BulkTenant {
    let detail = match why {
        ConflictReason::Busy(Some(operation)) => format!("busy with {operation}"),
        ConflictReason::State { from, wanted } => format!("{from}: no {wanted}"),
        _ => "busy".to_owned(),
    };
    BulkTenant {
        subdomain: subdomain.to_owned(),
        outcome: "refused".to_owned(),
        operation: None,
        detail: Some(detail),
    }
}

/// The conditions that were given, as the caller wrote them.
fn conditions(wanted: &BulkChange) -> impl Iterator<Item = &'static str> {
    let given = [
        ("subdomains", wanted.subdomains.is_some()),
        ("state", wanted.state.is_some()),
        ("suspended_for", wanted.suspended_for.is_some()),
        ("plan", wanted.plan.is_some()),
        ("node", wanted.node.is_some()),
        ("search", wanted.search.is_some()),
        ("all", wanted.all),
    ];
    given
        .into_iter()
        .filter_map(|(name, is_given)| is_given.then_some(name))
}

fn filter(wanted: &BulkChange) -> Result<TenantFilter, ControlError> {
    let texts = [
        &wanted.state,
        &wanted.suspended_for,
        &wanted.plan,
        &wanted.node,
        &wanted.search,
    ];
    // Nobody changes all tenants by leaving something out.
    if !wanted.all && wanted.subdomains.is_none() && texts.iter().all(|text| text.is_none()) {
        return Err(ControlError::field("all", Rule::Required));
    }
    let mut errors = FieldErrors::default();
    let mut names = Vec::new();
    if let Some(wanted) = &wanted.subdomains {
        if !(1..=MOST_NAMES).contains(&wanted.len()) {
            errors.push(
                "subdomains",
                Rule::Length {
                    min: 1,
                    max: MOST_NAMES,
                },
            );
        }
        for name in wanted {
            let name: Option<Subdomain> = errors.optional("subdomains", Some(name));
            names.extend(name.map(|name| name.database()));
        }
    }
    if let Some(search) = &wanted.search
        && (search.is_empty() || search.chars().count() > 100 || search.chars().any(char::is_control))
    {
        errors.push("search", Rule::Length { min: 1, max: 100 });
    }
    let states = match errors.optional("state", wanted.state.as_deref()) {
        Some(state) => vec![state],
        None => TenantState::ALL
            .iter()
            .copied()
            .filter(|state| *state != TenantState::Deleted)
            .collect(),
    };
    let filter = TenantFilter {
        states,
        plan: errors.optional("plan", wanted.plan.as_deref()),
        node: errors.optional("node", wanted.node.as_deref()),
        reason: errors.optional("suspended_for", wanted.suspended_for.as_deref()),
        names: wanted.subdomains.is_some().then_some(names),
        search: wanted.search.clone(),
        ..TenantFilter::default()
    };
    if errors.is_empty() {
        Ok(filter)
    } else {
        Err(ControlError::fields(errors))
    }
}
