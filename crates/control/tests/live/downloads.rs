//! Downloads: a link works until it is over, used or taken back, whoever comes is written down, and only whoever may makes one.

use crate::{Outcome, Plane, backups};
use control::{Caller, Client, ConflictReason, ControlError, Fetch, Fetched};
use domain::{BackupId, DownloadId, OperationId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use wire::export::{DownloadView, FetchRequest};

/// Somebody comes with a link to a backup of this tenant; gives the operation that sends it.
pub async fn begin(plane: &Plane, name: &str) -> Outcome<OperationId> {
    let backup = backups::taken(plane, name).await?;
    let made = link(plane, backup, json!({})).await?;
    Ok(fetch(plane, &made).await?.operation)
}

async fn link(plane: &Plane, backup: BackupId, body: Value) -> Outcome<DownloadView> {
    let request = serde_json::from_value(body)?;
    Ok(plane
        .control
        .download_backup(&Caller::system(), backup, &request)
        .await?)
}

fn token(made: &DownloadView) -> FetchRequest {
    let token = made
        .url
        .as_deref()
        .and_then(|url| url.split_once('#'))
        .map_or("", |(_, token)| token);
    FetchRequest {
        token: wire::Plaintext::new(token.to_owned()),
        offset: None,
    }
}

async fn fetch(plane: &Plane, made: &DownloadView) -> Result<Fetch, ControlError> {
    plane.control.begin_fetch(&Client::default(), &token(made)).await
}

async fn taken(plane: &Plane) -> Outcome<BackupId> {
    plane.tenant("acme").await?;
    backups::knows(plane).await?;
    backups::taken(plane, "acme").await
}

const WHOLE: Fetched = Fetched {
    bytes: 9,
    is_whole: true,
};
const CUT: Fetched = Fetched {
    bytes: 3,
    is_whole: false,
};

#[tokio::test]
async fn a_link_is_used_up_by_a_download_that_came_to_its_end_and_by_no_other() -> Outcome {
    let plane = Plane::start().await?;
    let backup = taken(&plane).await?;
    let once = link(&plane, backup, json!({})).await?;
    let first = fetch(&plane, &once).await?;
    plane.control.end_fetch(&first, CUT).await?;
    let second = fetch(&plane, &once).await?;
    plane.control.end_fetch(&second, WHOLE).await?;
    assert!(matches!(fetch(&plane, &once).await, Err(ControlError::LinkOver)));
    let id: DownloadId = once.id.parse()?;
    let shown = plane.control.download(&Caller::system(), id).await?;
    assert_eq!(
        (shown.state.as_str(), shown.url, shown.fetches.len()),
        ("used", None, 2)
    );
    assert!(shown.fetches[0].whole && !shown.fetches[1].whole);

    let often = link(&plane, backup, json!({ "repeatable": true })).await?;
    for _ in 0..2 {
        let came = fetch(&plane, &often).await?;
        plane.control.end_fetch(&came, WHOLE).await?;
    }
    let audited = "SELECT count(*)::text FROM audit_entry WHERE action = 'download.fetch'";
    assert_eq!(plane.texts(audited).await?, ["4"]);
    Ok(())
}

#[tokio::test]
async fn a_link_that_is_over_or_taken_back_opens_nothing() -> Outcome {
    let plane = Plane::start().await?;
    let backup = taken(&plane).await?;
    let made = link(&plane, backup, json!({ "hours": 1 })).await?;
    let came = fetch(&plane, &made).await?;
    let id: DownloadId = made.id.parse()?;
    plane.control.revoke_download(&Caller::system(), id).await?;
    assert!(matches!(fetch(&plane, &made).await, Err(ControlError::LinkOver)));
    // The node that sends at this moment is told that nobody wants it any more.
    let refused = plane.control.transfer_end(plane.node, came.transfer).await;
    assert!(
        matches!(refused, Err(ControlError::Conflict(ConflictReason::TransferOver))),
        "{refused:?}"
    );

    let other = link(&plane, backup, json!({ "hours": 1 })).await?;
    plane
        .control
        .look_at_download(token(&other).token.expose())
        .await?;
    plane.world.advance(SignedDuration::from_mins(61));
    assert!(matches!(fetch(&plane, &other).await, Err(ControlError::LinkOver)));
    let strange = plane.control.look_at_download("no such token").await;
    assert!(matches!(strange, Err(ControlError::LinkOver)));
    Ok(())
}

#[tokio::test]
async fn what_is_asked_for_is_checked_before_a_link_is_made() -> Outcome {
    let plane = Plane::start().await?;
    let backup = taken(&plane).await?;
    for (body, field) in [
        (json!({ "form": "tape" }), "form"),
        (json!({ "hours": 0 }), "hours"),
        (json!({ "form": "table" }), "table"),
        (json!({ "form": "table", "table": "a*" }), "table"),
        (json!({ "form": "table", "table": "--file=/etc/x" }), "table"),
        (json!({ "form": "files", "attachment": {} }), "attachment"),
        (json!({ "table": "res_partner" }), "table"),
    ] {
        let request = serde_json::from_value(body.clone())?;
        let refused = plane
            .control
            .download_backup(&Caller::system(), backup, &request)
            .await;
        let Err(ControlError::Invalid(fields)) = refused else {
            return Err(format!("{body} passed").into());
        };
        assert_eq!(fields[0].field, field, "{body}");
    }
    Ok(())
}
