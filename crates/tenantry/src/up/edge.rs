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
    let rendered = Rendering::of(layout).and_then(|rendering| {
        rendering.try_out(layout)?;
        Ok(rendering)
    });
    match rendered {
        Ok(rendering) => {
            rendering.serve(layout)?;
            rendering.remove_others(layout)?;
        }
        Err(refusal) if rendering::serving(layout).is_some() => {
            telling.line(&format!("The edge goes on with what worked before: {refusal:#}"));
        }
        Err(refusal) => return Err(refusal),
    }
    let pid_file = rendering::pid_file(layout);
    let serves =
        move |pid: u32| std::fs::read_to_string(&pid_file).is_ok_and(|text| text.trim() == pid.to_string());
    let spec = ChildSpec::new(NAME, program()?, layout.log(NAME))
        .args(rendering::nginx_arguments(layout)?)
        .run_as(layout.account.clone())
        .stop(Signal::TERM, Duration::from_secs(10))
        .ready(Ready::Check(Check::new(serves)), DEADLINE);
    supervisor.start(spec, |_| {}).await.context("starting nginx")?;
    step.done();
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
    rendering.try_out(layout)?;
    let before = rendering.serve(layout)?;
    supervisor
        .signal(NAME, Signal::HUP)
        .await
        .context("reloading nginx")?;
    if loaded(layout, &rendering.digest()).await? {
        rendering.remove_others(layout)?;
        return Ok(true);
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
