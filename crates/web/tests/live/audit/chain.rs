//! The chain over HTTP: sealed by itself, taken along, checked with nothing but the file and the public key.

use crate::app::{App, Outcome};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use domain::chain::{Broken, Walk, bytes_of_hex};
use testkit::eventually;
use wire::audit::ChainLine;

/// Checks a file as somebody does who has it and the key.
fn check(file: &str, key: &str) -> Outcome<Vec<(Option<i64>, Broken)>> {
    let key = bytes_of_hex(key).ok_or("no key")?;
    let signed = |statement: &str, signature: &[u8]| {
        let key = UnparsedPublicKey::new(&ED25519, &key);
        key.verify(statement.as_bytes(), signature).is_ok()
    };
    let mut walk = Walk::new(signed);
    for line in file.lines() {
        let line: ChainLine = serde_json::from_str(line)?;
        line.step(&mut walk).map_err(|_| "a bad line")?;
    }
    Ok(walk
        .findings()
        .iter()
        .map(|one| (one.number, one.broken))
        .collect())
}

#[tokio::test]
async fn entries_are_sealed_by_themselves_and_the_file_proves_it_without_the_server() -> Outcome {
    let app = App::start().await?;
    app.organization("Acme").await?;
    let control = app.control.clone();
    let sealed = || async {
        let checked = control
            .verify_audit(&control::Caller::system(), &Default::default())
            .await;
        checked.is_ok_and(|checked| checked.whole && checked.unsealed == 0 && checked.entries > 3)
    };
    eventually(std::time::Duration::from_secs(20), sealed).await?;
    let checked = app.get("/api/audit/verification").await?.expect(200)?;
    assert_eq!((&checked["whole"], &checked["found"]), (&true.into(), &0.into()));
    let page = app.get("/api/audit").await?.expect(200)?;
    assert!(page["items"][0]["sealed"]["hash"].is_string());
    let keys = app.get("/api/audit/keys").await?.expect(200)?;
    let key = keys["items"][0]["public_key"]
        .as_str()
        .ok_or("no key")?
        .to_owned();
    let file = app.get("/api/audit/chain").await?.text;
    assert!(file.ends_with("{\"is\":\"done\"}\n"));
    assert_eq!(check(&file, &key)?, []);
    // One letter of one entry.
    let forged = file.replacen("Acme", "Acne", 1);
    let found = check(&forged, &key)?;
    assert!(
        matches!(found.as_slice(), [(Some(_), Broken::Altered)]),
        "{found:?}"
    );
    // Another's key.
    assert!(!check(&file, &"0".repeat(64))?.is_empty());
    app.finish().await
}
