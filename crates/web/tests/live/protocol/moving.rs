//! A tenant that moves, over HTTP: who may use the stream between two nodes, what passes through it, and when it is over.

use crate::app::answer::Answer;
use crate::app::node::Node;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use wire::node::{Command, CommandResult, Facts, Order};
use wire::transfer::Passed;

/// Larger than anything that is held anywhere, and than any limit of a body.
const BYTES: usize = 24 << 20;

fn content() -> Vec<u8> {
    (0..BYTES)
        .map(|at| u8::try_from(at % 251).unwrap_or_default())
        .collect()
}

/// Two nodes, a tenant on the first, and the two orders of its first transfer.
struct Moving {
    app: App,
    alpha: Arc<Node>,
    beta: Arc<Node>,
    send: Command,
    receive: Command,
    path: String,
}

impl Moving {
    async fn begin() -> Outcome<Self> {
        let (app, alpha) = App::with_node().await?;
        let beta = app.enrol("beta").await?;
        beta.poll(&[], 1, 0).await?;
        let made = app
            .request(Method::POST, "/api/tenants")
            .header("Prefer", "wait=0");
        Answer::of(made.json(&new_tenant("acme"))).await?.expect(202)?;
        let create = alpha.next().await?;
        alpha.done(&create).await?;
        let begun = app
            .request(Method::POST, "/api/tenants/acme/move")
            .header("Prefer", "wait=0");
        Answer::of(begun.json(&json!({ "node": "beta" })))
            .await?
            .expect(202)?;
        let (send, receive) = (alpha.next().await?, beta.next().await?);
        let Order::SendTenant(order) = &send.order else {
            return Err(format!("{send:?}").into());
        };
        let path = format!("/node/v1/transfers/{}", order.transfer);
        Ok(Self {
            app,
            alpha,
            beta,
            send,
            receive,
            path,
        })
    }

    async fn pass(&self, content: Vec<u8>) -> Outcome<(u16, reqwest::Result<Vec<u8>>)> {
        let sent = self.alpha.request(Method::PUT, &self.path).body(content).send();
        let received = async {
            let answer = self.beta.request(Method::GET, &self.path).send().await?;
            Ok(answer.error_for_status()?.bytes().await?.to_vec())
        };
        let (sent, received) = tokio::join!(sent, received);
        Ok((sent?.status().as_u16(), received))
    }
}

fn passed() -> Option<Box<Passed>> {
    Some(Box::new(Passed {
        sha256: "5e".repeat(32),
        bytes: 24,
        ..Passed::default()
    }))
}

#[tokio::test]
async fn what_the_source_sends_the_destination_gets_whole_and_nobody_else() -> Outcome {
    let moving = Moving::begin().await?;
    let (app, path) = (&moving.app, &moving.path);
    let asked = app.trail("tenant.move").await?;
    assert!(
        matches!(asked.as_slice(), [one] if one.starts_with("key_")),
        "{asked:?}"
    );
    let gamma = app.enrol("gamma").await?;
    let alone = Answer::of(moving.beta.request(Method::GET, path)).await?;
    assert_eq!(alone.header("connection"), "close");
    alone.problem(503, "transfer-alone")?;
    for (node, method) in [
        (&gamma, Method::GET),
        (&gamma, Method::PUT),
        (&moving.alpha, Method::GET),
        (&moving.beta, Method::PUT),
    ] {
        Answer::of(node.request(method, path))
            .await?
            .problem(404, "not-found")?;
    }
    Answer::of(app.bare(Method::GET, path))
        .await?
        .problem(401, "unauthenticated")?;
    Answer::of(app.bare(Method::PUT, path).bearer_auth(&app.key))
        .await?
        .problem(401, "unauthenticated")?;
    Answer::of(moving.alpha.request(
        Method::GET,
        "/node/v1/transfers/trf_00000000000000000000000000000009",
    ))
    .await?
    .problem(404, "not-found")?;
    let (status, received) = moving.pass(content()).await?;
    assert_eq!(status, 204);
    assert!(received? == content());
    let sent = Facts {
        sent: passed(),
        ..Facts::default()
    };
    let received = Facts {
        received: passed(),
        ..Facts::default()
    };
    moving
        .alpha
        .outcome(moving.send.id, CommandResult::Done(sent))
        .await?
        .expect(204)?;
    // Killed now, the destination would begin anew, and wait in vain for a source that is done.
    Answer::of(moving.beta.request(Method::GET, path))
        .await?
        .problem(409, "transfer-over")?;
    moving
        .beta
        .outcome(moving.receive.id, CommandResult::Done(received))
        .await?
        .expect(204)?;
    // Both have ended: the stream is over, also for its own nodes.
    Answer::of(moving.alpha.request(Method::PUT, path))
        .await?
        .problem(409, "transfer-over")?;
    let close = moving.alpha.next().await?;
    assert!(matches!(close.order, Order::ShelveTenant(_)), "{close:?}");
    moving.app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_source_that_breaks_off_ends_no_stream_and_a_failure_of_one_ends_it_for_both() -> Outcome {
    let moving = Moving::begin().await?;
    // It says that more will come than comes.
    let address = moving.app.base.trim_start_matches("http://").to_owned();
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\nhalf",
        moving.path, moving.alpha.credential
    );
    let (meet, met) = tokio::sync::oneshot::channel::<()>();
    let half = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.flush().await?;
        // Both have met by then.
        let _ = met.await;
        drop(stream);
        Ok::<_, std::io::Error>(())
    });
    let answer = loop {
        let answer = moving.beta.request(Method::GET, &moving.path).send().await?;
        if answer.status() != 503 {
            break answer;
        }
        // Somewhere else the source may be waiting.
        assert_eq!(answer.headers()["connection"], "close");
    };
    assert_eq!(answer.status(), 200);
    let _ = meet.send(());
    assert!(
        answer.bytes().await.is_err(),
        "a stream that broke off looks like one that ended"
    );
    half.await??;
    moving.beta.failed(&moving.receive, "check-failed").await?;
    Answer::of(moving.alpha.request(Method::PUT, &moving.path))
        .await?
        .problem(409, "transfer-over")?;
    let discard = moving.beta.next().await?;
    assert!(matches!(discard.order, Order::DiscardCopy(_)), "{discard:?}");
    moving.app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_move_is_asked_for_by_operators_and_says_what_is_wrong_with_it() -> Outcome {
    let (app, alpha) = App::with_node().await?;
    let made = app
        .request(Method::POST, "/api/tenants")
        .header("Prefer", "wait=0");
    Answer::of(made.json(&new_tenant("acme"))).await?.expect(202)?;
    let create = alpha.next().await?;
    alpha.done(&create).await?;
    let ask = |key: &str, body: Value| {
        Answer::of(
            app.bare(Method::POST, "/api/tenants/acme/move")
                .header("X-API-KEY", key)
                .json(&body),
        )
    };
    ask(&app.reader, json!({})).await?.problem(403, "forbidden")?;
    ask(&app.key, json!({ "node": "nowhere" }))
        .await?
        .problem(422, "invalid")?;
    ask(&app.key, json!({ "node": "alpha" }))
        .await?
        .problem(409, "move-refused")?;
    ask(&app.key, json!({})).await?.problem(409, "no-room")?;
    let confirm = app.post("/api/tenants/acme/move/confirm", &Value::Null).await?;
    confirm.problem(409, "move-refused")?;
    app.finish().await
}
