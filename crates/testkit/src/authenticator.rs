//! A small authenticator (WebAuthn) in the test's own process, which makes passkeys and signs with them: as it should, or as
//! a test has it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SystemRandom, fill};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io;

/// Somebody is there.
const PRESENT: u8 = 0x01;
/// And it is the right one.
const VERIFIED: u8 = 0x04;
/// A new key is told of.
const ATTESTED: u8 = 0x40;

/// Whether it looks who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// By a finger, a face or a number.
    Verified,
    /// Somebody touched it.
    Present,
}

/// An authenticator with one passkey.
#[derive(Debug)]
pub struct Authenticator {
    /// The page that it believes to be asked by.
    pub origin: String,
    /// The host name that its passkey is bound to.
    pub host: String,
    /// How often it signed; `None` where it does not count.
    pub counter: Option<u32>,
    /// Whether it looks who holds it.
    pub holder: Holder,
    /// Whose passkey it is, as it was told.
    pub handle: Vec<u8>,
    credential: Vec<u8>,
    key: EcdsaKeyPair,
}

impl Authenticator {
    /// One that counts, for pages of this origin.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn new(origin: &str, host: &str) -> io::Result<Self> {
        let mut credential = vec![0; 32];
        fill(&mut credential).map_err(|_| failed())?;
        Ok(Self {
            origin: origin.to_owned(),
            host: host.to_owned(),
            counter: Some(0),
            holder: Holder::Verified,
            handle: Vec::new(),
            credential,
            key: key()?,
        })
    }

    /// Another that calls its passkey the same, and has not its key.
    ///
    /// # Errors
    /// As [`Authenticator::new`].
    pub fn impostor(&self) -> io::Result<Self> {
        Ok(Self {
            origin: self.origin.clone(),
            host: self.host.clone(),
            counter: self.counter,
            holder: self.holder,
            handle: self.handle.clone(),
            credential: self.credential.clone(),
            key: key()?,
        })
    }

    /// Makes a passkey, as `navigator.credentials.create` with these options.
    pub fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().unwrap_or_default();
        self.handle = URL_SAFE_NO_PAD.decode(handle).unwrap_or_default();
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(length(self.credential.len()));
        data.extend(&self.credential);
        data.extend(self.public());
        // {"fmt": "none", "attStmt": {}, "authData": h'…'} in CBOR.
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend(length(data.len()));
        object.extend(&data);
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.credential),
            "rawId": URL_SAFE_NO_PAD.encode(&self.credential),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(self.client("webauthn.create", options)),
                "transports": ["internal"],
            },
        })
    }

    /// Signs, as `navigator.credentials.get` with these options.
    ///
    /// # Errors
    /// When the key does not sign.
    pub fn get(&mut self, options: &Value) -> io::Result<Value> {
        self.counter = self.counter.map(|counter| counter + 1);
        let data = self.data(0);
        let client = self.client("webauthn.get", options);
        let mut message = data.clone();
        message.extend(digest(&SHA256, client.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &message);
        let signature = signature.map_err(|_| failed())?;
        Ok(json!({
            "id": URL_SAFE_NO_PAD.encode(&self.credential),
            "rawId": URL_SAFE_NO_PAD.encode(&self.credential),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": URL_SAFE_NO_PAD.encode(&data),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": URL_SAFE_NO_PAD.encode(&self.handle),
            },
        }))
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = match self.holder {
            Holder::Verified => VERIFIED,
            Holder::Present => 0,
        };
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.unwrap_or(0).to_be_bytes());
        data
    }

    /// The public key in COSE's CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    fn public(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        let mut public = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        public.extend(x);
        public.extend([0x22, 0x58, 0x20]);
        public.extend(y);
        public
    }

    fn client(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }
}

fn key() -> io::Result<EcdsaKeyPair> {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| failed())
}

fn length(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

fn failed() -> io::Error {
    io::Error::other("the authenticator's key does not work")
}
