//! The OpenAPI document, made from the handlers, and what every one of them can answer beside its own.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi};
use wire::problem::Problem;

/// Problems that any route can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) enum Problems {
    /// The body is not JSON.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// Nobody who is known here.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// The role or the key does not allow this, or the front door takes the request for an attack.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The body did not arrive in time.
    #[response(status = 408, content_type = "application/problem+json")]
    SlowBody(Problem),
    /// It conflicts with what is there.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not JSON by its type.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// Fields that broke rules; `errors` names them.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// Too many requests, or attempts to sign in; `Retry-After` says when to come again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// An internal error; the log tells more.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// The operation failed on the node, and was undone.
    #[response(status = 502, content_type = "application/problem+json")]
    OperationFailed(Problem),
    /// The control database does not answer, or the server is too busy.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-KEY")));
        components.add_security_scheme("api_key", header);
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("bearer", bearer);
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tenantry",
        description = "The control plane of a company that sells hosted web applications. Every route but the health \
                       pages and those to sign in at wants somebody who is known: an API key as `X-API-KEY` or as \
                       `Authorization: Bearer`, an access token as `Authorization: Bearer` or in a cookie. A change that \
                       comes with a cookie repeats the session's `csrf_token` in `X-CSRF-Token`. Errors are \
                       `application/problem+json`, in Spanish or English by `Accept-Language`. Changes take an \
                       `Idempotency-Key`, and wait for their operation as long as `Prefer: wait=N` says (10 seconds by \
                       default) before they answer 202 with the operation's address in `Location`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Schemes),
    security(("api_key" = []), ("bearer" = [])),
    tags(
        (name = "tenants", description = "Customers' instances."),
        (name = "catalogue", description = "What is sold: plans and products."),
        (name = "registration", description = "Customers who register themselves."),
        (name = "imports", description = "Files that are uploaded, to become tenants."),
        (name = "backups", description = "Backups of tenants, and where they are kept."),
        (name = "databases", description = "Tenants' databases: how large they are, what is in them, and looking after them."),
        (name = "operations", description = "Durable pieces of work with steps and an outcome."),
        (name = "templates", description = "Prepared databases that tenants are cloned from."),
        (name = "nodes", description = "Servers that run products."),
        (name = "keys", description = "API keys."),
        (name = "auth", description = "Signing in, sessions, one's own account."),
        (name = "people", description = "The operator's staff."),
        (name = "sso", description = "Identity providers that people sign in with."),
        (name = "organizations", description = "Customers' accounts and their members."),
        (name = "settings", description = "What the operator sets while the program runs."),
        (name = "audit", description = "Who changed what, and what was refused."),
        (name = "support", description = "Staff inside a customer's tenant, for a reason and a time, with the customer's leave."),
        (name = "work", description = "The control plane's own work: jobs, reconcilers, schedules, differences with the nodes."),
        (name = "security", description = "What the front door refused."),
        (name = "provisioning", description = "The interface of the system that this one replaces."),
        (name = "health", description = "Signs of life.")
    )
)]
pub(crate) struct Document;

/// The OpenAPI 3.1 document as pretty JSON with a newline at its end.
pub fn document() -> String {
    let (_, document) = crate::router::api().split_for_parts();
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
