//! The interface of the system that this one replaces: its addresses and field names, not its defects.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod dns;
pub(crate) mod email;
pub(crate) mod list;
pub(crate) mod maintenance;
pub(crate) mod password;
pub(crate) mod suspend;

use crate::App;
use crate::problem::{Answer, Failure};
use axum::http::Uri;
use control::{Caller, ControlError};
use domain::{DomainName, FieldError, NodeName, Rule, Subdomain};

/// What older clients call the node that they do not care to name.
const ANY_NODE: &str = "primary";

/// The node that a request names, if it names one.
fn named_node(server: Option<&str>) -> Answer<Option<NodeName>> {
    let named = server
        .filter(|name| *name != ANY_NODE)
        .map(str::parse)
        .transpose();
    named.map_err(|rule| Failure::fields(vec![FieldError::new("server", rule)]))
}

/// Names broken fields as this interface calls them: `(ours, its)`.
fn in_its_words(error: ControlError, names: &[(&str, &str)]) -> Failure {
    let ControlError::Invalid(mut fields) = error else {
        return error.into();
    };
    for error in &mut fields {
        if let Some((_, its)) = names.iter().find(|(ours, _)| *ours == error.field) {
            error.field = (*its).to_owned();
        }
    }
    Failure::fields(fields)
}

/// Checks that the tenant is served under the domain that the request names.
async fn check_domain(app: &App, caller: &Caller, name: &Subdomain, domain: Option<&str>) -> Answer<()> {
    let Some(domain) = domain else {
        return Ok(());
    };
    let wanted = domain.parse::<DomainName>();
    let wanted = wanted.map_err(|rule| Failure::fields(vec![FieldError::new("domain", rule)]))?;
    let tenant = app.control.tenant(caller, name).await?;
    let address: Option<Uri> = tenant.url().parse().ok();
    let host = address.as_ref().and_then(Uri::host).unwrap_or_default();
    let own = host.split_once('.').map(|(_, domain)| domain);
    match own == Some(wanted.as_str()) {
        true => Ok(()),
        false => Err(Failure::fields(vec![FieldError::new("domain", Rule::Unknown)])),
    }
}

/// Checks that the tenant lives on the node that the request names.
async fn check_node(app: &App, caller: &Caller, name: &Subdomain, server: Option<&str>) -> Answer<()> {
    let Some(node) = named_node(server)? else {
        return Ok(());
    };
    let tenant = app.control.tenant(caller, name).await?;
    if tenant.node == node {
        Ok(())
    } else {
        Err(Failure::fields(vec![FieldError::new("server", Rule::Unknown)]))
    }
}
