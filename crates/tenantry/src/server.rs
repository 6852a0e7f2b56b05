//! `tenantry server`: the control plane.

use crate::configuration::{self, ServerFile, TlsSection};
use anyhow::{Context as _, Result, bail};
use control::{Control, ServerKey, Settings, World};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use web::{App, Certificate, Door};

/// Connections to the control database at once.
const CONNECTIONS: u32 = 16;
/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the control plane until it is told to stop.
pub(crate) async fn run(config: &Path) -> Result<()> {
    crate::logging::start();
    let file: ServerFile = configuration::read(config)?;
    let control = control(&file.database_url, file.server_key()?, &file.panel)?;
    let control = match &file.server.uploads_dir {
        Some(folder) => control.with_uploads(folder.clone()),
        None => control,
    };
    let store = Store::open(&file.database_url, 1).context("reading the control database's address")?;
    store.migrate().await.context("preparing the control database")?;
    control.look_again().await.context("reading the settings")?;
    raise_file_limit();
    let certificate = file.server.tls.as_ref().map(load).transpose()?;
    let listener = bind(file.listen).await?;
    let background = background(&control, certificate.as_ref(), &file).await?;
    tracing::info!(listen = %file.listen, tls = certificate.is_some(), "the control plane is ready");
    let mut told = Box::pin(told_to_stop()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // A dropped sender means the same as a message: stop.
    let app = App {
        control,
        door: Door::new(file.server.door()),
        certificate: certificate.clone(),
    };
    let mut serving = Box::pin(web::serve(listener, app, async { drop(stopped.await) }));
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
    drop(background);
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address}"))
}

fn load(tls: &TlsSection) -> Result<Certificate> {
    Certificate::load(&tls.certificate, &tls.key).context("reading the server's certificate")
}

/// What runs beside the serving, until it is dropped.
async fn background(
    control: &Control,
    certificate: Option<&Certificate>,
    file: &ServerFile,
) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    let own = control.clone();
    tasks.spawn(async move { own.run().await });
    if let Some(certificate) = certificate {
        tasks.spawn(certificate.clone().watch());
    }
    if let Some(plain) = file.server.tls.as_ref().and_then(|tls| tls.redirect) {
        if !file.panel.starts_with("https://") {
            bail!("panel must begin with https:// where server.tls.redirect sends browsers there");
        }
        let listener = bind(plain).await?;
        let (panel, door) = (file.panel.clone(), file.server.door());
        tasks.spawn(async move {
            if let Err(error) = web::redirect(listener, panel, door, std::future::pending()).await {
                tracing::error!(%error, "browsers are not sent to https any more");
            }
        });
    }
    Ok(tasks)
}

/// Each connection is an open file, and what systems allow a program at first is few.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// Puts the use cases together.
pub(crate) fn control(database_url: &str, key: ServerKey, panel: &str) -> Result<Control> {
    let store = Store::open(database_url, CONNECTIONS).context("reading the control database's address")?;
    let settings = Settings::with_panel(panel)?;
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
