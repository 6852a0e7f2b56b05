//! The local API on a socket of its own: what it passes on and back, and what it says itself.

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::IntoResponse as _;
use local::{Facade, Finding, Look};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A request as it came to the control plane.
#[derive(Debug)]
struct Came {
    method: Method,
    address: String,
    headers: HeaderMap,
    body: Value,
}

type Log = Arc<Mutex<Vec<Came>>>;

/// A control plane that writes down what comes, and answers with headers of every sort.
async fn control_plane() -> Result<(SocketAddr, Log), std::io::Error> {
    let log = Log::default();
    let answer = async |State(log): State<Log>,
                        method: Method,
                        OriginalUri(uri): OriginalUri,
                        headers: HeaderMap,
                        body: Bytes| {
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let address = uri.to_string();
        let came = Came {
            method,
            address,
            headers,
            body,
        };
        log.lock().unwrap_or_else(PoisonError::into_inner).push(came);
        let headers = [
            ("x-request-id", "req_1"),
            ("location", "/api/operations/ope_1"),
            ("set-cookie", "not=passed"),
        ];
        (StatusCode::ACCEPTED, headers, axum::Json(json!({ "is": "done" }))).into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = axum::Router::new().fallback(answer).with_state(log.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, log))
}

/// A local API in front of this control plane, which looks at itself in this way.
async fn local_api(server: SocketAddr, look: Look) -> Result<String, Box<dyn std::error::Error>> {
    let facade = Facade::new(format!("http://{server}").parse()?, "alpha".to_owned())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(local::serve(listener, facade, look));
    Ok(format!("http://{address}"))
}

fn well() -> Look {
    Arc::new(|| {
        Box::pin(async {
            Ok(vec![Finding {
                name: "disk".to_owned(),
                good: true,
                detail: "There is room.".to_owned(),
            }])
        })
    })
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().build()
}

/// An address at which nothing listens any more.
async fn nobody() -> Result<SocketAddr, std::io::Error> {
    TcpListener::bind("127.0.0.1:0").await?.local_addr()
}

#[tokio::test]
async fn a_change_is_passed_on_with_the_caller_s_key_and_the_node_s_name() -> Outcome {
    let (server, log) = control_plane().await?;
    let base = local_api(server, well()).await?;
    let answer = client()?
        .post(format!("{base}/api/tenant"))
        .header("x-api-key", "tnt_secret")
        .header("idempotency-key", "one")
        .header("cookie", "session=of-somebody")
        .header("x-forwarded-for", "10.1.1.1")
        .json(&json!({ "subdomain": "acme" }))
        .send()
        .await?;
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers()["x-request-id"], "req_1");
    assert_eq!(answer.headers()["location"], "/api/operations/ope_1");
    assert!(answer.headers().get("set-cookie").is_none());
    assert_eq!(answer.json::<Value>().await?, json!({ "is": "done" }));
    let came = log.lock().unwrap_or_else(PoisonError::into_inner);
    let [came] = came.as_slice() else {
        return Err(format!("{came:?}").into());
    };
    assert_eq!(
        (&came.method, came.address.as_str()),
        (&Method::POST, "/api/provisioning/tenant")
    );
    assert_eq!(came.headers["x-api-key"], "tnt_secret");
    assert_eq!(came.headers["idempotency-key"], "one");
    assert!(came.headers.get("cookie").is_none() && came.headers.get("x-forwarded-for").is_none());
    assert_eq!(came.body, json!({ "subdomain": "acme", "server": "alpha" }));
    Ok(())
}

#[tokio::test]
async fn another_node_that_the_caller_names_and_what_is_no_object_go_on_as_they_came() -> Outcome {
    let (server, log) = control_plane().await?;
    let base = local_api(server, well()).await?;
    let send = |body: &'static str| {
        let request = client().map(|client| client.put(format!("{base}/api/tenant/suspend")));
        async move {
            let request = request?.header("content-type", "application/json").body(body);
            request.send().await
        }
    };
    send(r#"{"subdomain":"acme","server":"beta"}"#).await?;
    send(r#"{"subdomain":"acme","node":"beta"}"#).await?;
    send("[1]").await?;
    client()?.get(format!("{base}/api/tenants")).send().await?;
    let came = log.lock().unwrap_or_else(PoisonError::into_inner);
    let bodies: Vec<&Value> = came.iter().map(|came| &came.body).collect();
    assert_eq!(
        bodies,
        [
            &json!({ "subdomain": "acme", "server": "beta" }),
            &json!({ "subdomain": "acme", "node": "beta" }),
            &json!([1]),
            &Value::Null
        ]
    );
    assert_eq!(
        came.last().map(|came| came.address.as_str()),
        Some("/api/provisioning/tenants?server=alpha")
    );
    Ok(())
}

#[tokio::test]
async fn what_it_says_itself_is_a_problem_in_the_caller_s_language() -> Outcome {
    let base = local_api(nobody().await?, well()).await?;
    let cases = [
        (Method::GET, "/nowhere", 404, "API local", "local API"),
        (
            Method::PATCH,
            "/api/tenant",
            405,
            "otros métodos",
            "other methods",
        ),
        (Method::GET, "/api/tenants", 503, "no responde", "does not answer"),
        (
            Method::DELETE,
            "/api/tenant",
            503,
            "no responde",
            "does not answer",
        ),
        (Method::GET, "/api/doctor", 503, "no responde", "does not answer"),
    ];
    for (method, path, status, spanish, english) in cases {
        for (language, words) in [("es-DO, en;q=0.5", spanish), ("en", english)] {
            let request = client()?.request(method.clone(), format!("{base}{path}"));
            let answer = request.header("accept-language", language).send().await?;
            assert_eq!(answer.status(), status, "{method} {path}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let problem: Value = answer.json().await?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(words), "{method} {path}: {detail}");
            assert_eq!(problem["status"], status);
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_node_looks_at_itself_for_whoever_may_know_and_not_for_every_sign_of_life() -> Outcome {
    let (server, _) = control_plane().await?;
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let failing: Look = Arc::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err("PostgreSQL does not answer".to_owned()) })
    });
    let base = local_api(server, failing).await?;
    for _ in 0..20 {
        let answer = client()?.get(format!("{base}/health")).send().await?;
        assert_eq!(answer.status(), 503);
        assert_eq!(
            answer.json::<Value>().await?["detail"],
            "PostgreSQL does not answer"
        );
    }
    assert!(looks.load(Ordering::Relaxed) < 20, "{looks:?}");
    let answer = client()?.get(format!("{base}/api/doctor")).send().await?;
    assert_eq!(answer.status(), 503);
    let problem: Value = answer.json().await?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("PostgreSQL"))
    );
    let base = local_api(server, well()).await?;
    let findings = client()?.get(format!("{base}/api/doctor")).send().await?;
    assert_eq!(findings.status(), 200);
    assert_eq!(findings.json::<Value>().await?[0]["name"], "disk");
    Ok(())
}
