//! An answer, read whole, with the questions that tests ask of it.

use super::Outcome;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// Sends the request and reads its answer.
    pub async fn of(request: RequestBuilder) -> Outcome<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self {
            status,
            headers,
            text,
            json,
        })
    }

    /// The JSON of an answer that must have this status.
    pub fn expect(self, status: u16) -> Outcome<Value> {
        if self.status == status {
            Ok(self.json)
        } else {
            Err(format!("{} in place of {status}: {}", self.status, self.text).into())
        }
    }

    /// The problem of an answer that must have this status and be of this kind.
    pub fn problem(self, status: u16, kind: &str) -> Outcome<Value> {
        let media = self.header("content-type").to_owned();
        let problem = self.expect(status)?;
        if media != "application/problem+json" {
            return Err(format!("a problem as {media}: {problem}").into());
        }
        let sound = problem["type"] == format!("/problems/{kind}")
            && problem["status"] == status
            && ["title", "detail", "request_id"]
                .iter()
                .all(|key| problem[key].as_str().is_some_and(|t| !t.is_empty()));
        if sound {
            Ok(problem)
        } else {
            Err(format!("not the problem {kind}: {problem}").into())
        }
    }

    /// The problem of an answer that refuses fields, and what it says of this field.
    pub fn refuses(self, field: &str) -> Outcome<String> {
        let problem = self.problem(422, "invalid")?;
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let named = errors.iter().find(|error| error["field"] == field);
        let named = named.and_then(|error| error["detail"].as_str());
        let detail = named.ok_or_else(|| format!("{field} is not named: {problem}"))?;
        if problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains(detail))
        {
            Ok(detail.to_owned())
        } else {
            Err(format!("detail does not repeat the field's: {problem}").into())
        }
    }

    /// A header's text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
