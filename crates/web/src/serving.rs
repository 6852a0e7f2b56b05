//! Serving the routes on a socket.

use crate::{App, router};
use std::io;
use tokio::net::TcpListener;

/// Serves until `stop` ends, then until the requests under way have been answered.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(app))
        .with_graceful_shutdown(stop)
        .await
}
