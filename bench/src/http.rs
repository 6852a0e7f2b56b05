//! A client that does as little as can be: one request again and again on connections that stay open.

use anyhow::{Context as _, Result, bail, ensure};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// How many connections ask at once; each has one request under way.
const CONNECTIONS: usize = 16;
const LONGEST_ANSWER: usize = 64 * 1024;

/// A GET request of this path, with these lines of header.
pub(crate) fn request(path: &str, header: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n")
}

/// Answers a second within `span`.
///
/// # Errors
/// When an answer is not 200.
pub(crate) async fn rate(address: &str, request: &str, span: Duration) -> Result<f64> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(TcpStream::connect(address).await?);
    }
    let began = Instant::now();
    let asking = connections
        .into_iter()
        .map(|stream| ask(stream, request, began + span));
    let answers: u32 = futures_util::future::try_join_all(asking)
        .await?
        .into_iter()
        .sum();
    Ok(f64::from(answers) / began.elapsed().as_secs_f64())
}

/// Asks once on a new connection.
///
/// # Errors
/// When the answer is not 200.
pub(crate) async fn once(address: &str, request: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    answer(&mut stream, &mut Vec::new()).await
}

async fn ask(mut stream: TcpStream, request: &str, until: Instant) -> Result<u32> {
    stream.set_nodelay(true)?;
    let (mut answers, mut buffer) = (0, Vec::with_capacity(LONGEST_ANSWER));
    while Instant::now() < until {
        stream.write_all(request.as_bytes()).await?;
        match timeout_at(until, answer(&mut stream, &mut buffer)).await {
            Ok(answered) => answered?,
            Err(_) => break,
        }
        answers += 1;
    }
    Ok(answers)
}

/// Reads one answer to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
        if whole_length(buffer)?.is_some_and(|length| buffer.len() >= length) {
            return Ok(());
        }
        ensure!(
            buffer.len() < LONGEST_ANSWER,
            "an answer of more than {LONGEST_ANSWER} bytes"
        );
    }
}

/// How long the whole answer is, once its head is there.
fn whole_length(buffer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default())?;
    let mut lines = text.split("\r\n");
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 200") {
        bail!("{status}");
    }
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    Ok(Some(
        head + 4 + length.context("an answer without a length")?.parse::<usize>()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_of_an_answer_is_known_when_its_head_is_there() {
        assert_eq!(whole_length(b"HTTP/1.1 200 OK\r\ncontent-len").unwrap(), None);
        let answer = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhel";
        assert_eq!(whole_length(answer).unwrap(), Some(answer.len() + 2));
    }

    #[test]
    fn answers_other_than_200_are_errors() {
        assert!(whole_length(b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(whole_length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
