//! Access tokens: ours and in time, or worth nothing.

use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

async fn me(app: &App, token: &str) -> Outcome<Answer> {
    Answer::of(app.bare(Method::GET, "/api/auth/me").bearer_auth(token)).await
}

/// The parts of a token, decoded.
fn parts(person: &Person) -> Outcome<(Value, Value)> {
    let mut parts = person.access.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
    let mut next = || -> Outcome<Value> {
        Ok(serde_json::from_slice(
            &parts.next().ok_or("a part is missing")??,
        )?)
    };
    Ok((next()?, next()?))
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn a_token_says_little_and_the_right_things() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (header, claims) = parts(&ana)?;
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("at+jwt"))
    );
    assert!(header["kid"].is_string());
    assert_eq!(claims["iss"], "https://panel.example.com");
    assert_eq!(
        (&claims["aud"], &claims["typ"]),
        (&json!("tenantry-api"), &json!("access"))
    );
    assert_eq!(claims["sub"], json!(ana.id));
    assert_eq!(
        claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0),
        900
    );
    let names: Vec<&String> = claims.as_object().ok_or("no claims")?.keys().collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub", "typ"]);
    me(&app, &ana.access).await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn forged_tokens_open_nothing_and_are_written_down() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("owner").await?;
    let eva = app.staff("viewer").await?;
    let (header, claims) = parts(&ana)?;
    let [first, second, third] = ana.access.split('.').collect::<Vec<_>>()[..] else {
        return Err("not three parts".into());
    };
    let [_, _, signature_of_eva] = eva.access.split('.').collect::<Vec<_>>()[..] else {
        return Err("not three parts".into());
    };
    let other = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        format!("{first}.{}.{third}", encoded(&claims))
    };
    let headed = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        format!("{}.{second}.{third}", encoded(&header))
    };
    // With the public key as the secret of an HMAC, as libraries fell for that let the token choose.
    let public: Vec<u8> = sqlx::query_scalar("SELECT public_key FROM signing_key")
        .fetch_one(&app.database.pool)
        .await?;
    let confused = Header {
        kid: header["kid"].as_str().map(ToOwned::to_owned),
        typ: Some("at+jwt".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let confused = jsonwebtoken::encode(&confused, &claims, &EncodingKey::from_secret(&public))?;
    let forgeries = [
        format!("{first}.{second}."),
        format!("{first}.{second}.{signature_of_eva}"),
        format!(
            "{}.{second}.",
            encoded(&json!({ "alg": "none", "typ": "at+jwt", "kid": header["kid"] }))
        ),
        format!(
            "{}.{second}.{third}",
            encoded(&json!({ "alg": "none", "typ": "at+jwt", "kid": header["kid"] }))
        ),
        other("sub", json!(eva.id)),
        other("aud", json!("other-api")),
        other("iss", json!("https://evil.example.com")),
        other("exp", json!(99_999_999_999_i64)),
        headed("kid", json!("00000000000000000000000000000001")),
        headed("kid", json!("../../etc/passwd")),
        headed("typ", json!("JWT")),
        headed("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" })),
        confused,
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{first}.{second}.{third}{}", "A".repeat(4000)),
    ];
    for forgery in &forgeries {
        me(&app, forgery)
            .await?
            .problem(401, "unauthenticated")
            .map_err(|e| format!("{forgery}: {e}"))?;
        let cookie = format!("__Host-access_token={forgery}");
        let request = app.bare(Method::GET, "/api/tenants").header("cookie", cookie);
        Answer::of(request).await?.problem(401, "unauthenticated")?;
    }
    let trail = app.trail("refused.credential").await?;
    // Once a minute for each route and address: a flood does not fill the trail.
    assert_eq!(
        trail,
        [
            "nobody GET /api/auth/me 127.0.0.1",
            "nobody GET /api/tenants 127.0.0.1"
        ]
    );
    app.finish().await
}

#[tokio::test]
async fn a_token_signed_by_us_for_somebody_else_or_of_another_kind_opens_nothing() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("owner").await?;
    let (header, claims) = parts(&ana)?;
    // The installation's own key, as somebody has it who can open what it sealed.
    let seed = [9_u8; 32];
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed)?;
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
    sqlx::query("UPDATE signing_key SET public_key = $1")
        .bind(public.as_ref())
        .execute(&app.database.pool)
        .await?;
    let replica = crate::app::Replica::start(&app).await?;
    let signer = EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref());
    let signed = |kind: &str, name: &str, value: Value| -> Outcome<String> {
        let mut claims = claims.clone();
        claims[name] = value;
        let header = Header {
            kid: header["kid"].as_str().map(ToOwned::to_owned),
            typ: Some(kind.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        Ok(jsonwebtoken::encode(&header, &claims, &signer)?)
    };
    let ask = |token: String| Answer::of(replica.bare(Method::GET, "/api/auth/me").bearer_auth(token));
    ask(signed("at+jwt", "typ", json!("access"))?)
        .await?
        .expect(200)?;
    let now = claims["iat"].as_i64().ok_or("no iat")?;
    for (kind, name, value) in [
        ("JWT", "typ", json!("access")),
        ("at+jwt", "typ", json!("refresh")),
        ("at+jwt", "aud", json!("another-api")),
        ("at+jwt", "aud", json!(["another-api"])),
        ("at+jwt", "iss", json!("https://other.example.com")),
        ("at+jwt", "exp", json!(now - 1)),
        ("at+jwt", "iat", json!(now + 3600)),
        ("at+jwt", "sub", json!("per_00000000000000000000000000000001")),
        ("at+jwt", "sid", json!("ses_00000000000000000000000000000001")),
    ] {
        let token = signed(kind, name, value.clone())?;
        ask(token)
            .await?
            .problem(401, "unauthenticated")
            .map_err(|e| format!("{name} {value}: {e}"))?;
    }
    drop(replica);
    app.finish().await
}

#[tokio::test]
async fn a_token_ends_after_fifteen_minutes() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    app.world.advance(SignedDuration::from_secs(840));
    me(&app, &ana.access).await?.expect(200)?;
    app.world.advance(SignedDuration::from_secs(61));
    me(&app, &ana.access).await?.problem(401, "unauthenticated")?;
    app.finish().await
}

#[tokio::test]
async fn keys_are_replaced_monthly_and_old_tokens_are_still_good() -> Outcome {
    let app = App::start().await?;
    app.staff("admin").await?;
    app.world
        .advance(SignedDuration::from_hours(30 * 24 - 1) + SignedDuration::from_mins(55));
    let late = app.sign_in("admin@staff.example.com").await?;
    app.world.advance(SignedDuration::from_mins(10));
    let young = app.sign_in("admin@staff.example.com").await?;
    assert_ne!(parts(&late)?.0["kid"], parts(&young)?.0["kid"]);
    me(&app, &late.access).await?.expect(200)?;
    me(&app, &young.access).await?.expect(200)?;
    app.world.advance(SignedDuration::from_hours(48));
    app.control.forget_old().await?;
    assert_eq!(app.database.count("SELECT count(*) FROM signing_key").await?, 1);
    app.finish().await
}

#[tokio::test]
async fn a_replica_takes_what_another_signed() -> Outcome {
    let app = App::start().await?;
    let replica = crate::app::Replica::start(&app).await?;
    let ana = app.staff("admin").await?;
    let ask = || Answer::of(replica.bare(Method::GET, "/api/auth/me").bearer_auth(&ana.access));
    ask().await?.expect(200)?;
    Answer::of(app.by(&ana, Method::POST, "/api/auth/logout"))
        .await?
        .expect(200)?;
    // Signing out at one counts at the other with the next request.
    ask().await?.problem(401, "unauthenticated")?;
    drop(replica);
    app.finish().await
}
