//! A node obeys the server at which it enrolled, and nobody else.

use crate::place::{Place, standing_of};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::{NodeId, Secret};
use node::{NodeError, ServerAccess, agent};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::eventually;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::Plaintext;
use wire::handshake::{CHALLENGE, PROOF, SERVER_KEY, signed};

/// A server that says of everything that the node was taken out, and signs that with a key.
struct Server {
    pair: Ed25519KeyPair,
    seen: Mutex<Vec<(String, HeaderMap)>>,
}

impl Server {
    fn with_key(seed: u8) -> Arc<Self> {
        Arc::new(Self {
            pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            seen: Mutex::default(),
        })
    }

    fn public(&self) -> String {
        hex::encode(self.pair.public_key().as_ref())
    }

    fn fingerprint(&self) -> String {
        sha256(self.pair.public_key().as_ref())
    }

    fn credentials_seen(&self) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|(_, headers)| headers.contains_key("authorization"))
            .count()
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (status, body) = match path.as_str() {
        "/node/v1/identity" => (StatusCode::NO_CONTENT, ""),
        _ => (StatusCode::GONE, r#"{"type":"/problems/node-removed"}"#),
    };
    let challenge = request.headers().get(CHALLENGE).unwrap().to_str().unwrap();
    let message = signed(challenge, &path, status.as_u16(), &sha256(body.as_bytes()));
    let headers = [
        (PROOF, hex::encode(server.pair.sign(&message).as_ref())),
        (SERVER_KEY, server.public()),
    ];
    let response = (status, headers, body).into_response();
    server
        .seen
        .lock()
        .unwrap()
        .push((path, request.headers().clone()));
    response
}

async fn serve(server: &Arc<Server>) -> u16 {
    let router = Router::new().fallback(answer).with_state(Arc::clone(server));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

fn access(port: u16, key: String) -> ServerAccess {
    ServerAccess {
        server: format!("http://127.0.0.1:{port}/").parse().unwrap(),
        node: NodeId::from_uuid(Uuid::nil()),
        credential: Secret::new("a node's own credential".to_owned()),
        server_key: Some(key),
        credential_file: None,
    }
}

#[tokio::test]
async fn a_node_that_was_taken_out_closes_its_tenants_and_keeps_them() {
    let (place, node) = Place::ready().await;
    let tenant = place.created(&node).await;
    let database = tenant.database.as_str();
    let server = Server::with_key(1);
    let access = access(serve(&server).await, server.public());
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access, shutdown).await }
    });
    let closed = || async {
        let inventory = node.inventory().await.unwrap();
        standing_of(&inventory, tenant.tenant).unwrap().1 == node::Standing::Maintenance
    };
    eventually(Duration::from_secs(30), closed).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    assert!(place.marker("maintenance", database) && !place.marker("active", database));
    assert!(place.as_odoo(database).await.is_err());
}

#[tokio::test]
async fn a_false_server_is_not_obeyed_and_not_shown_the_credential() {
    let (place, node) = Place::ready().await;
    let tenant = place.created(&node).await;
    let (server, other) = (Server::with_key(1), Server::with_key(2));
    let access = access(serve(&server).await, other.public());
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access, shutdown).await }
    });
    let asked = || async { server.seen.lock().unwrap().len() >= 3 };
    eventually(Duration::from_secs(30), asked).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(server.credentials_seen(), 0);
    assert!(place.marker("active", tenant.database.as_str()));
}

#[tokio::test]
async fn a_node_enrols_at_the_server_that_made_its_token_only() {
    let (server, other) = (Server::with_key(1), Server::with_key(2));
    let url = format!("http://127.0.0.1:{}/", serve(&server).await)
        .parse()
        .unwrap();
    let with = async |fingerprint: String| {
        let token = Plaintext::new(format!("tne_00.{fingerprint}"));
        let (name, domain) = ("one".parse().unwrap(), "example.com".parse().unwrap());
        node::enrol(&url, &token, &name, &domain, "https://*.example.com").await
    };
    assert!(matches!(
        with(other.fingerprint()).await,
        Err(NodeError::ServerFalse)
    ));
    let paths = || -> Vec<String> {
        let seen = server.seen.lock().unwrap();
        seen.iter().map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(paths(), ["/node/v1/identity"]);
    assert!(matches!(
        with(server.fingerprint()).await,
        Err(NodeError::Removed)
    ));
    assert_eq!(paths().last().map(String::as_str), Some("/node/v1/enrol"));
}
