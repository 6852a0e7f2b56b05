//! `POST /api/provisioning/dns`

use crate::App;
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::{Answer, Failure, Kind};
use axum::Json;
use axum::extract::State;
use control::Control;
use domain::{FieldError, Rule};
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::time::timeout;
use wire::provisioning::{DnsChecked, ProvisionDns};

/// How long name servers may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes sure that a tenant's name leads somewhere. One wildcard record serves every tenant, so that none is made for
/// one of them: the name is looked up, and if it has no address, the answer says which record is missing.
#[utoipa::path(post, path = "/api/provisioning/dns", tag = "provisioning", request_body = ProvisionDns,
    responses((status = 200, body = DnsChecked), Problems))]
pub(crate) async fn dns(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<ProvisionDns>,
) -> Answer<Json<DnsChecked>> {
    caller.reach(domain::Action::CheckTenant)?;
    let name = Control::name("subdomain", request.subdomain.as_deref())?;
    let unknown = |field: &str| Failure::fields(vec![FieldError::new(field, Rule::Unknown)]);
    if request.tunnel_id.is_some() {
        return Err(unknown("tunnel_id"));
    }
    let tenant = app.control.tenant(&caller, &name).await?;
    let nodes = app.control.nodes(&caller).await?;
    let node = nodes.into_iter().find(|node| node.name == tenant.node.as_str());
    let domain = node
        .map(|node| node.domain)
        .ok_or_else(|| Failure::of(Kind::NotFound))?;
    if request.domain.is_some_and(|wanted| wanted != domain) {
        return Err(unknown("domain"));
    }
    let host = format!("{}.{domain}", tenant.subdomain.host_label());
    let language = Language::current();
    if !has_address(&host).await {
        let words = language.pick(
            "has no address. No DNS provider is set up here, so no record was made: make one for",
            "no tiene dirección. Aquí no hay ningún proveedor de DNS configurado, así que no se creó ningún registro: cree uno para",
        );
        return Err(Failure::of(Kind::OperationConflict).in_words(format!("{host} {words} *.{domain}")));
    }
    let words = language.pick(
        "has an address already; one wildcard record serves every tenant.",
        "ya tiene dirección; un registro comodín sirve a todos los espacios.",
    );
    Ok(Json(DnsChecked {
        success: true,
        message: format!("{host} {words}"),
        url: tenant.url(),
    }))
}

/// Whether the name leads somewhere. Names under `localhost` lead here, as every browser knows without asking
/// (RFC 6761, section 6.3).
async fn has_address(host: &str) -> bool {
    if host.ends_with(".localhost") {
        return true;
    }
    let found = timeout(PATIENCE, lookup_host((host, 443))).await;
    found.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()))
}
