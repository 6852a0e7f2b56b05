//! A request to the API and its answer, as values.

use crate::error::Error;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::io;
use uuid::Uuid;

/// A request that can be sent again as the same request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) idempotency_key: Option<String>,
}

/// A JSON body. It may hold a password, so `Debug` shows nothing of it.
pub(crate) struct Body(pub(crate) Vec<u8>);

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Body(…)")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "two runs of the program must not send the same key"
)]
fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}

impl Request {
    /// Reads something. The path is that below `/api`, segment by segment.
    pub(crate) fn read(path: &[&str]) -> Self {
        Self {
            method: Method::GET,
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            query: Vec::new(),
            body: None,
            idempotency_key: None,
        }
    }

    /// Changes something, under a new idempotency key.
    pub(crate) fn change(method: Method, path: &[&str]) -> Self {
        let idempotency_key = Some(fresh_key());
        Self {
            method,
            idempotency_key,
            ..Self::read(path)
        }
    }

    /// Puts a parameter into the query when it has a value.
    pub(crate) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Sets the JSON body.
    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        self.body = Some(Body(serde_json::to_vec(body).map_err(io::Error::from)?));
        Ok(self)
    }

    /// Uses the key of an earlier request, to get that request's answer.
    pub(crate) fn under_key(mut self, key: Option<&String>) -> Self {
        self.idempotency_key = key.cloned().or(self.idempotency_key);
        self
    }

    /// The key under which the server recognizes this request.
    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }
}

/// An answer that is a success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) location: Option<String>,
    pub(crate) server: String,
}

impl Answer {
    /// The body as a type of the API.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.body).map_err(|error| self.foreign(error.to_string()))
    }

    /// The error for an answer that this program does not understand.
    pub(crate) fn foreign(&self, reason: impl Into<String>) -> Error {
        Error::Foreign {
            server: self.server.clone(),
            reason: reason.into(),
        }
    }

    /// The items of a list, which may stand alone or in a page.
    pub(crate) fn decode_items<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        #[derive(serde::Deserialize)]
        struct Page<T> {
            items: Vec<T>,
        }
        if self.body.trim_start().starts_with('[') {
            return self.decode();
        }
        self.decode::<Page<T>>().map(|page| page.items)
    }
}
