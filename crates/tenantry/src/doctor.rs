//! `tenantry doctor`.

use crate::arguments::Doctor;
use anyhow::Result;

pub(crate) async fn run(_: &Doctor) -> Result<()> {
    Ok(())
}
