//! The page of a download's link, and what it opens. The token stands behind the `#`; the page's script puts it into a form, so that
//! the browser itself saves the file, and the token goes out in the body of a POST.

use super::page;
use super::view::View;
use crate::App;
use crate::answer::settled;
use crate::client::Asking;
use crate::input::Body;
use crate::origin::OwnPage;
use crate::prefer::Prefer;
use crate::problem::{Answer, Failure, Kind};
use askama::Template;
use axum::Json;
use axum::body::{Body as Bytes, Bytes as Piece};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use control::{Caller, Control, Fetch, Fetched, Seal, Unsealed};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body as HttpBody, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use wire::export::{DownloadView, FetchRequest};

/// Where the bytes are, for the limits that do not hold for streams.
pub(crate) const CONTENT: &str = "/download/content";
/// How long the node is waited for: it is told at once, and reads the backup's manifest first.
const PATIENCE: Duration = Duration::from_secs(40);
/// Largest form.
const LARGEST: usize = 4096;
/// How long a node is waited for that has something to say.
const REPORT: Duration = Duration::from_secs(5);

#[derive(Template)]
#[template(path = "download.html")]
struct DownloadPage {
    v: View,
}

/// `GET /download`
pub(super) async fn download_page(v: View) -> Response {
    page(DownloadPage { v }.render())
}

/// `POST /download/state`: what the link is, for whoever has it.
pub(super) async fn state(
    State(app): State<App>,
    _: OwnPage,
    Body(request): Body<FetchRequest>,
) -> Answer<Json<DownloadView>> {
    Ok(Json(app.control.look_at_download(request.token.expose()).await?))
}

/// What was sent, as a form by a browser or as JSON by a program.
pub(super) struct Sent(FetchRequest);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Body::from_request(request, state)
                .await
                .map(|Body(sent)| Self(sent));
        }
        let malformed = || Failure::of(Kind::Malformed);
        let form = Limited::new(request.into_body(), LARGEST).collect();
        let form = tokio::time::timeout(PATIENCE, form)
            .await
            .map_err(|_| malformed())?;
        let form = form.map_err(|_| malformed())?.to_bytes();
        serde_urlencoded::from_bytes(&form)
            .map(Self)
            .map_err(|_| malformed())
    }
}

/// `POST /download/content`: the bytes.
pub(super) async fn content(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Sent(request): Sent,
) -> Answer<Response> {
    let fetch = app.control.begin_fetch(&client, &request).await?;
    // From here on it is written down how it ends, whoever goes away.
    let ending = Ending {
        control: app.control.clone(),
        fetch: fetch.clone(),
        fetched: Fetched {
            bytes: 0,
            is_whole: false,
        },
    };
    let Ok(body) = app.door.relay().receive_within(fetch.transfer, PATIENCE).await else {
        return Err(why(&app, &fetch).await);
    };
    let mut unsealing = Unsealing {
        body,
        seal: Seal::default(),
        ready: None,
        is_over: false,
        ending,
    };
    // What cannot be sent at all is said in words, instead of a file that breaks off.
    if unsealing.begin().await.is_err() {
        return Err(why(&app, &fetch).await);
    }
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    let name = format!("attachment; filename=\"{}\"", fetch.file_name);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(fetch.content_type)),
        (header::CONTENT_DISPOSITION, text(&name)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Bytes::new(unsealing)).into_response())
}

/// Why nothing came: what the node said, or that it said nothing.
async fn why(app: &App, fetch: &Fetch) -> Failure {
    // The node reports a moment after its stream broke off.
    let ended = settled(app, &Caller::system(), fetch.operation, Prefer(REPORT)).await;
    match ended {
        Err(failure) => failure,
        Ok(_) => Failure::of(Kind::TransferAlone).after(5),
    }
}

/// Writes down how it ended when it is dropped: at its end, or because whoever fetched it went away.
struct Ending {
    control: Control,
    fetch: Fetch,
    fetched: Fetched,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (control, fetch, fetched) = (self.control.clone(), self.fetch.clone(), self.fetched);
        tokio::spawn(async move {
            if let Err(error) = control.end_fetch(&fetch, fetched).await {
                tracing::warn!(transfer = %fetch.transfer, %error, "how a download ended was not written down");
            }
        });
    }
}

/// The node's stream without its mark; where that is missing, the answer breaks off, too, so that it does not look like an end.
struct Unsealing {
    body: Bytes,
    seal: Seal,
    ready: Option<Vec<u8>>,
    is_over: bool,
    ending: Ending,
}

/// The stream broke off.
#[derive(Debug, thiserror::Error)]
#[error("the stream was cut")]
struct Cut;

impl Unsealing {
    /// Waits for the first piece.
    async fn begin(&mut self) -> Result<(), Cut> {
        let first = std::future::poll_fn(|context| self.piece(context)).await;
        match first {
            Some(Ok(piece)) => {
                self.ready = Some(piece);
                Ok(())
            }
            Some(Err(cut)) => Err(cut),
            None => Ok(()),
        }
    }

    fn piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>, Cut>>> {
        while !self.is_over {
            let frame = match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            match frame {
                Some(Ok(frame)) => {
                    let given = frame.into_data().map(|piece| self.seal.take(&piece));
                    self.ending.fetched.bytes = self.seal.given();
                    if let Some(given) = given.ok().filter(|given| !given.is_empty()) {
                        return Poll::Ready(Some(Ok(given)));
                    }
                }
                None => {
                    self.is_over = true;
                    match self.seal.end() {
                        Unsealed::Whole(_) => self.ending.fetched.is_whole = true,
                        Unsealed::Broken => return Poll::Ready(Some(Err(Cut))),
                    }
                }
                Some(Err(_)) => {
                    self.is_over = true;
                    return Poll::Ready(Some(Err(Cut)));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl HttpBody for Unsealing {
    type Data = Piece;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, Cut>>> {
        if let Some(ready) = self.ready.take() {
            return Poll::Ready(Some(Ok(Frame::data(ready.into()))));
        }
        let piece = self.piece(context);
        piece.map(|piece| piece.map(|piece| piece.map(|piece| Frame::data(piece.into()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn the_page_renders_in_both_languages() -> Result<(), askama::Error> {
        for language in [Language::English, Language::Spanish] {
            let v = View::sample(language);
            let html = DownloadPage { v }.render()?;
            assert!(html.contains(&format!("lang=\"{}\"", language.tag())));
            assert!(html.contains("action=\"/download/content\""));
        }
        Ok(())
    }
}
