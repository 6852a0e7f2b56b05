//! Every route with a request that has nothing wrong with it, and who may send it.

mod backups;
mod catalogue;
mod databases;
mod downloads;
mod operator;
mod pages;
mod people;
mod tenants;

use domain::Action;
use reqwest::Method;
use serde_json::Value;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, for this reason.
    Open(&'static str),
    /// Whoever brings a one-time token in the body; without a valid one the answer is 410.
    Token(&'static str),
    /// Anybody, who then has to prove who they are in the body.
    SignIn,
    /// Whoever brings the token of a challenge in the body; without one that waits the answer is 410.
    Challenge,
    /// Anybody, where the identity provider is there; the table's is not.
    Provider,
    /// Anybody, while the operator lets whoever comes register; otherwise it is not there.
    Registration,
    /// Whoever the table of permissions allows it.
    May(Action),
    /// A person who signed in, for their own account.
    Person,
    /// A node with its own credential.
    Node,
}

/// A route.
#[derive(Debug)]
pub struct Route {
    pub method: Method,
    /// As the router writes it.
    pub pattern: &'static str,
    /// With everything filled in.
    pub path: String,
    pub body: Option<Value>,
    pub access: Access,
}

const PAGE: &str = "a page that says nothing of its own; the token stands behind the # of its address";
const LIFE: &str = "a sign of life for load balancers";
const ASSET: &str = "style and script of the pages";
const LINK: &str = "a one-time link is the credential";
const OWN: &str = "it concerns nobody but the caller, who may be nobody";
/// In the place of an organization and a person that a test has.
pub const ORGANIZATION: &str = "org_00000000000000000000000000000001";
pub const PERSON: &str = "per_00000000000000000000000000000001";
const SESSION: &str = "ses_00000000000000000000000000000001";
const PASSKEY: &str = "pky_00000000000000000000000000000001";
const OPERATION: &str = "ope_00000000000000000000000000000001";
const COMMAND: &str = "cmd_00000000000000000000000000000001";
pub const KEY: &str = "key_00000000000000000000000000000001";
pub const BLOCK: &str = "blk_00000000000000000000000000000001";
pub const BACKUP: &str = "bak_00000000000000000000000000000001";
pub const UPLOAD: &str = "upl_00000000000000000000000000000001";
pub const DOWNLOAD: &str = "dwn_00000000000000000000000000000001";
pub const SUPPORT: &str = "sup_00000000000000000000000000000001";
pub const PROVIDER: &str = "idp_00000000000000000000000000000001";

/// A row: method, pattern, body, and who may send it.
type Row = (&'static str, &'static str, Option<Value>, Access);

/// The whole table.
pub fn table() -> Vec<Route> {
    // People come last: their last row ends the session that asks.
    let rows = [
        pages::rows(),
        tenants::rows(),
        backups::rows(),
        databases::rows(),
        downloads::rows(),
        operator::rows(),
        catalogue::rows(),
        people::rows(),
    ];
    rows.into_iter()
        .flatten()
        .map(|(method, pattern, body, access)| route(method, pattern, body, access))
        .collect()
}

fn route(method: &str, pattern: &'static str, body: Option<Value>, access: Access) -> Route {
    let id = match pattern {
        _ if pattern.starts_with("/node/v1/transfers") => "trf_00000000000000000000000000000001",
        _ if pattern.starts_with("/node/v1/questions") => "que_00000000000000000000000000000001",
        _ if pattern.starts_with("/node/") => COMMAND,
        _ if pattern.starts_with("/api/keys") => KEY,
        _ if pattern.starts_with("/api/auth") => SESSION,
        _ if pattern.starts_with("/api/security") => BLOCK,
        _ if pattern.starts_with("/api/backups") || pattern.starts_with("/admin/backups") => BACKUP,
        _ if pattern.starts_with("/api/downloads") => DOWNLOAD,
        _ if pattern.starts_with("/api/uploads") => UPLOAD,
        _ if pattern.starts_with("/api/audit") => "1",
        _ if pattern.contains("/support/") => SUPPORT,
        _ if pattern.starts_with("/api/jobs") => "job_00000000000000000000000000000001",
        _ => OPERATION,
    };
    let mut path = pattern.replace("{subdomain}", "acme").replace("{id}", id);
    path = path.replace("{key}", "limits.per_key");
    let named = match pattern {
        _ if pattern.starts_with("/api/nodes") || pattern.starts_with("/admin/nodes") => "alpha",
        _ if pattern.starts_with("/api/backup-stores") => "attic",
        _ if pattern.starts_with("/api/plans") => "basic",
        _ if pattern.starts_with("/api/products") => "odoo",
        _ if pattern.starts_with("/assets") => "panel.css",
        _ if pattern.starts_with("/api/schedules") => "tombstones",
        _ => "template_tenant",
    };
    path = path
        .replace("{version}", "0")
        .replace("{provider}", PROVIDER)
        .replace("{passkey}", PASSKEY)
        .replace("{name}", named)
        .replace("{organization}", ORGANIZATION)
        .replace("{person}", PERSON);
    match (method, pattern) {
        ("DELETE", "/api/tenants/{subdomain}" | "/api/backups/{id}") => path.push_str("?confirm=acme"),
        ("DELETE", "/api/plans/{name}") => path.push_str("?confirm=basic"),
        ("DELETE", "/api/products/{name}") => path.push_str("?confirm=odoo"),
        ("GET", "/api/register/address") => path.push_str("?subdomain=acme"),
        // The stream ends at once.
        ("GET", "/api/events") => path.push_str("?limit=0"),
        ("GET", "/node/v1/questions") => path.push_str("?wait=0"),
        ("GET", "/node/v1/commands") => path.push_str("?holding=&slots=1&wait=0&version=1"),
        _ => {}
    }
    Route {
        method: Method::from_bytes(method.as_bytes()).unwrap_or_default(),
        pattern,
        path,
        body,
        access,
    }
}
