//! Following an operation as a stream of events.

use crate::app::node::step;
use crate::app::{App, Outcome, new_tenant};
use futures_util::{Stream, StreamExt as _};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// The events of an operation, each with its data.
async fn follow(app: &App, operation: &str) -> Outcome<impl Stream<Item = Outcome<Value>> + Unpin + use<>> {
    let response = app
        .request(Method::GET, &format!("/api/operations/{operation}/events"))
        .send()
        .await?;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let lines = futures_util::stream::unfold(
        (Box::pin(response.bytes_stream()), String::new()),
        |(mut bytes, mut text)| async move {
            loop {
                if let Some((event, rest)) = text.split_once("\n\n") {
                    let (event, rest) = (event.to_owned(), rest.to_owned());
                    return Some((parse(&event), (bytes, rest)));
                }
                let more = bytes.next().await?;
                text.push_str(&String::from_utf8_lossy(&more.ok()?));
            }
        },
    );
    Ok(Box::pin(lines))
}

fn parse(event: &str) -> Outcome<Value> {
    let mut lines = event.lines();
    if lines.next() != Some("event: operation") {
        return Err(format!("not an event of ours: {event}").into());
    }
    let data = lines
        .next()
        .and_then(|line| line.strip_prefix("data: "))
        .ok_or("no data")?;
    Ok(serde_json::from_str(data)?)
}

async fn next(events: &mut (impl Stream<Item = Outcome<Value>> + Unpin)) -> Outcome<Value> {
    timeout(Duration::from_secs(60), events.next())
        .await?
        .ok_or("the stream ended")?
}

#[tokio::test]
async fn every_step_is_told_until_the_end() -> Outcome {
    let (app, node) = App::with_node().await?;
    let accepted = app
        .at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let operation = accepted["operation_id"].as_str().ok_or("no operation")?;
    let mut events = follow(&app, operation).await?;
    assert_eq!(next(&mut events).await?["state"], "queued");
    let command = node.next().await?;
    assert_eq!(next(&mut events).await?["state"], "running");
    for (steps, names) in [
        (vec![step("clone", "running")?], vec!["clone running"]),
        (
            vec![step("clone", "done")?, step("identity", "running")?],
            vec!["clone done", "identity running"],
        ),
    ] {
        node.progress(command.id, &steps).await?.expect(204)?;
        let told = next(&mut events).await?;
        let shown: Vec<String> = told["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|step| {
                format!(
                    "{} {}",
                    step["name"].as_str().unwrap_or_default(),
                    step["state"].as_str().unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(shown, names);
    }
    // Whoever comes later, or comes back, is told how far it is.
    let mut later = follow(&app, operation).await?;
    assert_eq!(next(&mut later).await?["steps"][1]["name"], "identity");
    node.done(&command).await?;
    for events in [&mut events, &mut later] {
        let last = next(events).await?;
        assert_eq!(last["state"], "succeeded");
        assert!(
            timeout(Duration::from_secs(60), events.next()).await?.is_none(),
            "it must end"
        );
    }
    // After the end there is one event, the end.
    let mut after = follow(&app, operation).await?;
    assert_eq!(next(&mut after).await?["state"], "succeeded");
    assert!(timeout(Duration::from_secs(60), after.next()).await?.is_none());
    drop((events, later, after));
    app.finish().await
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() -> Outcome {
    let (app, node) = App::with_node().await?;
    let accepted = app
        .at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let mut events = follow(&app, accepted["operation_id"].as_str().unwrap_or_default()).await?;
    assert_eq!(next(&mut events).await?["state"], "queued");
    let command = node.next().await?;
    node.failed(&command, "clone-failed").await?;
    let mut last = next(&mut events).await?;
    if last["state"] == "running" {
        last = next(&mut events).await?;
    }
    assert_eq!(
        (last["state"].as_str(), last["failure"]["code"].as_str()),
        (Some("failed"), Some("clone-failed"))
    );
    drop(events);
    app.finish().await
}

#[tokio::test]
async fn events_of_nobody_s_operation_are_not_found() -> Outcome {
    let app = App::start().await?;
    app.get("/api/operations/ope_00000000000000000000000000000001/events")
        .await?
        .problem(404, "not-found")?;
    app.finish().await
}
