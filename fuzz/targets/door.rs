//! Requests as they come to the front door: path, query, headers, cookies. No database is there, so that whatever needs
//! one answers that it is not; nothing may answer with an internal error, and every answer has its headers.

#![no_main]

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use control::{Control, ServerKey, Settings, World};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use store::Store;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// The headers that decide something, and where a line of the input goes.
const HEADERS: [&str; 13] = [
    "x-forwarded-for",
    "x-forwarded-proto",
    "accept-language",
    "prefer",
    "idempotency-key",
    "cookie",
    "authorization",
    "x-api-key",
    "x-csrf-token",
    "origin",
    "sec-fetch-site",
    "content-type",
    "host",
];

static GROUND: LazyLock<(Runtime, axum::Router)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let router = runtime.block_on(async {
        // Nothing listens there; connections are refused at once.
        let store = Store::open("postgres://nobody@127.0.0.1:1/none", 1).expect("an address");
        let settings = Settings::with_panel("https://panel.example.com").expect("settings");
        let control = Control::new(
            store,
            ServerKey::from_bytes([7; 32]),
            settings,
            World::from_seed(7),
        );
        let door = web::DoorSettings {
            trusted_hops: 1,
            ..web::DoorSettings::default()
        };
        web::router(web::App {
            control,
            door: web::Door::new(door),
            certificate: None,
        })
    });
    (runtime, router)
});

fuzz_target!(|text: &str| {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let (method, address) = first.split_once(' ').unwrap_or(("GET", first));
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
    let Ok(mut request) = Request::builder()
        .method(method)
        .uri(address)
        .body(Body::from(body.to_owned()))
    else {
        return;
    };
    // What shows a well-formed key is looked up, which takes as long as the database is waited for.
    for (name, value) in HEADERS.iter().zip(lines) {
        let slow = matches!(*name, "authorization" | "x-api-key" | "cookie") && value.len() > 60;
        if let (Ok(value), false) = (HeaderValue::from_str(value), slow || value.is_empty()) {
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    let (runtime, router) = &*GROUND;
    let answer = runtime.block_on(async { router.clone().oneshot(request).await });
    let Ok(answer) = answer;
    assert_ne!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{text:?}");
    assert!(answer.headers().contains_key("x-request-id"));
});
