//! The machine's edge: nginx with the files that the pure crate renders.
//!
//! nginx looks at each rendering before it is used: one that it refuses never takes the place of the one that worked.

mod operator;
mod rendering;

use super::layout::Layout;
use super::telling::Telling;
use anyhow::{Context as _, Result, bail};
use cluster::{Check, ChildSpec, Ready, Signal, Supervisor};
use operator::Operator;
use rendering::Rendering;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const NAME: &str = "edge";
const DEADLINE: Duration = Duration::from_secs(20);
/// How often it is looked whether the operator's file changed. A change is taken when it was the same twice, so that one
/// that is written in several goes is one reload.
const LOOK: Duration = Duration::from_secs(1);

/// Writes nginx's files, starts it and waits until it serves.
pub(crate) async fn start(supervisor: &mut Supervisor, layout: &Layout, telling: &Telling) -> Result<()> {
    let step = telling.step("Edge");
    settle(layout, telling, Rendering::of(layout))?;
    serve(supervisor, layout).await?;
    step.done();
    Ok(())
}

/// Makes a rendering the one that serves if nginx takes it; otherwise the one before stays.
///
/// # Errors
/// When nginx refuses it, and there is none before.
fn settle(layout: &Layout, telling: &Telling, rendering: Result<Rendering>) -> Result<()> {
    let tried = rendering.and_then(|rendering| {
        rendering.try_out(layout)?;
        Ok(rendering)
    });
    match tried {
        Ok(rendering) => {
            rendering.serve(layout)?;
            rendering.remove_others(layout)?;
        }
        Err(refusal) if rendering::serving(layout).is_some() => {
            telling.line(&format!("The edge goes on with what worked before: {refusal:#}"));
        }
        Err(refusal) => return Err(refusal),
    }
    Ok(())
}

/// Starts nginx with what serves, and waits until it does.
async fn serve(supervisor: &mut Supervisor, layout: &Layout) -> Result<()> {
    let pid_file = rendering::pid_file(layout);
    let serves =
        move |pid: u32| std::fs::read_to_string(&pid_file).is_ok_and(|text| text.trim() == pid.to_string());
    let spec = ChildSpec::new(NAME, program()?, layout.log(NAME))
        .args(rendering::nginx_arguments(layout)?)
        .run_as(layout.account.clone())
        .stop(Signal::TERM, Duration::from_secs(10))
        .ready(Ready::Check(Check::new(serves)), DEADLINE);
    supervisor.start(spec, |_| {}).await.context("starting nginx")?;
    Ok(())
}

/// Has the edge's pages follow the operator's file, for ever.
pub(crate) async fn follow(supervisor: &Supervisor, layout: &Layout, telling: &Telling) {
    let mut taken = Operator::bytes(layout);
    let mut seen = taken.clone();
    loop {
        sleep(LOOK).await;
        let now = Operator::bytes(layout);
        if now == seen && now != taken {
            taken.clone_from(&now);
            match renew(supervisor, layout).await {
                Ok(true) => telling.line("The edge shows what operator.toml says now."),
                Ok(false) => {}
                Err(error) => telling.line(&format!("The edge goes on as it was: {error:#}")),
            }
        }
        seen = now;
    }
}

/// Reloads nginx if what it should serve differs from what it serves; tells whether it did.
///
/// # Errors
/// When the operator's file or nginx's files cannot be used. What was served before is served on.
async fn renew(supervisor: &Supervisor, layout: &Layout) -> Result<bool> {
    let rendering = Rendering::of(layout)?;
    if rendering.is_serving(layout) {
        return Ok(false);
    }
    take(supervisor, layout, &rendering).await?;
    Ok(true)
}

/// Has the nginx that runs take another rendering.
///
/// # Errors
/// When nginx does not take it; then the one before serves on.
async fn take(supervisor: &Supervisor, layout: &Layout, rendering: &Rendering) -> Result<()> {
    rendering.try_out(layout)?;
    let before = rendering.serve(layout)?;
    supervisor
        .signal(NAME, Signal::HUP)
        .await
        .context("reloading nginx")?;
    if loaded(layout, &rendering.digest()).await? {
        rendering.remove_others(layout)?;
        return Ok(());
    }
    if let Some(before) = before {
        rendering::lead(layout, &before)?;
    }
    bail!("nginx did not take its new configuration; see edge/error.log")
}

/// Waits until nginx tells that it has loaded this.
async fn loaded(layout: &Layout, digest: &str) -> Result<bool> {
    let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build()?;
    let address = format!("http://127.0.0.1:{}/.edge-digest", layout.ports.edge);
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        let told = match client.get(&address).send().await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        if told.trim() == digest {
            return Ok(true);
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(false)
}

/// Where nginx is installed.
pub(crate) fn program() -> Result<PathBuf> {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
    match places.iter().map(PathBuf::from).find(|path| path.exists()) {
        Some(path) => Ok(path),
        None => bail!("nginx is not installed; on Debian and Ubuntu: apt-get install nginx-light"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn what_nginx_refuses_never_takes_the_place_of_what_works() -> Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        // The edge's port is the next one: both lie below those that the system gives out by itself.
        let port = 10_000 + u16::try_from(std::process::id() % 6_000)?;
        let layout = Layout::prepare(folder.path(), Some(port))?;
        let telling = Telling::new();
        let refused = Rendering::refused(&layout)?;
        assert!(settle(&layout, &telling, Rendering::refused(&layout)).is_err());
        assert_eq!(rendering::serving(&layout), None, "there was none before it");

        let mut supervisor = Supervisor::open(&layout.path("run")).await?;
        start(&mut supervisor, &layout, &telling).await?;
        let works = Rendering::of(&layout)?;
        assert!(loaded(&layout, &works.digest()).await?);
        let words = take(&supervisor, &layout, &refused).await.err();
        let words = words.map(|error| error.to_string()).unwrap_or_default();
        assert!(words.contains("nginx refuses"), "{words}");
        assert!(works.is_serving(&layout) && loaded(&layout, &works.digest()).await?);

        supervisor.stop(NAME).await?;
        settle(&layout, &telling, Ok(refused))?;
        assert!(works.is_serving(&layout), "at the start");
        serve(&mut supervisor, &layout).await?;
        assert!(loaded(&layout, &works.digest()).await?);
        supervisor.stop_all().await;
        Ok(())
    }
}
