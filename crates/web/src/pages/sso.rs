//! `GET /sso/{provider}/callback`: where an identity provider sends the browser back to.

use super::page;
use super::view::View;
use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::input::Segment;
use crate::problem::Failure;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use control::{Client, Returned, SignOnDone};
use domain::ProviderId;
use wire::Plaintext;

#[derive(Template)]
#[template(path = "sso.html")]
struct RefusedPage {
    v: View,
    detail: String,
}

/// Finishes a sign-in. Well ended, the browser goes on to the page to sign in, which then says who is signed in.
pub(super) async fn callback(
    State(app): State<App>,
    Asking(client): Asking,
    Segment(id): Segment<ProviderId>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let cookies = Cookies::of(&app.control.settings().panel);
    match finish(&app, &client, id, &headers, &uri).await {
        Ok(done) => {
            let to = [(header::LOCATION, HeaderValue::from_static("/login"))];
            let mut response = (StatusCode::SEE_OTHER, to).into_response();
            if let SignOnDone::SignedIn(done) = done {
                cookies.set(response.headers_mut(), &done.tokens);
            }
            response
        }
        Err(failure) => refused(View::of(&app, &headers, uri.path()), failure),
    }
}

async fn finish(
    app: &App,
    client: &Client,
    id: ProviderId,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<SignOnDone, Failure> {
    let cookies = Cookies::of(&app.control.settings().panel);
    let kept = cookies.browser(headers);
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let returned = Returned {
        state: once(&pairs, "state"),
        code: once(&pairs, "code"),
        error: once(&pairs, "error"),
        issuer: once(&pairs, "iss"),
    };
    let kept = kept.as_ref().map(Plaintext::expose);
    Ok(app.control.finish_sign_on(client, id, kept, returned).await?)
}

/// A parameter that is there once. Of one that is there twice nobody knows which was meant.
fn once<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = pairs.iter().filter(|(known, _)| known == name);
    let (_, value) = named.next()?;
    named.next().is_none().then_some(value.as_str())
}

/// The problem as a page, for whoever stands before it.
fn refused(v: View, failure: Failure) -> Response {
    let kind = failure.kind();
    let mut response = page(
        RefusedPage {
            v,
            detail: failure.detail(),
        }
        .render(),
    );
    *response.status_mut() = kind.status();
    response.extensions_mut().insert(kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn it_renders_in_both_languages() -> Result<(), askama::Error> {
        for language in [Language::English, Language::Spanish] {
            let v = View::sample(language);
            let detail = "<b>why</b>".to_owned();
            let html = RefusedPage { v, detail }.render()?;
            let lang = language.tag();
            assert!(html.contains(&format!("lang=\"{lang}\"")) && html.contains("href=\"/login\""));
            assert!(!html.contains("<b>why"));
        }
        Ok(())
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_not_there() {
        let pairs =
            |text: &str| serde_urlencoded::from_str::<Vec<(String, String)>>(text).unwrap_or_default();
        assert_eq!(once(&pairs("state=a&code=b"), "state"), Some("a"));
        assert_eq!(once(&pairs("state=a&state=a"), "state"), None);
        assert_eq!(once(&pairs(""), "state"), None);
    }
}
