//! Files that come in piece by piece: what is there counts and nothing else, whatever broke.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

async fn begun(app: &App, bytes: usize) -> Outcome<(String, PathBuf)> {
    let asked = json!({ "bytes": bytes, "file_name": "acme.zip" });
    let made = app.post("/api/uploads", &asked).await?.expect(201)?;
    let id = made["id"].as_str().ok_or("no upload")?.to_owned();
    let file = app.uploads.path().join(&id);
    Ok((id, file))
}

async fn piece(app: &App, id: &str, offset: usize, content: &[u8], language: &str) -> Outcome<Answer> {
    let request = app
        .request(Method::PATCH, &format!("/api/uploads/{id}"))
        .header("upload-offset", offset)
        .header("accept-language", language)
        .body(content.to_vec());
    Answer::of(request).await
}

async fn there(app: &App, id: &str) -> Outcome<Value> {
    Ok(app.get(&format!("/api/uploads/{id}")).await?.expect(200)?["offset"].clone())
}

#[tokio::test]
async fn a_full_disk_is_told_as_what_it_is_and_the_upload_goes_on_when_there_is_room() -> Outcome {
    let app = App::start().await?;
    let (id, file) = begun(&app, 10).await?;
    piece(&app, &id, 0, b"12345", "en").await?.expect(204)?;
    // The device on which there is never room; what came before lies elsewhere meanwhile.
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside)?;
    symlink("/dev/full", &file)?;
    for (language, word) in [("en", "disk"), ("es", "disco")] {
        let problem = piece(&app, &id, 0, b"67890", language)
            .await?
            .problem(507, "disk-full")?;
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| text.contains("room") || text.contains("sitio")),
            "{problem}"
        );
        assert!(
            problem["title"].as_str().is_some_and(|text| text.contains(word)),
            "{problem}"
        );
    }
    assert_eq!(there(&app, &id).await?, 0);
    fs::remove_file(&file)?;
    fs::rename(&aside, &file)?;
    assert_eq!(there(&app, &id).await?, 5);
    piece(&app, &id, 5, b"67890", "en").await?.expect(204)?;
    assert_eq!(fs::read(&file)?, b"1234567890");
    app.finish_despite(&[
        "there is no room for an upload",
        "an upload could not be cut back",
    ])
    .await
}

#[tokio::test]
async fn open_uploads_are_listed_with_how_far_they_are_and_who_began_them_until_they_are_removed() -> Outcome
{
    let app = App::start().await?;
    let (first, _) = begun(&app, 10).await?;
    let (second, _) = begun(&app, 5).await?;
    piece(&app, &second, 0, b"123", "en").await?.expect(204)?;
    let list = app.get("/api/uploads").await?.expect(200)?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> = items
        .iter()
        .map(|one| (one["id"].clone(), one["offset"].clone(), one["by_name"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!(second), json!(3), json!("tests")),
            (json!(first), json!(0), json!("tests")),
        ]
    );
    let page = app.get("/admin/import").await?;
    assert!(
        page.status == 200 && page.text.contains("acme.zip") && page.text.contains(&second),
        "{}",
        page.text
    );
    for id in [&first, &second] {
        app.delete(&format!("/api/uploads/{id}")).await?.expect(204)?;
    }
    let list = app.get("/api/uploads").await?.expect(200)?;
    assert_eq!(list["items"], json!([]));
    app.finish().await
}

#[tokio::test]
async fn too_many_open_uploads_are_refused_in_words_of_their_own() -> Outcome {
    let app = App::start().await?;
    let mut made = Vec::new();
    for _ in 0..20 {
        made.push(begun(&app, 5).await?.0);
    }
    let asked = json!({ "bytes": 5, "file_name": "one too many" });
    let request = app
        .request(Method::POST, "/api/uploads")
        .header("accept-language", "es")
        .json(&asked);
    let refused = Answer::of(request).await?;
    assert_eq!(refused.header("retry-after"), "600");
    let problem = refused.problem(429, "too-many-uploads")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("subidas")),
        "{problem}"
    );
    app.delete(&format!("/api/uploads/{}", made[0]))
        .await?
        .expect(204)?;
    begun(&app, 5).await?;
    app.finish().await
}
