//! Second factors: codes, recovery codes, passkeys, who must have one, proving anew who one is.

mod codes;
mod demand;
mod guessing;
mod passkeys;
mod recovery;
mod reset;
mod second_step;
mod secrets;
mod step_up;
mod without_password;

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person};
use crate::app::{App, Outcome};
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Authenticator;

/// What the panel's pages are of.
const ORIGIN: &str = "https://panel.example.com";
const HOST: &str = "panel.example.com";
/// What the library that checks passkeys says in the log of one that it refuses.
const SAID: [&str; 2] = ["webauthn_rs_core", "webauthn_rs"];

/// A phone with an app, and a sheet of paper with recovery codes.
pub struct Phone {
    secret: String,
    pub sheet: Vec<String>,
}

impl Phone {
    pub fn of(setup: &Value) -> Outcome<Self> {
        let sheet = setup["backup_codes"].as_array().ok_or("no recovery codes")?;
        let sheet = sheet.iter().filter_map(Value::as_str).map(ToOwned::to_owned);
        Ok(Self {
            secret: setup["secret"].as_str().ok_or("no secret")?.to_owned(),
            sheet: sheet.collect(),
        })
    }

    /// The code that the app shows, so many steps of 30 s from now (RFC 6238).
    pub fn code(&self, app: &App, steps: i64) -> Outcome<String> {
        let step = u64::try_from(app.world.now().as_second() / 30 + steps)?;
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(&self.secret)?);
        let tag = sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().ok_or("no tag")? & 0x0f);
        let word: [u8; 4] = tag.get(at..at + 4).ok_or("a short tag")?.try_into()?;
        let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
        Ok(format!("{number:06}"))
    }
}

fn base32(text: &str) -> Outcome<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0u32, 0u32, Vec::new());
    for letter in text.trim_end_matches('=').chars() {
        let place = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .find(letter)
            .ok_or("no base32")?;
        bits = (bits << 5) | u32::try_from(place)?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff)?);
        }
    }
    Ok(bytes)
}

impl App {
    pub async fn asked(&self, person: &Person, method: Method, path: &str, body: &Value) -> Outcome<Answer> {
        Answer::of(self.by(person, method, path).json(body)).await
    }

    async fn look(&self, person: &Person, path: &str) -> Outcome<Value> {
        Answer::of(self.by(person, Method::GET, path)).await?.expect(200)
    }

    /// Sets codes of an app up, from the picture to the confirmation.
    pub async fn enrol_phone(&self, person: &Person) -> Outcome<Phone> {
        // To the beginning of a code's half minute, so that the test does not run over its end.
        let left = 30 - self.world.now().as_second().rem_euclid(30);
        self.world.advance(SignedDuration::from_secs(left));
        let setup = Answer::of(self.by(person, Method::POST, "/api/auth/2fa/setup")).await?;
        let phone = Phone::of(&setup.expect(200)?)?;
        let code = json!({ "code": phone.code(self, 0)? });
        self.asked(person, Method::POST, "/api/auth/2fa/verify", &code)
            .await?
            .expect(200)?;
        Ok(phone)
    }

    /// Adds a passkey; gives the answer and what holds it.
    pub async fn enrol_passkey(&self, person: &Person, name: &str) -> Outcome<(Value, Authenticator)> {
        let mut key = Authenticator::new(ORIGIN, HOST)?;
        let answer = self.add_passkey(person, name, &mut key).await?;
        Ok((answer.expect(201)?, key))
    }

    async fn add_passkey(&self, person: &Person, name: &str, key: &mut Authenticator) -> Outcome<Answer> {
        let asked = Answer::of(self.by(person, Method::POST, "/api/auth/passkeys/options"))
            .await?
            .expect(200)?;
        let made = key.create(&asked["options"]);
        let body = json!({ "challenge": asked["challenge"], "name": name, "credential": made });
        self.asked(person, Method::POST, "/api/auth/passkeys", &body)
            .await
    }

    /// The first step of a sign-in, and the second where a code is sent along.
    async fn log_in(&self, email: &str, code: Option<&str>) -> Outcome<Answer> {
        let mut body = json!({ "email": email, "password": PASSWORD, "transport": "bearer" });
        if let Some(code) = code {
            body["totp_code"] = json!(code);
        }
        Answer::of(self.bare(Method::POST, "/api/auth/login").json(&body)).await
    }

    /// The first step of a sign-in that wants a second.
    pub async fn first_step(&self, email: &str) -> Outcome<Value> {
        let asked = self.log_in(email, None).await?;
        assert!(!asked.headers.contains_key("set-cookie"), "{}", asked.text);
        let asked = asked.expect(200)?;
        assert_eq!(asked["requires_totp"], json!(true));
        assert!(asked.get("access_token").is_none() && asked.get("csrf_token").is_none());
        Ok(asked)
    }

    async fn second_step(&self, challenge: &Value, field: &str, shown: &Value) -> Outcome<Answer> {
        let body = json!({ "challenge": challenge, field: shown, "transport": "bearer" });
        Answer::of(self.bare(Method::POST, "/api/auth/totp/verify").json(&body)).await
    }

    /// New tokens of a session whose access token has ended.
    async fn renewed(&self, person: &Person) -> Outcome<Person> {
        let body = json!({ "refresh_token": person.refresh });
        let answer = Answer::of(self.bare(Method::POST, "/api/auth/refresh").json(&body)).await?;
        let answer = answer.expect(200)?;
        let text = |field: &str| {
            answer[field]
                .as_str()
                .map(ToOwned::to_owned)
                .ok_or("a field is missing")
        };
        Ok(Person {
            access: text("access_token")?,
            refresh: text("refresh_token")?,
            ..person.clone()
        })
    }

    /// Why second factors were refused, oldest first.
    async fn refused_because(&self) -> Outcome<Vec<String>> {
        let query = "SELECT detail->>'because' FROM audit_entry WHERE action = 'factor.refused' ORDER BY id";
        Ok(sqlx::query_scalar(query).fetch_all(&self.database.pool).await?)
    }
}
