//! The OpenAPI document in the repository is the one that the program serves.

use crate::app::{App, Outcome};
use std::path::Path;

#[test]
fn document_in_the_repository_is_the_program_s() -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../api/openapi.json");
    let document = web::document();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        std::fs::write(&path, &document)?;
    }
    let kept = std::fs::read_to_string(&path)?;
    assert!(
        kept == document,
        "api/openapi.json is not current: run the tests of web with UPDATE_OPENAPI=1"
    );
    Ok(())
}

#[tokio::test]
async fn served_document_is_the_same() -> Outcome {
    let app = App::start().await?;
    let answer = app.get("/api/openapi.json").await?;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, web::document());
    app.finish().await
}
