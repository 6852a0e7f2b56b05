//! What a tenant's state allows is what the domain's table says.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use domain::{OperationKind, TenantState};
use reqwest::Method;
use serde_json::{Value, json};

fn request_of(kind: OperationKind, name: &str) -> Option<(Method, String, Value)> {
    let path = format!("/api/tenants/{name}");
    Some(match kind {
        OperationKind::SetPassword => (
            Method::POST,
            format!("{path}/password"),
            json!({ "new_password": "Quetzal-volando-48" }),
        ),
        OperationKind::RenameTenant => (
            Method::PATCH,
            path,
            json!({ "subdomain": format!("{name}-renamed") }),
        ),
        OperationKind::SuspendTenant => (Method::POST, format!("{path}/suspend"), json!({})),
        OperationKind::PauseTenant => (Method::POST, format!("{path}/pause"), json!({})),
        OperationKind::ResumeTenant => (Method::POST, format!("{path}/resume"), json!({})),
        OperationKind::DeleteTenant => (Method::DELETE, format!("{path}?confirm={name}"), Value::Null),
        OperationKind::UndeleteTenant => (Method::POST, format!("{path}/undelete"), json!({})),
        OperationKind::PurgeTenant => (Method::POST, format!("{path}/purge"), json!({ "confirm": name })),
        OperationKind::SetEmail => (
            Method::PUT,
            "/api/provisioning/tenant/email".to_owned(),
            json!({ "subdomain": name, "new_email": "eva@example.com" }),
        ),
        // A check has no address of its own, and its outcome no state: tests of bulk changes look at it.
        // Neither has entering, which the staff does by a support access: its own tests look at both.
        OperationKind::CheckTenant
        | OperationKind::EnterTenant
        | OperationKind::EndSupport
        | OperationKind::Bulk
        | OperationKind::MendTenant
        | OperationKind::MoveTenant
        | OperationKind::BackUpTenant
        | OperationKind::VerifyBackup
        | OperationKind::SendBackup
        | OperationKind::RestoreTenant
        | OperationKind::PruneBackups
        | OperationKind::VacuumDatabase
        | OperationKind::AnalyzeDatabase
        | OperationKind::ReindexDatabase
        | OperationKind::EndConnection
        | OperationKind::ConfirmMove
        | OperationKind::ApplyDrift
        | OperationKind::DrainNode
        | OperationKind::CreateTenant
        | OperationKind::AdoptTenant
        | OperationKind::BuildTemplate
        | OperationKind::WarmTemplate
        | OperationKind::AdoptTemplate
        | OperationKind::RetireTemplate => return None,
    })
}

#[tokio::test]
async fn every_operation_in_every_state_is_done_or_refused_as_the_table_says() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let mut number = 0;
    for state in TenantState::ALL {
        for kind in OperationKind::ALL {
            number += 1;
            let name = format!("tenant{number}");
            let Some((method, path, body)) = request_of(*kind, &name) else {
                continue;
            };
            app.tenant(&name).await?;
            let times = if *state == TenantState::Deleted {
                "now(), now()"
            } else {
                "NULL, NULL"
            };
            let set = format!(
                "UPDATE tenant SET state = '{state}', (deleted_at, purge_after) = (SELECT {times}) WHERE subdomain = '{name}'"
            );
            app.database
                .run(&set.replace("SELECT NULL, NULL", "SELECT NULL::timestamptz, NULL::timestamptz"))
                .await?;
            let answer = Answer::of(app.request(method, &path).json(&body)).await?;
            match state.after(*kind) {
                Ok(after) if *kind == OperationKind::PurgeTenant => {
                    assert_eq!(answer.expect(200)?["state"], "succeeded", "{after}")
                }
                Ok(after) if *kind == OperationKind::SetEmail => {
                    assert_eq!(answer.expect(200)?["success"], true);
                    let now = app.get(&format!("/api/tenants/{name}")).await?.expect(200)?;
                    assert_eq!(now["state"], after.as_str(), "{state} {kind}");
                }
                Ok(after) => assert_eq!(answer.expect(200)?["state"], after.as_str(), "{state} {kind}"),
                Err(_) => drop(
                    answer
                        .problem(409, "state")
                        .map_err(|e| format!("{state} {kind}: {e}"))?,
                ),
            }
        }
    }
    drop(worker);
    app.finish().await
}
