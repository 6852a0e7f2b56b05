//! A browser of sorts: keeps a session, follows redirects, loads the bundles that a page names.

use crate::error::{Code, StepFailure};
use reqwest::{RequestBuilder, Response, header};
use std::collections::BTreeSet;
use std::time::Duration;
use wire::Plaintext;

/// The back office's bundle took 8 s to compile, 40 s on a busy machine at worst.
const PATIENCE: Duration = Duration::from_secs(180);
/// A website's language and its trailing slash are two.
const MOST_REDIRECTS: usize = 6;
/// Where bundles are.
const BUNDLES: &str = "/web/assets/";

/// One visitor.
pub(super) struct Browser {
    http: reqwest::Client,
    base: String,
    session: Option<String>,
}

impl Browser {
    pub(super) fn new(http: reqwest::Client, port: u16) -> Self {
        Self {
            http,
            base: format!("http://127.0.0.1:{port}"),
            session: None,
        }
    }

    /// Whether anything answers.
    pub(super) async fn is_served(&self) -> bool {
        let request = self.http.get(format!("{}/web/health", self.base));
        let answer = request.timeout(Duration::from_secs(5)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Opens a page and everything that it loads from bundles.
    ///
    /// # Errors
    /// [`Code::OdooFailed`] when one of them is not answered with success.
    pub(super) async fn visit(&mut self, path: &str) -> Result<(), StepFailure> {
        let page = self.page(path).await?;
        self.load(&page).await
    }

    /// Logs in and opens what comes then.
    ///
    /// # Errors
    /// [`Code::OdooFailed`] when it is refused.
    pub(super) async fn log_in(&mut self, login: &str, password: &Plaintext) -> Result<(), StepFailure> {
        let form = self.page("/web/login").await?;
        let token = form
            .split_once("name=\"csrf_token\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(token, _)| token.to_owned())
            .ok_or_else(|| failed("/web/login", "has no form"))?;
        let fields = [
            ("csrf_token", token.as_str()),
            ("login", login),
            ("password", password.expose()),
        ];
        let request = self.http.post(format!("{}/web/login", self.base)).form(&fields);
        let answer = self.send(request, "/web/login").await?;
        let Some(next) = redirect(&answer) else {
            return Err(failed("/web/login", "does not let the administrator in"));
        };
        let page = self.page(&next).await?;
        self.load(&page).await
    }

    async fn page(&mut self, path: &str) -> Result<String, StepFailure> {
        let mut path = path.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let request = self.http.get(format!("{}{path}", self.base));
            let answer = self.send(request, &path).await?;
            if let Some(next) = redirect(&answer) {
                path = next;
                continue;
            }
            if !answer.status().is_success() {
                return Err(failed(&path, answer.status().as_str()));
            }
            return answer
                .text()
                .await
                .map_err(|_| failed(&path, "stops in the middle"));
        }
        Err(failed(&path, "redirects without end"))
    }

    async fn load(&mut self, page: &str) -> Result<(), StepFailure> {
        for path in bundles(page) {
            let request = self.http.get(format!("{}{path}", self.base));
            let answer = self.send(request, &path).await?;
            if !answer.status().is_success() || answer.bytes().await.is_err() {
                return Err(failed(&path, "is not compiled"));
            }
        }
        Ok(())
    }

    async fn send(&mut self, request: RequestBuilder, path: &str) -> Result<Response, StepFailure> {
        let request = match &self.session {
            Some(session) => request.header(header::COOKIE, session),
            None => request,
        };
        let answer = request.timeout(PATIENCE).send().await;
        let answer = answer.map_err(|_| failed(path, "is not answered"))?;
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or_default().split(';').next();
            if let Some(pair) = pair.filter(|pair| pair.starts_with("session_id=")) {
                self.session = Some(pair.to_owned());
            }
        }
        Ok(answer)
    }
}

/// Where an answer leads, as a path of the same server.
fn redirect(answer: &Response) -> Option<String> {
    if !answer.status().is_redirection() {
        return None;
    }
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    match location.split_once("://") {
        None => Some(location.to_owned()),
        Some((_, rest)) => Some(rest.find('/').map_or("/", |at| &rest[at..]).to_owned()),
    }
}

/// The bundles that a page loads, each once.
fn bundles(page: &str) -> BTreeSet<String> {
    let quoted = page.split('"').filter(|text| text.starts_with(BUNDLES));
    quoted.map(str::to_owned).collect()
}

fn failed(path: &str, what: &str) -> StepFailure {
    StepFailure::new(
        Code::OdooFailed,
        format!("While the template was visited: {path} {what}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_found_in_a_page_once_each() {
        let page = r#"<link href="/web/assets/1/ab/web.assets_frontend.min.css"/><script src="/web/assets/2/x.js"
            ></script><script src="/web/assets/2/x.js"></script><img src="/web/image/1">"#;
        let found: Vec<String> = bundles(page).into_iter().collect();
        assert_eq!(
            found,
            [
                "/web/assets/1/ab/web.assets_frontend.min.css",
                "/web/assets/2/x.js"
            ]
        );
    }
}
