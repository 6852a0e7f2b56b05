//! A small identity provider in the test's own process, which says whatever a test has it say: hostile tokens, a
//! description that is too large, keys that change.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How a provider answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Well,
    /// With a description without end.
    Huge,
    /// Not within any patience.
    Slowly,
    /// With a redirect to this address.
    Elsewhere(String),
    /// With this description in place of its own.
    As(String),
    /// With a server error.
    Broken,
}

/// A key that signs.
struct Key {
    kid: String,
    private: EncodingKey,
    public: Value,
}

struct State {
    manner: Manner,
    keys: Vec<Key>,
    made: usize,
    /// The tokens that codes are exchanged for, by code.
    tokens: Vec<(String, String)>,
    used: HashSet<String>,
    asked_for_keys: usize,
    forms: Vec<String>,
}

/// An identity provider on loopback.
pub struct Issuer {
    base: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn other(text: &'static str) -> io::Error {
    io::Error::other(text)
}

fn key(number: usize) -> io::Result<Key> {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        .map_err(|_| other("no key"))?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
        .map_err(|_| other("no pair"))?;
    let point = pair.public_key().as_ref().to_vec();
    let coordinate = |from: usize, to: usize| point.get(from..to).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let kid = format!("key-{number}");
    let public = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
        "x": coordinate(1, 33), "y": coordinate(33, 65) });
    Ok(Key {
        kid,
        private: EncodingKey::from_ec_der(pkcs8.as_ref()),
        public,
    })
}

impl Issuer {
    /// Starts one.
    ///
    /// # Errors
    /// When no port is to be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let state = State {
            manner: Manner::Well,
            keys: vec![key(0)?],
            made: 1,
            tokens: Vec::new(),
            used: HashSet::new(),
            asked_for_keys: 0,
            forms: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let (own, address) = (state.clone(), base.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, base) = (own.clone(), address.clone());
                tokio::spawn(async move {
                    // A client that goes away is its own business.
                    let _ = answer(stream, &state, &base).await;
                });
            }
        });
        Ok(Self { base, state, task })
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its name and address.
    pub fn address(&self) -> &str {
        &self.base
    }

    /// From now on it answers in this manner.
    pub fn behave(&self, manner: Manner) {
        self.with(|state| state.manner = manner);
    }

    /// Exchanges this code for this ID token, once.
    pub fn exchange(&self, code: &str, token: String) {
        self.with(|state| state.tokens.push((code.to_owned(), token)));
    }

    /// Signs with a new key from now on, and publishes no other.
    ///
    /// # Errors
    /// When no key is to be had.
    pub fn rotate(&self) -> io::Result<()> {
        self.with(|state| {
            state.keys = vec![key(state.made)?];
            state.made += 1;
            Ok(())
        })
    }

    /// How often its keys were asked for.
    pub fn asked_for_keys(&self) -> usize {
        self.with(|state| state.asked_for_keys)
    }

    /// The forms that its token endpoint was sent.
    pub fn forms(&self) -> Vec<String> {
        self.with(|state| state.forms.clone())
    }

    /// Signs claims with the key that is published.
    ///
    /// # Errors
    /// When they cannot be signed.
    pub fn sign(&self, claims: &Value) -> io::Result<String> {
        self.with(|state| {
            let key = state.keys.last().ok_or_else(|| other("no key"))?;
            signed(
                claims,
                Header {
                    kid: Some(key.kid.clone()),
                    ..Header::new(Algorithm::ES256)
                },
                &key.private,
            )
        })
    }

    /// Signs claims with a key of nobody's that goes by the published one's name.
    ///
    /// # Errors
    /// When they cannot be signed.
    pub fn forge(&self, claims: &Value) -> io::Result<String> {
        let kid = self.with(|state| state.keys.last().map(|key| key.kid.clone()));
        let stranger = key(0)?;
        signed(
            claims,
            Header {
                kid,
                ..Header::new(Algorithm::ES256)
            },
            &stranger.private,
        )
    }

    /// Signs claims with HS256 and the published key as the secret.
    ///
    /// # Errors
    /// When they cannot be signed.
    pub fn confuse(&self, claims: &Value) -> io::Result<String> {
        let (kid, public) = self.with(|state| {
            let key = state.keys.last();
            (
                key.map(|key| key.kid.clone()),
                key.map(|key| key.public.to_string()),
            )
        });
        let secret = EncodingKey::from_secret(public.unwrap_or_default().as_bytes());
        signed(
            claims,
            Header {
                kid,
                ..Header::new(Algorithm::HS256)
            },
            &secret,
        )
    }

    /// Claims that nobody signed.
    pub fn unsigned(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.",
            part(&json!({ "alg": "none", "typ": "JWT" })),
            part(claims)
        )
    }
}

fn signed(claims: &Value, header: Header, key: &EncodingKey) -> io::Result<String> {
    jsonwebtoken::encode(&header, claims, key).map_err(io::Error::other)
}

/// Reads one request and answers it.
async fn answer(mut stream: TcpStream, state: &Mutex<State>, base: &str) -> io::Result<()> {
    let request = read(&mut stream).await?;
    let path = request.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let form = request
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default();
    let manner = state
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .manner
        .clone();
    match manner {
        Manner::Slowly => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return Ok(());
        }
        Manner::Huge => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"issuer\": \"")
                .await?;
            loop {
                stream.write_all(&[b'a'; 16384]).await?;
            }
        }
        Manner::Elsewhere(to) => {
            let head = format!(
                "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            return stream.write_all(head.as_bytes()).await;
        }
        Manner::Broken => return send(&mut stream, 500, "{}").await,
        Manner::As(text) if path.starts_with("/.well-known/") => return send(&mut stream, 200, &text).await,
        Manner::Well | Manner::As(_) => {}
    }
    let (status, body) = told(state, base, &path, &form);
    send(&mut stream, status, &body.to_string()).await
}

fn told(state: &Mutex<State>, base: &str, path: &str, form: &str) -> (u16, Value) {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    match path {
        "/.well-known/openid-configuration" => (200, description(base)),
        "/keys" => {
            state.asked_for_keys += 1;
            let keys: Vec<Value> = state.keys.iter().map(|key| key.public.clone()).collect();
            (200, json!({ "keys": keys }))
        }
        "/token" => {
            state.forms.push(form.to_owned());
            let code = form
                .split('&')
                .find_map(|pair| pair.strip_prefix("code="))
                .unwrap_or_default()
                .to_owned();
            let token = state
                .tokens
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, token)| token.clone());
            match token {
                Some(token) if state.used.insert(code) => (
                    200,
                    json!({ "id_token": token, "access_token": "at", "token_type": "Bearer" }),
                ),
                _ => (400, json!({ "error": "invalid_grant" })),
            }
        }
        _ => (404, json!({})),
    }
}

/// How it describes itself.
fn description(base: &str) -> Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/auth"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
    })
}

async fn read(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(str::to_owned)
            });
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Ok(text);
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await? {
            0 => return Ok(text),
            count => bytes.extend_from_slice(part.get(..count).unwrap_or_default()),
        }
    }
}

async fn send(stream: &mut TcpStream, status: u16, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}
