//! What nobody needs any more goes by itself.

use crate::Control;
use jiff::SignedDuration;
use operations::{Host as _, Regular, StepError};
use serde_json::{Value, json};
use store::Actor;

/// For how long plain jobs that have ended are kept.
const JOBS_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Old sign-ins, ended sessions and keys.
pub(crate) struct SignIns;

impl Regular<Control> for SignIns {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        control.forget_old().await?;
        Ok(json!({}))
    }
}

/// Plain jobs that ended a while ago; operations stay.
pub(crate) struct Jobs;

impl Regular<Control> for Jobs {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        let mut unit = control.store().on_behalf_of(Actor::System).begin().await?;
        let forgotten = unit.forget_jobs(control.now() - JOBS_KEPT).await?;
        unit.commit().await?;
        Ok(json!({ "forgotten": forgotten }))
    }
}

/// Measured sizes that grew old.
pub(crate) struct Sizes;

impl Regular<Control> for Sizes {
    async fn run(&self, control: &Control) -> Result<Value, StepError> {
        Ok(json!({ "forgotten": control.thin_sizes().await? }))
    }
}
