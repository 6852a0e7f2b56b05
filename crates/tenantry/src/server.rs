//! `tenantry server`: the control plane.

use crate::configuration::{self, ServerFile};
use anyhow::{Context as _, Result};
use control::{Control, ServerKey, Settings, World};
use std::path::Path;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use web::App;

/// Connections to the control database at once.
const CONNECTIONS: u32 = 16;
/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the control plane until it is told to stop.
pub(crate) async fn run(config: &Path) -> Result<()> {
    crate::logging::start();
    let file: ServerFile = configuration::read(config)?;
    let control = control(&file.database_url, &file.key, &file.panel, file.trusted_proxies)?;
    let store = Store::open(&file.database_url, 1).context("reading the control database's address")?;
    store.migrate().await.context("preparing the control database")?;
    let listener = TcpListener::bind(file.listen)
        .await
        .with_context(|| format!("listening on {}", file.listen))?;
    tracing::info!(listen = %file.listen, "the control plane is ready");
    let background = tokio::spawn({
        let control = control.clone();
        async move { control.run().await }
    });
    let mut told = Box::pin(told_to_stop()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // A dropped sender means the same as a message: stop.
    let mut serving = Box::pin(web::serve(listener, App { control }, async {
        drop(stopped.await)
    }));
    tokio::select! {
        ended = &mut serving => ended.context("serving")?,
        () = &mut told => {
            tracing::info!("stopping");
            drop(stop);
            // Long polls and event streams do not end by themselves; their readers come again.
            if let Ok(ended) = tokio::time::timeout(GRACE, serving).await {
                ended.context("serving")?;
            }
        }
    }
    background.abort();
    Ok(())
}

/// Puts the use cases together.
pub(crate) fn control(database_url: &str, key: &str, panel: &str, trusted_proxies: usize) -> Result<Control> {
    let store = Store::open(database_url, CONNECTIONS).context("reading the control database's address")?;
    let key = ServerKey::from_hex(key)?;
    let settings = Settings {
        trusted_proxies,
        ..Settings::with_panel(panel)?
    };
    Ok(Control::new(store, key, settings, World::real()))
}

/// Ends when the process gets SIGTERM or SIGINT.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
