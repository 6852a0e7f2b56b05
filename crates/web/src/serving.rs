//! Serving the routes on a socket: how many connections, how long one may take to say what it wants, and TLS.

mod activity;
mod connections;
mod redirect;

pub use redirect::redirect;

use crate::tls::Certificate;
use crate::{App, Connection, DoorSettings, Scheme, router};
use activity::{Activity, Noticed};
use axum::Router;
use axum::body::Body;
use connections::{Connections, Held};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

/// How long a connection may stay open while nothing is answered and nothing can be written: the time for the head of
/// the next request, and for a client to take what it asked for.
const IDLE: Duration = Duration::from_secs(30);
/// How often to look for such connections.
const LOOK: Duration = Duration::from_secs(5);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Most bytes of a request's head.
const LARGEST_HEAD: usize = 64 * 1024;
/// Most bytes of a request's headers over HTTP/2.
const LARGEST_HEADERS: u32 = 32 * 1024;
/// Most requests at once over one HTTP/2 connection.
const STREAMS: u32 = 128;
/// How often a silent HTTP/2 connection is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);
const PONG: Duration = Duration::from_secs(15);
/// How long to wait when the system has no more files to give.
const BREATH: Duration = Duration::from_millis(100);

/// How many connections are told at once that they are one too many, and how long that may take. More are closed
/// without a word.
const REFUSALS: usize = 64;
const REFUSAL: Duration = Duration::from_secs(1);

/// What one connection too many is told.
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: application/problem+json\r\ncontent-length: 112\r\n\r\n\
    {\"type\":\"/problems/overloaded\",\"title\":\"Too busy\",\"status\":503,\
    \"detail\":\"Too many connections; try again soon.\"}";

/// Serves until `stop` ends, then until the requests under way have been answered.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let settings = *app.door.settings();
    let acceptor = app.certificate.as_ref().map(tls_acceptor);
    accept(listener, acceptor, router(app), settings, stop).await
}

fn tls_acceptor(certificate: &Certificate) -> TlsAcceptor {
    TlsAcceptor::from(certificate.configuration())
}

/// Takes connections until `stop` ends.
async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    settings: DoorSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let connections = Connections::new(&settings);
    let graceful = GracefulShutdown::new();
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut look = tokio::time::interval(LOOK);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = look.tick() => {
                connections.end_idle(IDLE);
                continue;
            }
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // The client has gone again.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => continue,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        match connections.enter(peer.ip()) {
            Some(place) => {
                let one = One {
                    router: router.clone(),
                    acceptor: acceptor.clone(),
                    watcher: graceful.watcher(),
                    peer,
                    activity: Arc::default(),
                };
                let (number, activity) = (place.number(), Arc::clone(&one.activity));
                let task = tokio::spawn(one.hold(stream, place));
                connections.watch(number, activity, task.abort_handle());
            }
            // Over TLS even saying no would cost a handshake.
            None if acceptor.is_none() => {
                if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
                    tokio::spawn(turn_away(stream, permit));
                }
            }
            None => {}
        }
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Says no to a connection once it has asked for something; a client takes no answer before that.
async fn turn_away(mut stream: TcpStream, permit: OwnedSemaphorePermit) {
    let refuse = async {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await?;
        stream.write_all(TURNED_AWAY).await?;
        stream.shutdown().await
    };
    // The connection is closed either way.
    let _ = tokio::time::timeout(REFUSAL, refuse).await;
    drop(permit);
}

/// One connection.
struct One {
    router: Router,
    acceptor: Option<TlsAcceptor>,
    watcher: Watcher,
    peer: SocketAddr,
    activity: Arc<Activity>,
}

impl One {
    async fn hold(self, stream: TcpStream, place: Held) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        match &self.acceptor {
            None => self.converse(stream, Scheme::Http).await,
            Some(acceptor) => {
                let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream));
                match handshake.await {
                    Ok(Ok(stream)) => self.converse(stream, Scheme::Https).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                }
            }
        }
        drop(place);
    }

    async fn converse<S>(self, stream: S, scheme: Scheme)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            router,
            watcher,
            peer,
            activity,
            ..
        } = self;
        let connection = Connection { peer, scheme };
        let noted = Arc::clone(&activity);
        let service = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(connection);
            let answering = noted.begin();
            // A router is always ready.
            let answer = router.clone().call(request);
            async move {
                let answer = answer.await;
                drop(answering);
                answer
            }
        });
        let stream = Noticed { stream, activity };
        let conversation = builder()
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        if let Err(error) = watcher.watch(conversation).await {
            tracing::debug!(error = %error, "a connection broke off");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(LARGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(LARGEST_HEADERS)
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_too_many_is_told_is_as_long_as_it_says() {
        let text = String::from_utf8_lossy(TURNED_AWAY);
        let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
        assert!(
            text.contains(&format!("content-length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
