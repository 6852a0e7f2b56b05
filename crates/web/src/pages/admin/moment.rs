//! To which moments a tenant can be brought back, for its pages.

use crate::App;
use crate::pages::view::View;
use crate::problem::Answer;
use control::Caller;
use domain::Action;
use jiff::Timestamp;
use wire::tenant::Tenant;

/// The moments that can be reached.
pub(crate) struct Reachable {
    /// The earliest: nothing of the tenant is older than itself.
    pub(crate) from: Timestamp,
    /// The latest that the node told.
    pub(crate) until: Timestamp,
    /// The earliest as a field of the reader's time zone takes it.
    pub(crate) least: String,
}

impl Reachable {
    /// Of this tenant; nothing where no moment can be reached, or for whoever may see no backups.
    pub(crate) async fn of(app: &App, caller: &Caller, v: &View, t: &Tenant) -> Answer<Option<Self>> {
        let Ok(name) = t.subdomain.parse() else {
            return Ok(None);
        };
        if caller.reach(Action::ReadBackups).is_err() || t.state == "deleted" {
            return Ok(None);
        }
        let window = app.control.tenant_window(caller, &name).await?;
        let bounds = window.earliest.zip(window.latest);
        let bounds = bounds.map(|(earliest, until)| (earliest.max(t.created_at), until));
        let second = |at: Timestamp| {
            let local = at.to_zoned(v.time_zone().clone());
            local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        };
        Ok(bounds
            .filter(|(from, until)| from < until)
            .map(|(from, until)| Self {
                from,
                until,
                least: second(from),
            }))
    }
}
