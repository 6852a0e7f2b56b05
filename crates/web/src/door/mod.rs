//! The front door: what every request passes before a handler sees it, cheapest first.
//!
//! Who is it (address, TLS) → does it look like anything legitimate → may its origin ask → is it one too many →
//! is there room → how long may it take. Signs of life stand outside of it (`router.rs`).

mod client;
mod gate;
mod headers;
mod origin;
mod patience;
mod rate;
mod wall;

pub(crate) use client::Client;
pub use client::{Connection, Scheme};
pub(crate) use headers::dress;

use crate::App;
use crate::observation::request_id;
use crate::problem::{Failure, Kind};
use crate::relay::Relay;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use control::{Found, Live};
use domain::{BlockId, WallMode};
use gate::Gate;
use rate::Rates;
use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Asked;
use tokio::task_local;

/// What the process is told about its door; what can change while it runs is a setting of the control plane.
#[derive(Clone, Copy, Debug)]
pub struct DoorSettings {
    /// How many proxies of the operator's own stand before the server. Without any, no header is believed.
    pub trusted_hops: usize,
    /// Requests that are worked on at once.
    pub requests: usize,
    /// Long polls and event streams that are held open at once.
    pub waiting: usize,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address, if no proxy stands before the server.
    pub connections_per_address: usize,
}

impl Default for DoorSettings {
    fn default() -> Self {
        Self {
            trusted_hops: 0,
            requests: 1024,
            waiting: 4096,
            connections: 8192,
            connections_per_address: 256,
        }
    }
}

/// The door of one server.
#[derive(Clone, Debug)]
pub struct Door(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: DoorSettings,
    rates: Rates,
    gate: Gate,
    /// Where nodes meet that pass a tenant on.
    relay: Relay,
    /// Whether it was said that a proxy seems to stand before the server that nobody spoke of.
    wondered: AtomicBool,
}

impl Door {
    /// A door that nobody has passed yet.
    pub fn new(settings: DoorSettings) -> Self {
        Self(Arc::new(Inner {
            rates: Rates::new(),
            relay: Relay::default(),
            gate: Gate::new(settings.requests, settings.waiting),
            settings,
            wondered: AtomicBool::new(false),
        }))
    }

    /// Says once that a proxy seems to stand before the server, if it was told of none.
    fn wonder(&self, client: Client, headers: &HeaderMap) {
        let unexpected =
            self.0.settings.trusted_hops == 0 && client.is_local() && headers.contains_key("x-forwarded-for");
        if unexpected && !self.0.wondered.swap(true, Ordering::Relaxed) {
            tracing::info!(
                "a proxy on this machine seems to stand before the server: without trusted_hops its clients share one address"
            );
        }
    }

    /// Where nodes meet that pass a tenant on.
    pub(crate) fn relay(&self) -> &Relay {
        &self.0.relay
    }

    /// What it was told.
    pub(crate) fn settings(&self) -> &DoorSettings {
        &self.0.settings
    }
}

impl Default for Door {
    fn default() -> Self {
        Self::new(DoorSettings::default())
    }
}

/// What a request has with it on its way.
struct Passage {
    live: Arc<Live>,
    nonce: OnceCell<String>,
}

task_local! {
    static PASSAGE: Passage;
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a page's policy names must follow from nothing"
)]
fn fresh_nonce() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The random word by which this page's policy knows the page's own scripts and styles.
pub(crate) fn nonce() -> String {
    PASSAGE
        .try_with(|passage| passage.nonce.get_or_init(fresh_nonce).clone())
        .unwrap_or_default()
}

/// The operator's name, for the head of a page.
pub(crate) fn brand() -> String {
    PASSAGE
        .try_with(|passage| passage.live.brand.clone())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "Tenantry".to_owned())
}

/// Lets a request pass, or says why not.
pub(crate) async fn pass(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let client = client::identify(
        request.extensions().get::<Connection>(),
        request.headers(),
        app.door.settings().trusted_hops,
    );
    app.door.wonder(client, request.headers());
    request.extensions_mut().insert(client);
    let live = app.control.live();
    let mut response = match admit(&app, &live, client, &request) {
        Admission::Refused(response) => *response,
        Admission::Counted(stub) => {
            let mut response = asked(client).scope(worked_on(&app, next, request, live)).await;
            stub.tell(response.headers_mut());
            response
        }
    };
    headers::secure(response.headers_mut(), client);
    response
}

/// What the audit trail keeps of the request, whatever the use case.
fn asked(client: Client) -> Asked {
    Asked {
        address: Some(client.address).filter(|address| !address.is_unspecified()),
        request_id: request_id(),
    }
}

/// Whether a request may go on.
enum Admission {
    /// It may, and this is what its answer says of the limits and of its origin.
    Counted(Stub),
    /// It may not.
    Refused(Box<Response>),
}

/// What an answer says of the limits and of its origin.
struct Stub {
    rates: rate::Told,
    origin: origin::Told,
}

impl Stub {
    fn tell(&self, headers: &mut HeaderMap) {
        self.rates.tell(headers);
        self.origin.tell(headers);
    }
}

fn admit(app: &App, live: &Live, client: Client, request: &Request) -> Admission {
    if let Some(block) = walled_off(app, live, client, request) {
        return Admission::Refused(Box::new(
            Failure::of(Kind::Blocked).with_block(block).into_response(),
        ));
    }
    let (origin, preflight) = origin::judge(&live.origins, request);
    let rates = app.door.0.rates.count(&live.limits, client, request.headers());
    let stub = Stub { rates, origin };
    let refusal = match stub.rates.refused() {
        Some(after) => Some(Failure::of(Kind::TooMany).after(after).into_response()),
        None => preflight,
    };
    match refusal {
        Some(mut response) => {
            stub.tell(response.headers_mut());
            Admission::Refused(Box::new(response))
        }
        None => Admission::Counted(stub),
    }
}

/// The block that stands in the way of a request, if one does. What is only reported is written down all the same.
fn walled_off(app: &App, live: &Live, client: Client, request: &Request) -> Option<BlockId> {
    let rule = wall::find(request, |rule| live.mode(rule) != WallMode::Off)?;
    if app.control.is_lifted(rule, client.address) {
        return None;
    }
    let refused = live.mode(rule) == WallMode::Refuse;
    let agent = request.headers().get(header::USER_AGENT);
    let id = app.control.note_found(&Found {
        rule,
        address: client.address,
        refused,
        method: request.method().as_str(),
        path: request.uri().path(),
        agent: agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
        request_id: &request_id().unwrap_or_default(),
    });
    tracing::info!(block = %id, %rule, address = %client.address, refused, "the front door found something");
    refused.then_some(id)
}

async fn run(next: Next, request: Request, live: Arc<Live>) -> Response {
    let passage = Passage {
        live,
        nonce: OnceCell::new(),
    };
    PASSAGE.scope(passage, next.run(request)).await
}

/// Runs a request within its time, if there is room for it.
async fn worked_on(app: &App, next: Next, request: Request, live: Arc<Live>) -> Response {
    let Some(place) = app.door.0.gate.enter(request.uri().path()) else {
        return Failure::of(Kind::Overloaded).into_response();
    };
    let limit = patience::of(request.uri().path(), request.headers());
    match tokio::time::timeout(limit, run(next, request, live)).await {
        Ok(response) => place.keep(response),
        Err(_) => {
            tracing::warn!(
                request_id = request_id(),
                "a request took too long and was given up"
            );
            Failure::of(Kind::TookTooLong).into_response()
        }
    }
}
