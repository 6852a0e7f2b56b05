//! The agent's loop against a small real server.

use crate::place::{Place, command_id, password};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{CommandId, NodeId, Secret};
use node::{ServerAccess, agent};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::eventually;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::Plaintext;
use wire::node::{
    Command, CommandResult, Commands, Enrol, Enrolled, ObservedAnswer, Order, Outcome, Poll, PoolRules,
    Progress,
};

const CREDENTIAL: &str = "a node's own credential";

/// What the server is asked to do, and what it was told.
#[derive(Default)]
struct Server {
    commands: Mutex<Vec<Command>>,
    outcomes: Mutex<Vec<(String, Outcome)>>,
    progress: Mutex<Vec<Progress>>,
    polls: Mutex<Vec<Poll>>,
    refusals: Mutex<Vec<StatusCode>>,
    rules: Mutex<PoolRules>,
    wake: Notify,
}

impl Server {
    fn refuse(&self) -> Option<StatusCode> {
        self.refusals.lock().unwrap().pop()
    }
}

async fn commands(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Query(poll): Query<Poll>,
) -> Result<Json<Commands>, StatusCode> {
    if headers.get("authorization").unwrap() != &format!("Bearer {CREDENTIAL}") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let wanted = |command: &Command| !poll.holding.contains(&command.id.to_string());
    let pending = server
        .commands
        .lock()
        .unwrap()
        .iter()
        .filter(|command| wanted(command))
        .cloned()
        .collect();
    server.polls.lock().unwrap().push(poll);
    let commands: Vec<Command> = pending;
    if commands.is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(100), server.wake.notified()).await;
    }
    Ok(Json(Commands { commands }))
}

async fn outcome(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Json(outcome): Json<Outcome>,
) -> StatusCode {
    if let Some(status) = server.refuse() {
        return status;
    }
    server
        .commands
        .lock()
        .unwrap()
        .retain(|command| command.id.to_string() != id);
    server.outcomes.lock().unwrap().push((id, outcome));
    StatusCode::NO_CONTENT
}

async fn progress(State(server): State<Arc<Server>>, Json(progress): Json<Progress>) -> StatusCode {
    server.progress.lock().unwrap().push(progress);
    StatusCode::NO_CONTENT
}

/// A server whose operator has set how pools are kept.
async fn observed(State(server): State<Arc<Server>>) -> Json<ObservedAnswer> {
    Json(ObservedAnswer {
        rules: *server.rules.lock().unwrap(),
        ..ObservedAnswer::default()
    })
}

async fn enrol(Json(enrol): Json<Enrol>) -> Result<Json<Enrolled>, StatusCode> {
    if enrol.token.expose() != "once" {
        return Err(StatusCode::FORBIDDEN);
    }
    let credential = Plaintext::new(CREDENTIAL.to_owned());
    Ok(Json(Enrolled {
        node: NodeId::from_uuid(Uuid::nil()),
        credential,
        server_key: None,
    }))
}

/// Serves on this port, or on a free one.
async fn serve(server: Arc<Server>, port: u16) -> (u16, JoinHandle<()>) {
    let router = Router::new()
        .route("/base/node/v1/commands", get(commands))
        .route("/base/node/v1/commands/{id}/outcome", post(outcome))
        .route("/base/node/v1/commands/{id}/progress", post(progress))
        .route("/base/node/v1/enrol", post(enrol))
        .route("/base/node/v1/observed", post(observed))
        .with_state(server);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (
        port,
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
    )
}

fn access(port: u16) -> ServerAccess {
    ServerAccess {
        server: format!("http://127.0.0.1:{port}/base/").parse().unwrap(),
        node: NodeId::from_uuid(Uuid::nil()),
        credential: Secret::new(CREDENTIAL.to_owned()),
        server_key: None,
        credential_file: None,
    }
}

fn command(order: Order) -> Command {
    Command {
        id: command_id(),
        generation: 1,
        order,
    }
}

#[tokio::test]
async fn commands_are_taken_done_and_reported_until_heard() {
    let (place, node) = Place::ready().await;
    let server = Arc::new(Server::default());
    server
        .refusals
        .lock()
        .unwrap()
        .extend([StatusCode::BAD_GATEWAY, StatusCode::INTERNAL_SERVER_ERROR]);
    let mut order = place.creation();
    order.admin_password = password("long enough for anybody");
    let wanted = command(Order::CreateTenant(order.clone()));
    let missing = {
        let mut order = place.creation();
        order.template = "no_such_template".parse().unwrap();
        command(Order::CreateTenant(order))
    };
    server
        .commands
        .lock()
        .unwrap()
        .extend([wanted.clone(), missing.clone()]);
    let (port, _task) = serve(Arc::clone(&server), 0).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access(port), shutdown).await }
    });
    let both = || async { server.outcomes.lock().unwrap().len() == 2 };
    eventually(Duration::from_secs(60), both).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    let outcomes = server.outcomes.lock().unwrap().clone();
    let of = |id: CommandId| {
        outcomes
            .iter()
            .find(|(told, _)| *told == id.to_string())
            .unwrap()
            .1
            .clone()
    };
    assert!(matches!(of(wanted.id).result, CommandResult::Done(_)));
    assert!(
        matches!(of(missing.id).result, CommandResult::Failed(failure) if failure.code == "template-missing")
    );
    assert!(!server.progress.lock().unwrap().is_empty());
    let polls = server.polls.lock().unwrap();
    assert!(
        polls
            .iter()
            .any(|poll| poll.holding.contains(&wanted.id.to_string()))
    );
    assert!(polls.iter().all(|poll| poll.slots > 0 && poll.version == "test"));
    assert!(place.marker("active", order.database.as_str()));
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for() {
    let (place, node) = Place::ready().await;
    let port = testkit::free_port().unwrap();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access(port), shutdown).await }
    });
    tokio::task::yield_now().await;
    let server = Arc::new(Server::default());
    server
        .commands
        .lock()
        .unwrap()
        .push(command(Order::CreateTenant(place.creation())));
    let (_, task) = serve(Arc::clone(&server), port).await;
    let told = |count| {
        let server = Arc::clone(&server);
        move || std::future::ready(server.outcomes.lock().unwrap().len() == count)
    };
    eventually(Duration::from_secs(60), told(1)).await.unwrap();
    // And again when it comes back.
    task.abort();
    let _ = task.await;
    server
        .commands
        .lock()
        .unwrap()
        .push(command(Order::CreateTenant(place.creation())));
    let (_, _task) = serve(Arc::clone(&server), port).await;
    eventually(Duration::from_secs(60), told(2)).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_outcome_that_the_server_no_longer_wants_is_dropped() {
    let (place, node) = Place::ready().await;
    let server = Arc::new(Server::default());
    server.refusals.lock().unwrap().push(StatusCode::GONE);
    server
        .commands
        .lock()
        .unwrap()
        .push(command(Order::CreateTenant(place.creation())));
    let (port, _task) = serve(Arc::clone(&server), 0).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access(port), shutdown).await }
    });
    // This server delivers the command again all the same, and then it is only told again.
    let told = || async { server.outcomes.lock().unwrap().len() == 1 };
    eventually(Duration::from_secs(60), told).await.unwrap();
    assert!(matches!(
        server.outcomes.lock().unwrap()[0].1.result,
        CommandResult::Done(_)
    ));
    shutdown.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_node_enrols_with_its_token_only() {
    let (port, _task) = serve(Arc::new(Server::default()), 0).await;
    let server = access(port).server;
    let with = |token: &str| {
        let (token, server) = (Plaintext::new(token.to_owned()), server.clone());
        async move {
            let (name, domain) = ("one".parse().unwrap(), "example.com".parse().unwrap());
            node::enrol(&server, &token, &name, &domain, "https://*.example.com").await
        }
    };
    assert_eq!(with("once").await.unwrap().credential.expose(), CREDENTIAL);
    assert!(matches!(
        with("twice").await,
        Err(node::NodeError::ServerRefused { status: 403, .. })
    ));
}

#[tokio::test]
async fn the_doctor_finds_a_prepared_cluster_good_and_a_lost_database_bad() {
    let (place, node) = Place::ready().await;
    let order = place.created(&node).await;
    let bad = || async {
        let checks = node.doctor().await.unwrap();
        let bad = checks
            .into_iter()
            .filter(|check| check.verdict == node::Verdict::Bad);
        bad.map(|check| check.name).collect::<Vec<_>>()
    };
    assert!(bad().await.is_empty());
    let mut superuser = place.superuser("postgres").await;
    let text = format!("DROP DATABASE \"{}\"", order.database);
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut superuser)
        .await
        .unwrap();
    assert_eq!(bad().await, ["managed-databases"]);
}

#[tokio::test]
async fn pools_are_kept_as_the_server_says_without_a_restart() {
    let (place, node) = Place::ready().await;
    assert_eq!(place.settings.pool.most, 0, "by itself it keeps none");
    let server = Arc::new(Server::default());
    *server.rules.lock().unwrap() = PoolRules {
        least: Some(2),
        most: Some(5),
        pause_ms: Some(0),
    };
    let (port, _task) = serve(Arc::clone(&server), 0).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (node, shutdown) = (node.clone(), shutdown.clone());
        async move { agent::run(node, access(port), shutdown).await }
    });
    let filled = async || {
        let pool = node.pools().await.unwrap().pop().unwrap();
        (pool.ready, pool.wanted) == (2, 2)
    };
    eventually(Duration::from_secs(60), filled).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
}
