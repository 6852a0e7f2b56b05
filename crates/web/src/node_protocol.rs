//! The protocol with nodes, `/node/v1`: every route but enrolment wants the node's own credential.

use crate::App;
use crate::client::Asking;
use crate::identity::Node;
use crate::input::{Body, LargeBody, Query, Segment};
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{CommandId, QuestionId};
use wire::database::{Listen, Questions, Reply};
use wire::handshake::{Hello, HelloAnswer, NextCredential};
use wire::node::{Commands, Enrol, Enrolled, Observed, ObservedAnswer, Outcome, Poll, Progress};

/// The routes of the protocol.
pub(crate) fn routes(app: &App) -> Router<App> {
    let proving = axum::middleware::from_fn_with_state(app.clone(), crate::node_proof::prove);
    Router::new()
        .route("/node/v1/identity", get(identity))
        .route("/node/v1/hello", post(hello))
        .route("/node/v1/credential", post(credential))
        .route("/node/v1/enrol", post(enrol))
        .route("/node/v1/observed", post(observed))
        .route("/node/v1/questions", get(questions))
        .route("/node/v1/questions/{id}/answer", post(answer))
        .route("/node/v1/commands", get(commands))
        .route("/node/v1/commands/{id}/progress", post(progress))
        .route("/node/v1/commands/{id}/outcome", post(outcome))
        .route_layer(proving)
}

/// Nothing but what every answer brings: the proof of who the server is, before a node shows anything of its own.
async fn identity() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn hello(
    State(app): State<App>,
    Node(session): Node,
    Asking(client): Asking,
    Body(hello): Body<Hello>,
) -> Answer<Json<HelloAnswer>> {
    Ok(Json(app.control.node_hello(session, &client, &hello).await?))
}

async fn credential(
    State(app): State<App>,
    Node(session): Node,
    Body(next): Body<NextCredential>,
) -> Answer<StatusCode> {
    app.control.offer_credential(session, &next).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enrol(State(app): State<App>, Body(request): Body<Enrol>) -> Answer<(StatusCode, Json<Enrolled>)> {
    Ok((StatusCode::CREATED, Json(app.control.enrol(&request).await?)))
}

async fn commands(
    State(app): State<App>,
    Node(session): Node,
    Query(poll): Query<Poll>,
) -> Answer<Json<Commands>> {
    Ok(Json(Commands {
        commands: app.control.poll_commands(session, &poll).await?,
    }))
}

async fn observed(
    State(app): State<App>,
    Node(session): Node,
    LargeBody(observed): LargeBody<Observed>,
) -> Answer<Json<ObservedAnswer>> {
    Ok(Json(app.control.node_observed(session, &observed).await?))
}

async fn progress(
    State(app): State<App>,
    Node(session): Node,
    Segment(id): Segment<CommandId>,
    Body(progress): Body<Progress>,
) -> Answer<StatusCode> {
    app.control.command_progress(session, id, &progress).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn outcome(
    State(app): State<App>,
    Node(session): Node,
    Segment(id): Segment<CommandId>,
    Body(outcome): Body<Outcome>,
) -> Answer<StatusCode> {
    app.control.command_outcome(session, id, &outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn questions(
    State(app): State<App>,
    Node(session): Node,
    Query(listen): Query<Listen>,
) -> Answer<Json<Questions>> {
    Ok(Json(Questions {
        questions: app.control.poll_questions(session, &listen).await?,
    }))
}

async fn answer(
    State(app): State<App>,
    Node(session): Node,
    Segment(id): Segment<QuestionId>,
    LargeBody(reply): LargeBody<Reply>,
) -> Answer<StatusCode> {
    app.control.take_answer(session, id, &reply).await?;
    Ok(StatusCode::NO_CONTENT)
}
