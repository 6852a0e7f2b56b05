//! `tenantry tenant switch`: what may happen to a tenant by itself, or at all.

use super::Named;
use crate::error::Error;
use crate::request::Request;
use crate::session::Session;
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::TenantSwitch;
use reqwest::Method;
use wire::work;

/// The operator's switch.
#[derive(Args, Clone, Debug)]
pub struct Switch {
    /// The tenant.
    #[command(flatten)]
    pub named: Named,
    /// Where to set it; without this it is only shown.
    #[arg(long, value_name = "SWITCH", value_parser = PossibleValuesParser::new(TenantSwitch::ALL.iter().map(|one| one.as_str())))]
    pub to: Option<String>,
    /// Why; wanted for `paused` and `stopped`.
    #[arg(long, requires = "to")]
    pub reason: Option<String>,
}

impl Switch {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let path = ["tenants", &self.named.subdomain, "switch"];
        let answer = match &self.to {
            Some(to) => {
                let body = work::SetSwitch {
                    switch: Some(to.clone()),
                    reason: self.reason.clone(),
                };
                let request = Request::change(Method::PUT, &path).body(&body)?;
                session.client.send(&request).await?
            }
            None => session.read(&path).await?,
        };
        let known: work::Switch = answer.decode()?;
        let mut text = format!("{} is {}", known.subdomain, known.switch);
        if let Some(reason) = &known.reason {
            text.push_str(&format!(": {reason}"));
        }
        if let (Some(by), Some(at)) = (&known.by, known.at) {
            text.push_str(&format!(" ({by}, {})", session.terminal.time(at)));
        }
        session.print(&answer, &text)
    }
}
