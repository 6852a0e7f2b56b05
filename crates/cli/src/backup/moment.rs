//! `tenantry backup restore TENANT --at TIME`.

use super::{Restore, follow};
use crate::ask;
use crate::error::Error;
use crate::session::{Session, post};
use wire::backups::RestoreAt;

/// Brings a tenant back to a moment, or makes a new one of what it was then.
pub(super) async fn run(restore: &Restore, session: &mut Session<'_>) -> Result<(), Error> {
    let tenant = &restore.what;
    let mut body = RestoreAt {
        at: restore.at,
        subdomain: restore.new.clone(),
        company_name: restore.company.clone(),
        keep_mail: restore.keep_mail.then_some(true),
        without_safety: restore.without_safety.then_some(true),
        confirm: None,
    };
    if restore.new.is_none() {
        let yes = restore.yes.as_deref();
        ask::confirm(session.terminal, "replaced by what it was then", tenant, yes)?;
        body.confirm = Some(tenant.clone());
    }
    let request = post(&["tenants", tenant, "restore"]).body(&body)?;
    let name = restore.new.as_ref().unwrap_or(tenant);
    follow(session, &request, &format!("{name} is what it was then.")).await
}
