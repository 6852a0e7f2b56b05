//! Clients that are slow on purpose, or send more than anybody needs.

use crate::app::{App, Outcome};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn connect(app: &App) -> Outcome<TcpStream> {
    let address = app.base.trim_start_matches("http://");
    Ok(TcpStream::connect(address).await?)
}

/// What comes back until the server closes.
async fn told(stream: &mut TcpStream, patience: Duration) -> Outcome<String> {
    let mut text = Vec::new();
    // A connection that is reset has said all it will say.
    let _ = timeout(patience, stream.read_to_end(&mut text)).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn a_head_that_does_not_end_loses_its_connection() -> Outcome {
    let app = App::start().await?;
    let mut stream = connect(&app).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n").await?;
    let began = tokio::time::Instant::now();
    told(&mut stream, Duration::from_secs(50)).await?;
    let took = began.elapsed();
    assert!((20..45).contains(&took.as_secs()), "{took:?}");
    app.get("/health").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() -> Outcome {
    let app = App::start().await?;
    let mut stream = connect(&app).await?;
    let head = format!(
        "POST /api/tenants HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        app.key
    );
    stream.write_all(head.as_bytes()).await?;
    let text = told(&mut stream, Duration::from_secs(50)).await?;
    assert!(
        text.starts_with("HTTP/1.1 408 ") && text.contains("/problems/slow-body"),
        "{text}"
    );
    app.finish().await
}

#[tokio::test]
async fn a_head_of_many_kilobytes_is_refused_and_the_server_goes_on() -> Outcome {
    let app = App::start().await?;
    for head in [
        format!(
            "GET /health HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
            "a".repeat(100_000)
        ),
        format!(
            "GET /health HTTP/1.1\r\nhost: x\r\n{}\r\n",
            "x-many: 1\r\n".repeat(200)
        ),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000)),
    ] {
        let mut stream = connect(&app).await?;
        // The server may refuse before it has read all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let text = told(&mut stream, Duration::from_secs(50)).await?;
        let status = text.split(' ').nth(1).unwrap_or("closed").to_owned();
        assert!(
            ["400", "414", "431", "closed"].contains(&status.as_str()),
            "{status}"
        );
    }
    app.get("/health").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn two_lengths_of_one_body_are_refused() -> Outcome {
    let app = App::start().await?;
    for lengths in [
        "content-length: 4\r\ncontent-length: 7\r\n",
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
    ] {
        let mut stream = connect(&app).await?;
        let request = format!(
            "POST /api/tenants HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n{lengths}\r\n{{}}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let text = told(&mut stream, Duration::from_secs(50)).await?;
        let status = text.split(' ').nth(1).unwrap_or("closed").to_owned();
        assert!(
            ["400", "401", "403", "closed"].contains(&status.as_str()),
            "{text}"
        );
    }
    app.finish().await
}
