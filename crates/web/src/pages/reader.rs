//! The OpenAPI document and a page to read it: plain HTML, nothing from elsewhere.

use super::page;
use super::view::View;
use crate::App;
use crate::identity::{Known, Reader};
use crate::openapi::Problems;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<String> = LazyLock::new(crate::openapi::document);
static CHAPTERS: LazyLock<Vec<Chapter>> =
    LazyLock::new(|| chapters(&serde_json::from_str(&DOCUMENT).unwrap_or_default()));

#[derive(Template)]
#[template(path = "reader.html")]
struct ReaderPage<'a> {
    v: View,
    chapters: &'a [Chapter],
}

/// The routes of one tag.
struct Chapter {
    name: String,
    description: String,
    routes: Vec<Route>,
}

struct Route {
    id: String,
    method: String,
    path: String,
    summary: String,
    fields: Vec<Field>,
    answers: Vec<(String, String)>,
}

struct Field {
    name: String,
    place: String,
    kind: String,
    required: bool,
    description: String,
}

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "health", responses((status = 200, description = "This document."), Problems))]
pub(crate) async fn openapi_json(_: Known) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// The page to read it. A browser asks for the API key as the password of HTTP Basic.
pub(super) async fn read(_: Reader, State(app): State<App>, headers: HeaderMap) -> Response {
    let v = View::of(&app, &headers, "/api/docs");
    let chapters = &CHAPTERS;
    page(ReaderPage { v, chapters }.render())
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn chapters(document: &Value) -> Vec<Chapter> {
    let tags = document
        .get("tags")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    tags.iter()
        .map(|tag| {
            let name = text(tag, "name");
            Chapter {
                routes: routes(document, &name),
                description: text(tag, "description"),
                name,
            }
        })
        .collect()
}

fn routes(document: &Value, tag: &str) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, methods) in document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tags = operation.get("tags").and_then(Value::as_array);
            if tags.is_some_and(|tags| tags.iter().any(|known| known == tag)) {
                routes.push(route(document, path, method, operation));
            }
        }
    }
    routes
}

fn route(document: &Value, path: &str, method: &str, operation: &Value) -> Route {
    let mut fields: Vec<Field> = Vec::new();
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        fields.push(Field {
            name: text(parameter, "name"),
            place: text(parameter, "in"),
            kind: kind(parameter.get("schema").unwrap_or(&Value::Null)),
            required: parameter
                .get("required")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
            description: text(parameter, "description"),
        });
    }
    if let Some(reference) = operation
        .pointer("/requestBody/content/application~1json/schema/$ref")
        .and_then(Value::as_str)
    {
        body_fields(document, reference, &mut fields);
    }
    let answers = operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let answers = answers
        .filter(|(status, _)| status.starts_with('2'))
        .map(|(status, answer)| {
            let reference = answer
                .pointer("/content/application~1json/schema/$ref")
                .and_then(Value::as_str)
                .unwrap_or_default();
            (
                status.clone(),
                reference.rsplit('/').next().unwrap_or_default().to_owned(),
            )
        });
    let id = format!("{method}{}", path.replace(['/', '{', '}'], "-"));
    Route {
        id,
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "summary"),
        answers: answers.collect(),
        fields,
    }
}

fn body_fields(document: &Value, reference: &str, fields: &mut Vec<Field>) {
    let Some(schema) = document.pointer(reference.trim_start_matches('#')) else {
        return;
    };
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let required: Vec<&str> = required.filter_map(Value::as_str).collect();
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        fields.push(Field {
            name: name.clone(),
            place: "body".to_owned(),
            kind: kind(property),
            required: required.contains(&name.as_str()),
            description: text(property, "description"),
        });
    }
}

fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .filter(|kind| *kind != "null")
            .collect::<Vec<_>>()
            .join(", "),
        _ => "string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_every_route_of_the_document() -> Result<(), Box<dyn std::error::Error>> {
        let document: Value = serde_json::from_str(&DOCUMENT)?;
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .ok_or("no paths")?;
        let html = ReaderPage {
            v: View::sample(crate::language::Language::Spanish),
            chapters: &CHAPTERS,
        }
        .render()?;
        assert!(paths.len() > 20);
        for path in paths.keys() {
            assert!(html.contains(path.as_str()), "{path}");
        }
        Ok(())
    }
}
