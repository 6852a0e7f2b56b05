//! Serving the routes on a socket.

use crate::{App, router};
use std::io;
use std::net::SocketAddr;
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
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}
