//! What an identity provider says: sets of keys, ID tokens, logout tokens. Nothing that libFuzzer writes is signed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{Expected, Issuer, Keys, Reach};

/// A key whose private half nobody kept.
const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"k",
"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fuzz_target!(|bytes: &[u8]| {
    let _ = Keys::read(bytes);
    let (Ok(token), Ok(issuer)) = (
        std::str::from_utf8(bytes),
        Issuer::check("https://login.example.com", Reach::Public),
    ) else {
        return;
    };
    if let Ok(address) = Issuer::check(token, Reach::Public) {
        assert!(
            address.as_str().to_ascii_lowercase().starts_with("https:"),
            "{address}"
        );
    }
    let Ok(keys) = Keys::read(KEYS) else {
        panic!("the key of this test can be read")
    };
    let expected = Expected {
        issuer: &issuer,
        client: "panel",
        now: 1_800_000_000,
    };
    assert!(oidc::check_id_token(token, &keys, expected, "nonce").is_err());
    assert!(oidc::check_logout_token(token, &keys, expected).is_err());
});
