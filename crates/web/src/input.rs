//! Bodies and queries, read so that an error names the field.

use crate::problem::{Failure, Kind};
use axum::body::Bytes;
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::{header, request::Parts};
use domain::{FieldError, Rule};
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest body, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// Largest body of a node, in bytes.
const LARGEST_OF_NODES: usize = 4 * 1024 * 1024;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

const AN_OBJECT: &str = "a JSON object";

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// A JSON body of a node, which tells of many tenants or tables at once.
pub(crate) struct LargeBody<T>(pub(crate) T);

/// The query of the address.
pub(crate) struct Query<T>(pub(crate) T);

/// One checked segment of the path.
pub(crate) struct Segment<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(request, LARGEST_BODY).await?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for LargeBody<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(request, LARGEST_OF_NODES).await?))
    }
}

async fn read<T: DeserializeOwned>(request: Request, most: usize) -> Result<T, Failure> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    {
        return Err(Failure::of(Kind::MediaType));
    }
    let bytes = collect(request, most).await?;
    // Serde would read a list as an object's values in the order of its fields, so `[]` would be a request.
    if bytes
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|first| *first != b'{')
    {
        return Err(not_an_object(&bytes));
    }
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| explain(&error))?;
    reader.end().map_err(|_| Failure::of(Kind::Malformed))?;
    Ok(value)
}

/// JSON of another kind names the body as a field; anything else is no JSON.
fn not_an_object(bytes: &[u8]) -> Failure {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => Failure::fields(vec![FieldError::new(
            "body",
            Rule::Type {
                expected: AN_OBJECT.to_owned(),
            },
        )]),
        Err(_) => Failure::of(Kind::Malformed),
    }
}

async fn collect(request: Request, most: usize) -> Result<Bytes, Failure> {
    let body = Limited::new(request.into_body(), most).collect();
    let Ok(body) = tokio::time::timeout(PATIENCE, body).await else {
        return Err(Failure::of(Kind::SlowBody));
    };
    match body {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Failure::of(Kind::TooLarge)),
        Err(_) => Err(Failure::of(Kind::Malformed)),
    }
}

/// Finds the field that a reader stumbled over. The value that it found there is not repeated.
fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let inner = error.inner();
    if inner.is_syntax() || inner.is_eof() || inner.is_io() {
        return Failure::of(Kind::Malformed);
    }
    let text = inner.to_string();
    let path = error.path().to_string();
    if let Some(field) = text
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next())
    {
        return Failure::fields(vec![FieldError::new(field, Rule::UnknownField)]);
    }
    if let Some(field) = text
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.split('`').next())
    {
        return Failure::fields(vec![FieldError::new(
            field,
            Rule::Type {
                expected: "given once".to_owned(),
            },
        )]);
    }
    if let Some(field) = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
    {
        return Failure::fields(vec![FieldError::new(field, Rule::Required)]);
    }
    let field = if path == "." { "body".to_owned() } else { path };
    Failure::fields(vec![FieldError::new(
        field,
        Rule::Type {
            expected: expected(&text).to_owned(),
        },
    )])
}

/// What the reader wanted, in words for people. Its own words name types of this program, and may repeat the
/// caller's value before they come to the point.
fn expected(text: &str) -> &'static str {
    let wanted = text.rsplit_once(", expected ").map_or("", |(_, wanted)| wanted);
    let wanted = wanted.split(" at line").next().unwrap_or_default();
    match wanted {
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        _ if wanted.starts_with("struct ") || wanted.starts_with("a map") => AN_OBJECT,
        _ if ["i64", "i32", "u64", "u32", "u16"].contains(&wanted) => "a number",
        _ => "another value",
    }
}

/// A body that may be left out: without a content type and without bytes there is none.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Failure> {
        let empty = request.body().is_end_stream();
        if empty && !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query).map(Self).map_err(|error| {
            let text = error.to_string();
            let named = text.split('`').nth(1).map(ToOwned::to_owned);
            match named {
                Some(field) if text.starts_with("unknown field") => {
                    Failure::fields(vec![FieldError::new(field, Rule::UnknownField)])
                }
                Some(field) if text.starts_with("missing field") => {
                    Failure::fields(vec![FieldError::new(field, Rule::Required)])
                }
                Some(field) => Failure::fields(vec![FieldError::new(
                    field,
                    Rule::Type {
                        expected: "given once".to_owned(),
                    },
                )]),
                // The only typed parameters are numbers.
                None => Failure::fields(vec![FieldError::new(
                    "limit",
                    Rule::Type {
                        expected: "a number".to_owned(),
                    },
                )]),
            }
        })
    }
}

/// Two checked segments of the path, in their order.
pub(crate) struct Segments<A, B>(pub(crate) A, pub(crate) B);

impl<A, B, S> FromRequestParts<S> for Segments<A, B>
where
    A: std::str::FromStr<Err = Rule> + Send,
    B: std::str::FromStr<Err = Rule> + Send,
    S: Send + Sync,
{
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let raw = axum::extract::RawPathParams::from_request_parts(parts, state).await;
        let raw = raw.map_err(|_| Failure::of(Kind::NotFound))?;
        let mut segments = raw.iter();
        let (Some(one), Some(two)) = (segments.next(), segments.next()) else {
            return Err(Failure::of(Kind::NotFound));
        };
        Ok(Self(segment(one)?, segment(two)?))
    }
}

fn segment<T: std::str::FromStr<Err = Rule>>((name, value): (&str, &str)) -> Result<T, Failure> {
    value
        .parse()
        .map_err(|rule| Failure::fields(vec![FieldError::new(name, rule)]))
}

impl<T: std::str::FromStr<Err = Rule> + Send, S: Send + Sync> FromRequestParts<S> for Segment<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let raw = axum::extract::RawPathParams::from_request_parts(parts, state).await;
        let raw = raw.map_err(|_| Failure::of(Kind::NotFound))?;
        segment(raw.iter().next().ok_or_else(|| Failure::of(Kind::NotFound))?).map(Self)
    }
}
