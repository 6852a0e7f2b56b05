//! The answer to a change: done, accepted with a link to its operation, or failed with a reason.

use crate::App;
use crate::language::Language;
use crate::prefer::Prefer;
use crate::problem::{Answer, Failure, Kind, told};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::{Caller, operation_view};
use domain::{OperationId, OperationState};
use store::OperationRecord;

/// Waits as long as the caller likes; an operation that failed becomes a failure.
pub(crate) async fn settled(
    app: &App,
    caller: &Caller,
    id: OperationId,
    prefer: Prefer,
) -> Answer<OperationRecord> {
    let record = app
        .control
        .wait(caller, id, prefer.0)
        .await
        .map_err(after_begin(id))?;
    if record.state == OperationState::Failed {
        Err(failed(&record))
    } else {
        Ok(record)
    }
}

/// The answer to a change of a tenant: `done` when it has ended, otherwise 202 and where to look.
pub(crate) async fn change(
    app: &App,
    caller: &Caller,
    id: OperationId,
    prefer: Prefer,
    done: StatusCode,
) -> Answer<Response> {
    let record = settled(app, caller, id, prefer).await?;
    let body = app.control.tenant_change(caller, &record).await;
    let status = status(&record, done);
    match body {
        Ok(change) => Ok(located((status, Json(change)).into_response(), &record)),
        // After a purge there is no tenant to show.
        Err(control::ControlError::NotFound(_)) => Ok(located(
            (status, Json(operation_view(record.clone()))).into_response(),
            &record,
        )),
        Err(error) => Err(after_begin(id)(error)),
    }
}

/// What an error means once the operation was written down: it goes on, whatever became of this answer.
pub(crate) fn after_begin(id: OperationId) -> impl FnOnce(control::ControlError) -> Failure {
    move |error| {
        let unavailable = matches!(error, control::ControlError::Unavailable(_));
        let failure = Failure::from(error).with_operation(Some(id));
        if !unavailable {
            return failure;
        }
        let words = Language::current().pick(
            "The control database stopped answering after the operation was written down. It goes on: ask for it at",
            "La base de datos de control dejó de responder cuando la operación ya estaba anotada. Sigue su curso: pregunte en",
        );
        failure.in_words(format!("{words} /api/operations/{id}"))
    }
}

/// `done` when the operation has ended, otherwise 202.
pub(crate) fn status(record: &OperationRecord, done: StatusCode) -> StatusCode {
    if record.state.is_final() {
        done
    } else {
        StatusCode::ACCEPTED
    }
}

/// Adds where the operation can be followed.
pub(crate) fn located(response: Response, record: &OperationRecord) -> Response {
    location(response, record.id)
}

/// Adds where this operation can be followed.
pub(crate) fn location(mut response: Response, id: OperationId) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("/api/operations/{id}")) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// The failure that an operation ended with, for its caller.
pub(crate) fn failed(record: &OperationRecord) -> Failure {
    let Some(failure) = &record.failure else {
        return Failure::of(Kind::OperationFailed).with_operation(Some(record.id));
    };
    let kind = match failure.code.as_str() {
        "login-taken"
        | "not-adoptable"
        | "edge-still-closed"
        | "edge-still-open"
        | "database-exists"
        | "filestore-exists"
        | "administrator-not-found"
        | "template-damaged"
        | "template-missing"
        | "tenant-shut"
        | control::CANCELLED => Kind::OperationConflict,
        "language-not-installed" | "country-not-found" => Kind::OperationInvalid,
        "tenant-unknown" => Kind::NotFound,
        _ => Kind::OperationFailed,
    };
    let language = Language::current();
    let (_, lead) = Kind::OperationFailed.text(language);
    Failure::of(kind)
        .with_operation(Some(record.id))
        .in_words(format!("{lead} {}", told(failure, language)))
}
