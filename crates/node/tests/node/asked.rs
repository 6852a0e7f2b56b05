//! The agent answers questions beside its orders.

use crate::place::Place;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{NodeId, QuestionId, Secret};
use node::{ServerAccess, agent};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::eventually;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::database::{About, Question, Questions, Reply};
use wire::node::{Commands, ObservedAnswer};

#[derive(Default)]
struct Server {
    questions: Mutex<Vec<Question>>,
    replies: Mutex<Vec<(String, Reply)>>,
}

async fn questions(State(server): State<Arc<Server>>) -> Json<Questions> {
    let questions = std::mem::take(&mut *server.questions.lock().unwrap());
    if questions.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Json(Questions { questions })
}

async fn reply(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Json(reply): Json<Reply>,
) -> StatusCode {
    server.replies.lock().unwrap().push((id, reply));
    StatusCode::NO_CONTENT
}

/// A poll for commands that never ends, as of a node that has its hands full.
async fn commands() -> Json<Commands> {
    std::future::pending().await
}

#[tokio::test]
async fn questions_are_answered_while_orders_are_waited_for() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let server = Arc::new(Server::default());
    let router = Router::new()
        .route("/node/v1/commands", get(commands))
        .route(
            "/node/v1/observed",
            post(async || Json(ObservedAnswer::default())),
        )
        .route("/node/v1/questions", get(questions))
        .route("/node/v1/questions/{id}/answer", post(reply))
        .with_state(Arc::clone(&server));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let access = ServerAccess {
        server: format!("http://127.0.0.1:{port}/").parse().unwrap(),
        node: NodeId::from_uuid(Uuid::nil()),
        credential: Secret::new("a node's own credential".to_owned()),
        server_key: None,
        credential_file: None,
    };
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(agent::run(node, access, shutdown.clone()));
    let id = QuestionId::from_uuid(Uuid::from_u128(5));
    server.questions.lock().unwrap().push(Question {
        id,
        tenant: made.tenant,
        database: made.database.clone(),
        about: About::Tables,
    });
    eventually(Duration::from_secs(20), || async {
        let replies = server.replies.lock().unwrap();
        matches!(replies.first(), Some((told, Reply::Tables(list))) if *told == id.to_string() && !list.items.is_empty())
    })
    .await
    .unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
}
