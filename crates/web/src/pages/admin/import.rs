//! `GET /admin/import`: a file of somebody's Odoo goes up and becomes a tenant.

use super::choices::Choices;
use crate::App;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::Action;
use serde_json::json;
use wire::import::UploadView;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage {
    v: View,
    choices: Choices,
    uploads: Vec<UploadView>,
    /// Whether the server has a folder for uploads.
    takes: bool,
}

/// The page.
pub(crate) async fn import(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    caller.require(Action::ImportTenant)?;
    let takes = app.control.takes_uploads();
    let uploads = match takes {
        true => app.control.uploads(&caller).await?,
        false => Vec::new(),
    };
    let choices = Choices::of(&app, &caller).await?;
    Ok(page(
        ImportPage {
            v,
            choices,
            uploads,
            takes,
        }
        .render(),
    ))
}

/// What the island and its dialogs need to know of an upload.
pub(crate) fn upload_values(u: &UploadView) -> String {
    json!({
        "id": u.id, "name": u.file_name, "bytes": u.bytes, "offset": u.offset,
    })
    .to_string()
}

/// How far it is.
pub(crate) fn upload_far(v: &View, u: &UploadView) -> String {
    v.upload_of
        .as_str()
        .replacen("{}", &v.bytes(&u.offset), 1)
        .replacen("{}", &v.bytes(&u.bytes), 1)
}
