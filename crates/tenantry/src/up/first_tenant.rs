//! The template and the first tenant, so that there is something to open.

use super::telling::{Step, Telling};
use anyhow::{Result, bail};
use control::{Caller, Control, ControlError, Registration};
use domain::{OperationId, OperationKind, OperationState, Subdomain, TenantState};
use std::time::Duration;
use store::OperationRecord;
use wire::apikey::BuildTemplate;
use wire::tenant::CreateTenant;

/// The first tenant's name.
const NAME: &str = "demo";
/// How long to wait for news of an operation before looking again.
const ROUND: Duration = Duration::from_secs(1);

/// The first tenant.
pub(crate) struct Demo {
    /// Its address.
    pub(crate) url: String,
    /// Where its administrator sets the password, when it was made just now.
    pub(crate) set_password_link: Option<String>,
}

/// Builds the template unless it is there.
pub(crate) async fn template(control: &Control, telling: &Telling) -> Result<()> {
    let caller = Caller::system();
    let wanted = control.settings().default_template.as_str();
    let known = control.templates(&caller).await?;
    if known
        .iter()
        .any(|template| template.name == wanted && template.built_at.is_some())
    {
        return Ok(());
    }
    let step = telling.step("Template template_tenant (a minute or two)");
    let operation = match control
        .build_template(
            &caller,
            BuildTemplate {
                name: None,
                node: None,
                modules: None,
                languages: None,
            },
        )
        .await
    {
        Ok(operation) => operation,
        // A run that was cut off left it under way; the node does it again.
        Err(ControlError::Conflict(_)) => under_way(control, wanted).await?,
        Err(error) => return Err(error.into()),
    };
    follow(control, operation, &step).await?;
    step.done();
    Ok(())
}

async fn under_way(control: &Control, subject: &str) -> Result<OperationId> {
    let known = control
        .operations(&Caller::system(), Some(subject), None, 1)
        .await?;
    match known.first() {
        Some(operation) => Ok(operation.id),
        None => bail!("{subject} is busy with an operation that is not to be found"),
    }
}

/// Makes the first tenant unless it was made before: it may have been renamed or deleted since, and then there is none.
pub(crate) async fn demo(control: &Control, telling: &Telling) -> Result<Option<Demo>> {
    let caller = Caller::system();
    let name: Subdomain = NAME.parse()?;
    match control.tenant(&caller, &name).await {
        Ok(tenant) if tenant.state != TenantState::Provisioning => {
            return Ok(Some(Demo {
                url: tenant.url(),
                set_password_link: None,
            }));
        }
        Err(ControlError::NotFound(_)) if was_made(control).await? => return Ok(None),
        Ok(_) | Err(ControlError::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let step = telling.step("Tenant demo");
    let request = CreateTenant {
        company_name: Some("Demo".to_owned()),
        admin_email: Some("admin@demo.example".to_owned()),
        subdomain: Some(NAME.to_owned()),
        plan: Some(control.settings().default_plan.to_string()),
        product: None,
        node: None,
        domain: None,
        node_labels: None,
        template: None,
        admin_password: None,
        language: None,
        country: None,
        timezone: None,
        expires_at: None,
    };
    let operation = match control
        .create_tenant(&caller, request, Registration::Complete)
        .await
    {
        Ok(operation) => operation,
        Err(ControlError::Conflict(_)) => under_way(control, NAME).await?,
        Err(error) => return Err(error.into()),
    };
    let record = follow(control, operation, &step).await?;
    let change = control.tenant_change(&caller, &record).await?;
    step.done();
    Ok(Some(Demo {
        url: change.tenant.url,
        set_password_link: change.set_password_link,
    }))
}

/// Whether a tenant was ever made under the first tenant's name.
async fn was_made(control: &Control) -> Result<bool> {
    let known = control
        .operations(&Caller::system(), Some(NAME), None, 200)
        .await?;
    Ok(known
        .iter()
        .any(|one| one.kind == OperationKind::CreateTenant && one.state == OperationState::Succeeded))
}

/// Follows an operation to its end.
async fn follow(control: &Control, id: OperationId, step: &Step) -> Result<OperationRecord> {
    let caller = Caller::system();
    loop {
        let record = control.wait(&caller, id, ROUND).await?;
        if let Some(last) = record.steps.last() {
            step.note(last.note.as_deref().unwrap_or(&last.name));
        }
        match (record.state, &record.failure) {
            (OperationState::Succeeded, _) => return Ok(record),
            (OperationState::Failed, Some(failure)) => {
                bail!("{} failed: {} ({})", record.kind, failure.detail, failure.code)
            }
            _ => {}
        }
    }
}
